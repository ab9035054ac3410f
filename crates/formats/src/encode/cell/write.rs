//! One cell as text.

use serde::de::IgnoredAny;

use super::{Cells, Values};
use crate::encode::number::{push_decimal, push_double, push_float, push_integer, push_scaled};
use crate::encode::text::{push_csv_field, push_json_string, push_sql_text};
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
            Values::Bytes(values) => self.blobs.push_json(out, values.value(row)),
            Values::BytesView(values) => self.blobs.push_json(out, values.value(row)),
            _ => {
                out.push(b'"');
                self.push_bare(row, out);
                out.push(b'"');
            }
        }
    }

    /// Appends the CSV field of a cell, which is nothing for NULL.
    #[inline]
    pub(in crate::encode) fn push_csv(&self, row: usize, delimiter: u8, out: &mut Vec<u8>, scratch: &mut Vec<u8>) {
        if self.is_null(row) {
            return;
        }
        match &self.values {
            Values::Text(values) => push_csv_field(out, values.value(row).as_bytes(), delimiter),
            Values::TextView(values) | Values::Json(values) => {
                push_csv_field(out, values.value(row).as_bytes(), delimiter);
            }
            Values::Nested(nested) => {
                if let Some(value) = nested.member(row) {
                    return value.0.push_csv(value.1, delimiter, out, scratch);
                }
                scratch.clear();
                nested.push_json(row, scratch);
                push_csv_field(out, scratch, delimiter);
            }
            _ => self.push_bare(row, out),
        }
    }

    /// Appends the literal of a cell in SQL.
    pub(in crate::encode) fn push_sql(&self, row: usize, out: &mut Vec<u8>) {
        if self.is_null(row) {
            out.extend_from_slice(b"NULL");
            return;
        }
        match &self.values {
            Values::Null => out.extend_from_slice(b"NULL"),
            Values::Boolean(_) | Values::Int32(_) | Values::Int64(_) | Values::UInt64(_) => self.push_bare(row, out),
            Values::Decimal128(..) | Values::Decimal256(..) => self.push_bare(row, out),
            Values::Float32(values) if values[row].is_finite() => push_float(out, values[row]),
            Values::Float32(values) => push_infinite_sql(out, values[row].into()),
            Values::Float64(values) if values[row].is_finite() => push_double(out, values[row]),
            Values::Float64(values) => push_infinite_sql(out, values[row]),
            Values::Bytes(_) | Values::BytesView(_) => {
                out.extend_from_slice(b"X'");
                self.push_bare(row, out);
                out.push(b'\'');
            }
            Values::Nested(nested) => {
                if let Some((cells, position)) = nested.member(row) {
                    return cells.push_sql(position, out);
                }
                let mut text = Vec::new();
                nested.push_json(row, &mut text);
                push_sql_text(out, &text);
            }
            _ => {
                let mut text = Vec::new();
                self.push_bare(row, &mut text);
                push_sql_text(out, &text);
            }
        }
    }

    /// Whether a cell holds bytes.
    pub(in crate::encode) fn is_blob(&self, row: usize) -> bool {
        match &self.values {
            Values::Bytes(_) | Values::BytesView(_) => !self.is_null(row),
            Values::Nested(nested) => nested.member(row).is_some_and(|(cells, position)| cells.is_blob(position)),
            _ => false,
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
            Values::Bytes(values) => self.blobs.push(out, values.value(row)),
            Values::BytesView(values) => self.blobs.push(out, values.value(row)),
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

/// What SQLite reads as infinite; it keeps no NaN.
fn push_infinite_sql(out: &mut Vec<u8>, value: f64) {
    let word = if value.is_nan() {
        "NULL"
    } else if value > 0.0 {
        "9.0e+999"
    } else {
        "-9.0e+999"
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
