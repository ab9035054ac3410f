//! One row group, its columns encoded by several tasks at once.

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, FieldRef, SchemaRef};
use model::{Error, Result};
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowColumnWriter, compute_leaves};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::Encoding;
use crate::fault::from_parquet;

/// Batches that may wait before a lane; more would only hold memory.
const WAITING: usize = 2;

/// The columns of a row group that is being filled.
pub struct RowGroup {
    lanes: Vec<Lane>,
    rows: usize,
    bytes: usize,
}

/// Some of the columns, encoded by one task.
struct Lane {
    batches: mpsc::Sender<RecordBatch>,
    task: JoinHandle<Result<Vec<ColumnChunks>>>,
}

/// A top-level column with the writers of its leaves.
struct ColumnWriters {
    index: usize,
    field: FieldRef,
    leaves: Vec<ArrowColumnWriter>,
}

/// A top-level column with its finished leaves.
struct ColumnChunks {
    index: usize,
    leaves: Vec<ArrowColumnChunk>,
}

impl RowGroup {
    /// Deals the columns out to as many tasks as there are encoders. `writers` has one writer a leaf, in order.
    pub fn start(schema: &SchemaRef, writers: Vec<ArrowColumnWriter>, encoding: &Encoding) -> Self {
        let mut loads: Vec<(usize, Vec<ColumnWriters>)> =
            (0..encoding.threads.max(1)).map(|_| (0, Vec::new())).collect();
        let mut writers = writers.into_iter();
        for (index, field) in schema.fields().iter().enumerate() {
            let leaves = writers.by_ref().take(leaf_count(field.data_type())).collect();
            let lightest = loads.iter_mut().min_by_key(|(load, _)| *load).expect("there is at least one lane");
            lightest.0 += weight(field.data_type());
            lightest.1.push(ColumnWriters { index, field: field.clone(), leaves });
        }
        let lanes = loads.into_iter().filter(|(_, columns)| !columns.is_empty());
        let lanes = lanes.map(|(_, columns)| Lane::spawn(columns, encoding)).collect();
        Self { lanes, rows: 0, bytes: 0 }
    }

    /// Rows so far.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Bytes of Arrow data so far.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Hands a batch to every lane; waits while they are behind.
    pub async fn write(&mut self, batch: RecordBatch) -> Result<()> {
        self.rows += batch.num_rows();
        self.bytes += batch.get_array_memory_size();
        for lane in &self.lanes {
            if lane.batches.send(batch.clone()).await.is_err() {
                // The lane stopped early: its error comes out when it is joined.
                return Err(self.first_error().await);
            }
        }
        Ok(())
    }

    /// The encoded leaves, in the order of the schema.
    pub async fn finish(self) -> Result<Vec<ArrowColumnChunk>> {
        let mut columns = Vec::new();
        for lane in self.lanes {
            drop(lane.batches);
            columns.extend(lane.task.await.map_err(Error::internal)??);
        }
        columns.sort_by_key(|column| column.index);
        Ok(columns.into_iter().flat_map(|column| column.leaves).collect())
    }

    async fn first_error(&mut self) -> Error {
        for lane in self.lanes.drain(..) {
            drop(lane.batches);
            match lane.task.await {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => return error,
                Err(error) => return Error::internal(error),
            }
        }
        Error::internal("an encoder stopped before its rows ended")
    }
}

impl Lane {
    fn spawn(mut columns: Vec<ColumnWriters>, encoding: &Encoding) -> Self {
        let (batches, mut waiting) = mpsc::channel::<RecordBatch>(WAITING);
        let task = encoding.runtime.spawn(async move {
            while let Some(batch) = waiting.recv().await {
                for column in &mut columns {
                    column.write(&batch)?;
                }
            }
            columns.into_iter().map(ColumnWriters::close).collect()
        });
        Self { batches, task }
    }
}

impl ColumnWriters {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let leaves = compute_leaves(&self.field, batch.column(self.index)).map_err(from_parquet)?;
        for (writer, leaf) in self.leaves.iter_mut().zip(&leaves) {
            writer.write(leaf).map_err(from_parquet)?;
        }
        Ok(())
    }

    fn close(self) -> Result<ColumnChunks> {
        let leaves = self.leaves.into_iter().map(|writer| writer.close().map_err(from_parquet));
        Ok(ColumnChunks { index: self.index, leaves: leaves.collect::<Result<_>>()? })
    }
}

fn leaf_count(data_type: &DataType) -> usize {
    match data_type {
        DataType::List(item) | DataType::Map(item, _) => leaf_count(item.data_type()),
        DataType::Struct(fields) => fields.iter().map(|field| leaf_count(field.data_type())).sum(),
        _ => 1,
    }
}

/// What a column costs to encode, roughly, so that the lanes end together.
fn weight(data_type: &DataType) -> usize {
    match data_type {
        DataType::Utf8 | DataType::Binary => 3,
        DataType::List(item) | DataType::Map(item, _) => 2 + weight(item.data_type()),
        DataType::Struct(fields) => fields.iter().map(|field| weight(field.data_type())).sum(),
        _ => 1,
    }
}
