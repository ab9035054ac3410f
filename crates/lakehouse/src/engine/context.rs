//! The context of one request: whose databases, which names, and the plan of a query in it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow::array::RecordBatch;
use datafusion::common::TableReference;
use datafusion::datasource::provider_as_source;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder, TableSource};
use datafusion::sql::parser::Statement as ParsedStatement;
use datafusion::sql::planner::SqlToRel;
use datafusion::sql::resolve::resolve_table_references;
use futures::TryStreamExt;
use model::{Access, Catalogs, Error, Query, Result, Rows, name_key};
use sqlparser::ast::{Query as SqlQuery, Statement};

use super::planner::Known;
use super::system::{System, SystemTable};
use super::transaction::Transaction;
use super::versions::{self, Specials};
use super::work::Work;
use super::{Session, aliases, known, literals, rewrite, spelling, subqueries, unnest};
use crate::fault::from_datafusion;

/// The schema that unqualified names are looked up in when nobody says otherwise.
const DEFAULT_SCHEMA: &str = "main";

/// Views that may stand on views; more is taken for a circle.
const VIEW_DEPTH: usize = 32;

/// Names resolved for one caller, from one place in the catalog.
#[derive(Clone)]
pub struct Context {
    pub(super) session: Arc<Session>,
    pub(super) work: Arc<Work>,
    pub(super) catalogs: Arc<dyn Catalogs>,
    pub(super) database: String,
    pub(super) schema: String,
    pub(super) timezone: Option<String>,
    limit: Option<u64>,
    offset: Option<u64>,
    pub(super) view_depth: usize,
    /// A table that the statement has under a name which nobody else uses.
    pub(super) given: Option<(String, Arc<dyn TableSource>)>,
    /// The transaction that the statement is part of.
    pub(super) transaction: Option<Arc<Transaction>>,
}

impl Context {
    /// The context that a query asks for.
    ///
    /// # Errors
    /// `NotFound` for a catalog or schema that is not there, `Invalid` for an unknown time zone.
    pub async fn new(
        session: Arc<Session>,
        work: Arc<Work>,
        catalogs: Arc<dyn Catalogs>,
        query: &Query,
    ) -> Result<Self> {
        let mut context = Self {
            session,
            work,
            database: catalogs.default_database().to_owned(),
            catalogs,
            schema: DEFAULT_SCHEMA.to_owned(),
            timezone: None,
            limit: None,
            offset: None,
            view_depth: 0,
            given: None,
            transaction: None,
        };
        if let Some(timezone) = &query.timezone {
            context.set_timezone(timezone)?;
        }
        if let Some(catalog) = &query.catalog {
            context.database = catalog.clone();
        }
        if query.catalog.is_some() || query.schema.is_some() {
            let schema = query.schema.clone().unwrap_or_else(|| DEFAULT_SCHEMA.to_owned());
            context.enter(context.database.clone(), schema).await?;
        }
        Ok(context)
    }

    /// Looks unqualified names up in this schema from now on.
    pub async fn enter(&mut self, database: String, schema: String) -> Result<()> {
        let opened = self.open(&database, Access::Read).await?;
        let schemas = opened.schemas().await?;
        let known = schemas.iter().find(|known| name_key(known) == name_key(&schema));
        self.schema = match known {
            Some(known) => known.clone(),
            None if name_key(&schema) == "information_schema" => schema,
            None => return Err(no_schema(&database, &schema)),
        };
        self.database = database;
        Ok(())
    }

    /// Sets the time zone of timestamps without one.
    pub fn set_timezone(&mut self, timezone: &str) -> Result<()> {
        timezone.parse::<arrow::array::timezone::Tz>().map_err(|_| {
            Error::invalid(format!("the time zone {timezone:?} is not known; use an IANA name such as Europe/Paris"))
        })?;
        self.timezone = Some(timezone.to_owned());
        Ok(())
    }

    /// Cuts the rows of the statements that follow.
    pub fn limit(&mut self, limit: Option<u64>, offset: Option<u64>) {
        (self.limit, self.offset) = (limit, offset);
    }

    /// Settings for a statement that starts now.
    pub fn state(&self) -> SessionState {
        self.session.state_for(&self.work, self.timezone.as_deref())
    }

