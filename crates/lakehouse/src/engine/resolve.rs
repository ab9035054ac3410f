//! From the name in a statement to the table, view or system table that it means.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, TimeUnit};
use datafusion::catalog::view::ViewTable;
use datafusion::common::TableReference;
use datafusion::datasource::{TableProvider, provider_as_source};
use datafusion::logical_expr::{LogicalPlanBuilder, TableSource, cast, ident};
use model::{Access, Database, Error, ErrorKind, Result, TableInfo, TableKind, TableName, name_key};
use sqlparser::ast::{ObjectName, ObjectNamePart, Statement};

use super::context::{Context, no_catalog};
use super::{information_schema, parse, query_log};
use crate::database::LakehouseDatabase;
use crate::fault::from_datafusion;
use crate::scan::SnapshotProvider;
use crate::stored::{self, StoredTable};

/// Where a name points: a database, and a name in it that may not exist.
#[derive(Clone, Debug)]
pub struct Target {
    /// The database.
    pub database: String,
    /// Schema and name.
    pub table: TableName,
}

impl Context {
    /// What a name of one to three parts means: `t`, `a.t` (schema `a` of the current database if there is one, else
    /// database `a`, schema `main`) or `d.s.t`.
    pub async fn target(&self, parts: &[String]) -> Result<Target> {
        let (database, schema, table) = match parts {
            [table] => (self.database.clone(), self.schema.clone(), table),
            [first, table] => {
                let (database, schema) = self.schema_or_database(first).await?;
                (database, schema, table)
            }
            [database, schema, table] => (database.clone(), schema.clone(), table),
            _ => {
                return Err(Error::invalid(format!(
                    "Binder Error: {} has too many parts; a table is named database.schema.table",
                    parts.join(".")
                )));
            }
        };
        Ok(Target { database, table: TableName::new(schema, table)? })
    }

    /// Database and schema that the first part of a two-part name means.
    async fn schema_or_database(&self, first: &str) -> Result<(String, String)> {
        if name_key(first) == information_schema::SCHEMA {
            return Ok((self.database.clone(), first.to_owned()));
        }
        let current = self.open(&self.database, Access::Read).await?;
        if current.schemas().await?.iter().any(|schema| name_key(schema) == name_key(first)) {
            return Ok((self.database.clone(), first.to_owned()));
        }
        match self.catalogs.open(first, Access::Read).await {
            Ok(_) => Ok((first.to_owned(), "main".to_owned())),
            // Neither: the error names it as the schema that it most likely was meant to be.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok((self.database.clone(), first.to_owned())),
            Err(error) => Err(error),
        }
    }

    /// Opens a database by name.
    pub async fn open(&self, name: &str, access: Access) -> Result<Arc<dyn Database>> {
        let database = self.catalogs.open(name, access).await.map_err(|error| no_catalog(name, error))?;
        match &self.transaction {
            Some(transaction) => transaction.database(name, database, access).await,
            None => Ok(database),
        }
    }

    /// The table or view that a reference of a statement means.
    pub(super) async fn source(&self, reference: &TableReference) -> Result<Arc<dyn TableSource>> {
        if let Some((name, given)) = &self.given
            && *reference == TableReference::bare(name.as_str())
        {
            return Ok(given.clone());
        }
        if query_log::is_named(reference) {
            return Ok(provider_as_source(query_log::table(Arc::clone(&self.catalogs)).await?));
        }
        let parts: Vec<String> = match reference {
            TableReference::Bare { table } => vec![table.to_string()],
            TableReference::Partial { schema, table } => vec![schema.to_string(), table.to_string()],
            TableReference::Full { catalog, schema, table } => {
                vec![catalog.to_string(), schema.to_string(), table.to_string()]
            }
        };
        let target = self.target(&parts).await?;
        let provider = self.provider(&target, reference).await?;
        Ok(provider_as_source(provider))
    }

