//! Looking for texts in texts, splitting, joining, replacing.

use arrow::array::{Array, ArrayRef};
use arrow::datatypes::Int64Type;
use datafusion::common::exec_err;
use datafusion::error::Result;

use crate::scalar::{Call, Form, Function, Gives, Kind, form, function};

const TWO: &[Kind] = &[Kind::Text, Kind::Text];

pub const FUNCTIONS: &[Function] = &[
    function(&["strpos", "instr", "position"], &[form(TWO, Gives::Int, position)]),
    function(
        &["contains"],
        &[
            form(TWO, Gives::Bool, |call| {
                call.bools(|row| Ok(Some(call.text(0).value(row).contains(call.text(1).value(row)))))
            }),
            form(&[Kind::List, Kind::Any], Gives::Bool, crate::list::contains),
        ],
    ),
    function(
        &["starts_with", "prefix"],
        &[form(TWO, Gives::Bool, |call| {
            call.bools(|row| Ok(Some(call.text(0).value(row).starts_with(call.text(1).value(row)))))
        })],
    ),
    function(
        &["ends_with", "suffix"],
        &[form(TWO, Gives::Bool, |call| {
            call.bools(|row| Ok(Some(call.text(0).value(row).ends_with(call.text(1).value(row)))))
        })],
    ),
    function(&["string_split", "split", "str_split", "string_to_array"], &[form(TWO, Gives::Texts, split)]),
    function(&["split_part"], &[form(&[Kind::Text, Kind::Text, Kind::Int], Gives::Text, split_part)]),
    function(&["array_to_string", "array_to_string_comma_default"], &[JOIN]),
    function(&["ltrim", "trim_leading"], &[trim_start()]),
    function(&["rtrim", "trim_trailing"], &[trim_end()]),
    function(&["trim", "btrim"], &[trim_both()]),
    function(&["lpad"], &[form(&[Kind::Text, Kind::Int, Kind::Text], Gives::Text, |call| pad(call, true))]),
    function(&["rpad"], &[form(&[Kind::Text, Kind::Int, Kind::Text], Gives::Text, |call| pad(call, false))]),
    function(&["repeat"], &[form(&[Kind::Text, Kind::Int], Gives::Text, repeat)]),
    function(
        &["reverse"],
        &[form(&[Kind::Text], Gives::Text, |call| {
            call.texts(|row| Ok(Some(call.text(0).value(row).chars().rev().collect::<String>())))
        })],
    ),
    function(&["translate"], &[form(&[Kind::Text, Kind::Text, Kind::Text], Gives::Text, translate)]),
    function(
        &["glob_matches"],
        &[form(TWO, Gives::Bool, |call| {
            call.bools(|row| {
                let pattern: Vec<char> = call.text(1).value(row).chars().collect();
                let text: Vec<char> = call.text(0).value(row).chars().collect();
                Ok(Some(glob(&pattern, &text)))
            })
        })],
    ),
    function(&["concat"], &[form(&[Kind::Text], Gives::Text, concat).repeats()]),
];

const JOIN: Form = form(&[Kind::Texts, Kind::Text], Gives::Text, join).optional(1);

/// Longest text that `repeat`, `lpad` and their like make.
const LONGEST: usize = 256 << 20;

fn position(call: &Call) -> Result<ArrayRef> {
    call.primitives::<Int64Type>(|row| {
        let text = call.text(0).value(row);
        let found = text.find(call.text(1).value(row));
        Ok(Some(found.map_or(0, |byte| text[..byte].chars().count() as i64 + 1)))
    })
}

fn split(call: &Call) -> Result<ArrayRef> {
    call.text_lists(|row| {
        let (text, separator) = (call.text(0).value(row), call.text(1).value(row));
        Ok(Some(if separator.is_empty() {
            text.chars().map(String::from).collect()
        } else {
            text.split(separator).map(str::to_owned).collect()
        }))
    })
}

fn split_part(call: &Call) -> Result<ArrayRef> {
    call.texts(|row| {
        let (text, separator, wanted) = (call.text(0).value(row), call.text(1).value(row), call.int(2).value(row));
        let parts: Vec<&str> = if separator.is_empty() { vec![text] } else { text.split(separator).collect() };
        let position = if wanted < 0 { parts.len() as i64 + wanted } else { wanted - 1 };
        Ok(Some(usize::try_from(position).ok().and_then(|position| parts.get(position)).copied().unwrap_or_default()))
    })
}

fn join(call: &Call) -> Result<ArrayRef> {
    call.texts(|row| {
        let items = call.list(0).value(row);
        let items = arrow::array::AsArray::as_string_view(&items);
        let separator = if call.has(1) { call.text(1).value(row) } else { "," };
        Ok(Some(items.iter().flatten().collect::<Vec<&str>>().join(separator)))
    })
}

const TRIM: &[Kind] = &[Kind::Text, Kind::Text];

const fn trim_start() -> Form {
    form(TRIM, Gives::Text, |call| trimmed(call, true, false)).optional(1)
}

