//! Dates, times and intervals as text.

use super::number::push_integer;
use super::text::{push_two_digits, two_digits};
use crate::cell::calendar::civil_from_days;

/// Seconds in a day.
const DAY_SECONDS: i64 = 86_400;

/// Nanoseconds in a second.
const SECOND_NANOS: i64 = 1_000_000_000;

/// Appends the date of a day number as `YYYY-MM-DD`; years that need more digits have a sign before them.
pub(super) fn push_date(out: &mut Vec<u8>, days: i64) {
    let (year, month, day) = civil_from_days(days);
    let ([m1, m2], [d1, d2]) = (two_digits(month), two_digits(day));
    if let 0..=9999 = year {
        let ([y1, y2], [y3, y4]) = (two_digits(year as u32 / 100), two_digits(year as u32 % 100));
        out.extend_from_slice(&[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2]);
    } else {
        out.extend_from_slice(format!("{year:+05}").as_bytes());
        out.extend_from_slice(&[b'-', m1, m2, b'-', d1, d2]);
    }
}

/// Appends a timestamp, given in units of which a second has `per_second`, as `YYYY-MM-DDTHH:MM:SS` with the fraction
/// that it has, and `+00:00` if it is an instant.
pub(super) fn push_timestamp(out: &mut Vec<u8>, value: i64, per_second: i64, instant: bool) {
    let seconds = value.div_euclid(per_second);
    push_date(out, seconds.div_euclid(DAY_SECONDS));
    out.push(b'T');
    push_clock(out, seconds.rem_euclid(DAY_SECONDS));
    push_fraction(out, value.rem_euclid(per_second) * (SECOND_NANOS / per_second));
    if instant {
        out.extend_from_slice(b"+00:00");
    }
}

/// Appends nanoseconds since midnight as `HH:MM:SS` with the fraction that they have.
pub(super) fn push_time(out: &mut Vec<u8>, nanos: i64) {
    push_clock(out, nanos.div_euclid(SECOND_NANOS));
    push_fraction(out, nanos.rem_euclid(SECOND_NANOS));
}

/// Appends an interval in words, for example `1 year 2 months -3 days 04:05:06.5`.
pub(super) fn push_interval(out: &mut Vec<u8>, months: i32, days: i32, nanos: i64) {
    let start = out.len();
    for (count, word) in [(months / 12, "year"), (months % 12, "month"), (days, "day")] {
        if count != 0 {
            if out.len() > start {
                out.push(b' ');
            }
            push_integer(out, count);
            out.push(b' ');
            out.extend_from_slice(word.as_bytes());
            if count != 1 {
                out.push(b's');
            }
        }
    }
    if nanos == 0 && out.len() > start {
        return;
    }
    if out.len() > start {
        out.push(b' ');
    }
    if nanos < 0 {
        out.push(b'-');
    }
    let size = nanos.unsigned_abs();
    // Below 2^63 / 10^9 seconds: it fits whatever the nanoseconds are.
    push_clock(out, (size / SECOND_NANOS as u64) as i64);
    push_fraction(out, (size % SECOND_NANOS as u64) as i64);
}

/// Appends `HH:MM:SS`; hours may have more digits.
fn push_clock(out: &mut Vec<u8>, seconds: i64) {
    let (hours, rest) = (seconds / 3600, (seconds % 3600) as u32);
    if hours < 100 {
        push_two_digits(out, hours as u32);
    } else {
        push_integer(out, hours);
    }
    let ([m1, m2], [s1, s2]) = (two_digits(rest / 60), two_digits(rest % 60));
    out.extend_from_slice(&[b':', m1, m2, b':', s1, s2]);
}

/// Appends a fraction that is not zero with three, six or nine places, whichever it needs.
fn push_fraction(out: &mut Vec<u8>, nanos: i64) {
    if nanos == 0 {
        return;
    }
    let mut digits = [b'0'; 10];
    digits[0] = b'.';
    let mut rest = nanos as u32;
    for digit in digits[1..].iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    let places = match nanos {
        _ if nanos % 1_000_000 == 0 => 3,
        _ if nanos % 1_000 == 0 => 6,
        _ => 9,
    };
    out.extend_from_slice(&digits[..=places]);
}

#[cfg(test)]
mod tests {
    use arrow_array::{Date32Array, TimestampMicrosecondArray, TimestampNanosecondArray};
    use arrow_cast::display::{ArrayFormatter, FormatOptions};
    use proptest::prelude::*;

    use super::*;

    fn text(push: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        push(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn timestamps_have_the_fraction_that_they_need() {
        let noon = 1_767_355_200_000_000;
        for (micros, instant, expected) in [
            (noon, false, "2026-01-02T12:00:00"),
            (noon + 500_000, false, "2026-01-02T12:00:00.500"),
            (noon + 1, true, "2026-01-02T12:00:00.000001+00:00"),
            (-1, false, "1969-12-31T23:59:59.999999"),
        ] {
            assert_eq!(text(|out| push_timestamp(out, micros, 1_000_000, instant)), expected);
        }
        assert_eq!(text(|out| push_date(out, -719_529)), "-0001-12-31");
        assert_eq!(text(|out| push_date(out, 2_932_897)), "+10000-01-01");
    }

    #[test]
    fn times_and_intervals() {
        assert_eq!(text(|out| push_time(out, 3_723_000_000_000)), "01:02:03");
        assert_eq!(text(|out| push_interval(out, 14, -3, 14_706_500_000_000)), "1 year 2 months -3 days 04:05:06.500");
        assert_eq!(text(|out| push_interval(out, 0, 0, 0)), "00:00:00");
        assert_eq!(text(|out| push_interval(out, 0, 1, 0)), "1 day");
        assert_eq!(text(|out| push_interval(out, 0, 0, -1_000_000_000)), "-00:00:01");
    }

    proptest! {
        #[test]
        fn dates_are_what_arrow_writes(days in -719_528_i32..2_932_897) {
            let array = Date32Array::from(vec![days]);
            let options = FormatOptions::default();
            let expected = ArrayFormatter::try_new(&array, &options).unwrap().value(0).to_string();
            prop_assert_eq!(text(|out| push_date(out, days.into())), expected);
        }

        #[test]
        fn timestamps_are_what_arrow_writes(micros in -62_000_000_000_000_000_i64..250_000_000_000_000_000, nanos in any::<i64>()) {
            let options = FormatOptions::default();
            let array = TimestampMicrosecondArray::from(vec![micros]);
            let expected = ArrayFormatter::try_new(&array, &options).unwrap().value(0).to_string();
            prop_assert_eq!(text(|out| push_timestamp(out, micros, 1_000_000, false)), expected);
            let array = TimestampNanosecondArray::from(vec![nanos]);
            let expected = ArrayFormatter::try_new(&array, &options).unwrap().value(0).to_string();
            prop_assert_eq!(text(|out| push_timestamp(out, nanos, SECOND_NANOS, false)), expected);
        }
    }
}
