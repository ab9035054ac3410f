//! Cells as SQLite has them, collected into Arrow columns.

use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::{BinaryBuilder, BooleanBuilder, Float64Builder, Int64Builder, StringBuilder};
use arrow_schema::DataType;
use model::{AnyColumn, Datum, Error, sql_type};
use rusqlite::types::ValueRef;

/// Adds a cell to a column; answers with the bytes that it takes, about.
pub fn push(column: &mut AnyColumn, cell: ValueRef<'_>) -> usize {
    match cell {
        ValueRef::Null => column.push_null(),
        ValueRef::Integer(value) => column.push_integer(value),
        ValueRef::Real(value) => column.push_real(value),
        ValueRef::Text(text) => column.push_text(&String::from_utf8_lossy(text)),
        ValueRef::Blob(bytes) => column.push_blob(bytes),
    }
    size(cell)
}

/// The cell by itself.
pub fn datum(cell: ValueRef<'_>) -> Datum {
    match cell {
        ValueRef::Null => Datum::Null,
        ValueRef::Integer(value) => Datum::Integer(value),
        ValueRef::Real(value) => Datum::Real(value),
        ValueRef::Text(text) => Datum::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Datum::Blob(bytes.to_owned()),
    }
}

/// Bytes that a cell takes in memory, about.
pub fn size(cell: ValueRef<'_>) -> usize {
    let value = match cell {
        ValueRef::Null => 0,
        ValueRef::Integer(_) | ValueRef::Real(_) => 8,
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.len(),
    };
    value + 5
}

/// A column of one type, which every cell must fit.
pub enum TypedColumn {
    /// Whole numbers.
    Integers(Int64Builder),
    /// Numbers.
    Reals(Float64Builder),
    /// Truth values: 0 and 1, and their names.
    Booleans(BooleanBuilder),
    /// Texts; numbers as they are written.
    Texts(StringBuilder),
    /// Bytes; texts as theirs.
    Blobs(BinaryBuilder),
}

impl TypedColumn {
    /// A collector for cells of this type, one of those that [`arrow_type`](crate::columns::arrow_type) gives.
    pub fn new(kind: &DataType) -> Self {
        match kind {
            DataType::Int64 => Self::Integers(Int64Builder::new()),
            DataType::Float64 => Self::Reals(Float64Builder::new()),
            DataType::Boolean => Self::Booleans(BooleanBuilder::new()),
            DataType::Binary => Self::Blobs(BinaryBuilder::new()),
            _ => Self::Texts(StringBuilder::new()),
        }
    }

    /// Adds a cell; answers with the bytes that it takes, about. `None` where it does not fit.
    #[expect(clippy::cast_precision_loss, reason = "what SQLite itself does with a whole number in a REAL column")]
    pub fn push(&mut self, cell: ValueRef<'_>) -> Option<usize> {
        match (self, cell) {
            (Self::Integers(column), ValueRef::Null) => column.append_null(),
            (Self::Integers(column), ValueRef::Integer(value)) => column.append_value(value),
            (Self::Reals(column), ValueRef::Null) => column.append_null(),
            (Self::Reals(column), ValueRef::Real(value)) => column.append_value(value),
            (Self::Reals(column), ValueRef::Integer(value)) => column.append_value(value as f64),
            (Self::Booleans(column), ValueRef::Null) => column.append_null(),
            (Self::Booleans(column), ValueRef::Integer(value)) => column.append_value(value != 0),
            (Self::Booleans(column), ValueRef::Text(text)) if text.eq_ignore_ascii_case(b"true") => {
                column.append_value(true);
            }
            (Self::Booleans(column), ValueRef::Text(text)) if text.eq_ignore_ascii_case(b"false") => {
                column.append_value(false);
            }
            (Self::Texts(column), ValueRef::Null) => column.append_null(),
            (Self::Texts(column), ValueRef::Text(text)) => {
                column.append_value(String::from_utf8_lossy(text));
                return Some(text.len() + 4);
            }
            (Self::Texts(column), ValueRef::Integer(value)) => column.append_value(value.to_string()),
            (Self::Texts(column), ValueRef::Real(value)) => column.append_value(written(value)),
            (Self::Blobs(column), ValueRef::Null) => column.append_null(),
            (Self::Blobs(column), ValueRef::Blob(bytes) | ValueRef::Text(bytes)) => {
                column.append_value(bytes);
                return Some(bytes.len() + 4);
            }
            _ => return None,
        }
        Some(8)
    }

    /// What was collected; the collector is empty afterwards.
    pub fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Integers(column) => Arc::new(column.finish()),
            Self::Reals(column) => Arc::new(column.finish()),
            Self::Booleans(column) => Arc::new(column.finish()),
            Self::Texts(column) => Arc::new(column.finish()),
            Self::Blobs(column) => Arc::new(column.finish()),
        }
    }
}

/// A real number as SQLite writes it: with a point, also where it is whole.
fn written(value: f64) -> String {
    let text = value.to_string();
    if value.is_finite() && !text.contains(['.', 'e']) { format!("{text}.0") } else { text }
}

/// What is said of a cell that does not fit its column.
pub fn misfit(table: &str, column: &str, kind: &DataType, cell: ValueRef<'_>) -> Error {
    let value = match cell {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(value) => value.to_string(),
        ValueRef::Real(value) => written(value),
        ValueRef::Text(text) => format!("{:?}", String::from_utf8_lossy(text).chars().take(100).collect::<String>()),
        ValueRef::Blob(bytes) => format!("a blob of {} bytes", bytes.len()),
    };
    Error::invalid(format!(
        "column \"{column}\" of table \"{table}\" is declared as {} and holds {value}; correct the cell, declare the column \
         as what it holds, or read it with the database's own SQL",
        sql_type(kind)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_cells_are_refused_where_they_do_not_fit() {
        let mut whole = TypedColumn::new(&DataType::Int64);
        assert!(whole.push(ValueRef::Integer(1)).is_some());
        assert!(whole.push(ValueRef::Text(b"three")).is_none());
        let told = misfit("t", "c", &DataType::Int64, ValueRef::Text(b"three"));
        assert!(told.message().contains("\"c\" of table \"t\"") && told.message().contains("\"three\""), "{told}");
    }
}
