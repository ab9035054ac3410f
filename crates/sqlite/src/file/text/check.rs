//! What the condition of a CHECK says.

use std::ops::Range;

use model::Value;

use super::super::names::same;
use super::scan::{Kind, Scanned};

/// The columns of `all` that the condition names, each once, in the order of `all`.
pub(crate) fn columns_of(tokens: &Scanned<'_>, condition: Range<usize>, all: &[String]) -> Vec<String> {
    let named = |column: &&String| {
        condition.clone().any(|at| {
            matches!(tokens.kind(at), Some(Kind::Word | Kind::Quoted))
                && !tokens.sign(at + 1, b'(')
                && tokens.name(at).is_some_and(|name| same(&name, column))
        })
    };
    all.iter().filter(named).cloned().collect()
}

/// The column and the only values that it takes, where the condition is `column IN (values)`, with or without
/// `column IS NULL OR` before it.
pub(crate) fn one_of(tokens: &Scanned<'_>, condition: Range<usize>) -> Option<(String, Vec<Value>)> {
    let mut range = condition;
    while tokens.sign(range.start, b'(') && tokens.close(range.start) == range.end.checked_sub(1) {
        range = range.start + 1..range.end - 1;
    }
    let column = name(tokens, range.start)?;
    let mut at = range.start + 1;
    if tokens.is(at, "IS") && tokens.is(at + 1, "NULL") && tokens.is(at + 2, "OR") {
        if !same(&name(tokens, at + 3)?, &column) {
            return None;
        }
        at += 4;
    }
    if !tokens.is(at, "IN") || !tokens.sign(at + 1, b'(') || tokens.close(at + 1)? + 1 != range.end {
        return None;
    }
    let parts = tokens.parts(at + 2..range.end - 1);
    let values: Option<Vec<Value>> = parts.into_iter().map(|part| value(tokens, part)).collect();
    Some((column, values?))
}

fn name(tokens: &Scanned<'_>, at: usize) -> Option<String> {
    match tokens.kind(at)? {
        Kind::Word | Kind::Quoted => tokens.name(at),
        _ => None,
    }
}

fn value(tokens: &Scanned<'_>, part: Range<usize>) -> Option<Value> {
    let signed = part.len() == 2 && (tokens.sign(part.start, b'-') || tokens.sign(part.start, b'+'));
    if !(part.len() == 1 || signed) {
        return None;
    }
    match tokens.kind(part.end - 1)? {
        Kind::Number => number(tokens.written(part.clone())),
        _ if signed => None,
        // A name in double quotes that is no column is a text to SQLite.
        Kind::Text | Kind::Quoted => Some(Value::Text(tokens.name(part.start)?)),
        Kind::Word if tokens.is(part.start, "TRUE") => Some(Value::Boolean(true)),
        Kind::Word if tokens.is(part.start, "FALSE") => Some(Value::Boolean(false)),
        _ => None,
    }
}

fn number(written: &str) -> Option<Value> {
    let plain: String = written.chars().filter(|c| !c.is_whitespace() && *c != '_').collect();
    let digits = plain.trim_start_matches(['+', '-']);
    if digits.len() > 2 && digits[..2].eq_ignore_ascii_case("0x") {
        let value = i64::from_str_radix(&digits[2..], 16).ok()?;
        return Some(Value::Integer(if plain.starts_with('-') { -value } else { value }));
    }
    plain.parse().map(Value::Integer).or_else(|_| plain.parse().map(Value::Float)).ok()
}
