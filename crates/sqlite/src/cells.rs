//! Cells as SQLite has them, collected into Arrow columns.

use std::sync::Arc;

use arrow_array::builder::{BinaryBuilder, BooleanBuilder, Float64Builder, Int64Builder, StringBuilder};
use arrow_array::{Array, ArrayRef, NullArray, UnionArray};
use arrow_buffer::ScalarBuffer;
use arrow_schema::{ArrowError, DataType, Field, UnionFields, UnionMode};
use model::{Error, Result, sql_type};
use rusqlite::types::ValueRef;

const NULL: i8 = 0;
const INTEGER: i8 = 1;
const REAL: i8 = 2;
const TEXT: i8 = 3;
const BLOB: i8 = 4;

/// Room for a few cells: most answers are short, and the others have their columns grow.
const FIRST_CELLS: usize = 8;
const FIRST_BYTES: usize = 256;

/// The type of a column whose cells each have a type of their own.
pub fn any_type() -> DataType {
    DataType::Union(any_fields(), UnionMode::Dense)
}

fn any_fields() -> UnionFields {
    let fields = [
        ("null", DataType::Null),
        ("integer", DataType::Int64),
        ("real", DataType::Float64),
        ("text", DataType::Utf8),
        ("blob", DataType::Binary),
    ];
    (NULL..).zip(fields.map(|(name, kind)| Arc::new(Field::new(name, kind, true)))).collect()
}

/// A column whose cells each have a type of their own.
#[derive(Default)]
pub struct AnyColumn {
    types: Vec<i8>,
    offsets: Vec<i32>,
    nulls: i32,
    integers: Vec<i64>,
    reals: Vec<f64>,
    texts: Option<StringBuilder>,
    blobs: Option<BinaryBuilder>,
}

impl AnyColumn {
    /// Adds a cell; answers with the bytes that it takes, about.
    pub fn push(&mut self, cell: ValueRef<'_>) -> usize {
        let (kind, offset, bytes) = match cell {
            ValueRef::Null => {
                self.nulls += 1;
                (NULL, self.nulls - 1, 0)
            }
            ValueRef::Integer(value) => {
                self.integers.push(value);
                (INTEGER, length(self.integers.len()), 8)
            }
            ValueRef::Real(value) => {
                self.reals.push(value);
                (REAL, length(self.reals.len()), 8)
            }
            ValueRef::Text(text) => {
                let texts = self.texts.get_or_insert_with(|| StringBuilder::with_capacity(FIRST_CELLS, FIRST_BYTES));
                texts.append_value(String::from_utf8_lossy(text));
                (TEXT, length(arrow_array::builder::ArrayBuilder::len(texts)), text.len())
            }
            ValueRef::Blob(bytes) => {
                let blobs = self.blobs.get_or_insert_with(|| BinaryBuilder::with_capacity(FIRST_CELLS, FIRST_BYTES));
                blobs.append_value(bytes);
                (BLOB, length(arrow_array::builder::ArrayBuilder::len(blobs)), bytes.len())
            }
        };
        self.types.push(kind);
        self.offsets.push(offset);
        bytes + 5
    }

