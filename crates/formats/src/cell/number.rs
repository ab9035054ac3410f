//! Booleans and numbers.

/// `true` or `false` in any letter case, and their usual short forms.
pub(crate) fn boolean(text: &[u8]) -> Option<bool> {
    match text {
        b"1" | b"t" | b"T" => Some(true),
        b"0" | b"f" | b"F" => Some(false),
        _ if text.eq_ignore_ascii_case(b"true") => Some(true),
        _ if text.eq_ignore_ascii_case(b"false") => Some(false),
        _ => None,
    }
}

/// Digits with an optional minus. A plus is not taken: what has one is a telephone number more often than a number.
pub(crate) fn integer(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    if digits.is_empty() {
        return None;
    }
    // Eighteen digits cannot overflow, so that the usual case checks digits alone.
    let (safe, rest) = digits.split_at(digits.len().min(18));
    let mut value = 0_i64;
    for byte in safe {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + i64::from(digit);
    }
    if negative {
        value = -value;
    }
    for byte in rest {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        let digit = i64::from(digit);
        value = value.checked_mul(10)?.checked_add(if negative { -digit } else { digit })?;
    }
    Some(value)
}

/// Powers of ten that a double holds exactly.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];

/// A floating-point number, correctly rounded. Numbers that a double cannot reach are refused, not made infinite.
pub(crate) fn double(text: &[u8]) -> Option<f64> {
    plain_double(text).or_else(|| any_double(text))
}

/// Digits with an optional point, few enough that digits and power of ten are exact: then one division rounds right.
fn plain_double(text: &[u8]) -> Option<f64> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    if digits.is_empty() || digits.len() > 16 {
        return None;
    }
    let mut mantissa = 0_u64;
    let mut point = None;
    for (at, byte) in digits.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit <= 9 {
            mantissa = mantissa * 10 + u64::from(digit);
        } else if *byte == b'.' && point.is_none() && digits.len() > 1 {
            point = Some(at);
        } else {
            return None;
        }
    }
    if mantissa >= 1 << 53 {
        return None;
    }
    let value = match point {
        Some(at) => mantissa as f64 / POWERS[digits.len() - at - 1],
        None => mantissa as f64,
    };
    Some(if negative { -value } else { value })
}

fn any_double(text: &[u8]) -> Option<f64> {
    if text.first() == Some(&b'+') {
        return None;
    }
    let value: f64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    let overflowed = value.is_infinite() && text.iter().any(u8::is_ascii_digit);
    (!overflowed).then_some(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn integers_reach_both_ends_and_no_further() {
        assert_eq!(integer(b"9223372036854775807"), Some(i64::MAX));
        assert_eq!(integer(b"-9223372036854775808"), Some(i64::MIN));
        assert_eq!(integer(b"9223372036854775808"), None);
        assert_eq!(integer(b"007"), Some(7));
        for bad in ["", "-", "+1", "1.0", "1e3", "1_000", "12a", "a", "000000000000000000x"] {
            assert_eq!(integer(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn doubles_of_every_form() {
        assert_eq!(double(b"24386.67"), Some(24386.67));
        assert_eq!(double(b".5"), Some(0.5));
        assert_eq!(double(b"5."), Some(5.0));
        assert_eq!(double(b"-0").map(f64::to_bits), Some((-0.0_f64).to_bits()));
        assert_eq!(double(b"1e-3"), Some(0.001));
        assert_eq!(double(b"-inf"), Some(f64::NEG_INFINITY));
        assert!(double(b"NaN").unwrap().is_nan());
        for bad in ["", ".", "-", "-.", "+1", "1e999", "1.2.3", "0x10", "1,5"] {
            assert_eq!(double(bad.as_bytes()), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn doubles_are_read_as_the_standard_library_reads_them(text in "-?[0-9]{1,18}(\\.[0-9]{0,18})?(e-?[0-9]{1,2})?") {
            prop_assert_eq!(double(text.as_bytes()).map(f64::to_bits), text.parse::<f64>().ok().map(f64::to_bits));
        }

        #[test]
        fn integers_are_read_as_the_standard_library_reads_them(text in "-?[0-9]{1,21}") {
            prop_assert_eq!(integer(text.as_bytes()), text.parse::<i64>().ok());
        }
    }
}
