//! Parts of dates and times as numbers.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, StructArray};
use arrow::datatypes::{DataType, Field, Float64Type, Int64Type, IntervalMonthDayNano, IntervalMonthDayNanoType};
use chrono::{Datelike, Timelike};
use datafusion::common::exec_err;
use datafusion::error::Result;

use super::calendar::{DAY, Moment, Part, of_day};
use crate::scalar::{Call, Form, Function, Gives, Kind, form, function};

/// `year(date)` and its like; the name of the function is that of the part.
macro_rules! part_functions {
    ($($name:literal),*) => {
        &[$(function(&[$name], &[
            form(&[Kind::Date], Gives::Int, |call| whole(call, 0, $name)),
            form(&[Kind::Timestamp], Gives::Int, |call| whole(call, 0, $name)),
            form(&[Kind::Instant], Gives::Int, |call| whole(call, 0, $name)),
            form(&[Kind::Interval], Gives::Int, |call| of_interval(call, 0, $name)),
        ])),*,
        function(&["epoch"], &[
            form(&[Kind::Date], Gives::Double, |call| number(call, 0, Part::Epoch)),
            form(&[Kind::Timestamp], Gives::Double, |call| number(call, 0, Part::Epoch)),
            form(&[Kind::Instant], Gives::Double, |call| number(call, 0, Part::Epoch)),
            form(&[Kind::Interval], Gives::Double, |call| number_of_interval(call, 0)),
        ]),
        function(&["julian"], &[
            form(&[Kind::Date], Gives::Double, |call| number(call, 0, Part::Julian)),
            form(&[Kind::Timestamp], Gives::Double, |call| number(call, 0, Part::Julian)),
            form(&[Kind::Instant], Gives::Double, |call| number(call, 0, Part::Julian)),
        ]),
        function(&["part_of_time"], &[PART_OF_DATE, PART, PART_OF_INSTANT, PART_OF_INTERVAL]),
        function(&["number_of_time"], &[
            form(&[Kind::Text, Kind::Date], Gives::Double, named_number),
            form(&[Kind::Text, Kind::Timestamp], Gives::Double, named_number),
            form(&[Kind::Text, Kind::Instant], Gives::Double, named_number),
            form(&[Kind::Text, Kind::Interval], Gives::Double, |call| number_of_interval(call, 1)),
        ]),
        function(&["parts_of_time"], &[
            form(&[Kind::Struct, Kind::Date], Gives::First, parts),
            form(&[Kind::Struct, Kind::Timestamp], Gives::First, parts),
            form(&[Kind::Struct, Kind::Instant], Gives::First, parts),
        ]),
        ]
    };
}

const PART_OF_DATE: Form = form(&[Kind::Text, Kind::Date], Gives::Int, named);
const PART: Form = form(&[Kind::Text, Kind::Timestamp], Gives::Int, named);
const PART_OF_INSTANT: Form = form(&[Kind::Text, Kind::Instant], Gives::Int, named);
const PART_OF_INTERVAL: Form = form(&[Kind::Text, Kind::Interval], Gives::Int, |call| {
    let intervals = call.args[1].as_primitive::<IntervalMonthDayNanoType>();
    call.primitives::<Int64Type>(|row| {
        interval_part(intervals.value(row), Part::named(call.text(0).value(row))?).map(Some)
    })
});

pub const FUNCTIONS: &[Function] = part_functions!(
    "year",
    "quarter",
    "month",
    "week",
    "weekofyear",
    "day",
    "dayofmonth",
    "dayofweek",
    "weekday",
    "isodow",
    "dayofyear",
    "isoyear",
    "yearweek",
    "hour",
    "minute",
    "second",
    "millisecond",
    "microsecond",
    "century",
    "decade",
    "millennium",
    "era",
    "timezone_hour",
    "timezone_minute"
);

fn whole(call: &Call, position: usize, name: &str) -> Result<ArrayRef> {
    let part = Part::named(name)?;
    let moments = Moment::of(&call.args[position])?;
    call.primitives::<Int64Type>(|row| value(&moments, row, part).map(Some))
}

fn named(call: &Call) -> Result<ArrayRef> {
    let moments = Moment::of(&call.args[1])?;
    call.primitives::<Int64Type>(|row| value(&moments, row, Part::named(call.text(0).value(row))?).map(Some))
}

/// The part as a number with a fraction: epoch and julian.
fn number(call: &Call, position: usize, part: Part) -> Result<ArrayRef> {
    let moments = Moment::of(&call.args[position])?;
    call.primitives::<Float64Type>(|row| Ok(Some(fraction(&moments, row, part))))
}

fn named_number(call: &Call) -> Result<ArrayRef> {
    let moments = Moment::of(&call.args[1])?;
    call.primitives::<Float64Type>(|row| {
        let part = Part::named(call.text(0).value(row))?;
        Ok(Some(fraction(&moments, row, part)))
    })
}

