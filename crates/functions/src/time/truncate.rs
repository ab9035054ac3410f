//! The beginning of the year, month, hour … that a time is in.

use arrow::array::{ArrayRef, AsArray};
use arrow::datatypes::{Date32Type, IntervalMonthDayNanoType, TimestampMicrosecondType};
use chrono::{Datelike, NaiveDate, NaiveDateTime};
use datafusion::common::{exec_datafusion_err, exec_err};
use datafusion::error::Result;

use super::calendar::{DAY, Moment, Part, add_months, days, micros, months, naive};
use crate::scalar::{Call, Function, Gives, Kind, form, function};

pub const FUNCTIONS: &[Function] = &[
    function(
        &["date_trunc", "datetrunc"],
        &[
            form(&[Kind::Text, Kind::Timestamp], Gives::Timestamp, truncate),
            form(&[Kind::Text, Kind::Instant], Gives::With(|types| Ok(types[1].clone())), truncate),
            form(&[Kind::Text, Kind::Interval], Gives::Interval, truncate_interval),
        ],
    ),
    function(
        &["time_bucket"],
        &[
            form(&[Kind::Interval, Kind::Date], Gives::Date, bucket_of_date),
            form(&[Kind::Interval, Kind::Timestamp, Kind::Timestamp], Gives::Timestamp, bucket).optional(1),
            form(&[Kind::Interval, Kind::Instant], Gives::With(|types| Ok(types[1].clone())), bucket),
        ],
    ),
    function(&["last_day"], &[form(&[Kind::Timestamp], Gives::Date, last_day)]),
    function(&["days_in_month"], &[form(&[Kind::Timestamp], Gives::Int, days_in_month)]),
];

fn truncate(call: &Call) -> Result<ArrayRef> {
    let moments = Moment::of(&call.args[1])?;
    let mut last: Option<(String, Part)> = None;
    call.primitives::<TimestampMicrosecondType>(|row| {
        let name = call.text(0).value(row);
        let part = match &last {
            Some((known, part)) if known == name => *part,
            _ => {
                let part = Part::named(name)?;
                last = Some((name.to_owned(), part));
                part
            }
        };
        moments.kept(beginning(moments.micros(row), part)?).map(Some)
    })
}

fn beginning(time: i64, part: Part) -> Result<i64> {
    let to = |unit: i64| Ok(time - time.rem_euclid(unit));
    let date = |year: i32, month: u32| {
        let first = NaiveDate::from_ymd_opt(year, month, 1);
        first.map(|first| i64::from(days(first)) * DAY).ok_or_else(|| exec_datafusion_err!("a date is out of range"))
    };
    match part {
        Part::Microsecond => return Ok(time),
        Part::Millisecond => return to(1_000),
        Part::Second | Part::Epoch => return to(1_000_000),
        Part::Minute => return to(60_000_000),
        Part::Hour => return to(3_600_000_000),
        Part::Day | Part::DayOfWeek | Part::IsoDayOfWeek | Part::DayOfYear | Part::Julian => return to(DAY),
        // The first of January 1970 was a Thursday.
        Part::Week | Part::YearWeek => return Ok(time - (time + 3 * DAY).rem_euclid(7 * DAY)),
        _ => {}
    }
    let day = naive(time)?.date();
    let to_years = |years: i32| date(day.year().div_euclid(years) * years, 1);
    match part {
        Part::Month => date(day.year(), day.month()),
        Part::Quarter => date(day.year(), day.month0() / 3 * 3 + 1),
        Part::Year => date(day.year(), 1),
        Part::IsoYear => beginning(date(day.iso_week().year(), 1)? + 3 * DAY, Part::Week),
        Part::Decade => to_years(10),
        Part::Century => to_years(100),
        Part::Millennium => to_years(1000),
        other => exec_err!("a time cannot be cut off to {}", format!("{other:?}").to_lowercase()),
    }
}

