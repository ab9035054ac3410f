//! One Parquet file, uploaded while it is written.

use std::io::Write;
use std::mem;
use std::sync::{Arc, Mutex};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use deltalake_core::kernel::Add;
use model::Result;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, WriteMultipart};
use parquet::arrow::ArrowSchemaConverter;
use parquet::arrow::arrow_writer::ArrowRowGroupWriterFactory;
use parquet::file::writer::SerializedFileWriter;
use uuid::Uuid;

use super::Encoding;
use super::layout::{ROW_GROUP_BYTES, ROW_GROUP_ROWS, properties};
use super::row_group::RowGroup;
use crate::fault::{from_object_store, from_parquet};
use crate::table::{add, file_stats};

/// Parts of an upload that may be under way at once.
const PARTS: usize = 4;

/// Bytes of a part: what S3 asks for at least, twice.
const PART_BYTES: usize = 10 << 20;

/// A file that is being written.
pub struct FileWriter {
    path: Path,
    schema: SchemaRef,
    encoding: Encoding,
    buffer: Buffer,
    upload: WriteMultipart,
    writer: SerializedFileWriter<Buffer>,
    factory: ArrowRowGroupWriterFactory,
    group: Option<RowGroup>,
    groups: usize,
    uploaded: u64,
}

impl FileWriter {
    /// Begins a new file in the directory that `store` is rooted at.
    pub async fn create(store: Arc<dyn ObjectStore>, schema: SchemaRef, encoding: Encoding) -> Result<Self> {
        let path = Path::from(format!("part-{}.parquet", Uuid::now_v7()));
        let upload = store.put_multipart(&path).await.map_err(from_object_store)?;
        let upload = WriteMultipart::new_with_chunk_size(upload, PART_BYTES);
        let properties = Arc::new(properties(&schema));
        let descriptor = ArrowSchemaConverter::new().convert(&schema).map_err(from_parquet)?;
        let buffer = Buffer::default();
        let writer = SerializedFileWriter::new(buffer.clone(), descriptor.root_schema_ptr(), properties)
            .map_err(from_parquet)?;
        let factory = ArrowRowGroupWriterFactory::new(&writer, schema.clone());
        Ok(Self { path, schema, encoding, buffer, upload, writer, factory, group: None, groups: 0, uploaded: 0 })
    }

    /// Bytes of the row groups that are finished.
    pub fn bytes(&self) -> u64 {
        self.uploaded
    }

    /// Adds rows; a row group that is full goes to the object store.
    pub async fn write(&mut self, mut batch: RecordBatch) -> Result<()> {
        while batch.num_rows() > 0 {
            let mut group = match self.group.take() {
                Some(group) => group,
                None => self.start_group()?,
            };
            let room = ROW_GROUP_ROWS - group.rows();
            let taken = room.min(batch.num_rows());
            group.write(batch.slice(0, taken)).await?;
            batch = batch.slice(taken, batch.num_rows() - taken);
            if group.rows() == ROW_GROUP_ROWS || group.bytes() >= ROW_GROUP_BYTES {
                self.finish_group(group).await?;
            } else {
                self.group = Some(group);
            }
        }
        Ok(())
    }

    /// Writes the footer and ends the upload. Answers the action that adds the file, and its rows.
    pub async fn finish(mut self) -> Result<(Add, u64)> {
        if let Some(group) = self.group.take() {
            self.finish_group(group).await?;
        }
        let footer = self.writer.finish().map_err(from_parquet)?;
        let rest = self.buffer.take();
        self.uploaded += rest.len() as u64;
        self.upload.put(rest.into());
        self.upload.finish().await.map_err(from_object_store)?;
        let rows = u64::try_from(footer.file_metadata().num_rows()).unwrap_or_default();
        let stats = file_stats(&self.schema, &footer);
        Ok((add(self.path.to_string(), self.uploaded, stats), rows))
    }

    fn start_group(&mut self) -> Result<RowGroup> {
        let writers = self.factory.create_column_writers(self.groups).map_err(from_parquet)?;
        self.groups += 1;
        Ok(RowGroup::start(&self.schema, writers, &self.encoding))
    }

    async fn finish_group(&mut self, group: RowGroup) -> Result<()> {
        let chunks = group.finish().await?;
        let mut row_group = self.writer.next_row_group().map_err(from_parquet)?;
        for chunk in chunks {
            chunk.append_to_row_group(&mut row_group).map_err(from_parquet)?;
            let bytes = self.buffer.take();
            self.uploaded += bytes.len() as u64;
            self.upload.wait_for_capacity(PARTS).await.map_err(from_object_store)?;
            self.upload.put(bytes.into());
        }
        row_group.close().map_err(from_parquet)?;
        Ok(())
    }
}

/// What the Parquet writer has written and the upload has not taken yet.
#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Buffer {
    fn take(&self) -> Vec<u8> {
        mem::take(&mut self.0.lock().expect("no holder of this lock panics"))
    }
}

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no holder of this lock panics").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
