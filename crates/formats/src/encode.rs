//! Rows to bytes: batch by batch, in parallel, in order.

mod cell;
mod csv;
mod json;
mod number;
mod parquet;
mod plain;
mod text;
mod time;

use arrow_array::RecordBatch;
use bytes::Bytes;
use futures::stream::{self, BoxStream};
use futures::{Stream, StreamExt, TryStreamExt};
use model::{Result, Rows};

use crate::Workers;
use crate::pipeline::ordered;
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
    /// A header, then a line for each row (RFC 4180, with line feeds).
    Csv,
    /// One Parquet file.
    Parquet,
}

/// Writes `rows` as they arrive, on the workers and at most a few batches ahead of the reader.
///
/// Each batch leaves as soon as it is encoded, except that Parquet leaves by row groups. JSON and CSV hold numbers with
/// all their digits, dates and timestamps in ISO 8601, binary values in hexadecimal; what is no finite number is
/// `null` in JSON. Dropping the stream drops `rows`.
///
/// # Errors
/// The stream ends with the first error of `rows`; `Unsupported` for a type that the format cannot hold.
pub fn encode(rows: Rows, format: OutputFormat, workers: &Workers) -> BoxStream<'static, Result<Bytes>> {
    match format {
        OutputFormat::JsonArrays => ordered(workers, pieces(rows), |batch| json::arrays(&batch)),
        OutputFormat::JsonObjects => ordered(workers, pieces(rows), |batch| json::objects(&batch)),
        OutputFormat::Csv => {
            let header = csv::header(rows.schema());
            let lines = ordered(workers, pieces(rows), |batch| csv::lines(&batch));
            stream::once(async { Ok(header) }).chain(lines).boxed()
        }
        OutputFormat::Parquet => parquet::file(rows, workers),
    }
}

/// The batches of `rows`, cut where they are large and left out where they are empty.
fn pieces(rows: Rows) -> impl Stream<Item = Result<RecordBatch>> + Send + 'static {
    rows.map_ok(|batch| {
        let starts = (0..batch.num_rows()).step_by(PIECE_ROWS);
        stream::iter(starts.map(move |start| Ok(batch.slice(start, PIECE_ROWS.min(batch.num_rows() - start)))))
    })
    .try_flatten()
}
