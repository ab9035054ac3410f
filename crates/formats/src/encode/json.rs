//! Rows as lines of JSON.

use arrow_array::RecordBatch;
use bytes::Bytes;
use model::Result;

use super::Blobs;
use super::cell::Cells;
use super::text::push_json_string;

/// How many bytes a cell takes, about: a first guess for the buffer, which grows where it is wrong.
const CELL_BYTES: usize = 14;

/// A line with an array for each row.
pub(super) fn arrays(batch: &RecordBatch, blobs: Blobs) -> Result<Bytes> {
    let mut separators = vec![b",".to_vec(); batch.num_columns()];
    if let Some(first) = separators.first_mut() {
        *first = Vec::new();
    }
    lines(batch, &separators, [b'[', b']'], blobs)
}

/// A line with an object for each row.
pub(super) fn objects(batch: &RecordBatch, blobs: Blobs) -> Result<Bytes> {
    let mut separators = Vec::with_capacity(batch.num_columns());
    for (position, field) in batch.schema_ref().fields().iter().enumerate() {
        let mut separator = if position > 0 { vec![b','] } else { Vec::new() };
        push_json_string(&mut separator, field.name().as_bytes());
        separator.push(b':');
        separators.push(separator);
    }
    lines(batch, &separators, [b'{', b'}'], blobs)
}

/// Each row in brackets, each of its cells after its separator.
fn lines(batch: &RecordBatch, separators: &[Vec<u8>], [open, close]: [u8; 2], blobs: Blobs) -> Result<Bytes> {
    let schema = batch.schema_ref();
    let columns = batch.columns().iter().zip(schema.fields());
    let columns = columns.map(|(array, field)| Cells::new(array, field, blobs)).collect::<Result<Vec<_>>>()?;
    let separator_bytes: usize = separators.iter().map(Vec::len).sum();
    let row_bytes = columns.len() * CELL_BYTES + separator_bytes + 3;
    let mut out = Vec::with_capacity(batch.num_rows() * row_bytes);
    for row in 0..batch.num_rows() {
        out.push(open);
        for (cells, separator) in columns.iter().zip(separators) {
            out.extend_from_slice(separator);
            cells.push_json(row, &mut out);
        }
        out.extend_from_slice(&[close, b'\n']);
    }
    Ok(out.into())
}
