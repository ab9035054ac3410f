//! Axes of time: dates and times as text, and round ones along the axis.

use std::ops::Range;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeZone, Utc};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Steps shorter than a month, in seconds.
const SECONDS: [i64; 18] = [
    1,
    5,
    15,
    30,
    MINUTE,
    5 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    3 * DAY,
    5 * DAY,
    7 * DAY,
    14 * DAY,
];
/// The others, in months.
const MONTHS: [i64; 13] = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1_200, 6_000, 12_000];
/// A month on average, in seconds.
const MONTH: f64 = 30.44 * DAY as f64;

/// The seconds since 1970 of a date or time in one of ISO 8601's forms; without a zone it is UTC.
pub fn parse(text: &str) -> Option<f64> {
    let text = text.trim();
    // Nothing shorter than `2024-01` or without a hyphen after the year is one.
    if text.len() < 7 || text.as_bytes()[4] != b'-' {
        return None;
    }
    if text.len() == 7 {
        return seconds(NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0)?);
    }
    if text.len() == 10 {
        return seconds(NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0)?);
    }
    let spaced = text.replacen('T', " ", 1);
    for form in ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"] {
        if let Ok(time) = NaiveDateTime::parse_from_str(spaced.trim_end_matches('Z'), form) {
            return seconds(time);
        }
    }
    let zoned = DateTime::parse_from_str(&spaced, "%Y-%m-%d %H:%M:%S%.f%#z").ok()?;
    seconds(zoned.naive_utc())
}

fn seconds(time: NaiveDateTime) -> Option<f64> {
    let time = time.and_utc();
    Some(time.timestamp() as f64 + f64::from(time.timestamp_subsec_millis()) / 1e3)
}

/// Whether a time is the beginning of a day.
pub fn is_day(seconds: f64) -> bool {
    seconds.rem_euclid(DAY as f64) == 0.0
}

/// A round time on an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeTick {
    pub at: f64,
    pub label: String,
}

/// The range that these times take, with room around one alone, and about `wanted` round times within it; of `days` alone
/// none lies between two days.
pub fn within(least: f64, most: f64, wanted: usize, days: bool) -> (Range<f64>, Vec<TimeTick>) {
    let (least, most) = if most > least { (least, most) } else { (least - DAY as f64 / 2.0, most + DAY as f64 / 2.0) };
    let raw = (most - least) / wanted.max(1) as f64;
    let ticks = match SECONDS.into_iter().filter(|step| !days || *step >= DAY).find(|step| *step as f64 >= raw) {
        Some(step) => of_seconds(least, most, step),
        None => {
            let months = MONTHS.into_iter().find(|months| *months as f64 * MONTH >= raw).unwrap_or(24_000);
            of_months(least, most, months)
        }
    };
    (least..most, ticks)
}

fn of_seconds(least: f64, most: f64, step: i64) -> Vec<TimeTick> {
    let first = (least / step as f64).ceil() as i64;
    let last = (most / step as f64).floor() as i64;
    let mut year = None;
    let times = (first..=last).take(200).filter_map(|count| utc(count * step));
    let labelled = times.map(|time| {
        let midnight = time.timestamp().rem_euclid(DAY) == 0;
        // The year is said where it begins to hold.
        let form = match () {
            () if step >= DAY && year != Some(time.year()) => "%-d %b %Y",
            () if midnight => "%-d %b",
            () if step >= MINUTE => "%H:%M",
            () => "%H:%M:%S",
        };
        year = Some(time.year());
        TimeTick { at: time.timestamp() as f64, label: time.format(form).to_string() }
    });
    labelled.collect()
}

fn of_months(least: f64, most: f64, step: i64) -> Vec<TimeTick> {
    let Some(start) = utc(least.floor() as i64) else { return Vec::new() };
    let month = i64::from(start.year()) * 12 + i64::from(start.month0());
    let first = month.div_euclid(step);
    let form = if step < 12 { "%b %Y" } else { "%Y" };
    let times = (first..first + 200).filter_map(|count| {
        let months = count * step;
        let year = i32::try_from(months.div_euclid(12)).ok()?;
        let date = NaiveDate::from_ymd_opt(year, u32::try_from(months.rem_euclid(12)).ok()? + 1, 1)?;
        Some(date.and_hms_opt(0, 0, 0)?.and_utc())
    });
    let inside = times.filter(|time| (least..=most).contains(&(time.timestamp() as f64)));
    inside.map(|time| TimeTick { at: time.timestamp() as f64, label: time.format(form).to_string() }).collect()
}

fn utc(seconds: i64) -> Option<DateTime<Utc>> {
    Utc.timestamp_opt(seconds, 0).single()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times_are_read() {
        // The seconds are those of `date -u -d … +%s`.
        for (text, seconds) in [
            ("1970-01-02", 86_400.0),
            ("2024-02", 1_706_745_600.0),
            ("2024-02-29", 1_709_164_800.0),
            ("2024-02-29 12:30", 1_709_209_800.0),
            ("2024-02-29T12:30:15", 1_709_209_815.0),
            ("2024-02-29T12:30:15.250Z", 1_709_209_815.25),
            ("2024-02-29T12:30:15+02:00", 1_709_202_615.0),
            ("2024-02-29 12:30:15.5+00:00", 1_709_209_815.5),
            ("1969-12-31", -86_400.0),
        ] {
            assert_eq!(parse(text), Some(seconds), "{text}");
        }
        for text in ["2024", "2024-13-01", "2023-02-29", "hello-world", "12345-6789", "äöü-ä", "", "2024-02-29x"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    fn labels(from: &str, to: &str, wanted: usize) -> Vec<String> {
        within(parse(from).unwrap(), parse(to).unwrap(), wanted, from.len() <= 10)
            .1
            .into_iter()
            .map(|tick| tick.label)
            .collect()
    }

    #[test]
    fn ticks_are_round_times() {
        assert_eq!(labels("2012-01-01", "2015-12-31", 6), ["2012", "2013", "2014", "2015"]);
        assert_eq!(labels("2024-01-10", "2024-06-20", 6), ["Feb 2024", "Mar 2024", "Apr 2024", "May 2024", "Jun 2024"]);
        assert_eq!(labels("2024-12-30", "2025-01-02", 4), ["30 Dec 2024", "31 Dec", "1 Jan 2025", "2 Jan"]);
        assert_eq!(labels("2024-03-01", "2024-03-03", 9), ["1 Mar 2024", "2 Mar", "3 Mar"]);
        assert_eq!(labels("2024-03-01T22:00", "2024-03-02T02:00", 4), ["22:00", "23:00", "2 Mar", "01:00", "02:00"]);
        assert_eq!(labels("2024-03-01T22:00:00", "2024-03-01T22:00:10", 3), ["22:00:00", "22:00:05", "22:00:10"]);
    }

    #[test]
    fn one_time_alone_has_room_around_it() {
        let (range, ticks) = within(0.0, 0.0, 5, false);
        assert!(range.start < 0.0 && range.end > 0.0 && !ticks.is_empty());
        assert!(labels("0001-01-01", "9999-12-31", 8).len() <= 20);
    }
}
