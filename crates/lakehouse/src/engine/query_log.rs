//! `boathouse_queries()`: the log of queries as a table of the engine.

use std::fmt;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::catalog::streaming::StreamingTable;
use datafusion::common::{TableReference, plan_err};
use datafusion::datasource::TableProvider;
use datafusion::error::DataFusionError;
use datafusion::execution::TaskContext;
use datafusion::logical_expr::{Expr, TableSource};
use datafusion::physical_plan::SendableRecordBatchStream;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use futures::{StreamExt, TryStreamExt, stream};
use model::{Catalogs, Error, Result};

use crate::fault::from_datafusion;

/// The function's name.
pub const NAME: &str = "boathouse_queries";

/// Whether a statement means the log by this name.
pub fn is_named(reference: &TableReference) -> bool {
    matches!(reference, TableReference::Bare { table } if table.eq_ignore_ascii_case(NAME))
}

/// The log as it is while the statement runs, for one caller.
pub async fn table(catalogs: Arc<dyn Catalogs>) -> Result<Arc<dyn TableProvider>> {
    let schema = catalogs.query_log().await?.schema().clone();
    let log = Arc::new(Log { catalogs, schema: schema.clone() });
    Ok(Arc::new(StreamingTable::try_new(schema, vec![log]).map_err(from_datafusion)?))
}

/// The table of a call of the function, which takes no arguments.
pub fn called(log: &Arc<dyn TableSource>, arguments: &[Expr]) -> datafusion::error::Result<Arc<dyn TableSource>> {
    if !arguments.is_empty() {
        return plan_err!("{NAME}() takes no arguments; use WHERE to choose queries");
    }
    Ok(Arc::clone(log))
}

struct Log {
    catalogs: Arc<dyn Catalogs>,
    schema: SchemaRef,
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NAME)
    }
}

impl PartitionStream for Log {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let catalogs = Arc::clone(&self.catalogs);
        let rows = stream::once(async move { catalogs.query_log().await });
        let rows = rows.try_flatten().map_err(|error: Error| DataFusionError::External(Box::new(error)));
        Box::pin(RecordBatchStreamAdapter::new(self.schema.clone(), rows.boxed()))
    }
}
