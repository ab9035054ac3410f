//! Rows as CSV.

use arrow_array::RecordBatch;
use arrow_schema::Schema;
use bytes::Bytes;
use model::Result;

use super::cell::Cells;
use super::text::push_csv_field;

/// The line of column names.
pub(super) fn header(schema: &Schema) -> Bytes {
    let mut out = Vec::new();
    for (position, field) in schema.fields().iter().enumerate() {
        if position > 0 {
            out.push(b',');
        }
        push_csv_field(&mut out, field.name().as_bytes());
    }
    out.push(b'\n');
    out.into()
}

/// A line for each row.
pub(super) fn lines(batch: &RecordBatch) -> Result<Bytes> {
    let columns = batch.columns().iter().zip(batch.schema_ref().fields());
    let columns = columns.map(|(array, field)| Cells::new(array, field)).collect::<Result<Vec<_>>>()?;
    let mut out = Vec::new();
    let mut scratch = Vec::new();
    for row in 0..batch.num_rows() {
        for (position, cells) in columns.iter().enumerate() {
            if position > 0 {
                out.push(b',');
            }
            cells.push_csv(row, &mut out, &mut scratch);
        }
        out.push(b'\n');
    }
    Ok(out.into())
}
