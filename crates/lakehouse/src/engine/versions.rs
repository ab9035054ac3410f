//! `FROM t AT (VERSION => 3)`, and tables that functions answer with.
//!
//! The planner knows a table by its reference alone, and a statement may name one table in several versions. So each
//! gets a reference of its own, and keeps its name as an alias: columns are found as before.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use datafusion::datasource::{TableProvider, provider_as_source};
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::TableSource;
use model::{Access, AsOf, Error, Result, TableKind};
use sqlparser::ast::{
    Expr, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, ObjectName, Query, Statement, TableAlias,
    TableFactor, TableFunctionArgs, TableVersion, VisitMut, VisitorMut,
};

use super::context::Context;
use super::resolve::parts;
use super::rewrite::exact;
use super::system_tables;
use crate::database::LakehouseDatabase;
use crate::scan::SnapshotProvider;

/// What stands in FROM and is not simply a table or view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Special {
    /// A table as it was.
    Version(Vec<String>, AsOf),
    /// `table_history('t')`.
    History(Vec<String>),
    /// `boathouse_table_care()`.
    Care,
}

/// What each reference of a statement means that is not the name of a table.
pub type Specials = HashMap<String, Special>;

/// Takes what is special out of a statement: references of their own stand in its place.
pub fn take(statement: &mut Statement, context: &Context, state: &SessionState) -> Result<Specials> {
    let mut taking = Taking { context, state, specials: Specials::new() };
    match VisitMut::visit(statement, &mut taking) {
        ControlFlow::Break(error) => Err(error),
        ControlFlow::Continue(()) => Ok(taking.specials),
    }
}

struct Taking<'a> {
    context: &'a Context,
    state: &'a SessionState,
    specials: Specials,
}

impl VisitorMut for Taking<'_> {
    type Break = Error;

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<Error> {
        self.factor(factor).map_or_else(ControlFlow::Break, ControlFlow::Continue)
    }
}

impl Taking<'_> {
    fn factor(&mut self, factor: &mut TableFactor) -> Result<()> {
        let TableFactor::Table { name, alias, args, version, .. } = factor else { return Ok(()) };
        let special = match (&args, version.as_ref()) {
            (None, Some(version)) => Special::Version(parts(name)?, self.as_of(version)?),
            (Some(args), None) => match self.function(name, args)? {
                Some(special) => special,
                None => return Ok(()),
            },
            _ => return Ok(()),
        };
        let shown = parts(name)?.pop().unwrap_or_default();
        let reference = format!("{name}{}", self.suffix(&special));
        alias.get_or_insert_with(|| TableAlias { explicit: true, name: exact(&shown), columns: Vec::new(), at: None });
        *name = ObjectName::from(vec![Ident::with_quote('"', reference.clone())]);
        (*args, *version) = (None, None);
        self.specials.insert(reference, special);
        Ok(())
    }

    /// What makes the reference differ from a name and from that of another version.
    fn suffix(&self, special: &Special) -> String {
        match special {
            Special::Version(_, AsOf::Version(version)) => format!(" AT (VERSION => {version})"),
            Special::Version(_, AsOf::Time(time)) => format!(" AT (TIMESTAMP => {time:?})"),
            Special::History(parts) => format!("({})", parts.join(".")),
            Special::Care => "()".to_owned(),
        }
    }

    fn as_of(&self, version: &TableVersion) -> Result<AsOf> {
        match version {
            TableVersion::VersionAsOf(expr) => self.context.as_of_version(expr, self.state),
            TableVersion::TimestampAsOf(expr) | TableVersion::ForSystemTimeAsOf(expr) => {
                self.context.as_of_time(expr, self.state)
            }
            TableVersion::Function(Expr::Function(function))
                if function.name.to_string().eq_ignore_ascii_case("at") =>
            {
                let FunctionArguments::List(list) = &function.args else { return Err(no_version(version)) };
                let [FunctionArg::Named { name, arg: FunctionArgExpr::Expr(value), .. }] = list.args.as_slice() else {
                    return Err(no_version(version));
                };
                match name.value.to_lowercase().as_str() {
                    "version" => self.context.as_of_version(value, self.state),
                    "timestamp" => self.context.as_of_time(value, self.state),
                    _ => Err(no_version(version)),
                }
            }
            TableVersion::Function(_) | TableVersion::Changes { .. } => Err(no_version(version)),
        }
    }

    fn function(&self, name: &ObjectName, args: &TableFunctionArgs) -> Result<Option<Special>> {
        match (name.to_string().to_lowercase().as_str(), args.args.as_slice()) {
            ("table_history", [FunctionArg::Unnamed(FunctionArgExpr::Expr(table))]) => {
                Ok(Some(Special::History(self.context.named_table(table)?)))
            }
            ("table_history", _) => {
                Err(Error::invalid("Binder Error: table_history takes the name of a table: table_history('t')"))
            }
            ("boathouse_table_care", []) => Ok(Some(Special::Care)),
            ("boathouse_table_care", _) => {
                Err(Error::invalid("Binder Error: boathouse_table_care() takes no arguments"))
            }
            _ => Ok(None),
        }
    }
}

