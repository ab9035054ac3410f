//! Row groups decoded several at a time, their batches in the order of the file.

use std::collections::VecDeque;

use arrow_array::RecordBatch;
use futures::stream;
use model::{Error, Result, Rows};
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::errors::ParquetError;
use parquet::file::reader::Length;
use tokio::sync::mpsc;

use super::file::SpooledFile;
use crate::Workers;
use crate::workers::Task;

/// How many rows a batch has at most.
const BATCH_ROWS: usize = 8_192;

/// How many decoded batches of one row group wait for their turn.
const BATCHES_AHEAD: usize = 2;

/// What a Parquet file starts and ends with.
const MAGIC: &[u8] = b"PAR1";

/// Rows of a spooled file.
pub(super) async fn read(file: SpooledFile, workers: &Workers) -> Result<Rows> {
    let opened = file.clone();
    let metadata = workers.block(move || open(&opened)).await?;
    let groups = Groups {
        next: 0,
        count: metadata.metadata().num_row_groups(),
        running: VecDeque::new(),
        workers: workers.clone(),
        file,
        metadata: metadata.clone(),
    };
    let batches =
        stream::try_unfold(groups, |mut groups| async { Ok(groups.next_batch().await?.map(|batch| (batch, groups))) });
    Ok(Rows::new(metadata.schema().clone(), batches))
}

fn open(file: &SpooledFile) -> Result<ArrowReaderMetadata> {
    let start = file.start(MAGIC.len()).map_err(Error::internal)?;
    if start.is_empty() {
        return Err(Error::invalid("the body is empty; a Parquet file is expected"));
    }
    if start != MAGIC {
        return Err(Error::invalid("the body is not a Parquet file: it does not start with PAR1"));
    }
    // The types of the Parquet schema alone: what another program noted about its own memory layout (dictionaries,
    // long strings) says nothing about the values.
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    ArrowReaderMetadata::load(file, options).map_err(|error| {
        let length = file.len();
        Error::invalid(format!(
            "the Parquet file is truncated or damaged: it has no readable footer at its end ({length} bytes arrived)"
        ))
        .with_source(error)
    })
}

/// The row groups that are being decoded, and those that wait.
struct Groups {
    next: usize,
    count: usize,
    running: VecDeque<Group>,
    workers: Workers,
    file: SpooledFile,
    metadata: ArrowReaderMetadata,
}

/// One row group whose batches arrive as they are decoded.
struct Group {
    batches: mpsc::Receiver<RecordBatch>,
    task: Task<()>,
}

impl Groups {
    async fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            while self.running.len() < self.workers.threads() && self.next < self.count {
                let group = self.start(self.next)?;
                self.running.push_back(group);
                self.next += 1;
            }
            let Some(group) = self.running.front_mut() else { return Ok(None) };
            if let Some(batch) = group.batches.recv().await {
                return Ok(Some(batch));
            }
            if let Some(group) = self.running.pop_front() {
                group.task.await?;
            }
        }
    }

    fn start(&self, position: usize) -> Result<Group> {
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(self.file.clone(), self.metadata.clone())
            .with_row_groups(vec![position])
            .with_batch_size(BATCH_ROWS)
            .build()
            .map_err(|error| damaged(position, error))?;
        let (sender, batches) = mpsc::channel(BATCHES_AHEAD);
        Ok(Group { batches, task: self.workers.spawn(decode(reader, position, sender)) })
    }
}

async fn decode(reader: ParquetRecordBatchReader, position: usize, sender: mpsc::Sender<RecordBatch>) -> Result<()> {
    for batch in reader {
        let batch = batch.map_err(|error| damaged(position, ParquetError::ArrowError(error.to_string())))?;
        if sender.send(batch).await.is_err() {
            break;
        }
    }
    Ok(())
}

fn damaged(position: usize, error: ParquetError) -> Error {
    Error::invalid(format!("the Parquet file is damaged: its row group {position} cannot be read")).with_source(error)
}
