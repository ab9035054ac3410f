//! Functions that take a lambda: `list_transform`, `list_filter`, `list_reduce`.

mod filter;
mod reduce;
mod transform;

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, ListArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, HigherOrderUDF, ValueOrLambda};

use crate::scalar::list_of;

/// All of them, once for each name.
pub fn functions() -> Vec<Arc<HigherOrderUDF>> {
    let mut functions = transform::functions();
    functions.extend(filter::functions());
    functions.extend(reduce::functions());
    functions
}

/// A list as `List`.
fn as_list(name: &str, data_type: &DataType) -> Result<DataType> {
    Ok(match data_type {
        DataType::List(_) => data_type.clone(),
        DataType::LargeList(item) | DataType::FixedSizeList(item, _) => DataType::List(item.clone()),
        DataType::Null => list_of(DataType::Null),
        other => return plan_err!("Binder Error: {name} takes a list, not {}", model::sql_type(other)),
    })
}

/// The list that is the first argument, with nothing behind its NULLs and before its first item.
fn list(value: &ColumnarValue, rows: usize) -> Result<ListArray> {
    let array = value.to_array(rows)?;
    let array = if matches!(array.data_type(), DataType::List(_)) {
        array
    } else {
        cast(&array, &as_list("", array.data_type())?)?
    };
    let list = array.as_list::<i32>();
    let needless = list.null_count() > 0 && (0..list.len()).any(|row| list.is_null(row) && list.value_length(row) > 0);
    let first = list.value_offsets().first().copied().unwrap_or(0);
    if !needless && first == 0 && list.value_offsets().last().copied().unwrap_or(0) as usize == list.values().len() {
        return Ok(list.clone());
    }
    let indices: arrow::array::UInt64Array = (0..list.len())
        .filter(|row| list.is_valid(*row))
        .flat_map(|row| list.value_offsets()[row] as u64..list.value_offsets()[row + 1] as u64)
        .collect();
    let lengths = (0..list.len()).map(|row| if list.is_valid(row) { list.value_length(row) as usize } else { 0 });
    let DataType::List(item) = list.data_type() else { return plan_err!("a list is wanted") };
    let values = arrow::compute::take(list.values(), &indices, None)?;
    Ok(ListArray::try_new(
        item.clone(),
        arrow::buffer::OffsetBuffer::from_lengths(lengths),
        values,
        list.nulls().cloned(),
    )?)
}

/// The position of each item in its list, from 1.
fn positions(list: &ListArray) -> ArrayRef {
    let each = (0..list.len()).flat_map(|row| 1..=i64::from(list.value_length(row)));
    Arc::new(Int64Array::from_iter_values(each))
}

/// The row of each item.
fn rows_of(list: &ListArray) -> arrow::array::UInt64Array {
    (0..list.len()).flat_map(|row| std::iter::repeat_n(row as u64, list.value_length(row) as usize)).collect()
}

/// What a lambda of an item, and its position if it asks for that, is given.
fn item_and_position(name: &str, fields: &[ValueOrLambda<FieldRef, Option<FieldRef>>]) -> Result<Vec<FieldRef>> {
    let [ValueOrLambda::Value(list), ValueOrLambda::Lambda(_)] = fields else {
        return plan_err!("Binder Error: {name} takes a list and a lambda, such as lambda x: x + 1");
    };
    let DataType::List(item) = as_list(name, list.data_type())? else { return plan_err!("a list is wanted") };
    Ok(vec![item, Arc::new(Field::new("position", DataType::Int64, false))])
}
