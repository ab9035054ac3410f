//! One cell as text.

use serde::de::IgnoredAny;

use super::{Cells, Values};
use crate::encode::number::{push_decimal, push_double, push_float, push_integer, push_scaled};
use crate::encode::text::{push_csv_field, push_hex, push_json_string};
use crate::encode::time::{push_date, push_interval, push_time, push_timestamp};

impl Cells {
    /// Appends the JSON value of a cell.
    #[inline]
    pub(in crate::encode) fn push_json(&self, row: usize, out: &mut Vec<u8>) {
        if self.is_null(row) {
            out.extend_from_slice(b"null");
            return;
        }
        match &self.values {
            Values::Int32(_) | Values::Int64(_) | Values::UInt64(_) | Values::Boolean(_) => self.push_bare(row, out),
            Values::Decimal128(..) | Values::Decimal256(..) => self.push_bare(row, out),
            Values::Float64(values) if values[row].is_finite() => push_double(out, values[row]),
            Values::Float32(values) if values[row].is_finite() => push_float(out, values[row]),
            // JSON has no word for them.
            Values::Null | Values::Float32(_) | Values::Float64(_) => out.extend_from_slice(b"null"),
            Values::Text(values) => push_json_string(out, values.value(row).as_bytes()),
            Values::TextView(values) => push_json_string(out, values.value(row).as_bytes()),
            Values::Json(values) => push_json_value(out, values.value(row)),
            Values::Nested(nested) => nested.push_json(row, out),
            _ => {
                out.push(b'"');
                self.push_bare(row, out);
                out.push(b'"');
            }
        }
    }

    /// Appends the CSV field of a cell, which is nothing for NULL.
    #[inline]
    pub(in crate::encode) fn push_csv(&self, row: usize, out: &mut Vec<u8>, scratch: &mut Vec<u8>) {
        if self.is_null(row) {
            return;
        }
        match &self.values {
            Values::Text(values) => push_csv_field(out, values.value(row).as_bytes()),
            Values::TextView(values) | Values::Json(values) => push_csv_field(out, values.value(row).as_bytes()),
            Values::Nested(nested) => {
                if let Some(value) = nested.member(row) {
                    return value.0.push_csv(value.1, out, scratch);
                }
                scratch.clear();
                nested.push_json(row, scratch);
                push_csv_field(out, scratch);
            }
            _ => self.push_bare(row, out),
        }
    }

    /// Appends the text of a cell that is not NULL, without quotes and escapes.
    fn push_bare(&self, row: usize, out: &mut Vec<u8>) {
        match &self.values {
            Values::Null => {}
            Values::Boolean(values) => out.extend_from_slice(if values.value(row) { b"true" } else { b"false" }),
            Values::Int32(values) => push_integer(out, values[row]),
            Values::Int64(values) => push_integer(out, values[row]),
            Values::UInt64(values) => push_integer(out, values[row]),
            Values::Float32(values) if values[row].is_finite() => push_float(out, values[row]),
            Values::Float32(values) => push_infinite(out, values[row].into()),
            Values::Float64(values) if values[row].is_finite() => push_double(out, values[row]),
            Values::Float64(values) => push_infinite(out, values[row]),
            Values::Decimal128(values, scale) => push_decimal(out, values[row], *scale),
            Values::Decimal256(values, scale) => {
                let text = values.value(row).to_string();
                let digits = text.strip_prefix('-').unwrap_or(&text);
                out.extend_from_slice(&text.as_bytes()[..text.len() - digits.len()]);
                push_scaled(out, digits.as_bytes(), *scale);
            }
            Values::Date(values) => push_date(out, values[row].into()),
            Values::Time(values) => push_time(out, values[row]),
            Values::Timestamp { values, per_second, instant } => {
                push_timestamp(out, values[row], *per_second, *instant);
            }
            Values::Interval(values) => {
                push_interval(out, values[row].months, values[row].days, values[row].nanoseconds);
            }
            Values::Duration(values) => push_interval(out, 0, 0, values[row]),
            Values::Text(values) => out.extend_from_slice(values.value(row).as_bytes()),
            Values::TextView(values) | Values::Json(values) => out.extend_from_slice(values.value(row).as_bytes()),
            Values::Bytes(values) => push_hex(out, values.value(row)),
            Values::BytesView(values) => push_hex(out, values.value(row)),
            Values::Nested(nested) => nested.push_json(row, out),
        }
    }

    /// Appends the JSON value of a cell as an object's key: always a string.
    pub(super) fn push_key(&self, row: usize, out: &mut Vec<u8>) {
        let start = out.len();
        self.push_json(row, out);
        if out[start] != b'"' {
            let value = out.split_off(start);
            push_json_string(out, &value);
        }
    }
}

/// The words that CSV readers take for what is no finite number.
fn push_infinite(out: &mut Vec<u8>, value: f64) {
    let word = if value.is_nan() {
        "nan"
    } else if value > 0.0 {
        "inf"
    } else {
        "-inf"
    };
    out.extend_from_slice(word.as_bytes());
}

/// Appends text that is JSON as it is, but on one line. Text that is none is a string, so that a bad cell cannot
/// break the lines around it.
fn push_json_value(out: &mut Vec<u8>, text: &str) {
    if serde_json::from_str::<IgnoredAny>(text).is_err() {
        push_json_string(out, text.as_bytes());
        return;
    }
    let start = out.len();
    out.extend_from_slice(text.trim_ascii().as_bytes());
    // In valid JSON these are spaces between words: strings have them escaped.
    out[start..].iter_mut().filter(|byte| matches!(byte, b'\n' | b'\r')).for_each(|byte| *byte = b' ');
}
