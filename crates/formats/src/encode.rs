//! Rows to bytes: batch by batch, in parallel, in order.

mod blobs;
mod cell;
mod csv;
mod json;
mod json_cells;
mod number;
mod objects;
mod parquet;
mod plain;
mod sql;
mod text;
mod time;

use std::mem::replace;
use std::sync::Arc;

use arrow_array::RecordBatch;
use bytes::Bytes;
use futures::future::ready;
use futures::stream::{self, BoxStream};
use futures::{Stream, StreamExt, TryStreamExt};
use model::{Result, Rows};

use crate::Workers;
use crate::pipeline::ordered;
pub use blobs::Blobs;
pub use json_cells::JsonCells;
pub use objects::ObjectWriter;
pub(crate) use text::first_escaped;

/// How many rows become one piece of bytes at most.
const PIECE_ROWS: usize = 8_192;

/// A format that rows can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OutputFormat {
    /// A line with a JSON array for each row.
    JsonArrays,
    /// A line with a JSON object for each row.
    JsonObjects,
    /// One JSON array of objects, as [`ObjectWriter`] writes them.
    JsonArray,
    /// A header, then a line for each row (RFC 4180, with line feeds).
    Csv,
    /// The same with tabs.
    Tsv,
    /// One Parquet file.
    Parquet,
}

/// Writes `rows` as they arrive, on the workers and at most a few batches ahead of the reader.
///
/// Each batch leaves as soon as it is encoded, except that Parquet leaves by row groups. JSON and CSV hold numbers with
/// all their digits, dates and timestamps in ISO 8601, binary values as `blobs` says; what is no finite number is
/// `null` in JSON. Dropping the stream drops `rows`.
///
/// # Errors
/// The stream ends with the first error of `rows`; `Unsupported` for a type that the format cannot hold.
pub fn encode(rows: Rows, format: OutputFormat, blobs: Blobs, workers: &Workers) -> BoxStream<'static, Result<Bytes>> {
    match format {
        OutputFormat::JsonArrays => ordered(workers, pieces(rows), move |batch| json::arrays(&batch, blobs)),
        OutputFormat::JsonObjects => ordered(workers, pieces(rows), move |batch| json::objects(&batch, blobs)),
        OutputFormat::JsonArray => array(rows, blobs, workers),
        OutputFormat::Csv => lines(rows, b',', blobs, workers),
        OutputFormat::Tsv => lines(rows, b'\t', blobs, workers),
        OutputFormat::Parquet => parquet::file(rows, workers),
    }
}

/// Writes `rows` as a script that puts them into `table`, a name as SQL spells it; `before` is how the script begins.
///
/// # Errors
/// As [`encode`].
pub fn encode_inserts(rows: Rows, before: String, table: &str, workers: &Workers) -> BoxStream<'static, Result<Bytes>> {
    let head: Arc<str> = format!("INSERT INTO {table} VALUES").into();
    let inserts = ordered(workers, pieces(rows), move |batch| sql::inserts(&batch, &head));
    stream::once(async { Ok(before.into()) }).chain(inserts).boxed()
}

fn lines(rows: Rows, delimiter: u8, blobs: Blobs, workers: &Workers) -> BoxStream<'static, Result<Bytes>> {
    let header = csv::header(rows.schema(), delimiter);
    let lines = ordered(workers, pieces(rows), move |batch| csv::lines(&batch, delimiter, blobs));
    stream::once(async { Ok(header) }).chain(lines).boxed()
}

fn array(rows: Rows, blobs: Blobs, workers: &Workers) -> BoxStream<'static, Result<Bytes>> {
    let (schema, batches) = rows.into_parts();
    let objects = ObjectWriter::new(&schema, blobs).stream(batches, workers);
    let mut first = true;
    // Every object has a comma before it, and the first one none.
    let objects = objects.map_ok(move |mut piece| if std::mem::take(&mut first) { piece.split_off(1) } else { piece });
    let around = |text: &'static str| stream::once(async move { Ok(Bytes::from_static(text.as_bytes())) });
    let whole = around("[").chain(objects).chain(around("]"));
    // What comes after an error is not the end of an array.
    whole.scan(false, |failed, piece| ready((!replace(failed, piece.is_err())).then_some(piece))).boxed()
}

/// The batches of `rows`, cut where they are large and left out where they are empty.
fn pieces(
    rows: impl Stream<Item = Result<RecordBatch>> + Send + 'static,
) -> impl Stream<Item = Result<RecordBatch>> + Send + 'static {
    rows.map_ok(|batch| {
        let starts = (0..batch.num_rows()).step_by(PIECE_ROWS);
        stream::iter(starts.map(move |start| Ok(batch.slice(start, PIECE_ROWS.min(batch.num_rows() - start)))))
    })
    .try_flatten()
}
