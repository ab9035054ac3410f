//! Statements that differ in their constants alone.
//!
//! Callers write the key they look for into the statement, and preparing one takes as long as running it. What stands behind a
//! comparison in the `WHERE` of a plain `SELECT` is bound instead: there a parameter means what the constant means, and no
//! name of a column is made from it. Where the plan hangs on the value, statements are [kept apart](super::plans).

use std::ops::Range;

use rusqlite::types::Value;

use crate::file::text::{Kind, Scanned};

/// Longer texts are prepared as they are, and so are those with more constants.
const LONGEST: usize = 2_000;
const CONSTANTS: usize = 32;
/// Digits of a whole number that fits for certain.
const DIGITS: usize = 18;

/// A statement without its constants.
#[derive(Debug, PartialEq)]
pub(super) struct Shape {
    /// Its text, with a parameter for each of them.
    pub(super) sql: String,
    /// What the parameters stand for, in their order.
    pub(super) constants: Vec<Value>,
}

/// The shape of a statement; nothing where it has none, or no constants.
pub(super) fn shape(sql: &str) -> Option<Shape> {
    if sql.len() > LONGEST {
        return None;
    }
    let text = Scanned::new(sql).ok()?;
    let (mut shape, mut copied) = (String::with_capacity(sql.len()), 0);
    let mut constants = Vec::new();
    for at in conditions(&text)? {
        let Some(constant) = constant(&text, at) else { continue };
        let place = text.bytes(at..at + 1);
        // `?1` would be a parameter with a number.
        if sql[place.end..].starts_with(|next: char| next.is_ascii_digit()) {
            return None;
        }
        shape.push_str(&sql[copied..place.start]);
        shape.push('?');
        copied = place.end;
        constants.push(constant);
    }
    shape.push_str(&sql[copied..]);
    (1..=CONSTANTS).contains(&constants.len()).then_some(Shape { sql: shape, constants })
}

/// The tokens of the one `WHERE` of a statement that is one `SELECT` without parameters: up to what could speak of the result's
/// columns again.
fn conditions(text: &Scanned<'_>) -> Option<Range<usize>> {
    const END: [&str; 8] = ["group", "having", "window", "order", "limit", "union", "intersect", "except"];
    if !text.is(0, "select") {
        return None;
    }
    let (mut depth, mut start, mut end) = (0_usize, None, None);
    for at in 1..text.len() {
        match text.kind(at)? {
            Kind::Sign(b'?' | b':' | b'@' | b'#') => return None,
            Kind::Sign(b'(') => depth += 1,
            Kind::Sign(b')') => depth = depth.checked_sub(1)?,
            Kind::Word => {
                let word = text.written(at..at + 1);
                if word.starts_with('$') || word.eq_ignore_ascii_case("select") || word.eq_ignore_ascii_case("values") {
                    return None;
                }
                if depth == 0 && start.is_none() && word.eq_ignore_ascii_case("where") {
                    start = Some(at + 1);
                }
                let ends = || END.iter().any(|end| word.eq_ignore_ascii_case(end));
                if start.is_some() && end.is_none() && ends() {
                    end = Some(at);
                }
            }
            _ => {}
        }
    }
    Some(start?..end.unwrap_or(text.len()))
}

/// The token as a constant, where a comparison stands before it.
fn constant(text: &Scanned<'_>, at: usize) -> Option<Value> {
    let written = || text.written(at..at + 1);
    let constant = match text.kind(at)? {
        Kind::Number => {
            let digits = Some(written()).filter(|digits| digits.len() <= DIGITS)?;
            // Not a fraction, and not hexadecimal: `parse` takes no more than digits here.
            Value::Integer(digits.parse().ok()?)
        }
        Kind::Text => Value::Text(text.name(at)?),
        _ => return None,
    };
    follows_comparison(text, at).then_some(constant)
}

/// `=`, `<`, `>` and what ends in them, and neither a shift nor an arrow: an index can be made of those.
fn follows_comparison(text: &Scanned<'_>, at: usize) -> bool {
    let Some(before) = at.checked_sub(1) else { return false };
    let sign = |at: Option<usize>, sign| at.is_some_and(|at| text.sign(at, sign));
    let further = before.checked_sub(1);
    sign(Some(before), b'=')
        || (sign(Some(before), b'<') && !sign(further, b'<'))
        || (sign(Some(before), b'>') && !sign(further, b'>') && !sign(further, b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shaped(sql: &str) -> Option<(String, Vec<Value>)> {
        shape(sql).map(|shape| (shape.sql, shape.constants))
    }

    #[test]
    fn constants_behind_comparisons_are_taken_out() {
        let text = |text: &str| Value::Text(text.to_owned());
        let whole = Value::Integer;
        for (sql, shape, constants) in [
            ("SELECT * FROM t WHERE id = 5", "SELECT * FROM t WHERE id = ?", vec![whole(5)]),
            (
                "select a from t where a<>'it''s' and b>=7;",
                "select a from t where a<>? and b>=?;",
                vec![text("it's"), whole(7)],
            ),
            ("SELECT 1 AS \"=\" FROM t WHERE (a=1)", "SELECT 1 AS \"=\" FROM t WHERE (a=?)", vec![whole(1)]),
            (
                "SELECT a = 1 FROM t WHERE a = 2 ORDER BY a = 1",
                "SELECT a = 1 FROM t WHERE a = ? ORDER BY a = 1",
                vec![whole(2)],
            ),
            ("SELECT a FROM t WHERE a = 2 LIMIT 1", "SELECT a FROM t WHERE a = ? LIMIT 1", vec![whole(2)]),
            (
                "SELECT a FROM t WHERE a /* = 1 */ = -- 2\n 3",
                "SELECT a FROM t WHERE a /* = 1 */ = -- 2\n ?",
                vec![whole(3)],
            ),
        ] {
            assert_eq!(shaped(sql), Some((shape.to_owned(), constants)), "{sql}");
        }
    }

    #[test]
    fn what_could_mean_something_else_stays() {
        for sql in [
            "SELECT a = 1 FROM t",
            "SELECT a FROM t WHERE a = ?",
            "SELECT a FROM t WHERE a = $b AND c = 1",
            "SELECT a FROM t WHERE a = :b AND c = 1",
            "SELECT (SELECT b = 1 FROM u) FROM t WHERE a = 1",
            "SELECT count(*) FILTER (WHERE a = 1) FROM t",
            "SELECT a FROM t WHERE a IN (1, 2) AND b LIKE 'x%' AND c BETWEEN 1 AND 2",
            "SELECT a FROM t WHERE a >> 1 AND a << 1 AND a -> 'k' AND a ->> 'k'",
            "SELECT a FROM t WHERE a = 1.5 AND b = 0x10 AND c = x'00' AND d = 1e3 AND e = 1_000",
            "SELECT a FROM t WHERE a = 9223372036854775808",
            "SELECT a FROM t WHERE a = 'open",
            "SELECT a FROM t WHERE a = 1)",
            "SELECT a FROM t WHERE a = 'x'1",
            "UPDATE t SET a = 1 WHERE b = 2",
            "WITH t AS (VALUES (1)) SELECT * FROM t WHERE 1 = 1",
            "EXPLAIN SELECT a FROM t WHERE a = 1",
        ] {
            assert_eq!(shaped(sql), None, "{sql}");
        }
    }
}
