//! Parts of texts, counted in characters.

use arrow::array::ArrayRef;
use datafusion::error::Result;

use crate::scalar::{Call, Form, Function, Gives, Kind, form, function};

const TEXT: Form = form(&[Kind::Text, Kind::Int, Kind::Int], Gives::Text, substring).optional(1);

pub const FUNCTIONS: &[Function] = &[
    function(&["substring", "substr", "substring_grapheme"], &[TEXT]),
    function(&["left", "left_grapheme"], &[form(&[Kind::Text, Kind::Int], Gives::Text, left)]),
    function(&["right", "right_grapheme"], &[form(&[Kind::Text, Kind::Int], Gives::Text, right)]),
    function(&["text_slice"], &[form(&[Kind::Text, Kind::Any, Kind::Any], Gives::Text, slice)]),
    function(
        &["length", "len", "char_length", "character_length", "length_grapheme"],
        &[form(&[Kind::Text], Gives::Int, length), form(&[Kind::List], Gives::Int, list_length)],
    ),
    function(
        &["strlen"],
        &[form(&[Kind::Text], Gives::Int, |call| {
            call.primitives::<arrow::datatypes::Int64Type>(|row| Ok(Some(call.text(0).value(row).len() as i64)))
        })],
    ),
    function(
        &["octet_length"],
        &[form(&[Kind::Bytes], Gives::Int, |call| {
            call.primitives::<arrow::datatypes::Int64Type>(|row| Ok(Some(call.bytes(0).value(row).len() as i64)))
        })],
    ),
    function(
        &["bit_length"],
        &[form(&[Kind::Text], Gives::Int, |call| {
            call.primitives::<arrow::datatypes::Int64Type>(|row| Ok(Some(call.text(0).value(row).len() as i64 * 8)))
        })],
    ),
];

fn length(call: &Call) -> Result<ArrayRef> {
    call.primitives::<arrow::datatypes::Int64Type>(|row| Ok(Some(count(call.text(0).value(row)))))
}

fn list_length(call: &Call) -> Result<ArrayRef> {
    call.primitives::<arrow::datatypes::Int64Type>(|row| Ok(Some(i64::from(call.list(0).value_length(row)))))
}

fn count(text: &str) -> i64 {
    if text.is_ascii() { text.len() as i64 } else { text.chars().count() as i64 }
}

/// The characters from `start`, counted from 0, up to `end`.
fn part(text: &str, start: i64, end: i64) -> &str {
    let (start, end) = (start.max(0), end.max(0));
    if start >= end {
        return "";
    }
    let bytes = |position: i64| {
        let position = usize::try_from(position).unwrap_or(usize::MAX);
        if text.is_ascii() {
            position.min(text.len())
        } else {
            text.char_indices().nth(position).map_or(text.len(), |(byte, _)| byte)
        }
    };
    &text[bytes(start)..bytes(end)]
}

/// `substring(text, start, length)`: a negative start counts from the end, a negative length goes backwards.
fn substring(call: &Call) -> Result<ArrayRef> {
    let texts = call.text(0);
    call.texts(|row| {
        let text = texts.value(row);
        let start = match call.int(1).value(row) {
            start if start < 0 => (count(text) + start).max(i64::MIN / 2),
            start => start - 1,
        };
        if !call.has(2) {
            return Ok(Some(part(text, start, i64::MAX)));
        }
        let length = call.int(2).value(row);
        let end = start.saturating_add(length);
        Ok(Some(if length < 0 { part(text, end, start) } else { part(text, start, end) }))
    })
}

fn left(call: &Call) -> Result<ArrayRef> {
    call.texts(|row| {
        let (text, wanted) = (call.text(0).value(row), call.int(1).value(row));
        Ok(Some(part(text, 0, if wanted < 0 { count(text).saturating_add(wanted) } else { wanted })))
    })
}

fn right(call: &Call) -> Result<ArrayRef> {
    call.texts(|row| {
        let (text, wanted) = (call.text(0).value(row), call.int(1).value(row));
        let start = if wanted < 0 { wanted.saturating_neg() } else { count(text).saturating_sub(wanted) };
        Ok(Some(part(text, start, i64::MAX)))
    })
}

/// `text[from:to]`, both counted from 1 and included; NULL is an end that was left out.
fn slice(call: &Call) -> Result<ArrayRef> {
    let bounds = [1, 2].map(|position| arrow::compute::cast(&call.args[position], &arrow::datatypes::DataType::Int64));
    let [from, to] = bounds;
    let (from, to) = (from?, to?);
    let texts = Call { args: &call.args[..1], rows: call.rows, gives: call.gives, settings: call.settings };
    texts.texts(|row| {
        let text = call.text(0).value(row);
        let (start, end) = crate::list::range(count(text), bound(&from, row), bound(&to, row));
        Ok(Some(part(text, start, end)))
    })
}

/// A bound of a slice; `None` where it was left out.
pub fn bound(bounds: &ArrayRef, row: usize) -> Option<i64> {
    use arrow::array::{Array, AsArray};
    let bounds = bounds.as_primitive::<arrow::datatypes::Int64Type>();
    bounds.is_valid(row).then(|| bounds.value(row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_counted_in_characters() {
        for (text, start, end, expected) in
            [("hello", 1, 3, "el"), ("héllo", 1, 2, "é"), ("hi", -5, 1, "h"), ("hi", 1, 99, "i"), ("hi", 3, 2, "")]
        {
            assert_eq!(part(text, start, end), expected, "{text} {start} {end}");
        }
    }
}
