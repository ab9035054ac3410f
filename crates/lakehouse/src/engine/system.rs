//! Tables that the server fills: `information_schema` and DuckDB's `duckdb_…()` functions. Rows are made while a query
//! runs, and only of what it asks for: the names of tables stand in the catalogs, their columns in each table's log.

mod cells;
mod columns;
mod databases;
mod entries;
mod functions;
mod restriction;
mod tables;

use std::fmt;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{MemTable, Session, TableProvider};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;
use model::name_key;

pub use self::cells::Column;
use self::entries::Entry;
use self::restriction::Restriction;
use super::context::Context;

/// The tables of `information_schema`, and the functions, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    /// `information_schema.schemata`
    Schemata,
    /// `information_schema.tables`
    Tables,
    /// `information_schema.columns`
    Columns,
    /// `information_schema.views`
    Views,
    /// `duckdb_databases()`
    DuckDatabases,
    /// `duckdb_schemas()`
    DuckSchemas,
    /// `duckdb_tables()`
    DuckTables,
    /// `duckdb_columns()`
    DuckColumns,
    /// `duckdb_views()`
    DuckViews,
    /// `duckdb_functions()`
    DuckFunctions,
    /// `duckdb_types()`
    DuckTypes,
    /// `duckdb_settings()`
    DuckSettings,
}

impl System {
    /// The table of this name in `information_schema`.
    pub fn of_information_schema(name: &str) -> Option<Self> {
        Some(match name_key(name).as_str() {
            "schemata" => Self::Schemata,
            "tables" => Self::Tables,
            "columns" => Self::Columns,
            "views" => Self::Views,
            _ => return None,
        })
    }

    /// The function of this name, which is also a view in DuckDB.
    pub fn function(name: &str) -> Option<Self> {
        Some(match name_key(name).as_str() {
            "duckdb_databases" => Self::DuckDatabases,
            "duckdb_schemas" => Self::DuckSchemas,
            "duckdb_tables" => Self::DuckTables,
            "duckdb_columns" => Self::DuckColumns,
            "duckdb_views" => Self::DuckViews,
            "duckdb_functions" => Self::DuckFunctions,
            "duckdb_types" => Self::DuckTypes,
            "duckdb_settings" => Self::DuckSettings,
            _ => return None,
        })
    }

    async fn rows(self, context: &Context, wanted: &Wanted) -> model::Result<Vec<Column>> {
        match self {
            Self::Schemata => databases::schemata(context, wanted).await,
            Self::DuckDatabases => databases::databases(context, wanted).await,
            Self::DuckSchemas => databases::schemas(context, wanted).await,
            Self::Tables => tables::information_tables(context, wanted).await,
            Self::Views => tables::information_views(context, wanted).await,
            Self::DuckTables => tables::duck_tables(context, wanted).await,
            Self::DuckViews => tables::duck_views(context, wanted).await,
            Self::Columns => columns::information_columns(context, wanted).await,
            Self::DuckColumns => columns::duck_columns(context, wanted).await,
            Self::DuckFunctions => Ok(functions::functions(context)),
            Self::DuckTypes => Ok(functions::types()),
            Self::DuckSettings => Ok(functions::settings(context)),
        }
    }
}

/// Every table and view that the caller may know of, with its columns.
pub async fn every_table(context: &Context) -> model::Result<Vec<Entry>> {
    let wanted = Wanted { columns: Vec::new(), restriction: Restriction::of(&[]) };
    entries::tables(context, &wanted, true).await
}

/// What a query asks of a system table.
pub struct Wanted {
    /// The names of the columns that it reads.
    columns: Vec<String>,
    restriction: Restriction,
}

impl Wanted {
    fn nothing() -> Self {
        Self { columns: Vec::new(), restriction: Restriction::nothing() }
    }

    /// Whether one of these columns is read.
    fn any(&self, columns: &[&str]) -> bool {
        self.columns.iter().any(|wanted| columns.contains(&wanted.as_str()))
    }
}

/// A system table, for one caller.
pub struct SystemTable {
    system: System,
    context: Context,
    schema: SchemaRef,
}

impl SystemTable {
    /// The table as `context` sees it.
    pub async fn new(system: System, context: &Context) -> model::Result<Self> {
        // No row is wanted, so this makes the columns and reads nothing.
        let columns = system.rows(context, &Wanted::nothing()).await?;
        let schema = Arc::new(Schema::new(columns.iter().map(Column::field).collect::<Vec<_>>()));
        Ok(Self { system, context: context.clone(), schema })
    }

    async fn batch(&self, wanted: &Wanted) -> model::Result<RecordBatch> {
        let columns = self.system.rows(&self.context, wanted).await?;
        let arrays = columns.into_iter().map(Column::into_array).collect();
        RecordBatch::try_new(self.schema.clone(), arrays).map_err(model::Error::internal)
    }
}

impl fmt::Debug for SystemTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SystemTable").field("system", &self.system).finish_non_exhaustive()
    }
}

#[async_trait]
impl TableProvider for SystemTable {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::View
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let all: Vec<usize> = (0..self.schema.fields().len()).collect();
        let read = projection.unwrap_or(&all).iter();
        let columns = read.map(|position| self.schema.field(*position).name().clone()).collect();
        let wanted = Wanted { columns, restriction: Restriction::of(filters) };
        let batch = self.batch(&wanted).await.map_err(|error| DataFusionError::External(Box::new(error)))?;
        let table = MemTable::try_new(self.schema.clone(), vec![vec![batch]])?;
        table.scan(state, projection, &[], limit).await
    }
}
