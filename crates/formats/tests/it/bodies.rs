//! Bodies to decode, and rows in a form that tests can compare.

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use bytes::Bytes;
use formats::{Blobs, Body, Decode, InputFormat, OutputFormat, Workers, decode, encode};
use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};
use model::{Error, Result, Rows, sql_type};
use tokio::runtime::Runtime;

/// A runtime for one test.
pub fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// A body that arrives in pieces of `size` bytes.
pub fn body(bytes: &[u8], size: usize) -> Body {
    let pieces: Vec<Result<Bytes>> = bytes.chunks(size.max(1)).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    stream::iter(pieces).boxed()
}

pub fn options(format: InputFormat) -> Decode {
    Decode { format: Some(format), scratch: std::env::temp_dir(), ..Decode::default() }
}

/// What a body became.
#[derive(Debug)]
pub struct Table {
    pub schema: SchemaRef,
    pub batches: Vec<RecordBatch>,
}

impl Table {
    /// Each column as `name TYPE`.
    pub fn columns(&self) -> Vec<String> {
        let fields = self.schema.fields().iter();
        fields.map(|field| format!("{} {}", field.name(), sql_type(field.data_type()))).collect()
    }

    /// The rows as lines of JSON arrays.
    pub fn lines(&self) -> Vec<String> {
        let text = encoded(&self.schema, &self.batches, OutputFormat::JsonArrays).unwrap();
        String::from_utf8(text).unwrap().lines().map(str::to_owned).collect()
    }

    pub fn count(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }
}

/// Decodes a body that arrives in pieces of `size` bytes.
pub fn decoded_in_pieces(bytes: &[u8], size: usize, options: Decode) -> Result<Table> {
    let runtime = runtime();
    let workers = Workers::new(runtime.handle().clone(), 2);
    runtime.block_on(async {
        let rows = decode(body(bytes, size), options, &workers).await?;
        let schema = rows.schema().clone();
        Ok(Table { schema, batches: rows.collect().await? })
    })
}

pub fn decoded(bytes: &[u8], options: Decode) -> Result<Table> {
    decoded_in_pieces(bytes, 64 << 10, options)
}

pub fn csv(text: impl AsRef<[u8]>) -> Table {
    decoded(text.as_ref(), options(InputFormat::Csv)).unwrap()
}

pub fn json(text: impl AsRef<[u8]>) -> Table {
    decoded(text.as_ref(), options(InputFormat::Json)).unwrap()
}

/// The message of the error that a body ends with.
pub fn message(bytes: impl AsRef<[u8]>, options: Decode) -> String {
    error(bytes, options).message().to_owned()
}

pub fn error(bytes: impl AsRef<[u8]>, options: Decode) -> Error {
    decoded(bytes.as_ref(), options).unwrap_err()
}

pub fn csv_message(text: impl AsRef<[u8]>) -> String {
    message(text, options(InputFormat::Csv))
}

pub fn json_message(text: impl AsRef<[u8]>) -> String {
    message(text, options(InputFormat::Json))
}

/// The bytes of some batches in a format.
pub fn encoded(schema: &SchemaRef, batches: &[RecordBatch], format: OutputFormat) -> Result<Vec<u8>> {
    encoded_with(schema, batches, |rows, workers| encode(rows, format, Blobs::Hex, workers))
}

/// The bytes that a way of encoding makes of some batches.
pub fn encoded_with(
    schema: &SchemaRef,
    batches: &[RecordBatch],
    encode: impl FnOnce(Rows, &Workers) -> BoxStream<'static, Result<Bytes>>,
) -> Result<Vec<u8>> {
    let runtime = runtime();
    let workers = Workers::new(runtime.handle().clone(), 2);
    let rows = Rows::from_batches(schema.clone(), batches.to_vec());
    runtime.block_on(async {
        let pieces: Vec<Bytes> = encode(rows, &workers).try_collect().await?;
        Ok(pieces.concat())
    })
}
