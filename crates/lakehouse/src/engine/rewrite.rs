//! Fitting the syntax tree to the planner: what DuckDB takes for granted is spelled out. Text is never touched.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use datafusion::common::TableReference;
use datafusion::logical_expr::TableSource;
use model::{Error, Result, name_key};
use sqlparser::ast::{
    BinaryOperator, CastKind, DataType, ExactNumberInfo, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArguments, Ident, OrderBy, OrderByExpr, OrderByKind, Query, Select, SelectFlavor, SelectItem, SetExpr,
    Statement, TableAlias, TableFactor, Value, VisitMut, VisitorMut, WildcardAdditionalOptions,
};
use sqlparser::tokenizer::Span;

use super::context::Context;
use super::functions::{call, translated};
use super::statement::refuse;
use super::values;

/// The version that `version()` answers.
const VERSION: &str = concat!("boathouse ", env!("CARGO_PKG_VERSION"));

/// Puts values for functions of the session, and names for columns that have none.
pub fn fit(statement: &mut Statement, context: &Context) -> Result<()> {
    let mut fitting = Fitting { context };
    match VisitMut::visit(statement, &mut fitting) {
        ControlFlow::Break(error) => Err(error),
        ControlFlow::Continue(()) => Ok(()),
    }
}

struct Fitting<'a> {
    context: &'a Context,
}

