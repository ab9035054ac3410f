//! NUL characters: SQLite reads a text of SQL to the first of them and takes what stands before it for the whole.

use model::{Error, Result};

/// Refuses SQL with a NUL character, which is `what` and is told with the character's place.
pub fn refuse(what: &str, sql: &str) -> Result<()> {
    let Some(at) = sql.find('\0') else { return Ok(()) };
    let before = &sql[..at];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
    Err(Error::invalid(format!(
        "{what} has a NUL character at line {line}, column {column}; take it out, or write char(0) for a text that has one"
    )))
}

/// Refuses a new column that would be called so.
pub fn refuse_column(name: &str) -> Result<()> {
    if name.contains('\0') {
        return Err(Error::invalid(format!("the column name {name:?} has a NUL character; choose another one")));
    }
    Ok(())
}
