//! Numbers as text: every digit that they have, and no more than tell them apart.

use super::text::push_two_digits;

/// What a double is multiplied with to see whether it is a short decimal.
const SHORT_SCALE: f64 = 10_000.0;

/// The same as an integer.
const SHORT_UNITS: u64 = 10_000;

/// Appends an integer.
pub(super) fn push_integer(out: &mut Vec<u8>, value: impl itoa::Integer) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Appends a finite double: the shortest text that reads back as the same value, with a fraction or an exponent.
pub(super) fn push_double(out: &mut Vec<u8>, value: f64) {
    let size = value.abs();
    let units = (size * SHORT_SCALE + 0.5) as u64;
    // Most doubles in tables are decimals of a few places. With at most 15 digits a decimal and its nearest double
    // name each other, so if the decimal of four places reads back as the value, its digits are the shortest.
    if units < 1_000_000_000_000_000 && units as f64 / SHORT_SCALE == size {
        if value.is_sign_negative() {
            out.push(b'-');
        }
        push_integer(out, units / SHORT_UNITS);
        push_fraction(out, (units % SHORT_UNITS) as u32);
    } else {
        out.extend_from_slice(ryu::Buffer::new().format_finite(value).as_bytes());
    }
}

/// Appends a point and up to four places, of which one at least.
fn push_fraction(out: &mut Vec<u8>, fraction: u32) {
    out.push(b'.');
    let (high, low) = (fraction / 100, fraction % 100);
    if low != 0 {
        push_two_digits(out, high);
        push_two_digits(out, low);
        if low.is_multiple_of(10) {
            out.pop();
        }
    } else if high.is_multiple_of(10) {
        out.push(b'0' + (high / 10) as u8);
    } else {
        push_two_digits(out, high);
    }
}

/// Appends a finite float: the shortest text that reads back as the same value.
pub(super) fn push_float(out: &mut Vec<u8>, value: f32) {
    out.extend_from_slice(ryu::Buffer::new().format_finite(value).as_bytes());
}

/// Appends a decimal that is kept as `value` times ten to the power of minus `scale`, with all places of the scale.
pub(super) fn push_decimal(out: &mut Vec<u8>, value: i128, scale: i8) {
    if value < 0 {
        out.push(b'-');
    }
    let size = value.unsigned_abs();
    let mut buffer = itoa::Buffer::new();
    // Formatting 128 bits is slow, and few decimals need them.
    let digits = match u64::try_from(size) {
        Ok(small) => buffer.format(small),
        Err(_) => buffer.format(size),
    };
    push_scaled(out, digits.as_bytes(), scale);
}

/// Appends digits with a point `scale` places before their end.
pub(super) fn push_scaled(out: &mut Vec<u8>, digits: &[u8], scale: i8) {
    let places = usize::from(scale.unsigned_abs());
    if scale <= 0 {
        out.extend_from_slice(digits);
        if digits != b"0" {
            out.resize(out.len() + places, b'0');
        }
    } else if digits.len() > places {
        let (whole, fraction) = digits.split_at(digits.len() - places);
        out.extend_from_slice(whole);
        out.push(b'.');
        out.extend_from_slice(fraction);
    } else {
        out.extend_from_slice(b"0.");
        out.resize(out.len() + places - digits.len(), b'0');
        out.extend_from_slice(digits);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(push: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        push(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn doubles_are_short() {
        for (value, expected) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (17.0, "17.0"),
            (0.04, "0.04"),
            (24386.67, "24386.67"),
            (1.5, "1.5"),
            (-0.0001, "-0.0001"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e20, "1e20"),
            (5e-324, "5e-324"),
            (99_999_999_999.9999, "99999999999.9999"),
        ] {
            assert_eq!(text(|out| push_double(out, value)), expected);
        }
    }

    #[test]
    fn decimals_keep_their_scale() {
        assert_eq!(text(|out| push_decimal(out, 1250, 2)), "12.50");
        assert_eq!(text(|out| push_decimal(out, -5, 3)), "-0.005");
        assert_eq!(text(|out| push_decimal(out, 0, 2)), "0.00");
        assert_eq!(text(|out| push_decimal(out, 12, -2)), "1200");
        assert_eq!(text(|out| push_decimal(out, i128::MAX, 10)), "17014118346046923173168730371.5884105727");
    }

    proptest! {
        #[test]
        fn doubles_are_what_ryu_writes(value in any::<f64>().prop_filter("finite", |value| value.is_finite())) {
            let expected = ryu::Buffer::new().format(value).to_owned();
            prop_assert_eq!(text(|out| push_double(out, value)), expected);
        }

        #[test]
        fn short_decimals_are_what_ryu_writes(units in -10_000_000_000_000_i64..10_000_000_000_000, places in 0_i32..7) {
            let value = units as f64 / 10_f64.powi(places);
            let expected = ryu::Buffer::new().format(value).to_owned();
            prop_assert_eq!(text(|out| push_double(out, value)), expected);
        }

        #[test]
        fn decimals_are_what_arrow_writes(value in -10_i128.pow(38)..10_i128.pow(38), scale in 0_i8..38) {
            let array = arrow_array::Decimal128Array::from(vec![value]).with_precision_and_scale(38, scale).unwrap();
            prop_assert_eq!(text(|out| push_decimal(out, value, scale)), array.value_as_string(0));
        }
    }
}
