//! Tables of databases that are no lakehouse, as tables of the engine: what can be left out is left out where the rows are.

mod exec;
mod filter;
mod late;
mod settled;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::Statistics;
use datafusion::common::stats::Precision;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;
use futures::StreamExt;
use model::{Access, Database, Filter, Rights, Rows, Scan, Statement, TableKind, TableName};

use self::exec::StoredExec;
use crate::database::LakehouseDatabase;

/// Whether a database is kept by another storage than the lakehouse: it has a dialect of its own.
pub fn keeps(database: &dyn Database) -> bool {
    database.as_any().downcast_ref::<LakehouseDatabase>().is_none()
}

/// The longest that a view may run. The query that reads it can be cancelled, as every other.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// Rows of which the types of columns are taken where the database does not say what is in them.
const SAMPLE: u64 = 1_000;

/// A table of a database, or a view that the database reads by itself.
pub struct StoredTable {
    source: Arc<Source>,
    /// The columns as the database has them: a condition on one of several types is not the database's to check.
    declared: SchemaRef,
    /// The same, each of one type.
    schema: SchemaRef,
    rows: Option<u64>,
}

/// Where the rows come from.
struct Source {
    database: Arc<dyn Database>,
    table: TableName,
    kind: TableKind,
    /// The table's whole name.
    name: String,
}

/// What is read of a source.
#[derive(Clone, Debug, Default)]
struct Wanted {
    /// Names of columns; all where there is none.
    columns: Option<Vec<String>>,
    filters: Vec<Filter>,
    limit: Option<u64>,
}

impl StoredTable {
    /// The table or view of a database, under its whole name in SQL.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn open(
        database: Arc<dyn Database>,
        catalog: &str,
        table: TableName,
        kind: TableKind,
    ) -> model::Result<Self> {
        let name = format!("{catalog}.{}.{}", table.schema, table.table);
        let source = Source { database, table, kind, name };
        let declared = source.columns().await?;
        let unknown = settled::unknown(&declared);
        let schema = match unknown.is_empty() {
            true => declared.clone(),
            false => {
                let sample = Wanted { columns: Some(unknown), limit: Some(SAMPLE), ..Wanted::default() };
                settled::schema(&declared, source.read(sample).await?).await?
            }
        };
        let rows = match kind {
            TableKind::Table => source.database.estimated_rows(&source.table).await?,
            TableKind::View => None,
        };
        Ok(Self { source: Arc::new(source), declared, schema, rows })
    }

    /// The table's whole name.
    pub fn name(&self) -> &str {
        &self.source.name
    }

    /// How many rows it has, as far as that is known.
    pub fn rows(&self) -> Option<u64> {
        self.rows
    }

    /// The columns, each of one type.
    pub fn columns(&self) -> &SchemaRef {
        &self.schema
    }

    /// How many rows may satisfy conditions; 0 where nothing is known.
    pub fn estimated(&self, filters: &[Expr]) -> u64 {
        let filters = filters.iter().filter_map(|expr| filter::filters(expr, &self.declared)).flatten();
        filters.fold(self.rows.unwrap_or(0), |rows, filter| filter::kept(rows, &filter))
    }

    fn statistics_of(&self, filters: &[Filter], schema: &SchemaRef) -> Statistics {
        let mut statistics = Statistics::new_unknown(schema);
        if let Some(rows) = self.rows {
            // A guess is enough to choose which side of a join is the small one.
            let rows = filters.iter().fold(rows, |rows, filter| filter::kept(rows, filter));
            statistics.num_rows = Precision::Inexact(usize::try_from(rows).unwrap_or(usize::MAX));
        }
        statistics
    }
}

impl Source {
    async fn columns(&self) -> model::Result<SchemaRef> {
        match self.kind {
            TableKind::Table => self.database.columns(&self.table).await,
            TableKind::View => {
                let nothing = Wanted { limit: Some(0), ..Wanted::default() };
                Ok(self.read(nothing).await?.schema().clone())
            }
        }
    }

    async fn read(&self, wanted: Wanted) -> model::Result<Rows> {
        match self.kind {
            TableKind::Table => {
                let Wanted { columns: projection, filters, limit } = wanted;
                self.database.scan(Scan { table: self.table.clone(), projection, filters, limit, version: None }).await
            }
            TableKind::View => {
                let statement = Statement {
                    rights: Rights::only(Access::Read),
                    timeout: Some(LONGEST),
                    ..Statement::new(self.statement(&wanted))
                };
                Ok(self.database.execute(statement).await?.rows)
            }
        }
    }

    /// What reads a view. Its conditions are the engine's to check: a view's columns have no types that a value could be
    /// compared with as the engine does.
    fn statement(&self, wanted: &Wanted) -> String {
        let columns = wanted.columns.as_ref().map_or_else(
            || "*".to_owned(),
            |columns| columns.iter().map(|column| quoted(column)).collect::<Vec<_>>().join(", "),
        );
        let limit = wanted.limit.map_or_else(String::new, |limit| format!(" LIMIT {limit}"));
        format!("SELECT {columns} FROM {}{limit}", quoted(&self.table.table))
    }
}

/// A name in quotes, as every dialect has it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

impl fmt::Debug for StoredTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredTable").field("name", &self.source.name).finish_non_exhaustive()
    }
}

#[async_trait]
impl TableProvider for StoredTable {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn table_type(&self) -> TableType {
        match self.source.kind {
            TableKind::Table => TableType::Base,
            TableKind::View => TableType::View,
        }
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        let supported = |expr: &&Expr| match filter::filters(expr, &self.declared) {
            // The contract says of a scan that every row satisfies its conditions.
            Some(_) if self.source.kind == TableKind::Table => TableProviderFilterPushDown::Exact,
            _ => TableProviderFilterPushDown::Unsupported,
        };
        Ok(filters.iter().map(supported).collect())
    }

    fn statistics(&self) -> Option<Statistics> {
        Some(self.statistics_of(&[], &self.schema))
    }

    async fn scan(
        &self,
        _state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = datafusion::common::project_schema(&self.schema, projection)?;
        let filters: Vec<Filter> =
            filters.iter().filter_map(|expr| filter::filters(expr, &self.declared)).flatten().collect();
        let columns = schema.fields().iter().map(|field| field.name().clone()).collect();
        let mut statistics = self.statistics_of(&filters, &schema);
        if let (Some(limit), Precision::Inexact(rows)) = (limit, statistics.num_rows) {
            statistics.num_rows = Precision::Inexact(rows.min(limit));
        }
        let wanted = Wanted { columns: Some(columns), filters, limit: limit.map(|limit| limit as u64) };
        Ok(Arc::new(StoredExec::new(self.source.clone(), wanted, schema, statistics, self.declared.clone())))
    }
}

/// The batches of a source with the types that its columns were settled on.
fn batches(
    source: Arc<Source>,
    wanted: impl FnOnce() -> Wanted + Send,
    schema: SchemaRef,
) -> impl futures::Stream<Item = Result<arrow::array::RecordBatch>> + Send {
    let outside = |error: model::Error| DataFusionError::External(Box::new(error));
    let opened = async move {
        let name = source.name.clone();
        let rows = source.read(wanted()).await.map_err(outside)?;
        Ok::<_, DataFusionError>(
            rows.map(move |batch| batch.and_then(|batch| settled::batch(&batch, &schema, &name)).map_err(outside)),
        )
    };
    futures::TryStreamExt::try_flatten(futures::stream::once(opened))
}
