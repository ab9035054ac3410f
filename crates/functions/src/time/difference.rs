//! What lies between two times.

use arrow::array::ArrayRef;
use arrow::datatypes::{
    Date32Type, Int64Type, IntervalMonthDayNano, IntervalMonthDayNanoType, TimestampMicrosecondType,
};
use chrono::Datelike;
use datafusion::common::{exec_datafusion_err, exec_err};
use datafusion::error::Result;

use super::calendar::{DAY, Moment, Part, add_months, micros, months, naive, of_day};
use crate::scalar::{Call, Form, Function, Gives, Kind, form, function};

const DIFFERENCE: &[Form] = &[
    form(&[Kind::Text, Kind::Timestamp, Kind::Timestamp], Gives::Int, |call| between(call, crossed)),
    form(&[Kind::Text, Kind::Instant, Kind::Instant], Gives::Int, |call| between(call, crossed)),
];

const WHOLE: &[Form] = &[
    form(&[Kind::Text, Kind::Timestamp, Kind::Timestamp], Gives::Int, |call| between(call, whole)),
    form(&[Kind::Text, Kind::Instant, Kind::Instant], Gives::Int, |call| between(call, whole)),
];

pub const FUNCTIONS: &[Function] = &[
    function(&["date_diff", "datediff"], DIFFERENCE),
    function(&["date_sub", "datesub"], WHOLE),
    function(
        &["age"],
        &[
            form(&[Kind::Timestamp, Kind::Timestamp], Gives::Interval, age),
            form(&[Kind::Instant, Kind::Instant], Gives::Interval, age),
        ],
    ),
    // date + 5, and what the operator `-` means between times.
    function(&["days_after"], &[form(&[Kind::Date, Kind::Int], Gives::Date, days_after)]),
    function(
        &["days_between"],
        &[form(&[Kind::Date, Kind::Date], Gives::Int, |call| {
            let (left, right) = (Moment::of(&call.args[0])?, Moment::of(&call.args[1])?);
            call.primitives::<Int64Type>(|row| Ok(Some((left.micros(row) - right.micros(row)) / DAY)))
        })],
    ),
    function(
        &["time_between"],
        &[
            form(&[Kind::Timestamp, Kind::Timestamp], Gives::Interval, time_between),
            form(&[Kind::Instant, Kind::Instant], Gives::Interval, time_between),
        ],
    ),
    function(
        &["time_after"],
        &[
            form(&[Kind::Timestamp, Kind::Interval], Gives::Timestamp, time_after),
            form(&[Kind::Instant, Kind::Interval], Gives::First, time_after),
        ],
    ),
];

fn between(call: &Call, count: fn(Part, i64, i64) -> Result<i64>) -> Result<ArrayRef> {
    let (from, to) = (Moment::of(&call.args[1])?, Moment::of(&call.args[2])?);
    call.primitives::<Int64Type>(|row| {
        count(Part::named(call.text(0).value(row))?, from.micros(row), to.micros(row)).map(Some)
    })
}

/// How many ends of a year, month, … lie between two times.
fn crossed(part: Part, from: i64, to: i64) -> Result<i64> {
    let by = |unit: i64| Ok(to.div_euclid(unit) - from.div_euclid(unit));
    let (start, end) = (naive(from)?, naive(to)?);
    let years = |unit: i64| Ok(i64::from(end.year()).div_euclid(unit) - i64::from(start.year()).div_euclid(unit));
    match part {
        Part::Microsecond => Ok(to - from),
        Part::Millisecond => by(1_000),
        Part::Second | Part::Epoch => by(1_000_000),
        Part::Minute => by(60_000_000),
        Part::Hour => by(3_600_000_000),
        Part::Day | Part::DayOfWeek | Part::IsoDayOfWeek | Part::DayOfYear | Part::Julian => by(DAY),
        Part::Week | Part::YearWeek => Ok((to.div_euclid(DAY) - from.div_euclid(DAY)) / 7),
        Part::Month => Ok(months(end) - months(start)),
        Part::Quarter => Ok(months(end).div_euclid(3) - months(start).div_euclid(3)),
        Part::Year => years(1),
        Part::IsoYear => Ok(i64::from(end.iso_week().year() - start.iso_week().year())),
        Part::Decade => years(10),
        Part::Century => {
            Ok((i64::from(end.year()) - 1).div_euclid(100) - (i64::from(start.year()) - 1).div_euclid(100))
        }
        Part::Millennium => {
            Ok((i64::from(end.year()) - 1).div_euclid(1000) - (i64::from(start.year()) - 1).div_euclid(1000))
        }
        other => exec_err!("times do not differ by {}", format!("{other:?}").to_lowercase()),
    }
}

