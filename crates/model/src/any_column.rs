//! Columns whose cells each have a type of their own, as databases of rows keep them.

use std::sync::Arc;

use arrow_array::builder::{ArrayBuilder, BinaryBuilder, StringBuilder};
use arrow_array::{Array, ArrayRef, BinaryArray, Float64Array, Int64Array, NullArray, StringArray, UnionArray};
use arrow_buffer::ScalarBuffer;
use arrow_schema::{DataType, Field, UnionFields, UnionMode};

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
    /// Adds no value.
    pub fn push_null(&mut self) {
        self.nulls += 1;
        self.place(NULL, usize::try_from(self.nulls).unwrap_or_default());
    }

    /// Adds a whole number.
    pub fn push_integer(&mut self, value: i64) {
        self.integers.push(value);
        self.place(INTEGER, self.integers.len());
    }

    /// Adds a number.
    pub fn push_real(&mut self, value: f64) {
        self.reals.push(value);
        self.place(REAL, self.reals.len());
    }

    /// Adds a text.
    pub fn push_text(&mut self, value: &str) {
        let texts = self.texts.get_or_insert_with(|| StringBuilder::with_capacity(FIRST_CELLS, FIRST_BYTES));
        texts.append_value(value);
        let count = texts.len();
        self.place(TEXT, count);
    }

    /// Adds bytes.
    pub fn push_blob(&mut self, value: &[u8]) {
        let blobs = self.blobs.get_or_insert_with(|| BinaryBuilder::with_capacity(FIRST_CELLS, FIRST_BYTES));
        blobs.append_value(value);
        let count = blobs.len();
        self.place(BLOB, count);
    }

    /// The cell that was added last is the last of `count` of its kind.
    fn place(&mut self, kind: i8, count: usize) {
        self.types.push(kind);
        self.offsets.push(i32::try_from(count - 1).expect("a batch has far fewer rows"));
    }

    /// What was collected as a column of the one type that its cells have, or of [`any_type`] where they have several; the
    /// collector is empty afterwards.
    pub fn finish_narrow(&mut self) -> ArrayRef {
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
        match kinds & !1 {
            0b0_0010 => {
                let values = std::mem::take(&mut self.integers);
                if values.len() == types.len() {
                    return Arc::new(Int64Array::from(values));
                }
                Arc::new(places.map(|place| place.map(|place| values[place])).collect::<Int64Array>())
            }
            0b0_0100 => {
                let values = std::mem::take(&mut self.reals);
                if values.len() == types.len() {
                    return Arc::new(Float64Array::from(values));
                }
                Arc::new(places.map(|place| place.map(|place| values[place])).collect::<Float64Array>())
            }
            0b0_1000 => {
                let values = self.texts.take().unwrap_or_default().finish();
                if values.len() == types.len() {
                    return Arc::new(values);
                }
                Arc::new(places.map(|at| at.map(|at| values.value(at))).collect::<StringArray>())
            }
            0b1_0000 => {
                let values = self.blobs.take().unwrap_or_default().finish();
                Arc::new(places.map(|at| at.map(|at| values.value(at))).collect::<BinaryArray>())
            }
            _ => Arc::new(NullArray::new(types.len())),
        }
    }

    /// What was collected as a column of [`any_type`]; the collector is empty afterwards.
    pub fn finish(&mut self) -> ArrayRef {
        let children: Vec<ArrayRef> = vec![
            Arc::new(NullArray::new(usize::try_from(std::mem::take(&mut self.nulls)).unwrap_or_default())),
            Arc::new(Int64Array::from(std::mem::take(&mut self.integers))),
            Arc::new(Float64Array::from(std::mem::take(&mut self.reals))),
            Arc::new(self.texts.take().unwrap_or_default().finish()),
            Arc::new(self.blobs.take().unwrap_or_default().finish()),
        ];
        let types = ScalarBuffer::from(std::mem::take(&mut self.types));
        let offsets = ScalarBuffer::from(std::mem::take(&mut self.offsets));
        let union = UnionArray::try_new(any_fields(), types, Some(offsets), children);
        Arc::new(union.expect("each type has as many cells as the offsets name"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Datum;

    fn column(cells: &[Datum]) -> ArrayRef {
        let mut column = AnyColumn::default();
        cells.iter().for_each(|cell| cell.push_to(&mut column));
        column.finish_narrow()
    }

    fn text(text: &str) -> Datum {
        Datum::Text(text.to_owned())
    }

    #[test]
    fn cells_of_one_type_make_a_plain_column() {
        let whole = column(&[Datum::Null, Datum::Integer(7), Datum::Integer(8)]);
        assert_eq!((whole.data_type(), whole.null_count(), whole.len()), (&DataType::Int64, 1, 3));
        assert_eq!(column(&[text("a"), Datum::Null]).data_type(), &DataType::Utf8);
        assert_eq!(column(&[Datum::Null]).data_type(), &DataType::Null);
        assert_eq!(column(&[Datum::Blob(vec![97])]).data_type(), &DataType::Binary);
    }

    #[test]
    fn cells_of_several_types_keep_each_their_own() {
        let mixed = column(&[Datum::Integer(1), text("three"), Datum::Null, Datum::Real(2.2)]);
        assert_eq!(mixed.data_type(), &any_type());
        let union = mixed.as_any().downcast_ref::<UnionArray>().unwrap();
        assert_eq!(union.type_ids().as_ref(), [INTEGER, TEXT, NULL, REAL]);
        assert_eq!(union.len(), 4);
    }
}
