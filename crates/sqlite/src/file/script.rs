//! Scripts: several statements, all of them or none.

use model::{Error, Result};
use rusqlite::Connection;

use super::text::statements;
use crate::nul;

/// Runs the statements of a script inside the transaction, or savepoint, that the caller began; the caller takes it back
/// where this fails. What statements may do is the authorizer's matter, which the caller has set; `told` says what an error
/// of SQLite means then. `goes_on` is asked between statements: those that are short ask nobody themselves.
pub(crate) fn run_script(
    connection: &Connection,
    script: &str,
    told: &dyn Fn(rusqlite::Error) -> Error,
    goes_on: &dyn Fn() -> Result<()>,
) -> Result<()> {
    nul::refuse("the script", script)?;
    let pieces = statements(script)
        .map_err(|line| Error::invalid(format!("line {line}: a quote is opened and never closed")))?;
    for (at, piece) in pieces.iter().enumerate() {
        goes_on()?;
        let run = || -> rusqlite::Result<()> {
            let mut statement = connection.prepare(piece.sql)?;
            let mut rows = statement.raw_query();
            while rows.next()?.is_some() {}
            Ok(())
        };
        run().map_err(|error| {
            let line = piece.line + lines_before(&error, piece.sql);
            told(error).context(format!("statement {} (line {line})", at + 1))
        })?;
    }
    Ok(())
}

/// How many lines into the statement SQLite found the fault.
fn lines_before(error: &rusqlite::Error, sql: &str) -> usize {
    match error {
        rusqlite::Error::SqlInputError { offset, .. } => usize::try_from(*offset)
            .ok()
            .and_then(|end| sql.as_bytes().get(..end))
            .map_or(0, |before| before.iter().filter(|byte| **byte == b'\n').count()),
        _ => 0,
    }
}
