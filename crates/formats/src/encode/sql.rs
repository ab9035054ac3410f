//! Rows as statements that insert them.

use arrow_array::RecordBatch;
use bytes::Bytes;
use model::Result;

use super::Blobs;
use super::cell::Cells;

/// A line with an INSERT for each row, as the `sqlite3` shell dumps them.
pub(super) fn inserts(batch: &RecordBatch, head: &str) -> Result<Bytes> {
    let columns = batch.columns().iter().zip(batch.schema_ref().fields());
    let columns = columns.map(|(array, field)| Cells::new(array, field, Blobs::Hex)).collect::<Result<Vec<_>>>()?;
    let mut out = Vec::new();
    for row in 0..batch.num_rows() {
        out.extend_from_slice(head.as_bytes());
        for (position, cells) in columns.iter().enumerate() {
            out.push(if position > 0 { b',' } else { b'(' });
            cells.push_sql(row, &mut out);
        }
        out.extend_from_slice(b");\n");
    }
    Ok(out.into())
}
