//! `range` and `generate_series` as lists.

use arrow::array::{ArrayRef, AsArray, Int64Array, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, IntervalMonthDayNanoType, TimeUnit};
use datafusion::common::exec_err;
use datafusion::error::Result;

use super::shared;
use crate::scalar::{Call, Form, Function, Gives, Kind, form, function, list_of};
use crate::time::Moment;

const NUMBERS: &[Kind] = &[Kind::Int, Kind::Int, Kind::Int];
const TIMES: &[Kind] = &[Kind::Timestamp, Kind::Timestamp, Kind::Interval];
const TIME_LIST: Gives = Gives::With(|_| Ok(list_of(DataType::Timestamp(TimeUnit::Microsecond, None))));

pub const FUNCTIONS: &[Function] = &[
    function(
        &["range"],
        &[
            form(NUMBERS, Gives::Ints, |call| numbers(call, false)).optional(2),
            form(TIMES, TIME_LIST, |call| times(call, false)),
        ],
    ),
    function(
        &["generate_series"],
        &[
            form(NUMBERS, Gives::Ints, |call| numbers(call, true)).optional(2),
            form(TIMES, TIME_LIST, |call| times(call, true)),
        ],
    ),
    function(&["repeat_list"], &[REPEAT]),
];

/// Longest list that is made.
const LONGEST: usize = 10_000_000;

fn numbers(call: &Call, with_end: bool) -> Result<ArrayRef> {
    let mut items: Vec<i64> = Vec::new();
    let at = |position: usize, row: usize| call.int(position).value(row);
    let lists = call.lists(|row| {
        let (from, to) = if call.has(1) { (at(0, row), at(1, row)) } else { (0, at(0, row)) };
        let step = if call.has(2) { at(2, row) } else { 1 };
        if step == 0 {
            return exec_err!("the step of a series cannot be zero");
        }
        let before = items.len();
        let mut next = Some(from);
        while let Some(item) = next {
            if item == to && !with_end || step > 0 && item > to || step < 0 && item < to {
                break;
            }
            if items.len() - before >= LONGEST {
                return exec_err!("a list of more than {LONGEST} numbers; use range as a table: FROM range(…)");
            }
            items.push(item);
            next = item.checked_add(step);
        }
        Ok(Some(items.len() - before))
    })?;
    lists.of(shared(Int64Array::from(items)), call.gives)
}

fn times(call: &Call, with_end: bool) -> Result<ArrayRef> {
    let (from, to) = (Moment::of(&call.args[0])?, Moment::of(&call.args[1])?);
    let steps = call.args[2].as_primitive::<IntervalMonthDayNanoType>();
    let mut items: Vec<i64> = Vec::new();
    let lists = call.lists(|row| {
        let (mut time, end, step) = (from.micros(row), to.micros(row), steps.value(row));
        let forward = (i64::from(step.months), i64::from(step.days), step.nanoseconds) > (0, 0, 0);
        let before = items.len();
        loop {
            if time == end && !with_end || forward && time > end || !forward && time < end {
                break;
            }
            if items.len() - before >= LONGEST {
                return exec_err!("a list of more than {LONGEST} times");
            }
            items.push(time);
            let next = crate::time::later(time, step)?;
            if next == time || (next > time) != forward {
                return exec_err!("the step of a series must lead somewhere");
            }
            time = next;
        }
        Ok(Some(items.len() - before))
    })?;
    lists.of(shared(TimestampMicrosecondArray::from(items)), call.gives)
}

const REPEAT: Form = form(&[Kind::List, Kind::Int], Gives::First, |call| {
    let list = call.list(0);
    super::picked(call, list.values(), |row| {
        let times = usize::try_from(call.int(1).value(row)).unwrap_or(0);
        let range = super::items(list, row);
        if range.len().saturating_mul(times) > LONGEST {
            return exec_err!("a list of more than {LONGEST} items");
        }
        Ok(Some((0..times).flat_map(|_| range.clone()).map(|item| Some(item as u64)).collect()))
    })
});
