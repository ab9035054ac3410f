//! LIKE with an escape of its own.

use sqlparser::ast::{Expr, Value, ValueWithSpan};

/// `LIKE '10$%' ESCAPE '$'` with the backslash, which is the one that the engine knows.
pub fn with_backslash(escape: &mut ValueWithSpan, pattern: &mut Expr) {
    let (Value::SingleQuotedString(escape), Expr::Value(pattern)) = (&mut escape.value, pattern) else { return };
    let Value::SingleQuotedString(pattern) = &mut pattern.value else { return };
    let Some(sign) = escape.chars().next().filter(|sign| *sign != '\\') else { return };
    let mut written = String::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            c if c == sign => {
                written.push('\\');
                written.extend(chars.next());
            }
            '\\' => written.push_str("\\\\"),
            c => written.push(c),
        }
    }
    *pattern = written;
    *escape = "\\".to_owned();
}