/// How many whole years, months, … lie between two times.
fn whole(part: Part, from: i64, to: i64) -> Result<i64> {
    let by = |unit: i64| Ok((to - from) / unit);
    let by_months = |unit: i64| Ok(whole_months(from, to)? / unit);
    match part {
        Part::Microsecond => Ok(to - from),
        Part::Millisecond => by(1_000),
        Part::Second | Part::Epoch => by(1_000_000),
        Part::Minute => by(60_000_000),
        Part::Hour => by(3_600_000_000),
        Part::Day | Part::DayOfWeek | Part::IsoDayOfWeek | Part::DayOfYear | Part::Julian => by(DAY),
        Part::Week | Part::YearWeek => by(7 * DAY),
        Part::Month => by_months(1),
        Part::Quarter => by_months(3),
        Part::Year | Part::IsoYear => by_months(12),
        Part::Decade => by_months(120),
        Part::Century => by_months(1_200),
        Part::Millennium => by_months(12_000),
        other => exec_err!("times do not differ by {}", format!("{other:?}").to_lowercase()),
    }
}

fn whole_months(from: i64, to: i64) -> Result<i64> {
    if from > to {
        return Ok(-whole_months(to, from)?);
    }
    let (start, end) = (naive(from)?, naive(to)?);
    let count = months(end) - months(start);
    // The last day of a month completes it, also where the first month had more days.
    let last = end.date().succ_opt().is_some_and(|next| next.month() != end.month());
    let complete = (end.day(), of_day(end)) >= (start.day(), of_day(start))
        || last && start.day() > end.day() && of_day(end) >= of_day(start);
    Ok(if complete { count } else { count - 1 })
}

/// Years, months and days as people count them, then the time.
fn age(call: &Call) -> Result<ArrayRef> {
    let (later, earlier) = (Moment::of(&call.args[0])?, Moment::of(&call.args[1])?);
    call.primitives::<IntervalMonthDayNanoType>(|row| {
        let (to, from) = (later.micros(row), earlier.micros(row));
        let (first, last, sign) = if from <= to { (from, to, 1) } else { (to, from, -1) };
        let (start, end) = (naive(first)?, naive(last)?);
        let mut passed = months(end) - months(start);
        if add_months(start, passed)? > end
            || end.day() < start.day() && passed > 0 && micros(add_months(start, passed)?) > last
        {
            passed -= 1;
        }
        let rest = last - micros(add_months(start, passed)?);
        let interval = IntervalMonthDayNano::new(
            sign * i32::try_from(passed).unwrap_or(i32::MAX),
            sign * i32::try_from(rest / DAY).unwrap_or(i32::MAX),
            i64::from(sign) * (rest % DAY) * 1_000,
        );
        Ok(Some(interval))
    })
}

fn days_after(call: &Call) -> Result<ArrayRef> {
    let moments = Moment::of(&call.args[0])?;
    call.primitives::<Date32Type>(|row| {
        let day = i32::try_from(moments.micros(row) / DAY).ok();
        let by = i32::try_from(call.int(1).value(row)).ok();
        match day.zip(by).and_then(|(day, by)| day.checked_add(by)) {
            Some(day) => Ok(Some(day)),
            None => exec_err!("a date is out of range"),
        }
    })
}

fn time_between(call: &Call) -> Result<ArrayRef> {
    let (left, right) = (Moment::of(&call.args[0])?, Moment::of(&call.args[1])?);
    call.primitives::<IntervalMonthDayNanoType>(|row| {
        let passed = left.instant(row) - right.instant(row);
        let days = i32::try_from(passed / DAY).map_err(|_| exec_datafusion_err!("an interval is out of range"))?;
        Ok(Some(IntervalMonthDayNano::new(0, days, passed % DAY * 1_000)))
    })
}

fn time_after(call: &Call) -> Result<ArrayRef> {
    use arrow::array::AsArray;
    let moments = Moment::of(&call.args[0])?;
    let intervals = call.args[1].as_primitive::<IntervalMonthDayNanoType>();
    call.primitives::<TimestampMicrosecondType>(|row| {
        let interval = intervals.value(row);
        let day = add_months(moments.local(row)?, i64::from(interval.months))?;
        let local = micros(day) + i64::from(interval.days) * DAY;
        Ok(Some(moments.kept(local)? + interval.nanoseconds / 1_000))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crossed_and_whole() {
        let at = |text: &str| micros(text.parse().unwrap());
        let (a, b) = (at("2026-01-01T00:59:00"), at("2026-01-01T02:01:00"));
        assert_eq!((crossed(Part::Hour, a, b).unwrap(), whole(Part::Hour, a, b).unwrap()), (2, 1));
        let (a, b) = (at("2026-01-31T00:00:00"), at("2026-02-28T00:00:00"));
        assert_eq!((crossed(Part::Month, a, b).unwrap(), whole(Part::Month, a, b).unwrap()), (1, 1));
        assert_eq!(crossed(Part::Week, at("2026-01-04T00:00:00"), at("2026-01-20T00:00:00")).unwrap(), 2);
        assert_eq!(crossed(Part::Year, at("2026-01-01T00:00:00"), at("2025-12-31T00:00:00")).unwrap(), -1);
    }
}
