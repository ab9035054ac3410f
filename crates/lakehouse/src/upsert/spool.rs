//! The rows of an upsert between being sorted and being merged: an unnamed scratch file, read slice by slice, as often
//! as it takes.

use std::fs::File;
use std::io::{BufReader, BufWriter, Seek};
use std::path::Path;

use arrow::array::{Array, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::SchemaRef;
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::StreamWriter;
use futures::stream;
use model::{Error, Result, Rows};

/// Bytes of rows that are matched at once, at most, and a little more: a slice ends with the batch that passes it.
const SLICE_BYTES: usize = 96 << 20;

/// Rows that are matched at once, at most, and a batch more.
const SLICE_ROWS: usize = 2 << 20;

/// Rows on disk. The file has no name: whatever becomes of the process, it is gone with it.
#[derive(Debug)]
pub struct Spool {
    file: File,
    schema: SchemaRef,
}

/// A spool that is being filled.
pub struct SpoolWriter {
    writer: StreamWriter<BufWriter<File>>,
    schema: SchemaRef,
}

impl SpoolWriter {
    /// An empty spool in a directory.
    pub fn create(directory: &Path, schema: SchemaRef) -> Result<Self> {
        let file = tempfile::tempfile_in(directory).map_err(full)?;
        let writer = StreamWriter::try_new(BufWriter::with_capacity(1 << 20, file), &schema).map_err(full)?;
        Ok(Self { writer, schema })
    }

    /// Adds rows.
    pub fn push(&mut self, batch: &RecordBatch) -> Result<()> {
        self.writer.write(batch).map_err(full)
    }

    /// Ends the file.
    pub fn finish(self) -> Result<Spool> {
        let buffer = self.writer.into_inner().map_err(full)?;
        let file = buffer.into_inner().map_err(full)?;
        Ok(Spool { file, schema: self.schema })
    }
}

impl Spool {
    /// The rows from the first on, in slices. One reader at a time.
    pub fn slices(&self) -> Result<Slices> {
        Ok(Slices { reader: self.reader()?, schema: self.schema.clone() })
    }

    /// The rows from the first on, as they are written into a table.
    pub fn into_rows(self) -> Result<Rows> {
        let reader = self.reader()?;
        Ok(Rows::new(self.schema, stream::iter(reader.map(|batch| batch.map_err(full)))))
    }

    fn reader(&self) -> Result<StreamReader<BufReader<File>>> {
        let mut file = self.file.try_clone().map_err(full)?;
        file.rewind().map_err(full)?;
        StreamReader::try_new(BufReader::with_capacity(1 << 20, file), None).map_err(full)
    }
}

/// The slices of a spool.
pub struct Slices {
    reader: StreamReader<BufReader<File>>,
    schema: SchemaRef,
}

impl Slices {
    /// The next rows; none at the end.
    pub fn following(&mut self) -> Result<Option<RecordBatch>> {
        let (mut batches, mut bytes, mut rows) = (Vec::new(), 0, 0);
        while bytes < SLICE_BYTES && rows < SLICE_ROWS {
            let Some(batch) = self.reader.next().transpose().map_err(full)? else { break };
            bytes += size(&batch)?;
            rows += batch.num_rows();
            batches.push(batch);
        }
        if rows == 0 {
            return Ok(None);
        }
        concat_batches(&self.schema, &batches).map(Some).map_err(Error::internal)
    }
}

/// Bytes of the values themselves: columns that were read together share one buffer, which would be counted for each.
fn size(batch: &RecordBatch) -> Result<usize> {
    let sizes = batch.columns().iter().map(|column| column.to_data().get_slice_memory_size().map_err(Error::internal));
    sizes.sum()
}

fn full(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::unavailable("the rows could not be kept in the server's scratch directory; see the server's log")
        .with_source(source)
}
