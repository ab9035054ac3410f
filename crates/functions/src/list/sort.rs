//! Lists in order.

use arrow::array::{Array, ArrayRef};
use datafusion::common::exec_err;
use datafusion::error::Result;

use super::{comparable, items, picked};
use crate::scalar::{Call, Function, Gives, Kind, form, function};

const SORT: &[Kind] = &[Kind::List, Kind::Text, Kind::Text];

pub const FUNCTIONS: &[Function] = &[
    function(&["list_sort", "array_sort"], &[form(SORT, Gives::First, |call| sort(call, false)).optional(2)]),
    function(
        &["list_reverse_sort", "array_reverse_sort"],
        &[form(&[Kind::List, Kind::Text], Gives::First, |call| sort(call, true)).optional(1)],
    ),
    function(&["list_grade_up", "array_grade_up", "grade_up"], &[form(SORT, Gives::Ints, grade).optional(2)]),
];

/// Direction and place of NULL, as words say them: `ASC` and `NULLS FIRST` if they say nothing, as DuckDB's lists have it.
fn options(call: &Call, row: usize, reverse: bool) -> Result<(bool, bool)> {
    let word = |position: usize| call.has(position).then(|| call.text(position).value(row).trim().to_uppercase());
    let (direction, nulls) = if reverse { (None, word(1)) } else { (word(1), word(2)) };
    let descending = match direction.as_deref() {
        None => reverse,
        Some("ASC" | "ASCENDING") => false,
        Some("DESC" | "DESCENDING") => true,
        Some(other) => return exec_err!("{other:?} is not a direction; there are ASC and DESC"),
    };
    let nulls_first = match nulls.as_deref() {
        None => false,
        Some("NULLS FIRST") => true,
        Some("NULLS LAST") => false,
        Some(other) => return exec_err!("{other:?} does not place NULL; there are NULLS FIRST and NULLS LAST"),
    };
    Ok((descending, nulls_first))
}

/// The items of a row in order.
fn sorted(call: &Call, rows: &arrow::row::Rows, row: usize, reverse: bool) -> Result<Vec<usize>> {
    let list = call.list(0);
    let (descending, nulls_first) = options(call, row, reverse)?;
    let (mut present, nulls): (Vec<usize>, Vec<usize>) =
        items(list, row).partition(|item| list.values().is_valid(*item));
    present.sort_by(|a, b| {
        let order = rows.row(*a).cmp(&rows.row(*b));
        if descending { order.reverse() } else { order }
    });
    Ok(if nulls_first { [nulls, present].concat() } else { [present, nulls].concat() })
}

fn sort(call: &Call, reverse: bool) -> Result<ArrayRef> {
    let list = call.list(0);
    let rows = comparable(list.values())?;
    picked(call, list.values(), |row| {
        Ok(Some(sorted(call, &rows, row, reverse)?.into_iter().map(|item| Some(item as u64)).collect()))
    })
}

fn grade(call: &Call) -> Result<ArrayRef> {
    let list = call.list(0);
    let rows = comparable(list.values())?;
    let mut places: Vec<i64> = Vec::new();
    let lists = call.lists(|row| {
        let first = items(list, row).start;
        let sorted = sorted(call, &rows, row, false)?;
        places.extend(sorted.iter().map(|item| (item - first) as i64 + 1));
        Ok(Some(sorted.len()))
    })?;
    lists.of(super::shared(arrow::array::Int64Array::from(places)), call.gives)
}
