//! Rows that wait until all of them have arrived, so that a slow sender never holds the one writer of a database.

use std::fs::File;
use std::io::{BufReader, BufWriter, Seek};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{Field, SchemaRef};
use futures::StreamExt;
use model::{Error, Result, Rows};
use tokio::task::spawn_blocking;

use crate::config::SqliteConfig;

/// All rows of a write: in memory up to a bound, else in a file without a name.
pub struct Spool {
    /// The columns.
    pub schema: SchemaRef,
    memory: Vec<RecordBatch>,
    file: Option<StreamReader<BufReader<File>>>,
    /// The columns of what is kept that count.
    places: Option<Vec<usize>>,
    check: Option<Check>,
}

type Check = Box<dyn FnMut(&RecordBatch) -> Result<()> + Send>;

impl Spool {
    /// Takes rows until their end.
    ///
    /// # Errors
    /// The first error of the rows; `Unavailable` where they cannot be kept.
    pub async fn collect(rows: Rows, config: &SqliteConfig) -> Result<Self> {
        let (schema, mut batches) = rows.into_parts();
        let mut memory = Vec::new();
        let mut bytes = 0;
        while let Some(batch) = batches.next().await {
            let batch = batch?;
            bytes += batch.get_array_memory_size();
            memory.push(batch);
            if bytes > config.spool_bytes {
                break;
            }
        }
        if bytes <= config.spool_bytes {
            return Ok(Self { schema, memory, file: None, places: None, check: None });
        }
        let (directory, of) = (config.scratch.clone(), SchemaRef::clone(&schema));
        let kept = std::mem::take(&mut memory);
        let mut writer = spawn_blocking(move || {
            let file = tempfile::tempfile_in(directory).map_err(unkept)?;
            let mut writer = StreamWriter::try_new(BufWriter::new(file), &of).map_err(unkept)?;
            kept.iter().try_for_each(|batch| writer.write(batch)).map_err(unkept)?;
            Ok::<_, Error>(writer)
        })
        .await
        .map_err(Error::internal)??;
        while let Some(batch) = batches.next().await {
            let batch = batch?;
            writer = spawn_blocking(move || writer.write(&batch).map(|()| writer).map_err(unkept))
                .await
                .map_err(Error::internal)??;
        }
        let file = spawn_blocking(move || {
            let mut file =
                writer.into_inner().map_err(unkept)?.into_inner().map_err(|fault| unkept(fault.into_error()))?;
            file.rewind().map_err(unkept)?;
            StreamReader::try_new(BufReader::new(file), None).map_err(unkept)
        })
        .await
        .map_err(Error::internal)??;
        Ok(Self { schema, memory, file: Some(file), places: None, check: None })
    }

    /// The same rows without the columns that `leaves_out` says.
    #[must_use]
    pub fn without(self, leaves_out: impl Fn(&Field) -> bool) -> Self {
        let places: Vec<usize> =
            (0..self.schema.fields().len()).filter(|place| !leaves_out(self.schema.field(*place))).collect();
        let schema = Arc::new(self.schema.project(&places).expect("the places are those of the schema"));
        Self { schema, places: Some(places), ..self }
    }

    /// The same rows, of which each batch is checked when it is read.
    #[must_use]
    pub fn checked(self, check: impl FnMut(&RecordBatch) -> Result<()> + Send + 'static) -> Self {
        Self { check: Some(Box::new(check)), ..self }
    }

    /// The batches in order. Blocks.
    pub fn batches(self) -> impl Iterator<Item = Result<RecordBatch>> {
        let Self { memory, file, places, mut check, .. } = self;
        let file = file.into_iter().flatten().map(|batch| batch.map_err(unkept));
        memory.into_iter().map(Ok).chain(file).map(move |batch| {
            let mut batch = batch?;
            if let Some(places) = &places {
                batch = batch.project(places).map_err(Error::internal)?;
            }
            if let Some(check) = &mut check {
                check(&batch)?;
            }
            Ok(batch)
        })
    }
}

fn unkept(cause: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::unavailable("the rows cannot be kept in the scratch directory until all have arrived; look at its disk")
        .with_source(cause)
}
