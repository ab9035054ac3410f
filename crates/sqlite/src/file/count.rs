//! How many rows tables have, as far as that is quickly found out: SQLite knows it of no table and walks through all rows.

use std::collections::HashMap;

use model::Result;
use rusqlite::{Connection, ErrorCode};

use super::failure::failure;
use super::names::quote;

/// Counts the rows of every table that has no more than `most`. Where the connection's guard stops it, the answer is what was
/// counted until then.
pub(crate) fn row_counts(connection: &Connection, most: u64) -> Result<HashMap<String, u64>> {
    let mut counts = HashMap::new();
    for table in tables(connection).map_err(failure)? {
        match count(connection, &table, most) {
            Ok(Some(rows)) => drop(counts.insert(table, rows)),
            Ok(None) => {}
            Err(cause) if cause.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => break,
            Err(cause) => return Err(failure(cause).context(format!("the rows of table \"{table}\""))),
        }
    }
    Ok(counts)
}

fn tables(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut list = connection.prepare_cached(
        "SELECT name FROM main.sqlite_schema \
         WHERE type = 'table' AND rootpage > 0 AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid",
    )?;
    let names = list.query_map([], |row| row.get(0))?;
    names.collect()
}

/// The number of rows, where it is not more than `most`. The plain `count(*)` would be one step that nothing can stop.
fn count(connection: &Connection, table: &str, most: u64) -> rusqlite::Result<Option<u64>> {
    let counted = format!("SELECT count(*) FROM (SELECT 1 FROM main.{} LIMIT ?1)", quote(table));
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rows: i64 = connection.query_row(&counted, [most.saturating_add(1)], |row| row.get(0))?;
    Ok(u64::try_from(rows).ok().filter(|_| rows <= most))
}