fn truncate_interval(call: &Call) -> Result<ArrayRef> {
    let intervals = call.args[1].as_primitive::<IntervalMonthDayNanoType>();
    call.primitives::<IntervalMonthDayNanoType>(|row| {
        let mut interval = intervals.value(row);
        let part = Part::named(call.text(0).value(row))?;
        let unit = |unit: i64| interval.nanoseconds - interval.nanoseconds % unit;
        match part {
            Part::Microsecond => interval.nanoseconds = unit(1_000),
            Part::Millisecond => interval.nanoseconds = unit(1_000_000),
            Part::Second => interval.nanoseconds = unit(1_000_000_000),
            Part::Minute => interval.nanoseconds = unit(60_000_000_000),
            Part::Hour => interval.nanoseconds = unit(3_600_000_000_000),
            Part::Day => interval.nanoseconds = 0,
            Part::Week => (interval.days, interval.nanoseconds) = (interval.days / 7 * 7, 0),
            other => {
                let months = match other {
                    Part::Month => 1,
                    Part::Quarter => 3,
                    Part::Year => 12,
                    Part::Decade => 120,
                    Part::Century => 1_200,
                    _ => 12_000,
                };
                (interval.months, interval.days, interval.nanoseconds) = (interval.months / months * months, 0, 0);
            }
        }
        Ok(Some(interval))
    })
}

/// Where buckets of days and shorter begin to be counted: a Monday.
const MONDAY: i64 = 10_959 * DAY;

fn start_of_bucket(call: &Call, row: usize, time: i64, origin: Option<i64>) -> Result<i64> {
    let width = call.args[0].as_primitive::<IntervalMonthDayNanoType>().value(row);
    if width.months != 0 {
        if width.days != 0 || width.nanoseconds != 0 || width.months < 0 {
            return exec_err!("a bucket is either of months or of days and shorter, and not negative");
        }
        let from = naive(origin.unwrap_or(MONDAY - 2 * DAY))?;
        let passed = months(naive(time)?) - months(from);
        let bucket = passed.div_euclid(i64::from(width.months)) * i64::from(width.months);
        let start = micros(add_months(from, bucket)?);
        return Ok(if start > time { micros(add_months(from, bucket - i64::from(width.months))?) } else { start });
    }
    let length = i64::from(width.days) * DAY + width.nanoseconds / 1_000;
    if length <= 0 {
        return exec_err!("a bucket must be longer than nothing");
    }
    let from = origin.unwrap_or(MONDAY);
    Ok(time - (time - from).rem_euclid(length))
}

fn bucket(call: &Call) -> Result<ArrayRef> {
    let moments = Moment::of(&call.args[1])?;
    let origins = call.args.get(2).map(Moment::of).transpose()?;
    call.primitives::<TimestampMicrosecondType>(|row| {
        let origin = origins.as_ref().map(|origins| origins.micros(row));
        moments.kept(start_of_bucket(call, row, moments.micros(row), origin)?).map(Some)
    })
}

fn bucket_of_date(call: &Call) -> Result<ArrayRef> {
    let moments = Moment::of(&call.args[1])?;
    call.primitives::<Date32Type>(|row| {
        let start = start_of_bucket(call, row, moments.micros(row), None)?;
        Ok(i32::try_from(start.div_euclid(DAY)).ok())
    })
}

fn end_of_month(time: NaiveDateTime) -> Result<NaiveDate> {
    let first = time.date().with_day(1).expect("every month has a first day");
    let next = add_months(first.and_time(chrono::NaiveTime::MIN), 1)?;
    next.date().pred_opt().ok_or_else(|| exec_datafusion_err!("a date is out of range"))
}

fn last_day(call: &Call) -> Result<ArrayRef> {
    let moments = Moment::of(&call.args[0])?;
    call.primitives::<Date32Type>(|row| Ok(Some(days(end_of_month(moments.local(row)?)?))))
}

fn days_in_month(call: &Call) -> Result<ArrayRef> {
    let moments = Moment::of(&call.args[0])?;
    call.primitives::<arrow::datatypes::Int64Type>(|row| Ok(Some(i64::from(end_of_month(moments.local(row)?)?.day()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_begin_on_mondays() {
        let day = |y, m, d| i64::from(days(NaiveDate::from_ymd_opt(y, m, d).unwrap())) * DAY;
        assert_eq!(beginning(day(2026, 3, 4) + 5, Part::Week).unwrap(), day(2026, 3, 2));
        assert_eq!(beginning(day(2026, 3, 4), Part::Quarter).unwrap(), day(2026, 1, 1));
        assert_eq!(beginning(day(2026, 3, 4), Part::Decade).unwrap(), day(2020, 1, 1));
        assert_eq!(beginning(day(2027, 1, 1), Part::IsoYear).unwrap(), day(2025, 12, 29));
        assert_eq!(beginning(-1, Part::Day).unwrap(), -DAY);
    }
}
