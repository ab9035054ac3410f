//! Few rows, one after the other.

use std::sync::Arc;

use arrow_array::{RecordBatch, RecordBatchOptions};
use arrow_schema::{Field, Schema};

use crate::AnyColumn;

/// One cell, of the type that it is kept with.
#[derive(Clone, Debug, PartialEq)]
pub enum Datum {
    /// No value.
    Null,
    /// A whole number.
    Integer(i64),
    /// A number.
    Real(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

impl Datum {
    /// Adds the cell to a column.
    pub fn push_to(&self, column: &mut AnyColumn) {
        match self {
            Self::Null => column.push_null(),
            Self::Integer(value) => column.push_integer(*value),
            Self::Real(value) => column.push_real(*value),
            Self::Text(text) => column.push_text(text),
            Self::Blob(bytes) => column.push_blob(bytes),
        }
    }
}

/// A whole answer of few rows, in memory. Columns are made for many: one row as a batch takes longer to make and to write than
/// to find.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Few {
    columns: Vec<String>,
    cells: Vec<Datum>,
}

impl Few {
    /// No rows of these columns, whose names may repeat.
    pub fn new(columns: Vec<String>) -> Self {
        Self { columns, cells: Vec::new() }
    }

    /// Adds the next cell, row after row.
    pub fn push(&mut self, cell: Datum) {
        self.cells.push(cell);
    }

    /// The names of the columns.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The rows, each with a cell a column.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[Datum]> {
        self.cells.chunks_exact(self.columns.len().max(1))
    }

    /// The same as a batch: each column of the one type that its cells have, or a dense union where they have several.
    pub fn to_batch(&self) -> RecordBatch {
        let mut columns: Vec<AnyColumn> = self.columns.iter().map(|_| AnyColumn::default()).collect();
        for row in self.rows() {
            row.iter().zip(&mut columns).for_each(|(cell, column)| cell.push_to(column));
        }
        let arrays: Vec<_> = columns.iter_mut().map(AnyColumn::finish_narrow).collect();
        let field =
            |(name, array): (&String, &arrow_array::ArrayRef)| Field::new(name, array.data_type().clone(), true);
        let schema = Schema::new(self.columns.iter().zip(&arrays).map(field).collect::<Vec<_>>());
        let options = RecordBatchOptions::new().with_row_count(Some(self.rows().len()));
        RecordBatch::try_new_with_options(Arc::new(schema), arrays, &options).expect("every column has a cell a row")
    }
}
