//! Moments as years, months, days and microseconds of the day.

use arrow::array::timezone::Tz;
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Date32Type, TimestampMicrosecondType};
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone, Timelike};
use datafusion::common::{exec_datafusion_err, exec_err};
use datafusion::error::Result;

/// Microseconds of a day.
pub const DAY: i64 = 86_400_000_000;

/// Days from the first of January of year 1 to the one of 1970.
const EPOCH: i32 = 719_163;

/// Dates, timestamps or instants, read as local times.
pub struct Moment<'a> {
    column: Column<'a>,
    zone: Option<Tz>,
}

enum Column<'a> {
    Days(&'a arrow::array::Date32Array),
    Micros(&'a arrow::array::TimestampMicrosecondArray),
}

impl<'a> Moment<'a> {
    /// Of a column that a `Date`, `Timestamp` or `Instant` argument is.
    pub fn of(column: &'a ArrayRef) -> Result<Self> {
        let zone = match column.data_type() {
            DataType::Timestamp(_, Some(zone)) => Some(zone.parse()?),
            _ => None,
        };
        let column = match column.data_type() {
            DataType::Date32 => Column::Days(column.as_primitive::<Date32Type>()),
            DataType::Timestamp(..) => Column::Micros(column.as_primitive::<TimestampMicrosecondType>()),
            other => return exec_err!("{other} is not a point in time"),
        };
        Ok(Self { column, zone })
    }

    /// Microseconds since 1970 on the clock of the zone.
    pub fn micros(&self, row: usize) -> i64 {
        match (&self.column, &self.zone) {
            (Column::Days(days), _) => i64::from(days.value(row)) * DAY,
            (Column::Micros(micros), None) => micros.value(row),
            (Column::Micros(micros), Some(zone)) => local(micros.value(row), zone),
        }
    }

    /// Microseconds since 1970 in UTC.
    pub fn instant(&self, row: usize) -> i64 {
        match &self.column {
            Column::Days(days) => i64::from(days.value(row)) * DAY,
            Column::Micros(micros) => micros.value(row),
        }
    }

    /// The moment on the clock of the zone.
    pub fn local(&self, row: usize) -> Result<NaiveDateTime> {
        naive(self.micros(row))
    }

    /// The microseconds to keep for a time on the clock of the zone.
    pub fn kept(&self, local: i64) -> Result<i64> {
        match &self.zone {
            Some(zone) => instant(local, zone),
            None => Ok(local),
        }
    }

    /// The zone, where the column has one.
    pub fn zone(&self) -> Option<&Tz> {
        self.zone.as_ref()
    }

    /// Seconds by which the zone's clock is ahead of UTC.
    pub fn offset(&self, row: usize) -> i64 {
        (self.micros(row) - self.instant(row)) / 1_000_000
    }
}

/// What the clock of a zone says at an instant.
pub fn local(instant: i64, zone: &Tz) -> i64 {
    let offset = DateTime::from_timestamp_micros(instant)
        .map(|instant| zone.offset_from_utc_datetime(&instant.naive_utc()).fix().local_minus_utc());
    instant + i64::from(offset.unwrap_or(0)) * 1_000_000
}

/// The instant at which the clock of a zone says this; the first of two, and where the clock jumps over it an hour on.
pub fn instant(local: i64, zone: &Tz) -> Result<i64> {
    let wanted = naive(local)?;
    let found = zone.from_local_datetime(&wanted).earliest();
    let found = found.or_else(|| zone.from_local_datetime(&(wanted + TimeDelta::hours(1))).earliest());
    found
        .map(|found| found.timestamp_micros())
        .ok_or_else(|| exec_datafusion_err!("{wanted} is not a time of its zone"))
}

/// A time from microseconds since 1970.
pub fn naive(micros: i64) -> Result<NaiveDateTime> {
    DateTime::from_timestamp_micros(micros)
        .map(|time| time.naive_utc())
        .ok_or_else(|| exec_datafusion_err!("a time is out of range"))
}

/// Microseconds since 1970 of a time.
pub fn micros(time: NaiveDateTime) -> i64 {
    time.and_utc().timestamp_micros()
}

/// Days since 1970 of a date.
pub fn days(date: NaiveDate) -> i32 {
    date.num_days_from_ce() - EPOCH
}

/// Adds months; a day that the month does not have becomes its last one.
pub fn add_months(time: NaiveDateTime, months: i64) -> Result<NaiveDateTime> {
    let by = chrono::Months::new(u32::try_from(months.unsigned_abs()).unwrap_or(u32::MAX));
    let moved = if months < 0 { time.checked_sub_months(by) } else { time.checked_add_months(by) };
    moved.ok_or_else(|| exec_datafusion_err!("a date is out of range"))
}

/// A time and an interval after it.
pub fn later(time: i64, by: arrow::datatypes::IntervalMonthDayNano) -> Result<i64> {
    let moved = micros(add_months(naive(time)?, i64::from(by.months))?);
    Ok(moved + i64::from(by.days) * DAY + by.nanoseconds / 1_000)
}

/// Months since year 0.
pub fn months(time: NaiveDateTime) -> i64 {
    i64::from(time.year()) * 12 + i64::from(time.month0())
}

/// Microseconds of the day.
pub fn of_day(time: NaiveDateTime) -> i64 {
    i64::from(time.num_seconds_from_midnight()) * 1_000_000 + i64::from(time.nanosecond() / 1_000)
}

/// The parts of time that functions take by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A thousand years.
    Millennium,
    /// A hundred years.
    Century,
    /// Ten years.
    Decade,
    /// A year.
    Year,
    /// The year of the week.
    IsoYear,
    /// Three months.
    Quarter,
    /// A month.
    Month,
    /// A week, from Monday.
    Week,
    /// A day.
    Day,
    /// An hour.
    Hour,
    /// A minute.
    Minute,
    /// A second.
    Second,
    /// A thousandth of a second.
    Millisecond,
    /// A millionth of a second.
    Microsecond,
    /// The day of the week, Sunday 0.
    DayOfWeek,
    /// The day of the week, Monday 1.
    IsoDayOfWeek,
    /// The day of the year.
    DayOfYear,
    /// Year and week in one number.
    YearWeek,
    /// Before or after the year 1.
    Era,
    /// Seconds since 1970.
    Epoch,
    /// Days of the Julian calendar.
    Julian,
    /// Seconds ahead of UTC.
    Timezone,
    /// Hours of that.
    TimezoneHour,
    /// Minutes of that.
    TimezoneMinute,
}

