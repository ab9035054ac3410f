//! `printf('%s is %d', …)`, as C has it.

use arrow::array::ArrayRef;
use datafusion::common::exec_err;
use datafusion::error::Result;

use super::format::{Spec, Value, Values};
use crate::scalar::{Call, Function, Gives, Kind, form, function};

pub const FUNCTIONS: &[Function] =
    &[function(&["printf"], &[form(&[Kind::Text, Kind::Any], Gives::Text, printf).repeats()])];

fn printf(call: &Call) -> Result<ArrayRef> {
    let values = Values::of(call)?;
    call.texts(|row| filled(call.text(0).value(row), &values.row(row)?).map(Some))
}

fn filled(template: &str, values: &[Value]) -> Result<String> {
    let mut text = String::new();
    let mut rest = template;
    let mut values = values.iter();
    while let Some((before, after)) = rest.split_once('%') {
        text.push_str(before);
        if let Some(after) = after.strip_prefix('%') {
            text.push('%');
            rest = after;
            continue;
        }
        let (spec, after) = parsed(after, template)?;
        let Some(value) = values.next() else {
            return exec_err!("the format {template:?} asks for more arguments than there are");
        };
        text.push_str(&spec.write(value)?);
        rest = after;
    }
    text.push_str(rest);
    Ok(text)
}

/// The directive at the beginning of a text, and what follows it.
fn parsed<'a>(text: &'a str, template: &str) -> Result<(Spec, &'a str)> {
    let mut spec = Spec::default();
    let flags = text.find(|c| !"-+ #0,'_".contains(c)).unwrap_or(text.len());
    for flag in text[..flags].chars() {
        match flag {
            '-' => spec.align = Some('<'),
            '+' | ' ' => spec.sign = Some(flag),
            '#' => spec.alternate = true,
            '0' => spec.zeros = true,
            other => spec.thousands = Some(other),
        }
    }
    let rest = &text[flags..];
    let (width, rest) = digits(rest);
    spec.width = width.unwrap_or(0);
    if spec.align.is_none() && spec.width > 0 && !spec.zeros {
        spec.align = Some('>');
    }
    let rest = match rest.strip_prefix('.') {
        Some(rest) => {
            let (precision, rest) = digits(rest);
            spec.precision = Some(precision.unwrap_or(0));
            rest
        }
        None => rest,
    };
    let rest = rest.trim_start_matches(['l', 'h', 'z']);
    let Some(kind) = rest.chars().next() else { return exec_err!("the format {template:?} ends within a directive") };
    spec.kind = Some(kind);
    Ok((spec, &rest[kind.len_utf8()..]))
}

fn digits(text: &str) -> (Option<usize>, &str) {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    (text[..length].parse().ok().map(|number: usize| number.min(10_000)), &text[length..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives() {
        let values = [Value::Text("a".to_owned()), Value::Whole(42), Value::Double(2.5)];
        assert_eq!(filled("%-3s|%5d|%.2f%%", &values).unwrap(), "a  |   42|2.50%");
        filled("%d", &[]).unwrap_err();
        filled("%", &values).unwrap_err();
    }
}
