//! Columns of system tables under construction.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Int32Array, Int64Array, ListBuilder, MapBuilder, StringArray, StringBuilder,
};
use arrow::datatypes::{Field, FieldRef};

/// A named column.
pub struct Column {
    name: &'static str,
    array: ArrayRef,
}

impl Column {
    /// The column's field.
    pub fn field(&self) -> FieldRef {
        Arc::new(Field::new(self.name, self.array.data_type().clone(), true))
    }

    /// The column's values.
    pub fn into_array(self) -> ArrayRef {
        self.array
    }

    /// Text.
    pub fn text(name: &'static str, values: impl Iterator<Item = Option<String>>) -> Self {
        Self { name, array: Arc::new(values.collect::<StringArray>()) }
    }

    /// INTEGER.
    pub fn integer(name: &'static str, values: impl Iterator<Item = Option<i32>>) -> Self {
        Self { name, array: Arc::new(values.collect::<Int32Array>()) }
    }

    /// BIGINT.
    pub fn bigint(name: &'static str, values: impl Iterator<Item = Option<i64>>) -> Self {
        Self { name, array: Arc::new(values.collect::<Int64Array>()) }
    }

    /// BOOLEAN.
    pub fn boolean(name: &'static str, values: impl Iterator<Item = Option<bool>>) -> Self {
        Self { name, array: Arc::new(values.collect::<BooleanArray>()) }
    }

    /// VARCHAR[].
    pub fn texts(name: &'static str, values: impl Iterator<Item = Vec<String>>) -> Self {
        let mut builder = ListBuilder::new(StringBuilder::new());
        for value in values {
            value.iter().for_each(|text| builder.values().append_value(text));
            builder.append(true);
        }
        Self { name, array: Arc::new(builder.finish()) }
    }

    /// A map without entries in every row, as DuckDB has it of `tags` that nobody sets.
    pub fn no_tags(name: &'static str, rows: usize) -> Self {
        let mut builder = MapBuilder::new(None, StringBuilder::new(), StringBuilder::new());
        for _ in 0..rows {
            // Keys and values have the same length: none.
            let _ = builder.append(true);
        }
        Self { name, array: Arc::new(builder.finish()) }
    }

    /// Text that is NULL in every row.
    pub fn no_text(name: &'static str, rows: usize) -> Self {
        Self::text(name, std::iter::repeat_n(None, rows))
    }

    /// An INTEGER that is NULL in every row.
    pub fn no_integer(name: &'static str, rows: usize) -> Self {
        Self::integer(name, std::iter::repeat_n(None, rows))
    }

    /// The same BOOLEAN in every row.
    pub fn always(name: &'static str, value: bool, rows: usize) -> Self {
        Self::boolean(name, std::iter::repeat_n(Some(value), rows))
    }

    /// The same text in every row.
    pub fn same(name: &'static str, value: &str, rows: usize) -> Self {
        Self::text(name, std::iter::repeat_n(Some(value.to_owned()), rows))
    }
}
