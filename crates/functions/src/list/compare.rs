//! Looking for items, and lists as sets.

use std::collections::HashSet;

use arrow::array::{Array, ArrayRef, AsArray, ListArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int32Type, Int64Type};
use arrow::row::{Row, RowConverter, Rows, SortField};
use datafusion::error::Result;

use super::{alike, common, comparable, items, picked};
use crate::scalar::{Call, Function, Gives, Kind, form, function, item_of, list_of};

const ITEM: &[Kind] = &[Kind::List, Kind::Any];
const TWO: &[Kind] = &[Kind::List, Kind::List];

pub const FUNCTIONS: &[Function] = &[
    function(&["list_contains", "array_contains", "list_has", "array_has"], &[form(ITEM, Gives::Bool, contains)]),
    function(
        &["list_position", "list_indexof", "array_position", "array_indexof"],
        &[form(ITEM, Gives::Int32, position)],
    ),
    function(
        &["list_has_any", "array_has_any"],
        &[form(TWO, Gives::Bool, |call| both(call, |left, right| right.iter().any(|item| left.contains(item))))],
    ),
    function(
        &["list_has_all", "array_has_all"],
        &[form(TWO, Gives::Bool, |call| both(call, |left, right| right.iter().all(|item| left.contains(item))))],
    ),
    function(&["list_distinct", "array_distinct"], &[form(&[Kind::List], Gives::First, distinct)]),
    function(
        &["list_unique", "array_unique"],
        &[form(&[Kind::List], Gives::With(|_| Ok(DataType::UInt64)), |call| {
            let list = call.list(0);
            let rows = comparable(list.values())?;
            call.primitives::<Int64Type>(|row| {
                let kept = items(list, row).filter(|item| list.values().is_valid(*item)).map(|item| rows.row(item));
                Ok(Some(kept.collect::<HashSet<_>>().len() as i64))
            })
        })],
    ),
    function(&["list_intersect", "array_intersect"], &[form(TWO, Gives::First, intersect)]),
];

/// Finds an item in each row's list: its position from 0. A NULL is not looked for.
fn find(call: &Call, mut found: impl FnMut(usize, Option<usize>)) -> Result<()> {
    let item = common(&item_of(call.args[0].data_type()), call.args[1].data_type())?;
    let list = cast(&call.args[0], &list_of(item.clone()))?;
    let list = list.as_list::<i32>();
    let wanted = cast(&call.args[1], &item)?;
    let converter = RowConverter::new(vec![SortField::new(item)])?;
    let rows = converter.convert_columns(std::slice::from_ref(list.values()))?;
    let wanted_rows = converter.convert_columns(std::slice::from_ref(&wanted))?;
    for row in 0..call.rows {
        if list.is_valid(row) {
            found(row, items(list, row).position(|item| rows.row(item) == wanted_rows.row(row)));
        }
    }
    Ok(())
}

/// `list_contains(list, item)`.
pub fn contains(call: &Call) -> Result<ArrayRef> {
    let mut places = vec![None; call.rows];
    find(call, |row, place| places[row] = place)?;
    call.bools(|row| Ok(Some(places[row].is_some())))
}

fn position(call: &Call) -> Result<ArrayRef> {
    let mut places = vec![None; call.rows];
    find(call, |row, place| places[row] = place)?;
    let only = Call { args: &call.args[..1], rows: call.rows, gives: call.gives, settings: call.settings };
    only.primitives::<Int32Type>(|row| Ok(places[row].and_then(|place| i32::try_from(place + 1).ok())))
}

/// Asks about the items of two lists that are not NULL.
fn both(call: &Call, ask: for<'r> fn(&HashSet<Row<'r>>, &HashSet<Row<'r>>) -> bool) -> Result<ArrayRef> {
    let (left, right) = alike(&call.args[0], &call.args[1])?;
    let (left, right) = (left.as_list::<i32>(), right.as_list::<i32>());
    let converter = RowConverter::new(vec![SortField::new(left.value_type())])?;
    let left_rows = converter.convert_columns(std::slice::from_ref(left.values()))?;
    let right_rows = converter.convert_columns(std::slice::from_ref(right.values()))?;
    call.bools(|row| Ok(Some(ask(&set(left, &left_rows, row), &set(right, &right_rows, row)))))
}

/// The items of a row that are not NULL.
fn set<'a>(list: &ListArray, rows: &'a Rows, row: usize) -> HashSet<Row<'a>> {
    items(list, row).filter(|item| list.values().is_valid(*item)).map(|item| rows.row(item)).collect()
}

fn distinct(call: &Call) -> Result<ArrayRef> {
    let list = call.list(0);
    let rows = comparable(list.values())?;
    picked(call, list.values(), |row| {
        let mut seen = HashSet::new();
        let first = items(list, row).filter(|item| list.values().is_valid(*item) && seen.insert(rows.row(*item)));
        Ok(Some(first.map(|item| Some(item as u64)).collect()))
    })
}

fn intersect(call: &Call) -> Result<ArrayRef> {
    let (left, right) = alike(&call.args[0], &call.args[1])?;
    let (left, right) = (left.as_list::<i32>(), right.as_list::<i32>());
    let converter = RowConverter::new(vec![SortField::new(left.value_type())])?;
    let left_rows = converter.convert_columns(std::slice::from_ref(left.values()))?;
    let right_rows = converter.convert_columns(std::slice::from_ref(right.values()))?;
    picked(call, left.values(), |row| {
        let there: HashSet<_> = items(right, row).map(|item| right_rows.row(item)).collect();
        let mut seen = HashSet::new();
        let kept = items(left, row).filter(|item| {
            let found = left_rows.row(*item);
            left.values().is_valid(*item) && there.contains(&found) && seen.insert(found)
        });
        Ok(Some(kept.map(|item| Some(item as u64)).collect()))
    })
}
