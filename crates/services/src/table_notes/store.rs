//! The rows behind the notes. Every name here is in the form under which names are compared, but those of charts.

use model::{Result, name_key};
use rusqlite::{Connection, Row, Transaction};

use super::notes::{Note, Notes};
use crate::metadata::fault;

fn note(row: &Row<'_>) -> rusqlite::Result<Note> {
    Ok(Note { key: row.get(0)?, description: row.get(1)?, placed: row.get(2)?, after: row.get(3)? })
}

/// What is noted of the tables of a database.
pub(super) fn tables(connection: &Connection, database: &str) -> Result<Notes> {
    const SQL: &str = "SELECT table_key, description, placed, after_key FROM table_notes WHERE database_id = ?1";
    let mut statement = connection.prepare_cached(SQL).map_err(fault)?;
    let notes = statement.query_map([database], note).map_err(fault)?;
    Ok(Notes::of(notes.collect::<rusqlite::Result<_>>().map_err(fault)?))
}

/// What is noted of the columns of a table.
pub(super) fn columns(connection: &Connection, database: &str, table: &str) -> Result<Notes> {
    const SQL: &str = "SELECT column_key, description, placed, after_key FROM column_notes \
                       WHERE database_id = ?1 AND table_key = ?2";
    let mut statement = connection.prepare_cached(SQL).map_err(fault)?;
    let notes = statement.query_map([database, table], note).map_err(fault)?;
    Ok(Notes::of(notes.collect::<rusqlite::Result<_>>().map_err(fault)?))
}

/// Describes a table, or no longer.
pub(super) fn describe_table(connection: &Connection, database: &str, table: &str, text: Option<String>) -> Result<()> {
    const SQL: &str = "INSERT INTO table_notes (database_id, table_key, description) VALUES (?1, ?2, ?3) \
                       ON CONFLICT DO UPDATE SET description = excluded.description";
    connection.execute(SQL, (database, table, text)).map_err(fault).map(drop)
}

/// Describes a column, or no longer.
pub(super) fn describe_column(
    connection: &Connection,
    database: &str,
    table: &str,
    column: &str,
    text: Option<String>,
) -> Result<()> {
    const SQL: &str = "INSERT INTO column_notes (database_id, table_key, column_key, description) \
                       VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET description = excluded.description";
    connection.execute(SQL, (database, table, column, text)).map_err(fault).map(drop)
}

/// Gives every table of a database its place.
pub(super) fn place_tables(connection: &mut Connection, database: &str, order: &[String]) -> Result<()> {
    const SQL: &str = "INSERT INTO table_notes (database_id, table_key, placed, after_key) VALUES (?1, ?2, 1, ?3) \
                       ON CONFLICT DO UPDATE SET placed = 1, after_key = excluded.after_key";
    within(connection, |transaction| {
        let mut insert = transaction.prepare_cached(SQL)?;
        for (table, previous) in order.iter().zip(previous(order)) {
            insert.execute((database, table, previous))?;
        }
        Ok(())
    })
}

/// Gives every column of a table its place.
pub(super) fn place_columns(connection: &mut Connection, database: &str, table: &str, order: &[String]) -> Result<()> {
    const SQL: &str = "INSERT INTO column_notes (database_id, table_key, column_key, placed, after_key) \
                       VALUES (?1, ?2, ?3, 1, ?4) \
                       ON CONFLICT DO UPDATE SET placed = 1, after_key = excluded.after_key";
    within(connection, |transaction| {
        let mut insert = transaction.prepare_cached(SQL)?;
        for (column, previous) in order.iter().zip(previous(order)) {
            insert.execute((database, table, column, previous))?;
        }
        Ok(())
    })
}

/// What each stands after.
fn previous(order: &[String]) -> impl Iterator<Item = Option<&String>> {
    std::iter::once(None).chain(order.iter().map(Some))
}

/// Notes and charts of a table get its new name. What is noted under the new name is of a table that is no more.
pub(super) fn rename_table(connection: &mut Connection, database: &str, table: &str, to: &str) -> Result<()> {
    within(connection, |transaction| {
        let (old, new) = (name_key(table), name_key(to));
        if old != new {
            forget_table(transaction, database, &new)?;
        }
        for sql in [
            "UPDATE table_notes SET table_key = ?3 WHERE database_id = ?1 AND table_key = ?2",
            "UPDATE table_notes SET after_key = ?3 WHERE database_id = ?1 AND after_key = ?2",
            "UPDATE column_notes SET table_key = ?3 WHERE database_id = ?1 AND table_key = ?2",
        ] {
            transaction.execute(sql, (database, &old, &new))?;
        }
        for (chart, of, _) in charts(transaction, database)? {
            if name_key(&of) == old {
                transaction.execute("UPDATE charts SET table_name = ?2 WHERE id = ?1", (chart, to))?;
            }
        }
        Ok(())
    })
}

