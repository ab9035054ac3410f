//! Dates and timestamps in their ISO 8601 forms.

use super::calendar::{days_from_civil, days_in_month};

/// Microseconds in a day.
const DAY_MICROS: i64 = 86_400_000_000;

/// `YYYY-MM-DD` as days since 1970-01-01.
pub(crate) fn date(text: &[u8]) -> Option<i32> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else { return None };
    let year = two(*y1, *y2)? * 100 + two(*y3, *y4)?;
    let (month, day) = (two(*m1, *m2)?, two(*d1, *d2)?);
    if !(1..=12).contains(&month) || day == 0 || day > days_in_month(year, month) {
        return None;
    }
    Some(days_from_civil(year, month, day))
}

/// `YYYY-MM-DD[ T]HH:MM[:SS[.fraction]]` with an optional offset, or a date alone, as microseconds since
/// 1970-01-01 in UTC, and whether it has an offset. Of a fraction's nine digits at most, those past the sixth are cut
/// off: no table keeps them.
pub(crate) fn timestamp(text: &[u8]) -> Option<(i64, bool)> {
    let days = i64::from(date(text.get(..10)?)?);
    let Some((b'T' | b't' | b' ', time)) = text[10..].split_first() else {
        return (text.len() == 10).then_some((days * DAY_MICROS, false));
    };
    let [h1, h2, b':', m1, m2, rest @ ..] = time else { return None };
    let (hour, minute) = (two(*h1, *h2)?, two(*m1, *m2)?);
    let (second, micros, offset) = match rest {
        [b':', s1, s2, b'.', fraction @ ..] => {
            let count = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if !(1..=9).contains(&count) {
                return None;
            }
            let mut micros = 0;
            for place in 0..6 {
                micros = micros * 10 + if place < count { i64::from(fraction[place] - b'0') } else { 0 };
            }
            (two(*s1, *s2)?, micros, &fraction[count..])
        }
        [b':', s1, s2, offset @ ..] => (two(*s1, *s2)?, 0, offset),
        offset => (0, 0, offset),
    };
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let local = days * DAY_MICROS + i64::from(hour * 3600 + minute * 60 + second) * 1_000_000 + micros;
    if offset.is_empty() {
        return Some((local, false));
    }
    Some((local - offset_seconds(offset)? * 1_000_000, true))
}

/// `Z`, `UTC`, `+HH`, `+HHMM` or `+HH:MM`, with or without a space before it, in seconds east of UTC.
fn offset_seconds(text: &[u8]) -> Option<i64> {
    let text = text.strip_prefix(b" ").unwrap_or(text);
    let (sign, hours, minutes) = match text {
        b"Z" | b"z" | b"UTC" => return Some(0),
        [sign @ (b'+' | b'-'), h1, h2] => (*sign, two(*h1, *h2)?, 0),
        [sign @ (b'+' | b'-'), h1, h2, m1, m2] | [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            (*sign, two(*h1, *h2)?, two(*m1, *m2)?)
        }
        _ => return None,
    };
    if hours > 23 || minutes > 59 {
        return None;
    }
    let seconds = i64::from(hours * 3600 + minutes * 60);
    Some(if sign == b'-' { -seconds } else { seconds })
}

/// The number that two digits make.
fn two(tens: u8, ones: u8) -> Option<u32> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens <= 9 && ones <= 9).then(|| u32::from(tens) * 10 + u32::from(ones))
}

#[cfg(test)]
mod tests {
    use arrow_array::types::Date32Type;
    use arrow_cast::parse::{Parser, string_to_timestamp_nanos};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dates_that_do_not_exist_are_refused() {
        assert_eq!(date(b"1970-01-01"), Some(0));
        assert_eq!(date(b"2000-02-29"), Some(11_016));
        for bad in
            ["2023-02-29", "1900-02-29", "2024-13-01", "2024-00-10", "2024-01-00", "2024-04-31", "2024-1-1", "20240101"]
        {
            assert_eq!(date(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn timestamps_of_every_form() {
        let noon = 1_767_355_200_000_000;
        for (text, micros, offset) in [
            ("2026-01-02 12:00", noon, false),
            ("2026-01-02T12:00:00", noon, false),
            ("2026-01-02T12:00:00.5", noon + 500_000, false),
            ("2026-01-02 12:00:00.123456789", noon + 123_456, false),
            ("2026-01-02T12:00:00Z", noon, true),
            ("2026-01-02 14:00:00+02", noon, true),
            ("2026-01-02 14:00:00.000 +02:00", noon, true),
            ("2026-01-02T06:30:00-0530", noon, true),
            ("2026-01-02T12:00:00 UTC", noon, true),
            ("2026-01-02", noon - 43_200_000_000, false),
        ] {
            assert_eq!(timestamp(text.as_bytes()), Some((micros, offset)), "{text}");
        }
        for bad in [
            "2026-01-02T",
            "2026-01-02T24:00",
            "2026-01-02T12",
            "2026-01-02T12:00:60",
            "2026-01-02T12:00:00.",
            "2026-01-02x12:00",
            "2026-01-02T12:00:00+1",
            "2026-01-02T12:00:00 CET",
            "12:00:00",
        ] {
            assert_eq!(timestamp(bad.as_bytes()), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn dates_are_read_as_arrow_reads_them(year in 0_u32..10_000, month in 0_u32..14, day in 0_u32..33) {
            let text = format!("{year:04}-{month:02}-{day:02}");
            prop_assert_eq!(date(text.as_bytes()), Date32Type::parse(&text));
        }

        #[test]
        fn timestamps_are_read_as_arrow_reads_them(
            year in 1700_u32..2200, month in 1_u32..13, day in 1_u32..29, hour in 0_u32..24, minute in 0_u32..60,
            second in 0_u32..60, micros in 0_u32..1_000_000, zone in "(|Z|[+-](0[0-9]|1[0-3]):[0-5][0-9])",
        ) {
            let text = format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}{zone}");
            let expected = string_to_timestamp_nanos(&text).unwrap() / 1000;
            prop_assert_eq!(timestamp(text.as_bytes()), Some((expected, !zone.is_empty())));
        }
    }
}
