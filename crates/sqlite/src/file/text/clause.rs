//! The clauses of columns and tables: what CREATE TABLE says beside names and types.

use std::ops::Range;

use super::scan::{Kind, Scanned};

/// What a clause says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ClauseKind {
    /// PRIMARY KEY; the columns where they are named.
    PrimaryKey(Vec<String>),
    /// UNIQUE; the columns where they are named.
    Unique(Vec<String>),
    /// NOT NULL.
    NotNull,
    /// NULL, which says nothing.
    Null,
    /// CHECK, and the tokens of its condition.
    Check(Range<usize>),
    /// DEFAULT.
    Default,
    /// COLLATE.
    Collate,
    /// REFERENCES; the columns where they are named.
    ForeignKey(Vec<String>),
    /// DEFERRABLE on its own.
    Deferrable,
    /// AS (…).
    Generated,
}

/// One clause.
#[derive(Clone, Debug)]
pub(crate) struct Clause {
    /// The name of the constraint.
    pub(crate) name: Option<String>,
    /// What it says.
    pub(crate) kind: ClauseKind,
    /// Its tokens, the name among them.
    pub(crate) tokens: Range<usize>,
}

/// Words with which a clause of a column begins, and with which a type ends.
const BEGINNINGS: [&str; 10] =
    ["CONSTRAINT", "PRIMARY", "UNIQUE", "NOT", "NULL", "CHECK", "DEFAULT", "COLLATE", "REFERENCES", "AS"];

/// Whether a clause of a column begins here.
pub(crate) fn begins(tokens: &Scanned<'_>, at: usize) -> bool {
    BEGINNINGS.iter().any(|word| tokens.is(at, word))
        || tokens.is(at, "DEFERRABLE")
        || (tokens.is(at, "GENERATED") && tokens.is(at + 1, "ALWAYS"))
}

/// The clauses in these tokens, of a column or of a table; none where they are something else.
pub(crate) fn clauses(tokens: &Scanned<'_>, range: Range<usize>) -> Option<Vec<Clause>> {
    let mut found = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let start = at;
        let mut name = None;
        while tokens.is(at, "CONSTRAINT") {
            name = Some(tokens.name(at + 1)?);
            at += 2;
        }
        if at >= range.end {
            break;
        }
        let (kind, end) = clause(tokens, at)?;
        found.push(Clause { name, kind, tokens: start..end });
        at = end;
    }
    (at <= range.end).then_some(found)
}

fn clause(tokens: &Scanned<'_>, at: usize) -> Option<(ClauseKind, usize)> {
    if tokens.is(at, "PRIMARY") && tokens.is(at + 1, "KEY") {
        let (columns, mut end) = named_columns(tokens, at + 2)?;
        end += usize::from(tokens.is(end, "ASC") || tokens.is(end, "DESC"));
        end = conflict(tokens, end);
        end += usize::from(tokens.is(end, "AUTOINCREMENT"));
        return Some((ClauseKind::PrimaryKey(columns), end));
    }
    if tokens.is(at, "UNIQUE") {
        let (columns, end) = named_columns(tokens, at + 1)?;
        return Some((ClauseKind::Unique(columns), conflict(tokens, end)));
    }
    if tokens.is(at, "NOT") && tokens.is(at + 1, "NULL") {
        return Some((ClauseKind::NotNull, conflict(tokens, at + 2)));
    }
    if tokens.is(at, "NULL") {
        return Some((ClauseKind::Null, conflict(tokens, at + 1)));
    }
    if tokens.is(at, "CHECK") && tokens.sign(at + 1, b'(') {
        let close = tokens.close(at + 1)?;
        return Some((ClauseKind::Check(at + 2..close), conflict(tokens, close + 1)));
    }
    if tokens.is(at, "DEFAULT") {
        return Some((ClauseKind::Default, end_of_default(tokens, at + 1)?));
    }
    if tokens.is(at, "COLLATE") {
        return Some((ClauseKind::Collate, at + 2));
    }
    if tokens.is(at, "FOREIGN") && tokens.is(at + 1, "KEY") {
        let (columns, end) = named_columns(tokens, at + 2)?;
        return Some((ClauseKind::ForeignKey(columns), end_of_reference(tokens, end)?));
    }
    if tokens.is(at, "REFERENCES") {
        return Some((ClauseKind::ForeignKey(Vec::new()), end_of_reference(tokens, at)?));
    }
    if let Some(end) = end_of_deferrable(tokens, at) {
        return Some((ClauseKind::Deferrable, end));
    }
    let body = if tokens.is(at, "GENERATED") && tokens.is(at + 1, "ALWAYS") { at + 2 } else { at };
    if tokens.is(body, "AS") && tokens.sign(body + 1, b'(') {
        let end = tokens.close(body + 1)? + 1;
        let kept = usize::from(tokens.is(end, "STORED") || tokens.is(end, "VIRTUAL"));
        return Some((ClauseKind::Generated, end + kept));
    }
    None
}

/// `(a, "b" COLLATE nocase DESC)`, where it is there.
fn named_columns(tokens: &Scanned<'_>, at: usize) -> Option<(Vec<String>, usize)> {
    if !tokens.sign(at, b'(') {
        return Some((Vec::new(), at));
    }
    let close = tokens.close(at)?;
    let names = tokens.parts(at + 1..close).into_iter().map(|part| tokens.name(part.start));
    Some((names.collect::<Option<Vec<_>>>()?, close + 1))
}

fn conflict(tokens: &Scanned<'_>, at: usize) -> usize {
    if tokens.is(at, "ON") && tokens.is(at + 1, "CONFLICT") { at + 3 } else { at }
}

fn end_of_default(tokens: &Scanned<'_>, at: usize) -> Option<usize> {
    match tokens.kind(at)? {
        Kind::Sign(b'(') => Some(tokens.close(at)? + 1),
        Kind::Sign(b'+' | b'-') => Some(at + 2),
        Kind::Sign(_) => None,
        _ => Some(at + 1),
    }
}

fn end_of_reference(tokens: &Scanned<'_>, references: usize) -> Option<usize> {
    if !tokens.is(references, "REFERENCES") {
        return None;
    }
    let (_, mut at) = named_columns(tokens, references + 2)?;
    loop {
        if tokens.is(at, "MATCH") {
            at += 2;
        } else if tokens.is(at, "ON") && (tokens.is(at + 1, "DELETE") || tokens.is(at + 1, "UPDATE")) {
            at += if tokens.is(at + 2, "SET") || tokens.is(at + 2, "NO") { 4 } else { 3 };
        } else if let Some(end) = end_of_deferrable(tokens, at) {
            at = end;
        } else {
            return Some(at);
        }
    }
}

fn end_of_deferrable(tokens: &Scanned<'_>, at: usize) -> Option<usize> {
    let word = at + usize::from(tokens.is(at, "NOT"));
    if !tokens.is(word, "DEFERRABLE") {
        return None;
    }
    Some(if tokens.is(word + 1, "INITIALLY") { word + 3 } else { word + 1 })
}
