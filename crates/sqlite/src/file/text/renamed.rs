//! Statements of views and their triggers with another name.

use super::super::names::quote;
use super::scan::Scanned;

/// CREATE VIEW with another name.
pub(crate) fn renamed_view(tokens: &Scanned<'_>, to: &str) -> Option<String> {
    replaced(tokens, created(tokens, "VIEW")?, to)
}

/// CREATE TRIGGER on a view of another name.
pub(crate) fn renamed_trigger(tokens: &Scanned<'_>, to: &str) -> Option<String> {
    let mut at = end_of_name(tokens, created(tokens, "TRIGGER")?);
    if tokens.is(at, "BEFORE") || tokens.is(at, "AFTER") {
        at += 1;
    } else if tokens.is(at, "INSTEAD") {
        at += 2;
    }
    // The event, and the columns of UPDATE OF; ON is no name without quotes.
    let on = (at + 1..tokens.len()).find(|at| tokens.is(*at, "ON"))?;
    replaced(tokens, on + 1, to)
}

/// Where the name stands in `CREATE [TEMP] WORD [IF NOT EXISTS] name`.
fn created(tokens: &Scanned<'_>, word: &str) -> Option<usize> {
    let at = 1 + usize::from(tokens.is(1, "TEMP") || tokens.is(1, "TEMPORARY"));
    if !tokens.is(0, "CREATE") || !tokens.is(at, word) {
        return None;
    }
    let cautious = tokens.is(at + 1, "IF") && tokens.is(at + 2, "NOT") && tokens.is(at + 3, "EXISTS");
    Some(if cautious { at + 4 } else { at + 1 })
}

fn end_of_name(tokens: &Scanned<'_>, at: usize) -> usize {
    if tokens.sign(at + 1, b'.') { at + 3 } else { at + 1 }
}

/// The text with another name at this place, where a schema may precede the old one.
fn replaced(tokens: &Scanned<'_>, at: usize, to: &str) -> Option<String> {
    tokens.name(at)?;
    let old = tokens.bytes(at..end_of_name(tokens, at));
    Some(format!("{}{}{}", &tokens.text[..old.start], quote(to), &tokens.text[old.end..]))
}
