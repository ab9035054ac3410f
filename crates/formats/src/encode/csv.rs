//! Rows as CSV, or the same with tabs.

use arrow_array::RecordBatch;
use arrow_schema::Schema;
use bytes::Bytes;
use model::Result;

use super::Blobs;
use super::cell::Cells;
use super::text::push_csv_field;

/// The line of column names.
pub(super) fn header(schema: &Schema, delimiter: u8) -> Bytes {
    let mut out = Vec::new();
    for (position, field) in schema.fields().iter().enumerate() {
        if position > 0 {
            out.push(delimiter);
        }
        push_csv_field(&mut out, field.name().as_bytes(), delimiter);
    }
    out.push(b'\n');
    out.into()
}

/// A line for each row.
pub(super) fn lines(batch: &RecordBatch, delimiter: u8, blobs: Blobs) -> Result<Bytes> {
    let columns = batch.columns().iter().zip(batch.schema_ref().fields());
    let columns = columns.map(|(array, field)| Cells::new(array, field, blobs)).collect::<Result<Vec<_>>>()?;
    let mut out = Vec::new();
    let mut scratch = Vec::new();
    for row in 0..batch.num_rows() {
        for (position, cells) in columns.iter().enumerate() {
            if position > 0 {
                out.push(delimiter);
            }
            cells.push_csv(row, delimiter, &mut out, &mut scratch);
        }
        out.push(b'\n');
    }
    Ok(out.into())
}
