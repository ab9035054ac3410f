//! The ways into a column. Each answers whether the value fits the column's type; what does not is left out.

use arrow_buffer::NullBufferBuilder;

use super::Column;
use super::values::{Values, end, in_unit};
use crate::cell;

impl Column {
    /// Appends a NULL.
    pub(crate) fn append_null(&mut self) {
        self.values.push_default();
        self.nulls.append_null();
    }

    /// Appends what a text means in the column's type.
    pub(crate) fn append_text(&mut self, text: &[u8]) -> bool {
        self.append_texts(std::iter::once((text, true)), false).is_ok()
    }

    /// Appends many texts, each with whether it was quoted. An unquoted empty text is NULL; a quoted one is empty in
    /// a column of text, and in any other NULL where `empty_is_null` says so.
    ///
    /// # Errors
    /// The position of the first text that does not fit; those before it are in.
    pub(crate) fn append_texts<'a>(
        &mut self,
        texts: impl Iterator<Item = (&'a [u8], bool)>,
        empty_is_null: bool,
    ) -> Result<(), usize> {
        let Self { values, nulls, .. } = self;
        match values {
            Values::Boolean(bits) => {
                fill(texts, nulls, empty_is_null, cell::boolean, |value| bits.append(value.unwrap_or_default()))
            }
            Values::Integer { values, least, greatest } => {
                let (least, greatest) = (*least, *greatest);
                let parse = |text: &[u8]| cell::integer(text).filter(|value| (least..=greatest).contains(value));
                fill(texts, nulls, empty_is_null, parse, |value| values.push(value.unwrap_or_default()))
            }
            Values::Double { values, greatest } => {
                let greatest = *greatest;
                let parse =
                    |text: &[u8]| cell::double(text).filter(|value| !value.is_finite() || value.abs() <= greatest);
                fill(texts, nulls, empty_is_null, parse, |value| values.push(value.unwrap_or_default()))
            }
            Values::Decimal { values, precision, scale } => {
                let parse = |text: &[u8]| cell::decimal(text, *precision, *scale);
                fill(texts, nulls, empty_is_null, parse, |value| values.push(value.unwrap_or_default()))
            }
            Values::Date(values) => {
                fill(texts, nulls, empty_is_null, cell::date, |value| values.push(value.unwrap_or_default()))
            }
            Values::Timestamp { values, unit } => {
                let parse = |text: &[u8]| cell::timestamp(text).and_then(|(micros, _)| in_unit(micros, *unit));
                fill(texts, nulls, empty_is_null, parse, |value| values.push(value.unwrap_or_default()))
            }
            Values::Text { ends, bytes } => {
                for (text, quoted) in texts {
                    bytes.extend_from_slice(text);
                    ends.push(end(bytes));
                    nulls.append(!text.is_empty() || quoted);
                }
                Ok(())
            }
            Values::Refused => fill(texts, nulls, empty_is_null, |_| None::<()>, |_| {}),
        }
    }

    /// Appends a boolean.
    pub(crate) fn append_boolean(&mut self, value: bool) -> bool {
        match &mut self.values {
            Values::Boolean(bits) => {
                bits.append(value);
                self.nulls.append_non_null();
                true
            }
            Values::Text { .. } => self.append_text(if value { b"true" } else { b"false" }),
            _ => false,
        }
    }

    /// Appends a number as JSON writes it. A column of integers takes `3.0` and `3e2` too, and one of text takes the
    /// digits as they stand.
    pub(crate) fn append_number(&mut self, text: &[u8]) -> bool {
        match &mut self.values {
            Values::Integer { .. } if cell::integer(text).is_none() => {
                // 2^53: past it a double stands for several integers, and there is no telling which was meant.
                match cell::double(text) {
                    Some(value) if value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0 => {
                        self.append_text(itoa::Buffer::new().format(value as i64).as_bytes())
                    }
                    _ => false,
                }
            }
            Values::Integer { .. } | Values::Double { .. } | Values::Decimal { .. } | Values::Text { .. } => {
                self.append_text(text)
            }
            _ => false,
        }
    }
}

/// Parses every text; `push` gets the value, or nothing for a NULL.
fn fill<'a, T>(
    texts: impl Iterator<Item = (&'a [u8], bool)>,
    nulls: &mut NullBufferBuilder,
    empty_is_null: bool,
    parse: impl Fn(&[u8]) -> Option<T>,
    mut push: impl FnMut(Option<T>),
) -> Result<(), usize> {
    for (position, (text, _)) in texts.enumerate() {
        if text.is_empty() && empty_is_null {
            push(None);
            nulls.append_null();
            continue;
        }
        // Spaces around a number or a date are common in files made by hand; they are looked for only where it fails.
        match parse(text).or_else(|| parse(text.trim_ascii())) {
            Some(value) => push(Some(value)),
            None if text.trim_ascii().is_empty() && empty_is_null => {
                push(None);
                nulls.append_null();
                continue;
            }
            None => return Err(position),
        }
        nulls.append_non_null();
    }
    Ok(())
}