    /// Plans a query whose names are looked up from here.
    pub async fn plan(&self, query: SqlQuery, state: &SessionState) -> Result<LogicalPlan> {
        let query = self.expanded(query, state).await?;
        let mut statement = Statement::Query(Box::new(query));
        // AT (VERSION => …) looks like a function, which it is not.
        let specials = versions::take(&mut statement, self, state)?;
        known::check(&statement, state)?;
        unnest::in_from(&mut statement);
        subqueries::fit(&mut statement);
        let tables = self.tables_of(&statement, &specials, state).await?;
        aliases::resolve(&mut statement, &columns_of(&tables));
        rewrite::fit(&mut statement, self)?;
        spelling::spell(&mut statement, &tables);
        let known = Known { state, expr_planners: self.session.expr_planners(), tables: &tables };
        let plan = SqlToRel::new(&known).sql_statement_to_plan(statement);
        plan.and_then(literals::folded).map_err(from_datafusion)
    }

    /// Plans and starts a query, cut to the rows that the request asked for.
    pub async fn query(&self, query: SqlQuery) -> Result<Rows> {
        let state = self.state();
        let mut plan = self.plan(query, &state).await?;
        if self.limit.is_some() || self.offset.is_some() {
            let skip = self.offset.map_or(0, rows);
            plan = LogicalPlanBuilder::from(plan)
                .limit(skip, self.limit.map(rows))
                .and_then(LogicalPlanBuilder::build)
                .map_err(from_datafusion)?;
        }
        self.session.run(state, plan).await
    }

    /// Cuts rows that no plan of a query makes, such as those of DESCRIBE, to those that the request asked for.
    pub fn cut(&self, answer: Rows) -> Rows {
        let (schema, batches) = answer.into_parts();
        let mut skip = self.offset.map_or(0, rows);
        let mut left = self.limit.map_or(usize::MAX, rows);
        let cut = move |batch: RecordBatch| {
            let from = skip.min(batch.num_rows());
            let length = left.min(batch.num_rows() - from);
            (skip, left) = (skip - from, left - length);
            batch.slice(from, length)
        };
        Rows::new(schema, batches.map_ok(cut))
    }

    /// Opens every table and view that the statement names.
    async fn tables_of(
        &self,
        statement: &Statement,
        specials: &Specials,
        state: &SessionState,
    ) -> Result<HashMap<TableReference, Arc<dyn TableSource>>> {
        let parsed = ParsedStatement::Statement(Box::new(statement.clone()));
        let (references, _) = resolve_table_references(&parsed, false).map_err(from_datafusion)?;
        let mut tables = HashMap::new();
        for reference in references {
            if let Some(special) = specials.get(reference.table()) {
                tables.insert(reference, self.special(special).await?);
                continue;
            }
            if let (None, Some(system)) = (reference.schema(), System::function(reference.table())) {
                let table = SystemTable::new(system, self).await?;
                tables.insert(reference, provider_as_source(Arc::new(table)));
                continue;
            }
            match self.source(&reference).await {
                Ok(source) => drop(tables.insert(reference, source)),
                // FROM range(10) names a function, in the place where names of tables stand.
                Err(_) if state.table_functions().contains_key(&name_key(reference.table())) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(tables)
    }

    /// The context in which the statement of a view is planned: the place where the view stands.
    pub fn inside_view(&self, database: &str, schema: &str, name: &str) -> Result<Self> {
        if self.view_depth >= VIEW_DEPTH {
            return Err(Error::invalid(format!("Binder Error: the view \"{name}\" stands on itself")));
        }
        let mut inside = self.clone();
        inside.database = database.to_owned();
        inside.schema = schema.to_owned();
        inside.view_depth += 1;
        Ok(inside)
    }
}

/// The names of all columns of tables, in lower case.
fn columns_of(tables: &HashMap<TableReference, Arc<dyn TableSource>>) -> HashSet<String> {
    let schemas = tables.values().map(|source| source.schema());
    schemas.flat_map(|schema| schema.fields().iter().map(|field| name_key(field.name())).collect::<Vec<_>>()).collect()
}

fn rows(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// What a name that is no database is called here.
pub fn no_catalog(name: &str, error: Error) -> Error {
    if error.kind() == model::ErrorKind::NotFound {
        Error::new(model::ErrorKind::NotFound, "not_found", format!("Catalog \"{name}\" does not exist"))
    } else {
        error
    }
}

/// A schema that is not there.
pub fn no_schema(database: &str, schema: &str) -> Error {
    let message = format!("Catalog Error: Schema with name {schema} does not exist in \"{database}\"!");
    Error::new(model::ErrorKind::NotFound, "not_found", message)
}
