//! Decimal numbers of a given precision and scale.

/// Digits with an optional sign, point and exponent, as the integer that a decimal of `scale` keeps. Digits past the
/// scale are rounded half away from zero, as a cast in SQL rounds them; more than `precision` digits do not fit.
pub(crate) fn decimal(text: &[u8], precision: u8, scale: i8) -> Option<i128> {
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    let (number, exponent) = match text.iter().position(|byte| matches!(byte, b'e' | b'E')) {
        Some(at) => (&text[..at], std::str::from_utf8(&text[at + 1..]).ok()?.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let point = number.iter().position(|byte| *byte == b'.').unwrap_or(number.len());
    let digits = number.len() - usize::from(point < number.len());
    if digits == 0 {
        return None;
    }
    // How many of the digits count: those before the point, moved by exponent and scale.
    let kept = i64::try_from(point).ok()? + i64::from(exponent) + i64::from(scale);
    let mut value = 0_i128;
    let mut seen = 0_i64;
    let mut round_up = false;
    for (at, byte) in number.iter().enumerate() {
        if at == point {
            continue;
        }
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        if seen < kept {
            value = value.checked_mul(10)?.checked_add(i128::from(digit))?;
        } else if seen == kept {
            round_up = digit >= 5;
        }
        seen += 1;
    }
    if value != 0 && kept > seen {
        value = value.checked_mul(10_i128.checked_pow(u32::try_from(kept - seen).ok()?)?)?;
    }
    value += i128::from(round_up);
    if value >= 10_i128.checked_pow(u32::from(precision))? {
        return None;
    }
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::decimal;

    #[test]
    fn decimals_keep_their_digits() {
        assert_eq!(decimal(b"12.34", 12, 2), Some(1234));
        assert_eq!(decimal(b"-12.3", 12, 2), Some(-1230));
        assert_eq!(decimal(b"12", 12, 2), Some(1200));
        assert_eq!(decimal(b".5", 12, 2), Some(50));
        assert_eq!(decimal(b"1.5e3", 12, 2), Some(150_000));
        assert_eq!(decimal(b"125e-2", 12, 2), Some(125));
        assert_eq!(decimal(b"1234", 3, -1), Some(123));
        let widest = "9".repeat(38);
        assert_eq!(decimal(widest.as_bytes(), 38, 0), Some(widest.parse().unwrap()));
    }

    #[test]
    fn digits_past_the_scale_are_rounded() {
        assert_eq!(decimal(b"0.005", 12, 2), Some(1));
        assert_eq!(decimal(b"-0.005", 12, 2), Some(-1));
        assert_eq!(decimal(b"0.0049", 12, 2), Some(0));
        assert_eq!(decimal(b"9.995", 3, 2), None);
        assert_eq!(decimal(b"5e-9", 12, 2), Some(0));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for bad in ["", "-", ".", "1e", "e5", "1.2.3", "+1", "12345.6", "1e99", "abc", "1 2"] {
            assert_eq!(decimal(bad.as_bytes(), 6, 2), None, "{bad}");
        }
    }
}