impl Part {
    /// By its name, in any of DuckDB's spellings.
    pub fn named(name: &str) -> Result<Self> {
        Ok(match name.trim().to_lowercase().as_str() {
            "millennium" | "millennia" | "millenium" | "mil" | "mils" => Self::Millennium,
            "century" | "centuries" | "c" | "cent" => Self::Century,
            "decade" | "decades" | "dec" | "decs" => Self::Decade,
            "year" | "years" | "y" | "yr" | "yrs" => Self::Year,
            "isoyear" => Self::IsoYear,
            "quarter" | "quarters" => Self::Quarter,
            "month" | "months" | "mon" | "mons" => Self::Month,
            "week" | "weeks" | "w" | "weekofyear" => Self::Week,
            "day" | "days" | "d" | "dayofmonth" => Self::Day,
            "hour" | "hours" | "h" | "hr" | "hrs" => Self::Hour,
            "minute" | "minutes" | "m" | "min" | "mins" => Self::Minute,
            "second" | "seconds" | "s" | "sec" | "secs" => Self::Second,
            "millisecond" | "milliseconds" | "ms" | "msec" | "msecs" => Self::Millisecond,
            "microsecond" | "microseconds" | "us" | "usec" | "usecs" => Self::Microsecond,
            "dow" | "dayofweek" | "weekday" => Self::DayOfWeek,
            "isodow" => Self::IsoDayOfWeek,
            "doy" | "dayofyear" => Self::DayOfYear,
            "yearweek" => Self::YearWeek,
            "era" => Self::Era,
            "epoch" => Self::Epoch,
            "julian" => Self::Julian,
            "timezone" => Self::Timezone,
            "timezone_hour" => Self::TimezoneHour,
            "timezone_minute" => Self::TimezoneMinute,
            other => {
                return exec_err!(
                    "{other:?} is not a part of time; there are year, quarter, month, week, day, hour, minute, second and others"
                );
            }
        })
    }
}