impl VisitorMut for Fitting<'_> {
    type Break = Error;

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<Error> {
        if let SetExpr::Select(select) = query.body.as_mut() {
            select_everything(select);
        }
        values::spread(&mut query.body);
        order_by_every_column(query);
        refuse(&[(!query.locks.is_empty(), "FOR UPDATE")]).map_or_else(ControlFlow::Break, ControlFlow::Continue)
    }

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<Error> {
        let TableFactor::Table { sample, version, partitions, alias, .. } = factor else {
            return ControlFlow::Continue(());
        };
        let joins = ["POSITIONAL", "ASOF"];
        let unknown_join = alias.as_ref().is_some_and(|alias| {
            alias.name.quote_style.is_none() && joins.iter().any(|join| alias.name.value.eq_ignore_ascii_case(join))
        });
        let refused = refuse(&[
            (sample.is_some(), "TABLESAMPLE"),
            (version.is_some(), "reading an older version (AT, FOR … AS OF)"),
            (!partitions.is_empty(), "PARTITION"),
            (unknown_join, "POSITIONAL JOIN or ASOF JOIN"),
        ]);
        refused.map_or_else(ControlFlow::Break, ControlFlow::Continue)
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<Error> {
        name_columns(select);
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Error> {
        match expr {
            Expr::Function(function) => {
                average_doubles(function);
                if let Some(value) = self.session_value(function) {
                    *expr = Expr::value(Value::SingleQuotedString(value));
                } else if let Some(own) = translated(function) {
                    *expr = own;
                }
            }
            Expr::Value(value) => {
                if let Value::Number(number, _) = &mut value.value {
                    number.retain(|c| c != '_');
                    if number.contains(['e', 'E']) {
                        *expr = double(Expr::value(Value::SingleQuotedString(number.clone())));
                    }
                }
            }
            Expr::BinaryOp { left, op: BinaryOperator::BitwiseXor, right } => {
                *expr = call("power", [left.as_ref().clone(), right.as_ref().clone()]);
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

/// DuckDB's average is a DOUBLE, whatever it is of; the planner's average of decimals is a decimal, and is rounded.
fn average_doubles(function: &mut Function) {
    let name = function.name.to_string().to_lowercase();
    if !matches!(name.as_str(), "avg" | "mean") {
        return;
    }
    if let FunctionArguments::List(list) = &mut function.args
        && let [FunctionArg::Unnamed(FunctionArgExpr::Expr(value))] = list.args.as_mut_slice()
    {
        *value = double(value.clone());
    }
}

/// `CAST(expr AS DOUBLE)`. A number in scientific notation is a DOUBLE, too; the planner would make it a decimal.
fn double(expr: Expr) -> Expr {
    let data_type = DataType::Double(ExactNumberInfo::None);
    Expr::Cast { kind: CastKind::Cast, expr: Box::new(expr), data_type, array: false, format: None }
}

impl Fitting<'_> {
    fn session_value(&self, function: &Function) -> Option<String> {
        let no_arguments = match &function.args {
            FunctionArguments::None => true,
            FunctionArguments::List(list) => list.args.is_empty(),
            FunctionArguments::Subquery(_) => false,
        };
        if !no_arguments {
            return None;
        }
        match function.name.to_string().to_lowercase().as_str() {
            "version" => Some(VERSION.to_owned()),
            "current_database" | "current_catalog" => Some(self.context.database.clone()),
            "current_schema" => Some(self.context.schema.clone()),
            _ => None,
        }
    }
}

/// `FROM t` alone selects every column.
fn select_everything(select: &mut Select) {
    if select.flavor == SelectFlavor::FromFirstNoSelect {
        select.flavor = SelectFlavor::Standard;
        select.projection = vec![SelectItem::Wildcard(WildcardAdditionalOptions::default())];
    }
}

/// `ORDER BY ALL` is the order of every column from left to right; the planner takes it for plain columns alone.
fn order_by_every_column(query: &mut Query) {
    let SetExpr::Select(select) = query.body.as_ref() else { return };
    let Some(OrderBy { kind, .. }) = &mut query.order_by else { return };
    let OrderByKind::All(options) = kind else { return };
    let wildcard = |item: &SelectItem| matches!(item, SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..));
    if select.projection.iter().any(wildcard) {
        return;
    }
    let position = |number: usize| OrderByExpr {
        expr: Expr::value(Value::Number(number.to_string(), false)),
        options: options.clone(),
        with_fill: None,
    };
    *kind = OrderByKind::Expressions((1..=select.projection.len()).map(position).collect());
}

/// Gives each unnamed expression of a SELECT the name that DuckDB gives it: its own text, `count_star()` for
/// `count(*)`. The planner's own names are those of its insides.
fn name_columns(select: &mut Select) {
    let mut taken: HashMap<String, usize> = HashMap::new();
    for item in &mut select.projection {
        match item {
            SelectItem::UnnamedExpr(expr) if needs_name(expr) => {
                let name = column_name(expr);
                let times = taken.entry(name.clone()).and_modify(|times| *times += 1).or_insert(0);
                let name = if *times == 0 { name } else { format!("{name}_{times}") };
                let alias = Ident::with_quote('"', name);
                *item = SelectItem::ExprWithAlias { expr: expr.clone(), alias };
            }
            _ => {}
        }
    }
}

fn needs_name(expr: &Expr) -> bool {
    !matches!(expr, Expr::Identifier(_) | Expr::CompoundIdentifier(_) | Expr::Wildcard(_) | Expr::QualifiedWildcard(..))
}

fn column_name(expr: &Expr) -> String {
    match expr {
        Expr::Function(function) if function.over.is_none() && is_count_of_rows(function) => "count_star()".to_owned(),
        Expr::Function(function) => {
            let text = expr.to_string();
            let name = function.name.to_string();
            text.strip_prefix(&name).map_or_else(|| text.clone(), |rest| format!("{}{rest}", name.to_lowercase()))
        }
        Expr::BinaryOp { .. } => format!("({expr})"),
        _ => expr.to_string(),
    }
}

fn is_count_of_rows(function: &Function) -> bool {
    let FunctionArguments::List(list) = &function.args else { return false };
    let all = matches!(list.args.as_slice(), [] | [FunctionArg::Unnamed(FunctionArgExpr::Wildcard)]);
    all && function.filter.is_none() && function.name.to_string().eq_ignore_ascii_case("count")
}

/// Spells every name as its table does, so that letter case does not matter: `select NAME from People` finds the
/// column `name` of `people`. Names that the statement makes itself keep their first spelling.
pub fn spell(statement: &mut Statement, tables: &HashMap<TableReference, Arc<dyn TableSource>>) {
    let mut spellings: HashMap<String, Option<String>> = HashMap::new();
    for source in tables.values() {
        for field in source.schema().fields() {
            let spelling = spellings.entry(name_key(field.name())).or_insert_with(|| Some(field.name().clone()));
            if spelling.as_ref().is_some_and(|known| known != field.name()) {
                // Two tables spell it differently: the statement must say which it means.
                *spelling = None;
            }
        }
    }
    let tables = tables.keys().map(|table| (name_key(table.table()), table.table().to_owned())).collect();
    let mut aliases = Aliases { tables };
    let _ = VisitMut::visit(statement, &mut aliases);
    let mut spelling = Spelling { spellings, tables: aliases.tables };
    let _ = VisitMut::visit(statement, &mut spelling);
}

/// Collects the names that FROM gives to tables: SELECT, which stands before, may spell them otherwise.
struct Aliases {
    tables: HashMap<String, String>,
}

impl VisitorMut for Aliases {
    type Break = ();

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
        if let Some(alias) = alias_of(factor) {
            self.tables.insert(name_key(&alias.name.value), alias.name.value.clone());
        }
        ControlFlow::Continue(())
    }
}

fn alias_of(factor: &mut TableFactor) -> Option<&mut TableAlias> {
    match factor {
        TableFactor::Table { alias, .. }
        | TableFactor::Derived { alias, .. }
        | TableFactor::TableFunction { alias, .. }
        | TableFactor::UNNEST { alias, .. }
        | TableFactor::NestedJoin { alias, .. } => alias.as_mut(),
        _ => None,
    }
}

struct Spelling {
    /// The spelling of each known name; `None` for names that are spelled in several ways.
    spellings: HashMap<String, Option<String>>,
    /// The spelling in FROM of each table, view and alias.
    tables: HashMap<String, String>,
}

impl Spelling {
    fn ident(&mut self, ident: &mut Ident) {
        let key = name_key(&ident.value);
        match self.spellings.get(&key) {
            Some(Some(known)) => ident.value.clone_from(known),
            Some(None) => {}
            None => {
                self.spellings.insert(key, Some(ident.value.clone()));
            }
        }
    }

    fn alias(&mut self, alias: &mut TableAlias) {
        alias.columns.iter_mut().for_each(|column| self.ident(&mut column.name));
    }
}

impl VisitorMut for Spelling {
    type Break = ();

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        for cte in query.with.iter_mut().flat_map(|with| with.cte_tables.iter_mut()) {
            // The planner finds a table expression by the name that FROM uses, so its own spelling stays.
            cte.alias.columns.iter_mut().for_each(|column| self.ident(&mut column.name));
        }
        if let SetExpr::Select(select) = query.body.as_mut() {
            self.aliases(select);
        }
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        order_by_output_names(query);
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        self.aliases(select);
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
        if let Some(alias) = alias_of(factor) {
            self.alias(alias);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        match expr {
            Expr::Identifier(ident) => self.ident(ident),
            Expr::CompoundIdentifier(idents) => {
                if let Some(column) = idents.last_mut() {
                    self.ident(column);
                }
                if let [table, _] = idents.as_mut_slice()
                    && let Some(known) = self.tables.get(&name_key(&table.value))
                {
                    table.value.clone_from(known);
                }
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

impl Spelling {
    fn aliases(&mut self, select: &mut Select) {
        for item in &mut select.projection {
            if let SelectItem::ExprWithAlias { alias, .. } = item {
                // An output name is the caller's to choose; only references to it must find it.
                self.spellings.entry(name_key(&alias.value)).or_insert_with(|| Some(alias.value.clone()));
            }
        }
    }
}

/// In ORDER BY the name of an output column goes before that of a table's column, in any letter case.
fn order_by_output_names(query: &mut Query) {
    let SetExpr::Select(select) = query.body.as_ref() else { return };
    let Some(OrderBy { kind: OrderByKind::Expressions(expressions), .. }) = &mut query.order_by else { return };
    for by in expressions {
        let Expr::Identifier(name) = &mut by.expr else { continue };
        let named = select.projection.iter().find_map(|item| match item {
            SelectItem::ExprWithAlias { alias, .. } if name_key(&alias.value) == name_key(&name.value) => Some(alias),
            _ => None,
        });
        if let Some(alias) = named {
            name.value.clone_from(&alias.value);
        }
    }
}

/// An identifier that is taken letter by letter.
pub fn exact(name: &str) -> Ident {
    Ident { value: name.to_owned(), quote_style: Some('"'), span: Span::empty() }
}