fn fraction(moments: &Moment, row: usize, part: Part) -> f64 {
    match part {
        Part::Julian => moments.micros(row) as f64 / DAY as f64 + 2_440_588.0,
        _ => moments.instant(row) as f64 / 1e6,
    }
}

fn value(moments: &Moment, row: usize, part: Part) -> Result<i64> {
    let time = moments.local(row)?;
    let year = i64::from(time.year());
    let micros = of_day(time) % 60_000_000;
    Ok(match part {
        Part::Millennium => (year - 1).div_euclid(1000) + 1,
        Part::Century => (year - 1).div_euclid(100) + 1,
        Part::Decade => year / 10,
        Part::Year => year,
        Part::IsoYear => i64::from(time.iso_week().year()),
        Part::Quarter => i64::from(time.month0() / 3 + 1),
        Part::Month => i64::from(time.month()),
        Part::Week => i64::from(time.iso_week().week()),
        Part::Day => i64::from(time.day()),
        Part::Hour => i64::from(time.hour()),
        Part::Minute => i64::from(time.minute()),
        Part::Second => micros / 1_000_000,
        Part::Millisecond => micros / 1_000,
        Part::Microsecond => micros,
        Part::DayOfWeek => i64::from(time.weekday().num_days_from_sunday()),
        Part::IsoDayOfWeek => i64::from(time.weekday().number_from_monday()),
        Part::DayOfYear => i64::from(time.ordinal()),
        Part::YearWeek => i64::from(time.iso_week().year()) * 100 + i64::from(time.iso_week().week()),
        Part::Era => i64::from(year > 0),
        Part::Epoch => moments.instant(row).div_euclid(1_000_000),
        Part::Julian => moments.micros(row).div_euclid(DAY) + 2_440_588,
        Part::Timezone => moments.offset(row),
        Part::TimezoneHour => moments.offset(row) / 3600,
        Part::TimezoneMinute => moments.offset(row) % 3600 / 60,
    })
}

fn of_interval(call: &Call, position: usize, name: &str) -> Result<ArrayRef> {
    let part = Part::named(name)?;
    let intervals = call.args[position].as_primitive::<IntervalMonthDayNanoType>();
    call.primitives::<Int64Type>(|row| interval_part(intervals.value(row), part).map(Some))
}

fn interval_part(interval: IntervalMonthDayNano, part: Part) -> Result<i64> {
    let months = i64::from(interval.months);
    let micros = interval.nanoseconds / 1_000;
    Ok(match part {
        Part::Millennium => months / 12_000,
        Part::Century => months / 1_200,
        Part::Decade => months / 120,
        Part::Year => months / 12,
        Part::Quarter => months % 12 / 3 + 1,
        Part::Month => months % 12,
        Part::Day => i64::from(interval.days),
        Part::Hour => micros / 3_600_000_000,
        Part::Minute => micros / 60_000_000 % 60,
        Part::Second => micros / 1_000_000 % 60,
        Part::Millisecond => micros / 1_000 % 60_000,
        Part::Microsecond => micros % 60_000_000,
        Part::Epoch => (seconds(interval)) as i64,
        other => return exec_err!("an interval has no {}", format!("{other:?}").to_lowercase()),
    })
}

/// A year counts 365.25 days, a month 30.
fn seconds(interval: IntervalMonthDayNano) -> f64 {
    let (years, months) = (f64::from(interval.months / 12), f64::from(interval.months % 12));
    (years * 365.25 + months * 30.0 + f64::from(interval.days)) * 86_400.0 + interval.nanoseconds as f64 / 1e9
}

fn number_of_interval(call: &Call, position: usize) -> Result<ArrayRef> {
    let intervals = call.args[position].as_primitive::<IntervalMonthDayNanoType>();
    call.primitives::<Float64Type>(|row| Ok(Some(seconds(intervals.value(row)))))
}

/// `date_part(['year', 'month'], date)`: the names of the parts are those of a struct's fields, put there by the planner.
fn parts(call: &Call) -> Result<ArrayRef> {
    let DataType::Struct(fields) = call.gives else { return exec_err!("the parts must be written out") };
    let moments = Moment::of(&call.args[1])?;
    let only = Call { args: &call.args[1..], rows: call.rows, gives: &DataType::Int64, settings: call.settings };
    let column = |field: &Arc<Field>| {
        let part = Part::named(field.name())?;
        only.primitives::<Int64Type>(|row| value(&moments, row, part).map(Some))
    };
    let columns = fields.iter().map(column).collect::<Result<Vec<ArrayRef>>>()?;
    Ok(Arc::new(StructArray::try_new(fields.clone(), columns, only.valid())?))
}