    /// What was collected as a column of the one type that its cells have, or of [`any_type`] where they have several; the
    /// collector is empty afterwards.
    pub fn finish_narrow(&mut self) -> Result<ArrayRef> {
        let kinds = self.types.iter().fold(0_u8, |kinds, kind| kinds | 1 << kind);
        if kinds & !1 & (kinds & !1).wrapping_sub(1) != 0 {
            return self.finish();
        }
        let types = std::mem::take(&mut self.types);
        self.offsets.clear();
        self.nulls = 0;
        let mut at = 0;
        let mut place = |kind: &i8| {
            (*kind != NULL).then(|| {
                at += 1;
                at - 1
            })
        };
        let places = types.iter().map(&mut place);
        Ok(match kinds & !1 {
            0b0_0010 => {
                let values = std::mem::take(&mut self.integers);
                if values.len() == types.len() {
                    return Ok(Arc::new(arrow_array::Int64Array::from(values)));
                }
                Arc::new(places.map(|place| place.map(|place| values[place])).collect::<arrow_array::Int64Array>())
            }
            0b0_0100 => {
                let values = std::mem::take(&mut self.reals);
                if values.len() == types.len() {
                    return Ok(Arc::new(arrow_array::Float64Array::from(values)));
                }
                Arc::new(places.map(|place| place.map(|place| values[place])).collect::<arrow_array::Float64Array>())
            }
            0b0_1000 => {
                let values = self.texts.take().unwrap_or_default().finish();
                if values.len() == types.len() {
                    return Ok(Arc::new(values));
                }
                Arc::new(places.map(|at| at.map(|at| values.value(at))).collect::<arrow_array::StringArray>())
            }
            0b1_0000 => {
                let values = self.blobs.take().unwrap_or_default().finish();
                Arc::new(places.map(|at| at.map(|at| values.value(at))).collect::<arrow_array::BinaryArray>())
            }
            _ => Arc::new(NullArray::new(types.len())),
        })
    }

    /// What was collected as a column of [`any_type`]; the collector is empty afterwards.
    pub fn finish(&mut self) -> Result<ArrayRef> {
        let children: Vec<ArrayRef> = vec![
            Arc::new(NullArray::new(usize::try_from(std::mem::take(&mut self.nulls)).unwrap_or_default())),
            Arc::new(arrow_array::Int64Array::from(std::mem::take(&mut self.integers))),
            Arc::new(arrow_array::Float64Array::from(std::mem::take(&mut self.reals))),
            Arc::new(self.texts.take().unwrap_or_default().finish()),
            Arc::new(self.blobs.take().unwrap_or_default().finish()),
        ];
        let types = ScalarBuffer::from(std::mem::take(&mut self.types));
        let offsets = ScalarBuffer::from(std::mem::take(&mut self.offsets));
        let union = UnionArray::try_new(any_fields(), types, Some(offsets), children);
        Ok(Arc::new(union.map_err(|fault: ArrowError| Error::internal(fault))?))
    }
}

/// The offset of the cell that was added last.
fn length(length: usize) -> i32 {
    i32::try_from(length - 1).expect("a batch has far fewer rows")
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

    fn column(cells: &[ValueRef<'_>]) -> ArrayRef {
        let mut column = AnyColumn::default();
        for cell in cells {
            column.push(*cell);
        }
        column.finish_narrow().unwrap()
    }

    #[test]
    fn cells_of_one_type_make_a_plain_column() {
        let whole = column(&[ValueRef::Null, ValueRef::Integer(7), ValueRef::Integer(8)]);
        assert_eq!((whole.data_type(), whole.null_count(), whole.len()), (&DataType::Int64, 1, 3));
        assert_eq!(column(&[ValueRef::Text(b"a"), ValueRef::Null]).data_type(), &DataType::Utf8);
        assert_eq!(column(&[ValueRef::Null]).data_type(), &DataType::Null);
        assert_eq!(column(&[ValueRef::Blob(b"a")]).data_type(), &DataType::Binary);
    }

    #[test]
    fn cells_of_several_types_keep_each_their_own() {
        let mixed = column(&[ValueRef::Integer(1), ValueRef::Text(b"three"), ValueRef::Null, ValueRef::Real(2.2)]);
        assert_eq!(mixed.data_type(), &any_type());
        let union = mixed.as_any().downcast_ref::<UnionArray>().unwrap();
        assert_eq!(union.type_ids().as_ref(), [INTEGER, TEXT, NULL, REAL]);
        assert_eq!(union.len(), 4);
    }

    #[test]
    fn typed_cells_are_refused_where_they_do_not_fit() {
        let mut whole = TypedColumn::new(&DataType::Int64);
        assert!(whole.push(ValueRef::Integer(1)).is_some());
        assert!(whole.push(ValueRef::Text(b"three")).is_none());
        let told = misfit("t", "c", &DataType::Int64, ValueRef::Text(b"three"));
        assert!(told.message().contains("\"c\" of table \"t\"") && told.message().contains("\"three\""), "{told}");
    }
}
