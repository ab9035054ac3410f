//! Lists out of lists and items.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StructArray, UInt64Array, new_null_array};
use arrow::compute::{cast, concat, take};
use arrow::datatypes::{DataType, Field, Fields};
use datafusion::error::Result;

use super::{common, items, picked, wider};
use crate::scalar::{Call, Function, Gives, Kind, form, function, item_of, list_of};

pub const FUNCTIONS: &[Function] = &[
    function(
        &["list_append", "array_append", "array_push_back", "list_push_back"],
        &[form(&[Kind::List, Kind::Any], Gives::With(|types| with_item(&types[0], &types[1])), |call| {
            add(call, 0, 1, false)
        })],
    ),
    function(
        &["list_prepend", "array_prepend"],
        &[form(&[Kind::Any, Kind::List], Gives::With(|types| with_item(&types[1], &types[0])), |call| {
            add(call, 1, 0, true)
        })],
    ),
    function(
        &["array_push_front", "list_push_front"],
        &[form(&[Kind::List, Kind::Any], Gives::With(|types| with_item(&types[0], &types[1])), |call| {
            add(call, 0, 1, true)
        })],
    ),
    function(
        &["list_concat", "list_cat", "array_concat", "array_cat"],
        &[form(&[Kind::List], Gives::With(wider), join).repeats()],
    ),
    function(&["flatten"], &[form(&[Kind::List], Gives::With(|types| Ok(item_of(&types[0]))), flatten)]),
    function(&["list_zip", "array_zip"], &[form(&[Kind::List], Gives::With(zipped), zip).repeats()]),
];

fn with_item(list: &DataType, item: &DataType) -> Result<DataType> {
    Ok(list_of(common(&item_of(list), item)?))
}

/// A list that is NULL counts as empty.
fn present<'a>(call: &Call<'a>) -> Call<'a> {
    Call { args: &[], rows: call.rows, gives: call.gives, settings: call.settings }
}

fn add(call: &Call, list: usize, item: usize, before: bool) -> Result<ArrayRef> {
    let list = cast(&call.args[list], call.gives)?;
    let list = list.as_list::<i32>();
    let item = cast(&call.args[item], &item_of(call.gives))?;
    let values = concat(&[list.values().as_ref(), item.as_ref()])?;
    picked(&present(call), &values, |row| {
        let added = Some((list.values().len() + row) as u64);
        let there = if list.is_valid(row) { items(list, row) } else { 0..0 };
        let there = there.map(|item| Some(item as u64));
        Ok(Some(if before { std::iter::once(added).chain(there).collect() } else { there.chain([added]).collect() }))
    })
}

fn join(call: &Call) -> Result<ArrayRef> {
    let lists = call.args.iter().map(|list| Ok(cast(list, call.gives)?)).collect::<Result<Vec<ArrayRef>>>()?;
    let lists: Vec<_> = lists.iter().map(|list| list.as_list::<i32>()).collect();
    if lists.is_empty() {
        return Ok(new_null_array(call.gives, call.rows));
    }
    let values: Vec<&dyn Array> = lists.iter().map(|list| list.values().as_ref()).collect();
    let values = concat(&values)?;
    picked(&present(call), &values, |row| {
        let mut joined = Vec::new();
        let mut before = 0;
        for list in &lists {
            if list.is_valid(row) {
                joined.extend(items(list, row).map(|item| Some((before + item) as u64)));
            }
            before += list.values().len();
        }
        Ok(lists.iter().any(|list| list.is_valid(row)).then_some(joined))
    })
}

fn flatten(call: &Call) -> Result<ArrayRef> {
    let outer = call.list(0);
    let Some(inner) = outer.values().as_list_opt::<i32>() else { return Ok(new_null_array(call.gives, call.rows)) };
    picked(call, inner.values(), |row| {
        let lists = items(outer, row).filter(|list| inner.is_valid(*list));
        Ok(Some(lists.flat_map(|list| items(inner, list)).map(|item| Some(item as u64)).collect()))
    })
}

/// A list of structs without names, which are the positions of their fields.
fn zipped(types: &[DataType]) -> Result<DataType> {
    let fields =
        types.iter().enumerate().map(|(position, list)| Field::new(format!("c{position}"), item_of(list), true));
    Ok(list_of(DataType::Struct(fields.collect())))
}

fn zip(call: &Call) -> Result<ArrayRef> {
    let lists: Vec<_> = (0..call.args.len()).map(|position| call.list(position)).collect();
    let mut picks: Vec<Vec<Option<u64>>> = vec![Vec::new(); lists.len()];
    let made = present(call).lists(|row| {
        let ranges: Vec<_> =
            lists.iter().map(|list| if list.is_valid(row) { items(list, row) } else { 0..0 }).collect();
        let longest = ranges.iter().map(ExactSizeIterator::len).max().unwrap_or(0);
        for (range, picks) in ranges.iter().zip(&mut picks) {
            picks.extend((0..longest).map(|item| (item < range.len()).then(|| (range.start + item) as u64)));
        }
        Ok(Some(longest))
    })?;
    let DataType::Struct(fields) = item_of(call.gives) else { return Ok(new_null_array(call.gives, call.rows)) };
    let fields: Fields = fields;
    let columns =
        lists.iter().zip(picks).map(|(list, picks)| Ok(take(list.values(), &UInt64Array::from(picks), None)?));
    let structs = StructArray::try_new(fields, columns.collect::<Result<Vec<ArrayRef>>>()?, None)?;
    made.of(Arc::new(structs), call.gives)
}
