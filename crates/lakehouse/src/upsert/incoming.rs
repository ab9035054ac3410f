//! The rows of an upsert as they arrive: converted to the table's types, sorted by key, one a key.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex};

use arrow::array::{Array, BooleanArray, RecordBatch, UInt64Array};
use arrow::compute::{SortOptions, filter_record_batch};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::error::DataFusionError;
use datafusion::execution::TaskContext;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{LexOrdering, PhysicalSortExpr};
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use datafusion::physical_plan::{ExecutionPlan, SendableRecordBatchStream, execute_stream};
use futures::{Stream, StreamExt, stream};
use model::{Error, Result, Rows};

use super::columns::Columns;
use super::spool::{Spool, SpoolWriter};
use crate::fault::from_datafusion;
use crate::write::Converter;

/// Sorts rows by key and keeps one of each: that with the highest cursor, and of those the last of the file. NULL is
/// less than every value. Memory is what the task gives to sorts; beyond that they spill.
///
/// # Errors
/// `Invalid` names row and column of a key that is NULL, and of a value that does not fit the table.
pub async fn sorted(rows: Rows, columns: &Arc<Columns>, scratch: &Path, task: Arc<TaskContext>) -> Result<Spool> {
    let mut spool = SpoolWriter::create(scratch, columns.given.clone())?;
    let mut batches = sort(rows, columns, task)?;
    let given: Vec<usize> = (0..columns.given.fields().len()).collect();
    let mut last: Vec<u8> = Vec::new();
    let mut first = true;
    while let Some(batch) = batches.next().await {
        let batch = batch.map_err(from_datafusion)?.project(&given).map_err(Error::internal)?;
        let keys = columns.keys(&batch)?;
        let mut before: Option<&[u8]> = (!first).then_some(last.as_slice());
        let mut keep = Vec::with_capacity(keys.num_rows());
        for row in keys.iter() {
            keep.push(before != Some(row.data()));
            before = Some(row.data());
        }
        let kept = filter_record_batch(&batch, &BooleanArray::from(keep)).map_err(Error::internal)?;
        if let Some(before) = before {
            (last, first) = (before.to_vec(), false);
        }
        if kept.num_rows() > 0 {
            spool.push(&kept)?;
        }
    }
    spool.finish()
}

/// By key, then the newest first: by cursor, then by the place in the file.
fn sort(rows: Rows, columns: &Arc<Columns>, task: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
    let schema = numbered(&columns.given);
    let by = |position: usize, descending: bool| PhysicalSortExpr {
        expr: Arc::new(Column::new(schema.field(position).name(), position)),
        options: SortOptions { descending, nulls_first: false },
    };
    let number = columns.given.fields().len();
    let mut order: Vec<PhysicalSortExpr> = columns.key.iter().map(|position| by(*position, false)).collect();
    // A column of the key is the same in all rows that are compared further.
    order.extend(columns.cursor.iter().filter(|position| !columns.key.contains(position)).map(|at| by(*at, true)));
    order.push(by(number, true));
    let order = LexOrdering::new(order).ok_or_else(|| Error::internal("an upsert has a key"))?;
    let source = Arrival::new(rows, columns, &schema)?;
    let input = StreamingTableExec::try_new(schema, vec![Arc::new(source)], None, [], false, None);
    let plan: Arc<dyn ExecutionPlan> = Arc::new(SortExec::new(order, Arc::new(input.map_err(from_datafusion)?)));
    execute_stream(plan, task).map_err(from_datafusion)
}

/// The columns of the rows, and behind them the number of the row in the file.
fn numbered(given: &SchemaRef) -> SchemaRef {
    let number = Arc::new(Field::new("number of the row", DataType::UInt64, false));
    Arc::new(Schema::new(given.fields().iter().cloned().chain([number]).collect::<Vec<_>>()))
}

/// Converts and numbers the rows, and checks that every key is there.
fn arriving(
    rows: Rows,
    columns: Arc<Columns>,
    schema: SchemaRef,
) -> Result<impl Stream<Item = Result<RecordBatch>> + Send + 'static> {
    let converter = Converter::new(&columns.given, rows.schema())?;
    let (_, batches) = rows.into_parts();
    let mut seen = 0u64;
    Ok(batches.map(move |batch| {
        let converted = converter.convert(&batch?)?;
        check_keys(&converted, &columns, seen)?;
        let end = seen + converted.num_rows() as u64;
        let mut values = columns.with_one_zero(&converted)?.columns().to_vec();
        values.push(Arc::new(UInt64Array::from_iter_values(seen..end)));
        seen = end;
        RecordBatch::try_new(schema.clone(), values).map_err(Error::internal)
    }))
}

fn check_keys(batch: &RecordBatch, columns: &Columns, before: u64) -> Result<()> {
    for position in &columns.key {
        let values = batch.column(*position);
        if values.null_count() == 0 {
            continue;
        }
        let row = (0..values.len()).find(|row| values.is_null(*row)).unwrap_or_default() as u64;
        return Err(Error::invalid(format!(
            "Constraint Error: row {} of the file has no value in \"{}\", a column of its key",
            before + row + 1,
            columns.given.field(*position).name()
        )));
    }
    Ok(())
}

/// The rows as a source of the engine, which is read once.
struct Arrival {
    schema: SchemaRef,
    rows: Mutex<Option<SendableRecordBatchStream>>,
}

impl Arrival {
    fn new(rows: Rows, columns: &Arc<Columns>, schema: &SchemaRef) -> Result<Self> {
        let batches = arriving(rows, columns.clone(), schema.clone())?;
        let batches = batches.map(|batch| batch.map_err(|error| DataFusionError::External(Box::new(error))));
        let rows: SendableRecordBatchStream = Box::pin(RecordBatchStreamAdapter::new(schema.clone(), batches));
        Ok(Self { schema: schema.clone(), rows: Mutex::new(Some(rows)) })
    }
}

impl fmt::Debug for Arrival {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Arrival")
    }
}

impl PartitionStream for Arrival {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _task: Arc<TaskContext>) -> SendableRecordBatchStream {
        let rows = self.rows.lock().expect("no holder of this lock panics").take();
        rows.unwrap_or_else(|| {
            let twice = DataFusionError::Internal("the rows of an upsert are read once".to_owned());
            Box::pin(RecordBatchStreamAdapter::new(self.schema.clone(), stream::iter([Err(twice)])))
        })
    }
}
