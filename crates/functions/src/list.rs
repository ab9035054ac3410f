//! Functions of lists. Lists of any type are compared through Arrow's row format.

mod aggregate;
mod build;
mod compare;
mod pick;
mod series;
mod sort;
mod vector;

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ListArray, UInt64Array};
use arrow::compute::{cast, take};
use arrow::datatypes::DataType;
use arrow::row::{RowConverter, Rows, SortField};
use datafusion::common::plan_datafusion_err;
use datafusion::error::Result;
use datafusion::logical_expr::type_coercion::binary::comparison_coercion;

pub use compare::contains;
pub use pick::bounds as range;

use crate::scalar::{Call, Function, item_of, list_of};

/// All of them.
pub fn functions() -> impl Iterator<Item = &'static Function> {
    [
        aggregate::FUNCTIONS,
        build::FUNCTIONS,
        compare::FUNCTIONS,
        pick::FUNCTIONS,
        series::FUNCTIONS,
        sort::FUNCTIONS,
        vector::FUNCTIONS,
    ]
    .into_iter()
    .flatten()
}

/// Where the items of a row are among all values.
fn items(list: &ListArray, row: usize) -> Range<usize> {
    let offsets = list.value_offsets();
    offsets[row] as usize..offsets[row + 1] as usize
}

/// Lists made of values that are there already: `of` says which, for each row without NULL.
fn picked(
    call: &Call,
    values: &ArrayRef,
    mut of: impl FnMut(usize) -> Result<Option<Vec<Option<u64>>>>,
) -> Result<ArrayRef> {
    let mut indices: Vec<Option<u64>> = Vec::new();
    let lists = call.lists(|row| {
        Ok(of(row)?.map(|picked| {
            let count = picked.len();
            indices.extend(picked);
            count
        }))
    })?;
    let picked = take(values, &UInt64Array::from(indices), None)?;
    lists.of(picked, call.gives)
}

/// Values in a form in which those of any type can be compared.
fn comparable(values: &ArrayRef) -> Result<Rows> {
    let converter = RowConverter::new(vec![SortField::new(values.data_type().clone())])?;
    Ok(converter.convert_columns(std::slice::from_ref(values))?)
}

/// The type that items of both types can be.
fn common(left: &DataType, right: &DataType) -> Result<DataType> {
    if left == right || right.is_null() {
        return Ok(left.clone());
    }
    if left.is_null() {
        return Ok(right.clone());
    }
    comparison_coercion(left, right).ok_or_else(|| {
        plan_datafusion_err!("{} and {} have no type in common", model::sql_type(left), model::sql_type(right))
    })
}

/// Two lists of one type of items.
fn alike(left: &ArrayRef, right: &ArrayRef) -> Result<(ArrayRef, ArrayRef)> {
    let item = common(&item_of(left.data_type()), &item_of(right.data_type()))?;
    let to = list_of(item);
    Ok((cast(left, &to)?, cast(right, &to)?))
}

/// The type of a list that may hold the items of both lists.
fn wider(types: &[DataType]) -> Result<DataType> {
    let mut item = DataType::Null;
    for list in types {
        item = common(&item, &item_of(list))?;
    }
    Ok(list_of(item))
}

/// A shared column.
fn shared(array: impl Array + 'static) -> ArrayRef {
    Arc::new(array)
}
