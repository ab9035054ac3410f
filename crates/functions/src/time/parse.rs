//! Texts as times.

use arrow::array::{ArrayRef, AsArray};
use arrow::datatypes::TimestampMicrosecondType;
use chrono::format::{Item, Parsed, parse};
use chrono::{NaiveDate, NaiveTime};
use datafusion::common::{exec_datafusion_err, exec_err};
use datafusion::error::Result;

use super::calendar::micros;
use super::letters::items;
use crate::scalar::{Call, Function, Gives, Kind, form, function};

pub const FUNCTIONS: &[Function] = &[
    function(
        &["strptime"],
        &[
            form(&[Kind::Text, Kind::Text], Gives::Timestamp, |call| one(call, false)),
            form(&[Kind::Text, Kind::Texts], Gives::Timestamp, |call| first_of(call, false)),
        ],
    ),
    function(
        &["try_strptime"],
        &[
            form(&[Kind::Text, Kind::Text], Gives::Timestamp, |call| one(call, true)),
            form(&[Kind::Text, Kind::Texts], Gives::Timestamp, |call| first_of(call, true)),
        ],
    ),
];

fn one(call: &Call, lenient: bool) -> Result<ArrayRef> {
    let mut last: Option<(String, Vec<Item<'static>>)> = None;
    call.primitives::<TimestampMicrosecondType>(|row| {
        let (text, format) = (call.text(0).value(row), call.text(1).value(row));
        if last.as_ref().is_none_or(|(before, _)| before != format) {
            last = Some((format.to_owned(), known(format)?));
        }
        let items = last.as_ref().map(|(_, items)| items.as_slice()).unwrap_or_default();
        match read(text, items) {
            Some(time) => Ok(Some(time)),
            None if lenient => Ok(None),
            None => exec_err!("the text {text:?} is not a time of the format {format:?}; try_strptime answers NULL"),
        }
    })
}

fn first_of(call: &Call, lenient: bool) -> Result<ArrayRef> {
    call.primitives::<TimestampMicrosecondType>(|row| {
        let text = call.text(0).value(row);
        let formats = call.list(1).value(row);
        for format in formats.as_string_view().iter().flatten() {
            if let Some(time) = read(text, &known(format)?) {
                return Ok(Some(time));
            }
        }
        if lenient { Ok(None) } else { exec_err!("the text {text:?} is a time of none of the formats") }
    })
}

fn known(format: &str) -> Result<Vec<Item<'static>>> {
    items(format).map_err(|wrong| exec_datafusion_err!("{wrong:?} is not a format of dates"))
}

/// The time that a text says; what the format leaves out is that of the first of January 1900, midnight.
fn read(text: &str, items: &[Item]) -> Option<i64> {
    let mut parsed = Parsed::new();
    parse(&mut parsed, text, items.iter()).ok()?;
    let offset = parsed.offset().map_or(0, i64::from);
    if let Some(seconds) = parsed.timestamp() {
        return seconds.checked_mul(1_000_000);
    }
    let no_date = parsed.year().is_none()
        && parsed.year_mod_100().is_none()
        && parsed.month().is_none()
        && parsed.day().is_none()
        && parsed.ordinal().is_none();
    let date = if no_date {
        NaiveDate::from_ymd_opt(1900, 1, 1)?
    } else {
        if parsed.year().is_none() && parsed.year_mod_100().is_none() {
            parsed.set_year(1900).ok()?;
        }
        if parsed.ordinal().is_none() {
            if parsed.month().is_none() {
                parsed.set_month(1).ok()?;
            }
            if parsed.day().is_none() {
                parsed.set_day(1).ok()?;
            }
        }
        parsed.to_naive_date().ok()?
    };
    if parsed.hour_mod_12().is_some() && parsed.minute().is_none() {
        parsed.set_minute(0).ok()?;
    }
    let time = parsed.to_naive_time().unwrap_or(NaiveTime::MIN);
    Some(micros(date.and_time(time)) - offset * 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_1900() {
        let read = |text: &str, format: &str| {
            read(text, &items(format).unwrap()).map(|time| super::super::calendar::naive(time).unwrap().to_string())
        };
        assert_eq!(read("2026", "%Y").unwrap(), "2026-01-01 00:00:00");
        assert_eq!(read("04.03.2026 15:06", "%d.%m.%Y %H:%M").unwrap(), "2026-03-04 15:06:00");
        assert_eq!(read("4 March 2026", "%-d %B %Y").unwrap(), "2026-03-04 00:00:00");
        assert_eq!(read("03/04/26 01:02:03 PM", "%m/%d/%y %I:%M:%S %p").unwrap(), "2026-03-04 13:02:03");
        assert_eq!(read("x", "%Y"), None);
    }
}