const fn trim_end() -> Form {
    form(TRIM, Gives::Text, |call| trimmed(call, false, true)).optional(1)
}

const fn trim_both() -> Form {
    form(TRIM, Gives::Text, |call| trimmed(call, true, true)).optional(1)
}

fn trimmed(call: &Call, start: bool, end: bool) -> Result<ArrayRef> {
    call.texts(|row| {
        let mut text = call.text(0).value(row);
        let set = if call.has(1) { call.text(1).value(row) } else { " " };
        if start {
            text = text.trim_start_matches(|c| set.contains(c));
        }
        if end {
            text = text.trim_end_matches(|c| set.contains(c));
        }
        Ok(Some(text))
    })
}

fn pad(call: &Call, before: bool) -> Result<ArrayRef> {
    call.texts(|row| {
        let (text, filling) = (call.text(0).value(row), call.text(2).value(row));
        let wanted = usize::try_from(call.int(1).value(row)).unwrap_or(0);
        if wanted > LONGEST {
            return exec_err!("a text of {wanted} characters is too long; the longest has {LONGEST}");
        }
        let has = text.chars().count();
        if has >= wanted {
            return Ok(Some(text.chars().take(wanted).collect::<String>()));
        }
        if filling.is_empty() {
            return exec_err!("a text cannot be filled up with an empty one");
        }
        let filling: String = filling.chars().cycle().take(wanted - has).collect();
        Ok(Some(if before { filling + text } else { text.to_owned() + &filling }))
    })
}

fn repeat(call: &Call) -> Result<ArrayRef> {
    call.texts(|row| {
        let text = call.text(0).value(row);
        let times = usize::try_from(call.int(1).value(row)).unwrap_or(0);
        if text.len().saturating_mul(times) > LONGEST {
            return exec_err!(
                "a text of {} bytes is too long; the longest has {LONGEST}",
                text.len().saturating_mul(times)
            );
        }
        Ok(Some(text.repeat(times)))
    })
}

fn translate(call: &Call) -> Result<ArrayRef> {
    call.texts(|row| {
        let (from, to) = (call.text(1).value(row), call.text(2).value(row));
        let each = |c: char| match from.chars().position(|known| known == c) {
            Some(position) => to.chars().nth(position),
            None => Some(c),
        };
        Ok(Some(call.text(0).value(row).chars().filter_map(each).collect::<String>()))
    })
}

/// `concat` leaves NULL out.
fn concat(call: &Call) -> Result<ArrayRef> {
    let none = Call { args: &[], rows: call.rows, gives: call.gives, settings: call.settings };
    none.texts(|row| {
        let each = |position: usize| {
            let column = call.text(position);
            column.is_valid(row).then(|| column.value(row))
        };
        Ok(Some((0..call.args.len()).filter_map(each).collect::<String>()))
    })
}

/// Whether a text is as a pattern of `*`, `?`, `[a-z]` and `[!a]` says.
fn glob(pattern: &[char], text: &[char]) -> bool {
    let (mut p, mut t) = (0, 0);
    // Where to go on when a `*` must have taken one character more.
    let mut again: Option<(usize, usize)> = None;
    loop {
        let step = match pattern.get(p) {
            None if t == text.len() => return true,
            None => None,
            Some('*') => {
                again = Some((p + 1, t));
                p += 1;
                continue;
            }
            Some(_) if t == text.len() => None,
            Some('?') => Some(1),
            Some('[') => class(&pattern[p..], text[t]),
            Some('\\') if p + 1 < pattern.len() => (pattern[p + 1] == text[t]).then_some(2),
            Some(c) => (*c == text[t]).then_some(1),
        };
        match (step, again) {
            (Some(length), _) => (p, t) = (p + length, t + 1),
            (None, Some((after, taken))) if taken < text.len() => {
                (p, t) = (after, taken + 1);
                again = Some((after, taken + 1));
            }
            (None, _) => return false,
        }
    }
}

/// The length of the class that a pattern begins with, if the character is in it.
fn class(pattern: &[char], c: char) -> Option<usize> {
    let mut position = 1;
    let not = pattern.get(1) == Some(&'!');
    position += usize::from(not);
    let first = position;
    let mut found = false;
    loop {
        match pattern.get(position)? {
            ']' if position > first => break,
            from => {
                if pattern.get(position + 1) == Some(&'-') && pattern.get(position + 2).is_some_and(|to| *to != ']') {
                    found |= (*from..=pattern[position + 2]).contains(&c);
                    position += 3;
                } else {
                    found |= *from == c;
                    position += 1;
                }
            }
        }
    }
    (found != not).then_some(position + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        let matches =
            |pattern: &str, text: &str| glob(&pattern.chars().collect::<Vec<_>>(), &text.chars().collect::<Vec<_>>());
        assert!(
            matches("a*", "abc") && matches("*c", "abc") && matches("a*b*c", "a_b_b_c") && matches("[a-c]?c", "abc")
        );
        assert!(
            matches("[!x]", "a")
                && matches("*", "")
                && !matches("A*", "abc")
                && !matches("[!a]", "a")
                && !matches("a", "ab")
        );
    }
}
