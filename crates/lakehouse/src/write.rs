//! Writing rows as the Parquet files of a Delta table: decode, convert, encode, upload, in bounded memory.

mod convert;
mod file;
mod layout;
mod row_group;

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use deltalake_core::kernel::Add;
use futures::StreamExt;
use model::{Error, Result, Rows};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use tokio::runtime::Handle;

use self::convert::Converter;
pub use self::convert::check_columns;
use self::file::FileWriter;
use crate::table::left_nothing;

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
}

/// Writes `rows` into new files of the table that `store` is rooted at. Columns are matched by name and converted to
/// `schema`. After an error the files are deleted again.
pub async fn write_files(
    store: &Arc<dyn ObjectStore>,
    schema: &SchemaRef,
    rows: Rows,
    encoding: &Encoding,
) -> Result<WrittenFiles> {
    let mut written = WrittenFiles::default();
    let outcome = write_all(store, schema, rows, encoding, &mut written).await;
    if let Err(error) = outcome {
        discard(store, &written).await;
        return Err(error);
    }
    Ok(written)
}

/// Deletes the files of a commit that failed with `error`, unless it may have landed all the same.
pub async fn discard_after(store: &Arc<dyn ObjectStore>, written: &WrittenFiles, error: &Error) {
    if left_nothing(error) {
        discard(store, written).await;
    }
}

/// Deletes files that no commit will name. One that stays is no more than disk space until the table is vacuumed.
pub async fn discard(store: &Arc<dyn ObjectStore>, written: &WrittenFiles) {
    for add in &written.adds {
        if let Err(error) = store.delete(&Path::from(add.path.as_str())).await {
            tracing::warn!(%error, file = add.path, "a file of a failed write could not be deleted");
        }
    }
}

async fn write_all(
    store: &Arc<dyn ObjectStore>,
    schema: &SchemaRef,
    rows: Rows,
    encoding: &Encoding,
    written: &mut WrittenFiles,
) -> Result<()> {
    let converter = Converter::new(schema, rows.schema())?;
    let (_, mut batches) = rows.into_parts();
    let mut open: Option<FileWriter> = None;
    while let Some(batch) = batches.next().await {
        let batch = converter.convert(&batch?)?;
        if batch.num_rows() == 0 {
            continue;
        }
        let mut file = match open.take() {
            Some(file) => file,
            None => FileWriter::create(store.clone(), schema.clone(), encoding.clone()).await?,
        };
        file.write(batch).await?;
        if file.bytes() < FILE_BYTES {
            open = Some(file);
        } else {
            finish(file, written).await?;
        }
    }
    if let Some(file) = open {
        finish(file, written).await?;
    }
    Ok(())
}

async fn finish(file: FileWriter, written: &mut WrittenFiles) -> Result<()> {
    let (add, rows) = file.finish().await?;
    written.rows += rows;
    written.bytes += u64::try_from(add.size).unwrap_or_default();
    written.adds.push(add);
    Ok(())
}
