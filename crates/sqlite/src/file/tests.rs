//! What the file's own functions promise, over declarations of every kind.

mod cells;
mod copies;
mod definitions;
mod edits;
mod names;
mod properties;
mod scripts;
mod texts;
mod uploads;

use model::{ColumnDraft, Error, ErrorKind, Result, TableEdit};
use rusqlite::Connection;

use super::Limits;
use super::edit::edit;

/// A database in memory after this script, set up as the storage sets up its own.
fn database(script: &str) -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch("PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;").unwrap();
    connection.execute_batch(script).unwrap();
    connection
}

fn change(connection: &Connection, table: &str, change: &TableEdit) -> Result<()> {
    edit(connection, table, change, &Limits::default())
}

/// Every row of a query, each value as SQLite would write it.
fn rows(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(sql).unwrap();
    let columns = statement.column_count();
    let rows = statement.query_map([], |row| {
        let values: rusqlite::Result<Vec<String>> = (0..columns)
            .map(|at| {
                Ok(match row.get::<_, rusqlite::types::Value>(at)? {
                    rusqlite::types::Value::Null => "NULL".to_owned(),
                    rusqlite::types::Value::Integer(number) => number.to_string(),
                    rusqlite::types::Value::Real(number) => format!("{number:?}"),
                    rusqlite::types::Value::Text(text) => format!("'{text}'"),
                    rusqlite::types::Value::Blob(bytes) => format!("{bytes:02x?}"),
                })
            })
            .collect();
        Ok(values?.join("|"))
    });
    rows.unwrap().map(Result::unwrap).collect()
}

/// The schema and every row of every table.
fn everything(connection: &Connection) -> Vec<String> {
    let mut all = rows(connection, "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY rowid");
    let names = rows(connection, "SELECT name FROM sqlite_schema WHERE type = 'table'");
    for name in names {
        let name = name[1..name.len() - 1].replace('"', "\"\"");
        all.extend(rows(connection, &format!("SELECT * FROM \"{name}\"")));
    }
    all
}

/// The file is sound, and every foreign key holds.
fn assert_sound(connection: &Connection) {
    assert_eq!(rows(connection, "PRAGMA integrity_check"), ["'ok'"]);
    assert_eq!(rows(connection, "PRAGMA foreign_key_check"), Vec::<String>::new());
    assert_eq!(rows(connection, "PRAGMA foreign_keys"), ["1"], "an edit puts back the setting");
    assert!(connection.is_autocommit());
}

fn column(name: &str) -> ColumnDraft {
    ColumnDraft { name: Some(name.to_owned()), ..ColumnDraft::default() }
}

fn refused(result: Result<()>, kind: ErrorKind, parts: &[&str]) -> Error {
    let error = result.expect_err("it is refused");
    assert_eq!(error.kind(), kind, "{error}");
    for part in parts {
        assert!(error.message().contains(part), "{:?} lacks {part:?}", error.message());
    }
    error
}
