//! Making intervals, and what one can do with them.

use arrow::array::AsArray;
use arrow::datatypes::{IntervalMonthDayNano, IntervalMonthDayNanoType};
use datafusion::common::exec_datafusion_err;
use datafusion::error::Result;

use crate::scalar::{Function, Gives, Kind, form, function};

/// `to_days(2)` and its like: months, days or microseconds for each.
macro_rules! makers {
    ($(($name:literal, $months:literal, $days:literal, $micros:literal)),* $(,)?) => {
        &[$(function(&[$name], &[
            form(&[Kind::Int], Gives::Interval, |call| {
                call.primitives::<IntervalMonthDayNanoType>(|row| {
                    make(i128::from(call.int(0).value(row)), $months, $days, $micros).map(Some)
                })
            }),
            form(&[Kind::Double], Gives::Interval, |call| {
                call.primitives::<IntervalMonthDayNanoType>(|row| fraction(call.double(0).value(row), $months, $days, $micros).map(Some))
            }),
        ])),*,
        function(&["interval_times"], &[
            form(&[Kind::Interval, Kind::Int], Gives::Interval, |call| {
                let intervals = call.args[0].as_primitive::<IntervalMonthDayNanoType>();
                call.primitives::<IntervalMonthDayNanoType>(|row| {
                    let (interval, times) = (intervals.value(row), call.int(1).value(row));
                    times_over(interval, times).map(Some)
                })
            }),
        ]),
        function(&["normalized_interval"], &[form(&[Kind::Interval], Gives::Interval, |call| Ok(call.args[0].clone()))]),
        ]
    };
}

pub const FUNCTIONS: &[Function] = makers!(
    ("to_microseconds", 0, 0, 1),
    ("to_milliseconds", 0, 0, 1_000),
    ("to_seconds", 0, 0, 1_000_000),
    ("to_minutes", 0, 0, 60_000_000),
    ("to_hours", 0, 0, 3_600_000_000),
    ("to_days", 0, 1, 0),
    ("to_weeks", 0, 7, 0),
    ("to_months", 1, 0, 0),
    ("to_quarters", 3, 0, 0),
    ("to_years", 12, 0, 0),
    ("to_decades", 120, 0, 0),
    ("to_centuries", 1_200, 0, 0),
    ("to_millennia", 12_000, 0, 0),
);

fn make(count: i128, months: i128, days: i128, micros: i128) -> Result<IntervalMonthDayNano> {
    let out_of_range = || exec_datafusion_err!("an interval is out of range");
    Ok(IntervalMonthDayNano::new(
        i32::try_from(count * months).map_err(|_| out_of_range())?,
        i32::try_from(count * days).map_err(|_| out_of_range())?,
        i64::try_from(count * micros * 1_000).map_err(|_| out_of_range())?,
    ))
}

fn fraction(count: f64, months: i128, days: i128, micros: i128) -> Result<IntervalMonthDayNano> {
    if micros > 0 {
        return make((count * micros as f64).round() as i128, 0, 0, 1);
    }
    make(count.trunc() as i128, months, days, micros)
}

fn times_over(interval: IntervalMonthDayNano, times: i64) -> Result<IntervalMonthDayNano> {
    let out_of_range = || exec_datafusion_err!("an interval is out of range");
    let by = i32::try_from(times).map_err(|_| out_of_range())?;
    Ok(IntervalMonthDayNano::new(
        interval.months.checked_mul(by).ok_or_else(out_of_range)?,
        interval.days.checked_mul(by).ok_or_else(out_of_range)?,
        interval.nanoseconds.checked_mul(times).ok_or_else(out_of_range)?,
    ))
}
