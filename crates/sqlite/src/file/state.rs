//! What there is to say of the file, and the objects in it.

use std::path::Path;
use std::time::SystemTime;

use model::{Error, FileState, ObjectKind, Result, SchemaObject};
use rusqlite::Connection;

use super::failure::failure;

/// The committed state of the file at `path`, which `connection` reads.
pub(crate) fn state(connection: &Connection, path: &Path) -> Result<FileState> {
    let number = |name: &str| -> Result<i64> {
        connection.pragma_query_value(Some("main"), name, |row| row.get(0)).map_err(failure)
    };
    let snapshot = connection.is_autocommit();
    // One statement reads one state; between two of them somebody may commit.
    if snapshot {
        connection.execute_batch("BEGIN").map_err(failure)?;
    }
    let read = || -> Result<FileState> {
        let bytes = number("page_count")?.saturating_mul(number("page_size")?);
        Ok(FileState {
            bytes: u64::try_from(bytes).unwrap_or(0),
            schema_version: number("schema_version")?,
            user_version: number("user_version")?,
            modified: modified(path)?,
        })
    };
    let state = read();
    if snapshot {
        connection.execute_batch("ROLLBACK").map_err(failure)?;
    }
    state
}

/// When the file, or the log of what is not in it yet, was last written.
fn modified(path: &Path) -> Result<SystemTime> {
    let file = std::fs::metadata(path).and_then(|file| file.modified()).map_err(Error::internal)?;
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let written = std::fs::metadata(log).ok().filter(|log| log.len() > 0).and_then(|log| log.modified().ok());
    Ok(written.map_or(file, |log| log.max(file)))
}

/// The objects of the file, in the order of their creation, without the tables that SQLite keeps for itself.
pub(crate) fn objects(connection: &Connection) -> Result<Vec<SchemaObject>> {
    let read = || {
        let mut statement = connection.prepare_cached(
            "SELECT name, tbl_name, type, coalesce(rootpage, 0), sql FROM main.sqlite_schema \
             WHERE NOT (type = 'table' AND name LIKE 'sqlite\\_%' ESCAPE '\\') ORDER BY rowid",
        )?;
        let rows = statement.query_map([], |row| {
            let kind = match row.get::<_, String>(2)?.as_str() {
                "view" => ObjectKind::View,
                "index" => ObjectKind::Index,
                "trigger" => ObjectKind::Trigger,
                _ => ObjectKind::Table,
            };
            Ok(SchemaObject { name: row.get(0)?, table: row.get(1)?, kind, root_page: row.get(3)?, sql: row.get(4)? })
        })?;
        rows.collect::<rusqlite::Result<Vec<_>>>()
    };
    read().map_err(failure)
}
