//! Making dates and times out of numbers, and numbers out of them.

use arrow::array::ArrayRef;
use arrow::datatypes::{Date32Type, Int64Type, Time64MicrosecondType, TimestampMicrosecondType};
use chrono::NaiveDate;
use datafusion::common::{exec_datafusion_err, exec_err};
use datafusion::error::Result;

use super::calendar::{DAY, Moment, days};
use crate::scalar::{Call, Function, Gives, Kind, form, function};

const INT: &[Kind] = &[Kind::Int];
const DAY_OF: &[Kind] = &[Kind::Int, Kind::Int, Kind::Int];
const SIX: &[Kind] = &[Kind::Int, Kind::Int, Kind::Int, Kind::Int, Kind::Int, Kind::Double];

pub const FUNCTIONS: &[Function] = &[
    function(
        &["make_date"],
        &[
            form(DAY_OF, Gives::Date, |call| {
                call.primitives::<Date32Type>(|row| date(call, row).map(|date| Some(days(date))))
            }),
            form(INT, Gives::Date, |call| {
                call.primitives::<Date32Type>(|row| Ok(i32::try_from(call.int(0).value(row)).ok()))
            }),
        ],
    ),
    function(
        &["make_time"],
        &[form(&[Kind::Int, Kind::Int, Kind::Double], Gives::Time, |call| {
            call.primitives::<Time64MicrosecondType>(|row| time(call, row, 0).map(Some))
        })],
    ),
    function(
        &["make_timestamp"],
        &[form(SIX, Gives::Timestamp, make_timestamp), form(INT, Gives::Timestamp, |call| from_micros(call, 1))],
    ),
    function(&["make_timestamp_ms"], &[form(INT, Gives::Timestamp, |call| from_micros(call, 1_000))]),
    function(
        &["make_timestamptz"],
        &[form(SIX, Gives::Instant, make_timestamp), form(INT, Gives::Instant, |call| from_micros(call, 1))],
    ),
    function(
        &["to_timestamp"],
        &[form(&[Kind::Double], Gives::Instant, |call| {
            call.primitives::<TimestampMicrosecondType>(|row| {
                Ok(Some((call.double(0).value(row) * 1e6).round() as i64))
            })
        })],
    ),
    function(
        &["epoch_ms"],
        &[
            form(INT, Gives::Timestamp, |call| from_micros(call, 1_000)),
            form(&[Kind::Timestamp], Gives::Int, |call| epoch(call, 1, 1_000)),
            form(&[Kind::Instant], Gives::Int, |call| epoch(call, 1, 1_000)),
        ],
    ),
    function(
        &["epoch_us"],
        &[
            form(&[Kind::Timestamp], Gives::Int, |call| epoch(call, 1, 1)),
            form(&[Kind::Instant], Gives::Int, |call| epoch(call, 1, 1)),
        ],
    ),
    function(
        &["epoch_ns"],
        &[
            form(&[Kind::Timestamp], Gives::Int, |call| epoch(call, 1_000, 1)),
            form(&[Kind::Instant], Gives::Int, |call| epoch(call, 1_000, 1)),
        ],
    ),
];

fn number(call: &Call, position: usize, row: usize) -> u32 {
    u32::try_from(call.int(position).value(row)).unwrap_or(u32::MAX)
}

fn date(call: &Call, row: usize) -> Result<NaiveDate> {
    let year = call.int(0).value(row);
    let date = i32::try_from(year)
        .ok()
        .and_then(|year| NaiveDate::from_ymd_opt(year, number(call, 1, row), number(call, 2, row)));
    let written = || format!("{year}-{}-{}", call.int(1).value(row), call.int(2).value(row));
    date.ok_or_else(|| exec_datafusion_err!("{} is not a date", written()))
}

/// The microseconds of the day that three arguments say.
fn time(call: &Call, row: usize, first: usize) -> Result<i64> {
    let (hour, minute, second) =
        (call.int(first).value(row), call.int(first + 1).value(row), call.double(first + 2).value(row));
    if !(0..24).contains(&hour) || !(0..60).contains(&minute) || !(0.0..60.0).contains(&second) {
        return exec_err!("{hour}:{minute}:{second} is not a time");
    }
    Ok((hour * 60 + minute) * 60_000_000 + (second * 1e6).round() as i64)
}

fn make_timestamp(call: &Call) -> Result<ArrayRef> {
    call.primitives::<TimestampMicrosecondType>(|row| {
        Ok(Some(i64::from(days(date(call, row)?)) * DAY + time(call, row, 3)?))
    })
}

fn from_micros(call: &Call, unit: i64) -> Result<ArrayRef> {
    call.primitives::<TimestampMicrosecondType>(|row| match call.int(0).value(row).checked_mul(unit) {
        Some(micros) => Ok(Some(micros)),
        None => exec_err!("{} is out of range of TIMESTAMP", call.int(0).value(row)),
    })
}

fn epoch(call: &Call, times: i64, divided: i64) -> Result<ArrayRef> {
    let moments = Moment::of(&call.args[0])?;
    call.primitives::<Int64Type>(|row| Ok(moments.instant(row).div_euclid(divided).checked_mul(times)))
}
