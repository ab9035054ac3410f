//! Items and parts of lists.

use arrow::array::{Array, ArrayRef, AsArray, UInt64Array};
use arrow::compute::{cast, take};
use arrow::datatypes::{DataType, Int64Type};
use datafusion::common::exec_err;
use datafusion::error::Result;

use super::{items, picked};
use crate::scalar::{Call, Form, Function, Gives, Kind, form, function, item_of};

const ITEM: &[Form] = &[
    form(&[Kind::List, Kind::Int], Gives::With(|types| Ok(item_of(&types[0]))), item),
    form(&[Kind::Text, Kind::Int], Gives::Text, letter),
];

pub const FUNCTIONS: &[Function] = &[
    function(&["list_extract", "list_element", "array_extract"], ITEM),
    function(
        &["list_slice", "array_slice"],
        &[form(&[Kind::List, Kind::Any, Kind::Any, Kind::Any], Gives::First, slice).optional(1)],
    ),
    function(&["list_select", "array_select"], &[form(&[Kind::List, Kind::Ints], Gives::First, select)]),
    function(&["list_where", "array_where"], &[form(&[Kind::List, Kind::List], Gives::First, select_where)]),
    function(
        &["list_resize", "array_resize"],
        &[form(&[Kind::List, Kind::Int, Kind::Any], Gives::First, resize).optional(1)],
    ),
    function(
        &["list_reverse", "array_reverse"],
        &[form(&[Kind::List], Gives::First, |call| {
            let list = call.list(0);
            picked(call, list.values(), |row| Ok(Some(items(list, row).rev().map(|item| Some(item as u64)).collect())))
        })],
    ),
    function(&["array_pop_back", "list_pop_back"], &[form(&[Kind::List], Gives::First, |call| without(call, 0, 1))]),
    function(&["array_pop_front", "list_pop_front"], &[form(&[Kind::List], Gives::First, |call| without(call, 1, 0))]),
];

/// Where an index, counted from 1 or from the end, is among so many; `None` where there is nothing.
fn place(count: usize, index: i64) -> Option<usize> {
    let count = count as i64;
    let place = if index < 0 { count + index } else { index - 1 };
    (0..count).contains(&place).then_some(place as usize)
}

fn item(call: &Call) -> Result<ArrayRef> {
    let list = call.list(0);
    let indices = call.int(1);
    let each = |row: usize| {
        if list.is_null(row) || indices.is_null(row) {
            return None;
        }
        let range = items(list, row);
        place(range.len(), indices.value(row)).map(|place| (range.start + place) as u64)
    };
    Ok(take(list.values(), &UInt64Array::from((0..call.rows).map(each).collect::<Vec<_>>()), None)?)
}

fn letter(call: &Call) -> Result<ArrayRef> {
    call.texts(|row| {
        let text = call.text(0).value(row);
        let place = place(text.chars().count(), call.int(1).value(row));
        Ok(Some(place.and_then(|place| text.chars().nth(place)).map(String::from).unwrap_or_default()))
    })
}

/// The part of so many items that bounds, counted from 1 and included, name: first, and the one after the last.
pub fn bounds(count: i64, from: Option<i64>, to: Option<i64>) -> (i64, i64) {
    let place = |index: i64| if index < 0 { count.saturating_add(index).saturating_add(1) } else { index };
    let start = place(from.unwrap_or(1)).max(1) - 1;
    let end = place(to.unwrap_or(count)).min(count);
    (start, end.max(start))
}

fn slice(call: &Call) -> Result<ArrayRef> {
    let list = call.list(0);
    let whole = |position: usize| cast(&call.args[position], &DataType::Int64);
    let (from, to) = (whole(1)?, whole(2)?);
    let step = if call.has(3) { Some(whole(3)?) } else { None };
    let at = |bounds: &ArrayRef, row: usize| {
        let bounds = bounds.as_primitive::<Int64Type>();
        bounds.is_valid(row).then(|| bounds.value(row))
    };
    let only = Call { args: &call.args[..1], rows: call.rows, gives: call.gives, settings: call.settings };
    picked(&only, list.values(), |row| {
        let range = items(list, row);
        let (start, end) = bounds(range.len() as i64, at(&from, row), at(&to, row));
        let step = step.as_ref().and_then(|step| at(step, row)).unwrap_or(1);
        let Ok(stride) = usize::try_from(step.unsigned_abs()) else { return Ok(Some(Vec::new())) };
        if stride == 0 {
            return exec_err!("the step of a slice cannot be zero");
        }
        let part = (start..end).map(|item| Some((range.start as i64 + item) as u64));
        Ok(Some(if step < 0 { part.rev().step_by(stride).collect() } else { part.step_by(stride).collect() }))
    })
}

fn select(call: &Call) -> Result<ArrayRef> {
    let (list, wanted) = (call.list(0), call.list(1));
    picked(call, list.values(), |row| {
        let range = items(list, row);
        let indices = wanted.value(row);
        let each = |index: Option<i64>| {
            index.and_then(|index| place(range.len(), index)).map(|place| (range.start + place) as u64)
        };
        Ok(Some(indices.as_primitive::<Int64Type>().iter().map(each).collect()))
    })
}

fn select_where(call: &Call) -> Result<ArrayRef> {
    let (list, mask) = (call.list(0), call.list(1));
    picked(call, list.values(), |row| {
        let mask = cast(&mask.value(row), &DataType::Boolean)?;
        let kept = items(list, row).zip(mask.as_boolean().iter()).filter(|(_, keep)| *keep == Some(true));
        Ok(Some(kept.map(|(item, _)| Some(item as u64)).collect()))
    })
}

/// Longest list that `list_resize` makes.
const LONGEST: i64 = 10_000_000;

fn resize(call: &Call) -> Result<ArrayRef> {
    let list = call.list(0);
    let filling = match call.args.get(2) {
        Some(filling) => cast(filling, &item_of(call.gives))?,
        None => arrow::array::new_null_array(&item_of(call.gives), call.rows),
    };
    let values = arrow::compute::concat(&[list.values().as_ref(), filling.as_ref()])?;
    let only = Call { args: &call.args[..2], rows: call.rows, gives: call.gives, settings: call.settings };
    picked(&only, &values, |row| {
        let wanted = call.int(1).value(row);
        if !(0..=LONGEST).contains(&wanted) {
            return exec_err!("a list cannot have {wanted} items; at most {LONGEST}");
        }
        let range = items(list, row);
        let missing = (wanted as usize).saturating_sub(range.len());
        let kept = range.take(wanted as usize).map(|item| Some(item as u64));
        Ok(Some(kept.chain(std::iter::repeat_n(Some((list.values().len() + row) as u64), missing)).collect()))
    })
}

fn without(call: &Call, front: usize, back: usize) -> Result<ArrayRef> {
    let list = call.list(0);
    picked(call, list.values(), |row| {
        let range = items(list, row);
        let kept = range.start + front..range.end.saturating_sub(back).max(range.start);
        Ok(Some(kept.map(|item| Some(item as u64)).collect()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_included_and_may_count_from_the_end() {
        for (from, to, expected) in [
            (Some(1), Some(2), (0, 2)),
            (Some(2), None, (1, 3)),
            (None, Some(2), (0, 2)),
            (Some(-2), None, (1, 3)),
            (Some(1), Some(-1), (0, 3)),
            (Some(3), Some(1), (2, 2)),
            (None, None, (0, 3)),
        ] {
            assert_eq!(bounds(3, from, to), expected, "{from:?} {to:?}");
        }
    }
}