fn no_version(version: &TableVersion) -> Error {
    Error::invalid(format!(
        "Binder Error: {version} does not name a version; write AT (VERSION => 3) or AT (TIMESTAMP => '2026-11-25 10:00:00')"
    ))
}

impl Context {
    /// The table that something special stands for.
    pub async fn special(&self, special: &Special) -> Result<Arc<dyn TableSource>> {
        let provider: Arc<dyn TableProvider> = match special {
            Special::Version(parts, as_of) => self.version(parts, *as_of).await?,
            Special::History(parts) => {
                let target = self.target(parts).await?;
                let database = self.open(&target.database, Access::Read).await?;
                system_tables::history(database.history(&target.table).await?)?
            }
            Special::Care => system_tables::care(self).await?,
        };
        Ok(provider_as_source(self.in_zone(provider)?))
    }

    async fn version(&self, parts: &[String], as_of: AsOf) -> Result<Arc<dyn TableProvider>> {
        let target = self.target(parts).await?;
        let database = self.open(&target.database, Access::Read).await?;
        let tables = database.tables().await?;
        let found = tables.iter().find(|info| info.name.key() == target.table.key());
        if found.is_some_and(|info| info.kind == TableKind::View) {
            return Err(Error::invalid(format!(
                "Binder Error: \"{}\" is a view; AT stands after a table, inside the view's own statement if need be",
                target.table
            )));
        }
        let Some(lakehouse) = database.as_any().downcast_ref::<LakehouseDatabase>() else {
            return Err(Error::unsupported(format!(
                "Not implemented Error: the database \"{}\" keeps no older versions of its tables",
                target.database
            )));
        };
        let snapshot = lakehouse.snapshot_as_of(&target.table, as_of).await?;
        let (schema, table) = (&target.table.schema, &target.table.table);
        Ok(Arc::new(SnapshotProvider::new(snapshot).named(format!("{}.{schema}.{table}", target.database))))
    }
}

/// Writes versions so that the text of the query can be read again: the parser has them before an alias, and writes them
/// after it.
pub fn spell_out(query: &mut Query) {
    let mut spelling = SpellingOut;
    let _ = VisitMut::visit(query, &mut spelling);
}

struct SpellingOut;

impl VisitorMut for SpellingOut {
    type Break = ();

    fn post_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
        let TableFactor::Table { alias: alias @ Some(_), version: Some(_), .. } = factor else {
            return ControlFlow::Continue(());
        };
        let alias = alias.take();
        let text = format!("SELECT * FROM {factor}");
        if let Ok(Some(Statement::Query(subquery))) = super::parse::statements(&text).map(|mut all| all.pop()) {
            *factor = TableFactor::Derived { lateral: false, subquery, alias, sample: None };
        }
        ControlFlow::Continue(())
    }
}
