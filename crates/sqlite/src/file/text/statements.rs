//! A script as its statements.

use super::scan::Scanned;

/// One statement of a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece<'a> {
    /// Its text, without the semicolon.
    pub(crate) sql: &'a str,
    /// The byte at which it begins.
    start: usize,
    /// The line on which it begins, from 1.
    pub(crate) line: usize,
}

/// The statements of a script; the line of a quote that does not end. As SQLite's shell has it: a semicolon ends a
/// statement, but in CREATE TRIGGER only the one after an END that a semicolon precedes.
pub(crate) fn statements(script: &str) -> Result<Vec<Piece<'_>>, usize> {
    let tokens = Scanned::new(script).map_err(|at| line_of(script, at))?;
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut trigger = false;
    for at in 0..tokens.len() {
        if at == start {
            trigger = begins_trigger(&tokens, at);
        }
        let ends = tokens.sign(at, b';') && (!trigger || (at >= start + 2 && ends_trigger(&tokens, at - 1)));
        if ends {
            push(&mut pieces, &tokens, start..at);
            start = at + 1;
        }
    }
    push(&mut pieces, &tokens, start..tokens.len());
    Ok(pieces)
}

fn push<'a>(pieces: &mut Vec<Piece<'a>>, tokens: &Scanned<'a>, range: std::ops::Range<usize>) {
    if range.is_empty() {
        return;
    }
    let bytes = tokens.bytes(range);
    // Lines are counted from the statement before: a script may have very many.
    let (from, line) = pieces.last().map_or((0, 1), |last: &Piece<'a>| (last.start, last.line));
    let (start, line) = (bytes.start, line + line_of(&tokens.text[from..], bytes.start - from) - 1);
    pieces.push(Piece { sql: &tokens.text[bytes], start, line });
}

fn begins_trigger(tokens: &Scanned<'_>, start: usize) -> bool {
    let mut at = start;
    if tokens.is(at, "EXPLAIN") {
        at += if tokens.is(at + 1, "QUERY") { 3 } else { 1 };
    }
    let temporary = tokens.is(at + 1, "TEMP") || tokens.is(at + 1, "TEMPORARY");
    tokens.is(at, "CREATE") && tokens.is(at + 1 + usize::from(temporary), "TRIGGER")
}

fn ends_trigger(tokens: &Scanned<'_>, end: usize) -> bool {
    tokens.is(end, "END") && tokens.sign(end - 1, b';')
}

fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1
}
