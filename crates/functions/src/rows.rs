//! Answers computed row by row. A row with a NULL among its arguments answers NULL.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, BinaryArray, BinaryBuilder, BooleanArray, BooleanBuilder,
    Float64Array, Int64Array, ListArray, PrimitiveArray, PrimitiveBuilder, StringViewArray, StringViewBuilder,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use datafusion::error::Result;

use crate::scalar::{Call, item_of};

impl Call<'_> {
    /// An argument that is text.
    pub fn text(&self, position: usize) -> &StringViewArray {
        self.args[position].as_string_view()
    }

    /// An argument that is bytes.
    pub fn bytes(&self, position: usize) -> &BinaryArray {
        self.args[position].as_binary::<i32>()
    }

    /// An argument that is a whole number.
    pub fn int(&self, position: usize) -> &Int64Array {
        self.args[position].as_primitive::<Int64Type>()
    }

    /// An argument that is a number.
    pub fn double(&self, position: usize) -> &Float64Array {
        self.args[position].as_primitive::<Float64Type>()
    }

    /// An argument that is a truth value.
    pub fn bool(&self, position: usize) -> &BooleanArray {
        self.args[position].as_boolean()
    }

    /// An argument that is a list.
    pub fn list(&self, position: usize) -> &ListArray {
        self.args[position].as_list::<i32>()
    }

    /// Whether the call has this argument.
    pub fn has(&self, position: usize) -> bool {
        self.args.len() > position
    }

    /// Which rows have no NULL among their arguments; `None` where all are such.
    pub fn valid(&self) -> Option<NullBuffer> {
        let nulls =
            |nulls: Option<NullBuffer>, arg: &ArrayRef| NullBuffer::union(nulls.as_ref(), arg.logical_nulls().as_ref());
        self.args.iter().fold(None, nulls)
    }

    fn each(&self, mut row: impl FnMut(usize, bool) -> Result<()>) -> Result<()> {
        let valid = self.valid();
        for position in 0..self.rows {
            row(position, valid.as_ref().is_none_or(|valid| valid.is_valid(position)))?;
        }
        Ok(())
    }

    /// Texts.
    pub fn texts<T: AsRef<str>>(&self, mut of: impl FnMut(usize) -> Result<Option<T>>) -> Result<ArrayRef> {
        let mut builder = StringViewBuilder::with_capacity(self.rows);
        self.each(|row, valid| {
            match if valid { of(row)? } else { None } {
                Some(text) => builder.append_value(text),
                None => builder.append_null(),
            }
            Ok(())
        })?;
        Ok(Arc::new(builder.finish()))
    }

    /// Bytes.
    pub fn blobs(&self, mut of: impl FnMut(usize) -> Result<Option<Vec<u8>>>) -> Result<ArrayRef> {
        let mut builder = BinaryBuilder::new();
        self.each(|row, valid| {
            builder.append_option(if valid { of(row)? } else { None });
            Ok(())
        })?;
        Ok(Arc::new(builder.finish()))
    }

    /// Truth values.
    pub fn bools(&self, mut of: impl FnMut(usize) -> Result<Option<bool>>) -> Result<ArrayRef> {
        let mut builder = BooleanBuilder::with_capacity(self.rows);
        self.each(|row, valid| {
            builder.append_option(if valid { of(row)? } else { None });
            Ok(())
        })?;
        Ok(Arc::new(builder.finish()))
    }

    /// Numbers, dates, times.
    pub fn primitives<T: ArrowPrimitiveType>(
        &self,
        mut of: impl FnMut(usize) -> Result<Option<T::Native>>,
    ) -> Result<ArrayRef> {
        let mut builder = PrimitiveBuilder::<T>::with_capacity(self.rows).with_data_type(self.primitive::<T>());
        self.each(|row, valid| {
            builder.append_option(if valid { of(row)? } else { None });
            Ok(())
        })?;
        Ok(Arc::new(builder.finish()))
    }

    /// The answer's type where it is of this kind, with its zone or scale.
    fn primitive<T: ArrowPrimitiveType>(&self) -> DataType {
        if PrimitiveArray::<T>::is_compatible(self.gives) { self.gives.clone() } else { T::DATA_TYPE }
    }

    /// Lists of texts.
    pub fn text_lists(&self, mut of: impl FnMut(usize) -> Result<Option<Vec<String>>>) -> Result<ArrayRef> {
        let mut items = StringViewBuilder::new();
        self.lists(|row| {
            Ok(of(row)?.map(|texts| {
                texts.iter().for_each(|text| items.append_value(text));
                texts.len()
            }))
        })
        .and_then(|lists| lists.of(Arc::new(items.finish()), self.gives))
    }

    /// Lists whose items someone else keeps: `of` answers how many each row has.
    pub fn lists(&self, mut of: impl FnMut(usize) -> Result<Option<usize>>) -> Result<Lists> {
        let mut lengths = Vec::with_capacity(self.rows);
        let mut present = Vec::with_capacity(self.rows);
        self.each(|row, valid| {
            let length = if valid { of(row)? } else { None };
            lengths.push(length.unwrap_or(0));
            present.push(length.is_some());
            Ok(())
        })?;
        Ok(Lists { lengths, present })
    }
}

/// Where lists begin and end, and which are NULL.
pub struct Lists {
    lengths: Vec<usize>,
    present: Vec<bool>,
}

impl Lists {
    /// The lists, of these items.
    pub fn of(self, items: ArrayRef, list: &DataType) -> Result<ArrayRef> {
        let item = match list {
            DataType::List(field) => field.clone(),
            other => Arc::new(arrow::datatypes::Field::new_list_field(item_of(other), true)),
        };
        let items =
            if items.data_type() == item.data_type() { items } else { arrow::compute::cast(&items, item.data_type())? };
        let nulls = NullBuffer::from(self.present);
        Ok(Arc::new(ListArray::try_new(item, OffsetBuffer::from_lengths(self.lengths), items, Some(nulls))?))
    }
}
