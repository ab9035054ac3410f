//! The cells of one column as JSON values, one by one.

use arrow_array::ArrayRef;
use arrow_schema::Field;
use model::Result;

use super::Blobs;
use super::cell::Cells;

/// The cells of one column of a batch, for JSON that goes by columns.
pub struct JsonCells(Cells);

impl JsonCells {
    /// The cells of `array`, a column that `field` describes.
    ///
    /// # Errors
    /// `Unsupported` for a type that JSON cannot hold.
    pub fn new(array: &ArrayRef, field: &Field, blobs: Blobs) -> Result<Self> {
        Cells::new(array, field, blobs).map(Self)
    }

    /// Appends the JSON value of a cell.
    pub fn push(&self, row: usize, out: &mut Vec<u8>) {
        self.0.push_json(row, out);
    }

    /// Whether a cell holds bytes.
    pub fn is_blob(&self, row: usize) -> bool {
        self.0.is_blob(row)
    }
}
