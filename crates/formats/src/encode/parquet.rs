//! Rows as one Parquet file that leaves row group by row group.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::builder::StringBuilder;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_cast::cast;
use arrow_schema::{DataType, Field, IntervalUnit, Schema, SchemaRef};
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use model::{Error, Result, Rows};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use super::Blobs;
use super::cell::Cells;
use crate::Workers;

/// How many rows a row group has at most.
const GROUP_ROWS: usize = 131_072;

/// How many bytes a row group has before it is closed early, so that wide rows do not fill the memory.
const GROUP_BYTES: usize = 32 << 20;

/// The bytes of a file with `rows`, which is whole even without any.
pub(super) fn file(rows: Rows, workers: &Workers) -> BoxStream<'static, Result<Bytes>> {
    let schema = Arc::new(Schema::new(rows.schema().fields().iter().map(|field| stored(field)).collect::<Vec<_>>()));
    let output = Output::default();
    let properties =
        WriterProperties::builder().set_compression(Compression::SNAPPY).set_max_row_group_row_count(Some(GROUP_ROWS));
    let writer = ArrowWriter::try_new(output.clone(), schema.clone(), Some(properties.build()));
    let writer = match writer {
        Ok(writer) => writer,
        Err(error) => return stream::once(async { Err(unsupported(error)) }).boxed(),
    };
    let (_, batches) = rows.into_parts();
    let state = State { batches, writer: Some(writer), output, schema, workers: workers.clone() };
    stream::try_unfold(state, |mut state| async { Ok(state.next().await?.map(|bytes| (bytes, state))) }).boxed()
}

struct State {
    batches: BoxStream<'static, Result<RecordBatch>>,
    /// Gone once the footer is written.
    writer: Option<ArrowWriter<Output>>,
    output: Output,
    schema: SchemaRef,
    workers: Workers,
}

impl State {
    async fn next(&mut self) -> Result<Option<Bytes>> {
        while let Some(mut writer) = self.writer.take() {
            match self.batches.next().await {
                Some(batch) => {
                    let (batch, schema) = (batch?, self.schema.clone());
                    let written = self.workers.run(move || {
                        writer.write(&stored_batch(&batch, schema)?).map_err(unsupported)?;
                        if writer.in_progress_size() >= GROUP_BYTES {
                            writer.flush().map_err(Error::internal)?;
                        }
                        Ok::<_, Error>(writer)
                    });
                    self.writer = Some(written.await??);
                }
                None => {
                    let closed = self.workers.run(move || writer.close().map(drop).map_err(Error::internal));
                    closed.await??;
                }
            }
            let bytes = self.output.take();
            if !bytes.is_empty() {
                return Ok(Some(bytes));
            }
        }
        Ok(None)
    }
}

fn unsupported(error: parquet::errors::ParquetError) -> Error {
    Error::unsupported("a column has a type that a Parquet file cannot hold; convert it with CAST").with_source(error)
}

/// What the writer wrote and nobody took yet.
#[derive(Clone, Default)]
struct Output(Arc<Mutex<Vec<u8>>>);

impl Output {
    fn take(&self) -> Bytes {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).into()
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A column as it is stored: in a layout that every reader knows, and as text where Parquet has no such type.
fn stored(field: &Field) -> Field {
    field.clone().with_data_type(stored_type(field.data_type()))
}

fn stored_type(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Utf8View | DataType::LargeUtf8 => DataType::Utf8,
        DataType::BinaryView | DataType::LargeBinary => DataType::Binary,
        DataType::Dictionary(_, values) => stored_type(values),
        DataType::RunEndEncoded(_, values) => stored_type(values.data_type()),
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::ListView(item)
        | DataType::LargeListView(item)
        | DataType::FixedSizeList(item, _) => DataType::List(Arc::new(stored(item))),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(|field| stored(field)).collect()),
        DataType::Union(..) | DataType::Interval(IntervalUnit::MonthDayNano) | DataType::Duration(_) => DataType::Utf8,
        other => other.clone(),
    }
}

fn stored_batch(batch: &RecordBatch, schema: SchemaRef) -> Result<RecordBatch> {
    let columns = batch.columns().iter().zip(batch.schema_ref().fields()).zip(schema.fields());
    let columns = columns.map(|((array, field), stored)| stored_array(array, field, stored.data_type()));
    let columns = columns.collect::<Result<Vec<_>>>()?;
    RecordBatch::try_new(schema, columns).map_err(Error::internal)
}

fn stored_array(array: &ArrayRef, field: &Field, target: &DataType) -> Result<ArrayRef> {
    if array.data_type() == target {
        return Ok(array.clone());
    }
    if matches!(field.data_type(), DataType::Union(..) | DataType::Interval(_) | DataType::Duration(_)) {
        return texts(array, field);
    }
    cast(array, target).map_err(|error| {
        let (name, kind) = (field.name(), model::sql_type(field.data_type()));
        Error::unsupported(format!("column {name:?} of type {kind} cannot be written to Parquet; convert it with CAST"))
            .with_source(error)
    })
}

/// The values of an array as CSV shows them.
fn texts(array: &ArrayRef, field: &Field) -> Result<ArrayRef> {
    let cells = Cells::new(array, field, Blobs::Hex)?;
    let mut builder = StringBuilder::new();
    let (mut text, mut scratch) = (Vec::new(), Vec::new());
    for row in 0..array.len() {
        text.clear();
        cells.push_csv(row, b',', &mut text, &mut scratch);
        if text.is_empty() {
            builder.append_null();
        } else {
            builder.append_value(std::str::from_utf8(&text).map_err(Error::internal)?);
        }
    }
    Ok(Arc::new(builder.finish()))
}