/// Notes of a column, and charts that show it, get its new name.
pub(super) fn rename_column(
    connection: &mut Connection,
    database: &str,
    table: &str,
    column: &str,
    to: &str,
) -> Result<()> {
    within(connection, |transaction| {
        let (table, old, new) = (name_key(table), name_key(column), name_key(to));
        if old != new {
            forget_column(transaction, database, &table, &new)?;
        }
        for sql in [
            "UPDATE column_notes SET column_key = ?4 WHERE database_id = ?1 AND table_key = ?2 AND column_key = ?3",
            "UPDATE column_notes SET after_key = ?4 WHERE database_id = ?1 AND table_key = ?2 AND after_key = ?3",
        ] {
            transaction.execute(sql, (database, &table, &old, &new))?;
        }
        for (chart, of, headers) in charts(transaction, database)? {
            if name_key(&of) == table && headers.iter().any(|header| name_key(header) == old) {
                let renamed =
                    headers.into_iter().map(|header| if name_key(&header) == old { to.to_owned() } else { header });
                let headers = serde_json::Value::from_iter(renamed).to_string();
                transaction.execute("UPDATE charts SET headers = ?2 WHERE id = ?1", (chart, headers))?;
            }
        }
        Ok(())
    })
}

/// Nothing is noted of a table any more.
pub(super) fn drop_table(connection: &mut Connection, database: &str, table: &str) -> Result<()> {
    within(connection, |transaction| forget_table(transaction, database, table))
}

/// Nothing is noted of a column any more.
pub(super) fn drop_column(connection: &mut Connection, database: &str, table: &str, column: &str) -> Result<()> {
    within(connection, |transaction| forget_column(transaction, database, table, column))
}

fn forget_table(transaction: &Transaction<'_>, database: &str, table: &str) -> rusqlite::Result<()> {
    const CLOSE: &str = "UPDATE table_notes SET after_key = old.after_key FROM table_notes AS old \
                         WHERE old.database_id = ?1 AND old.table_key = ?2 AND old.placed = 1 \
                         AND table_notes.database_id = ?1 AND table_notes.after_key = ?2";
    transaction.execute(CLOSE, (database, table))?;
    transaction.execute("DELETE FROM table_notes WHERE database_id = ?1 AND table_key = ?2", (database, table))?;
    transaction.execute("DELETE FROM column_notes WHERE database_id = ?1 AND table_key = ?2", (database, table))?;
    Ok(())
}

fn forget_column(transaction: &Transaction<'_>, database: &str, table: &str, column: &str) -> rusqlite::Result<()> {
    const CLOSE: &str = "UPDATE column_notes SET after_key = old.after_key FROM column_notes AS old \
                         WHERE old.database_id = ?1 AND old.table_key = ?2 AND old.column_key = ?3 AND old.placed = 1 \
                         AND column_notes.database_id = ?1 AND column_notes.table_key = ?2 AND column_notes.after_key = ?3";
    const DELETE: &str = "DELETE FROM column_notes WHERE database_id = ?1 AND table_key = ?2 AND column_key = ?3";
    transaction.execute(CLOSE, (database, table, column))?;
    transaction.execute(DELETE, (database, table, column)).map(drop)
}

/// Id, table and columns of each chart of a database.
fn charts(transaction: &Transaction<'_>, database: &str) -> rusqlite::Result<Vec<(String, String, Vec<String>)>> {
    let mut statement =
        transaction.prepare_cached("SELECT id, table_name, headers FROM charts WHERE database_id = ?1")?;
    let charts = statement.query_map([database], |row| {
        let headers: String = row.get(2)?;
        // Only this program writes them.
        Ok((row.get(0)?, row.get(1)?, serde_json::from_str(&headers).unwrap_or_default()))
    })?;
    charts.collect()
}

fn within(connection: &mut Connection, work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<()>) -> Result<()> {
    let transaction = connection.transaction().map_err(fault)?;
    work(&transaction).map_err(fault)?;
    transaction.commit().map_err(fault)
}
