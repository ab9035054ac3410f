//! Writing rows as the Parquet files of a Delta table: decode, convert, encode, upload, in bounded memory.

mod convert;
mod file;
mod layout;
mod row_group;
mod running;

use std::mem;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use deltalake_core::kernel::{Add, DeletionVectorDescriptor};
use futures::StreamExt;
use model::{Error, Result, Rows};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use roaring::RoaringTreemap;
use tokio::runtime::Handle;

pub use self::convert::{Converter, check_columns};
use self::file::FileWriter;
pub use self::running::{RunningWrite, RunningWrites};
use crate::table::{left_nothing, write_vectors};

/// Encoded bytes after which a file is finished and the next one begun. Whole files are what UPDATE and DELETE
/// rewrite and what pruning skips, so they must not grow with the upload.
const FILE_BYTES: u64 = 256 << 20;

/// Where encoding runs.
#[derive(Clone, Debug)]
pub struct Encoding {
    /// The runtime of the encoders.
    pub runtime: Handle,
    /// Encoders at once.
    pub threads: usize,
    /// Writes that are under way.
    pub writes: Arc<RunningWrites>,
}

/// The files of one write, which no commit names yet.
#[derive(Debug, Default)]
pub struct WrittenFiles {
    /// One add action a file.
    pub adds: Vec<Add>,
    /// Rows in all files.
    pub rows: u64,
    /// Bytes of all files.
    pub bytes: u64,
    /// Files of deletion vectors.
    pub vectors: Vec<Path>,
    /// Says that the files are about to be named.
    _running: Option<RunningWrite>,
}

/// Writes `rows` into new files of the table that `store` is rooted at. Columns are matched by name and converted to
/// `schema`. After an error the files are deleted again.
pub async fn write_files(
    store: &Arc<dyn ObjectStore>,
    schema: &SchemaRef,
    rows: Rows,
    encoding: &Encoding,
) -> Result<WrittenFiles> {
    let mut writer = FilesWriter::new(store, schema, encoding);
    let outcome = write_all(schema, rows, &mut writer).await;
    writer.finish_after(outcome).await.map(|(written, ())| written)
}

/// Deletes the files of a commit that failed with `error`, unless it may have landed all the same.
pub async fn discard_after(store: &Arc<dyn ObjectStore>, written: &WrittenFiles, error: &Error) {
    if left_nothing(error) {
        discard(store, written).await;
    }
}

/// Deletes files that no commit will name. One that stays is no more than disk space until the table is vacuumed.
pub async fn discard(store: &Arc<dyn ObjectStore>, written: &WrittenFiles) {
    let added = written.adds.iter().map(|add| Path::from(add.path.as_str()));
    for path in added.chain(written.vectors.clone()) {
        if let Err(error) = store.delete(&path).await {
            tracing::warn!(%error, file = %path, "a file of a failed write could not be deleted");
        }
    }
}

async fn write_all(schema: &SchemaRef, rows: Rows, writer: &mut FilesWriter) -> Result<()> {
    let converter = Converter::new(schema, rows.schema())?;
    let (_, mut batches) = rows.into_parts();
    while let Some(batch) = batches.next().await {
        writer.push(converter.convert(&batch?)?).await?;
    }
    Ok(())
}

/// Files that are written one after the other, each begun when the last is full.
pub struct FilesWriter {
    store: Arc<dyn ObjectStore>,
    schema: SchemaRef,
    encoding: Encoding,
    open: Option<FileWriter>,
    written: WrittenFiles,
}

impl FilesWriter {
    /// Writes into the directory that `store` is rooted at. No file is begun before there are rows.
    pub fn new(store: &Arc<dyn ObjectStore>, schema: &SchemaRef, encoding: &Encoding) -> Self {
        Self {
            store: store.clone(),
            schema: schema.clone(),
            encoding: encoding.clone(),
            open: None,
            written: WrittenFiles { _running: Some(encoding.writes.begin()), ..WrittenFiles::default() },
        }
    }

    /// Adds rows of just the schema of the files.
    pub async fn push(&mut self, batch: RecordBatch) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let mut file = match self.open.take() {
            Some(file) => file,
            None => FileWriter::create(self.store.clone(), self.schema.clone(), self.encoding.clone()).await?,
        };
        file.write(batch).await?;
        if file.bytes() < FILE_BYTES {
            self.open = Some(file);
            return Ok(());
        }
        self.finish(file).await
    }

    /// Writes deletion vectors of files that are there, in one file.
    pub async fn write_vectors(&mut self, vectors: &[&RoaringTreemap]) -> Result<Vec<DeletionVectorDescriptor>> {
        if vectors.is_empty() {
            return Ok(Vec::new());
        }
        let (path, descriptors) = write_vectors(&self.store, vectors).await?;
        self.written.vectors.push(path);
        Ok(descriptors)
    }

    /// Ends the last file where what came before went well. After an error, which may be the last file's, all files are
    /// deleted again.
    pub async fn finish_after<T>(mut self, outcome: Result<T>) -> Result<(WrittenFiles, T)> {
        let finished = match (outcome, self.open.take()) {
            (Ok(value), Some(file)) => self.finish(file).await.map(|()| value),
            (outcome, _) => outcome,
        };
        let written = mem::take(&mut self.written);
        match finished {
            Ok(value) => Ok((written, value)),
            Err(error) => {
                discard(&self.store, &written).await;
                Err(error)
            }
        }
    }

    async fn finish(&mut self, file: FileWriter) -> Result<()> {
        let (add, rows) = file.finish().await?;
        self.written.rows += rows;
        self.written.bytes += u64::try_from(add.size).unwrap_or_default();
        self.written.adds.push(add);
        Ok(())
    }
}

/// Whoever wanted the files may have gone while they were written.
impl Drop for FilesWriter {
    fn drop(&mut self) {
        let written = mem::take(&mut self.written);
        if written.adds.is_empty() && written.vectors.is_empty() {
            return;
        }
        if let Ok(runtime) = Handle::try_current() {
            let store = self.store.clone();
            runtime.spawn(async move { discard(&store, &written).await });
        }
    }
}
