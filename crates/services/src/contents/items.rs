//! The cells of a page, column by column.

use arrow_array::RecordBatch;
use formats::{Blobs, JsonCells};
use futures::StreamExt;
use model::{Result, Rows};

use super::{CellUrl, MAX_PAGE_BYTES, Table};

/// Cells as JSON values, parted by commas, of one column after the other.
pub(super) struct Items {
    pub cells: Vec<Vec<u8>>,
    /// Whether rows were left out because the page was full.
    pub cut: bool,
}

impl Items {
    /// Reads rows that have the columns of `table`, until they are over or the page is full.
    pub(super) async fn read(mut rows: Rows, table: &Table, url: CellUrl<'_>) -> Result<Self> {
        let mut items = Self { cells: vec![Vec::new(); table.columns.len()], cut: false };
        let key = table.columns.iter().position(|column| Some(&column.name) == table.row_id.as_ref());
        let mut bytes = 0;
        while let Some(batch) = rows.next().await.transpose()? {
            let columns = columns(&batch)?;
            for row in 0..batch.num_rows() {
                if bytes > MAX_PAGE_BYTES {
                    items.cut = true;
                    return Ok(items);
                }
                bytes += items.push(&columns, row, key, table, url);
            }
        }
        Ok(items)
    }

    /// Appends a row; answers its bytes.
    fn push(
        &mut self,
        columns: &[JsonCells],
        row: usize,
        key: Option<usize>,
        table: &Table,
        url: CellUrl<'_>,
    ) -> usize {
        let mut bytes = 0;
        for ((out, cells), column) in self.cells.iter_mut().zip(columns).zip(&table.columns) {
            let before = out.len();
            if before > 0 {
                out.push(b',');
            }
            match key.filter(|_| cells.is_blob(row)) {
                Some(key) => {
                    let mut value = Vec::new();
                    columns[key].push(row, &mut value);
                    let value = String::from_utf8_lossy(&value);
                    let address = url(&column.name, &table.columns[key].name, &value);
                    out.extend_from_slice(br#"{"url":"#);
                    out.extend_from_slice(serde_json::Value::from(address).to_string().as_bytes());
                    out.push(b'}');
                }
                None => cells.push(row, out),
            }
            bytes += out.len() - before;
        }
        bytes
    }
}

fn columns(batch: &RecordBatch) -> Result<Vec<JsonCells>> {
    let columns = batch.columns().iter().zip(batch.schema_ref().fields());
    columns.map(|(array, field)| JsonCells::new(array, field, Blobs::Named)).collect()
}