    async fn provider(&self, target: &Target, reference: &TableReference) -> Result<Arc<dyn TableProvider>> {
        let database = self.open(&target.database, Access::Read).await?;
        if name_key(&target.table.schema) == information_schema::SCHEMA {
            return information_schema::table(self, &target.table.table).await;
        }
        let tables = database.tables().await?;
        let found = tables.iter().find(|info| info.name.key() == target.table.key());
        let Some(info) = found else { return Err(no_table(reference, &tables)) };
        match (info.kind, &info.definition) {
            // A view of a database with a dialect of its own is that dialect's to read.
            (TableKind::View, Some(definition)) if !stored::keeps(database.as_ref()) => {
                self.view(target, info, definition).await
            }
            _ => self.table(database, target, info.kind).await,
        }
    }

    async fn table(
        &self,
        database: Arc<dyn Database>,
        target: &Target,
        kind: TableKind,
    ) -> Result<Arc<dyn TableProvider>> {
        let provider: Arc<dyn TableProvider> = match database.as_any().downcast_ref::<LakehouseDatabase>() {
            Some(lakehouse) => {
                let provider = SnapshotProvider::new(lakehouse.snapshot(&target.table).await?);
                let TableName { schema, table } = &target.table;
                Arc::new(provider.named(format!("{}.{schema}.{table}", target.database)))
            }
            None => Arc::new(StoredTable::open(database, &target.database, target.table.clone(), kind).await?),
        };
        self.in_zone(provider)
    }

    /// The table with its instants in the request's time zone, which is the one that `extract` and text see.
    pub(super) fn in_zone(&self, provider: Arc<dyn TableProvider>) -> Result<Arc<dyn TableProvider>> {
        let schema = provider.schema();
        let instant = |field: &Field| matches!(field.data_type(), DataType::Timestamp(_, Some(_)));
        let Some(zone) = &self.timezone else { return Ok(provider) };
        if !schema.fields().iter().any(|field| instant(field)) {
            return Ok(provider);
        }
        let columns = schema.fields().iter().map(|field| {
            let column = ident(field.name());
            if instant(field) {
                cast(column, DataType::Timestamp(TimeUnit::Microsecond, Some(zone.as_str().into()))).alias(field.name())
            } else {
                column
            }
        });
        let plan = LogicalPlanBuilder::scan("t", provider_as_source(provider), None)
            .and_then(|plan| plan.project(columns))
            .and_then(LogicalPlanBuilder::build)
            .map_err(from_datafusion)?;
        Ok(Arc::new(ViewTable::new(plan, None)))
    }

    /// Plans the statement of a view at the place where the view stands.
    async fn view(&self, target: &Target, info: &TableInfo, definition: &str) -> Result<Arc<dyn TableProvider>> {
        let inside = self.inside_view(&target.database, &target.table.schema, &info.name.table)?;
        let query = match parse::statements(definition)?.pop() {
            Some(Statement::Query(query)) => *query,
            _ => return Err(Error::invalid(format!("Binder Error: the view \"{}\" has no query", info.name))),
        };
        let planned = Box::pin(async move { inside.plan(query, &inside.state()).await }).await;
        let plan = planned.map_err(|error| error.context(format!("in the view \"{}\"", info.name)))?;
        Ok(Arc::new(ViewTable::new(plan, Some(definition.to_owned()))))
    }
}

/// The parts of a name as the parser has it.
pub fn parts(name: &ObjectName) -> Result<Vec<String>> {
    let part = |part: &ObjectNamePart| match part {
        ObjectNamePart::Identifier(ident) => Ok(ident.value.clone()),
        ObjectNamePart::Function(_) => Err(Error::invalid(format!("Binder Error: {name} is not the name of a table"))),
    };
    name.0.iter().map(part).collect()
}

fn no_table(reference: &TableReference, tables: &[TableInfo]) -> Error {
    let wanted = name_key(reference.table());
    let near = tables
        .iter()
        .map(|info| (distance(&wanted, &name_key(&info.name.table)), &info.name))
        .filter(|(distance, _)| *distance <= 3)
        .min_by_key(|(distance, _)| *distance);
    let hint = near.map_or_else(String::new, |(_, name)| format!(" Did you mean \"{name}\"?"));
    let message = format!("Catalog Error: Table with name {} does not exist!{hint}", reference.table());
    Error::new(ErrorKind::NotFound, "not_found", message)
}

/// Changes of one letter between two names.
fn distance(a: &str, b: &str) -> usize {
    datafusion::common::utils::datafusion_strsim::levenshtein(a, b)
}
