//! One chunk of CSV records to batches.

use arrow_array::{ArrayRef, RecordBatch};
use model::{Error, Result};

use super::fault;
use super::plan::Plan;
use super::tokens::{Field, TokenFault, Tokens};
use crate::input::{Chunk, Column};

/// How many fields are found before they are parsed: their positions and texts should still be in the nearest caches.
const BLOCK_FIELDS: usize = 8_192;

/// How many rows a batch has at most.
const BATCH_ROWS: usize = 65_536;

/// The rows of a chunk.
///
/// # Errors
/// `Invalid` for the first record that is malformed or has a value that does not fit its column.
pub(super) fn decode(mut chunk: Chunk, plan: &Plan) -> Result<Vec<RecordBatch>> {
    let width = plan.schema.fields().len();
    let block_rows = (BLOCK_FIELDS / width).max(1);
    let mut columns: Vec<Column> = plan.schema.fields().iter().map(|field| Column::new(field.data_type())).collect();
    let mut tokens = Tokens::new(plan.dialect, Some(width));
    let mut fields: Vec<Field> = Vec::with_capacity(block_rows * width);
    let mut batches = Vec::new();
    let mut rows = 0;
    if chunk.oversized {
        tokens.read(&mut chunk.bytes, 1, &mut fields);
        return Err(match tokens.fault {
            Some(found @ TokenFault::Unterminated { .. }) => fault::structure(&chunk, plan, found),
            _ => fault::oversized(&chunk),
        });
    }
    loop {
        fields.clear();
        let read = tokens.read(&mut chunk.bytes, block_rows, &mut fields);
        append(&mut columns, &fields, &chunk, plan)?;
        if let Some(found) = tokens.fault {
            return Err(fault::structure(&chunk, plan, found));
        }
        rows += read;
        let over = read < block_rows;
        if rows > 0 && (over || rows + block_rows > BATCH_ROWS) {
            batches.push(batch(&mut columns, &chunk, plan)?);
            rows = 0;
        }
        if over {
            return Ok(batches);
        }
    }
}

/// Appends the fields of whole records, column after column.
fn append(columns: &mut [Column], fields: &[Field], chunk: &Chunk, plan: &Plan) -> Result<()> {
    let width = columns.len();
    let data = &chunk.bytes;
    let mut first: Option<(usize, usize)> = None;
    for (position, column) in columns.iter_mut().enumerate() {
        let texts = fields.iter().skip(position).step_by(width).map(|field| (field.text(data), field.is_quoted()));
        if let Err(row) = column.append_texts(texts, true) {
            // A later column may have a misfit in an earlier row, and that is the one to name.
            first = first.min(Some((row, position))).or(Some((row, position)));
        }
    }
    let Some((row, position)) = first else { return Ok(()) };
    let field = fields[row * width + position];
    Err(fault::misfit(chunk, plan, field.start(), position, field.text(data)))
}

fn batch(columns: &mut [Column], chunk: &Chunk, plan: &Plan) -> Result<RecordBatch> {
    let mut arrays: Vec<ArrayRef> = Vec::with_capacity(columns.len());
    for column in columns {
        arrays.push(column.finish().map_err(|_| fault::encoding(chunk))?);
    }
    RecordBatch::try_new(plan.schema.clone(), arrays).map_err(Error::internal)
}
