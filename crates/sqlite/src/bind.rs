//! Arrow values as parameters of SQLite's statements.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef};
use arrow_cast::{CastOptions, cast_with_options};
use arrow_schema::DataType;
use model::{Error, Result, Value, sql_type};
use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, ValueRef};

/// A column whose cells can be bound one after the other.
pub enum Bound<'a> {
    /// Nothing but NULL.
    Nulls,
    /// Whole numbers.
    Integers(&'a arrow_array::Int64Array),
    /// Numbers.
    Reals(&'a arrow_array::Float64Array),
    /// Truth values, which SQLite keeps as 0 and 1.
    Booleans(&'a arrow_array::BooleanArray),
    /// Texts.
    Texts(&'a arrow_array::StringArray),
    /// Bytes.
    Blobs(&'a arrow_array::BinaryArray),
}

impl<'a> Bound<'a> {
    /// A column that [`fit`] gave.
    pub fn of(column: &'a ArrayRef) -> Self {
        match column.data_type() {
            DataType::Int64 => Self::Integers(column.as_primitive::<Int64Type>()),
            DataType::Float64 => Self::Reals(column.as_primitive::<Float64Type>()),
            DataType::Boolean => Self::Booleans(column.as_boolean()),
            DataType::Utf8 => Self::Texts(column.as_string::<i32>()),
            DataType::Binary => Self::Blobs(column.as_binary::<i32>()),
            _ => Self::Nulls,
        }
    }

    /// The cell of a row.
    pub fn cell(&self, row: usize) -> Cell<'a> {
        Cell(match self {
            Self::Integers(column) if column.is_valid(row) => ValueRef::Integer(column.value(row)),
            Self::Reals(column) if column.is_valid(row) => ValueRef::Real(column.value(row)),
            Self::Booleans(column) if column.is_valid(row) => ValueRef::Integer(column.value(row).into()),
            Self::Texts(column) if column.is_valid(row) => ValueRef::Text(column.value(row).as_bytes()),
            Self::Blobs(column) if column.is_valid(row) => ValueRef::Blob(column.value(row)),
            _ => ValueRef::Null,
        })
    }
}

/// One cell, borrowed from where it is, whatever its bytes.
pub struct Cell<'a>(pub ValueRef<'a>);

impl ToSql for Cell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(self.0))
    }
}

/// A value of a caller as a parameter.
pub fn parameter(value: &Value) -> Cell<'_> {
    Cell(match value {
        Value::Boolean(value) => ValueRef::Integer((*value).into()),
        Value::Integer(value) => ValueRef::Integer(*value),
        Value::Float(value) => ValueRef::Real(*value),
        Value::Text(text) => ValueRef::Text(text.as_bytes()),
    })
}

/// The column as SQLite keeps it where it is declared for cells of the type `wanted`: one of those that [`Bound`] takes.
///
/// # Errors
/// `Invalid` for a value that does not fit, named with its column.
pub fn fit(name: &str, column: &ArrayRef, wanted: &DataType) -> Result<ArrayRef> {
    let given = column.data_type();
    let wanted = match (given, wanted) {
        (DataType::Null, _) => return Ok(column.clone()),
        (same, wanted) if same == wanted => return Ok(column.clone()),
        // Numbers in a column for texts, and dates, are kept as SQLite's own functions read them.
        (
            DataType::Date32 | DataType::Date64 | DataType::Timestamp(..) | DataType::Time32(_) | DataType::Time64(_),
            _,
        ) => &DataType::Utf8,
        (_, wanted) => wanted,
    };
    let options = CastOptions { safe: false, ..CastOptions::default() };
    cast_with_options(column, wanted, &options).map_err(|cause| {
        let declared = sql_type(wanted);
        match misfit(column, wanted) {
            Some(value) => {
                Error::invalid(format!("column \"{name}\" cannot hold {value}: it is declared as {declared}"))
            }
            None => Error::invalid(format!(
                "column \"{name}\" is declared as {declared}, which {} cannot be converted to: {cause}",
                sql_type(given)
            )),
        }
    })
}

/// The first value that cannot be converted.
fn misfit(column: &ArrayRef, wanted: &DataType) -> Option<String> {
    let lenient = cast_with_options(column, wanted, &CastOptions { safe: true, ..CastOptions::default() }).ok()?;
    let row = (0..column.len()).find(|row| column.is_valid(*row) && lenient.is_null(*row))?;
    let texts = cast_with_options(&column.slice(row, 1), &DataType::Utf8, &CastOptions::default()).ok()?;
    Some(format!("{:?}", texts.as_string::<i32>().value(0).chars().take(100).collect::<String>()))
}
