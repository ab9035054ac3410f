//! The rows of the metadata database that say which databases there are.

use model::{DatabaseId, DatabaseInfo, DatabaseName, Error, Result, StorageKind};
use rusqlite::{Connection, OptionalExtension, Row};

use crate::metadata::{fault, is_taken};

/// What came of adding a database.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Added {
    /// It is listed now.
    Yes,
    /// Another database has the name.
    NameTaken,
    /// Another database has the id.
    IdTaken,
}

/// The columns of one row, before they are checked.
type Columns = (String, String, String);

fn columns(row: &Row<'_>) -> rusqlite::Result<Columns> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}

fn info((id, name, kind): Columns) -> Result<DatabaseInfo> {
    let info = || {
        Ok::<_, Error>(DatabaseInfo { id: DatabaseId::new(id)?, name: DatabaseName::new(name)?, kind: kind.parse()? })
    };
    // Only this program writes these rows: one that does not read back is no caller's fault.
    info().map_err(Error::internal)
}

/// Every database, by name.
pub(super) fn list(connection: &Connection) -> Result<Vec<DatabaseInfo>> {
    let mut statement =
        connection.prepare_cached("SELECT id, name, kind FROM databases ORDER BY key").map_err(fault)?;
    let rows = statement.query_map([], columns).map_err(fault)?;
    rows.map(|row| info(row.map_err(fault)?)).collect()
}

/// The database whose name has this key.
pub(super) fn find(connection: &Connection, key: &str) -> Result<Option<DatabaseInfo>> {
    let mut statement =
        connection.prepare_cached("SELECT id, name, kind FROM databases WHERE key = ?1").map_err(fault)?;
    statement.query_row([key], columns).optional().map_err(fault)?.map(info).transpose()
}

/// Whether a database, or the files of one that is being removed, has this id.
pub(super) fn is_id_used(connection: &Connection, id: &str) -> Result<bool> {
    connection
        .query_row(
            "SELECT EXISTS (SELECT 1 FROM databases WHERE id = ?1) OR EXISTS (SELECT 1 FROM removals WHERE id = ?1)",
            [id],
            |row| row.get(0),
        )
        .map_err(fault)
}

/// Lists a database.
pub(super) fn add(connection: &mut Connection, info: &DatabaseInfo) -> Result<Added> {
    let transaction = connection.transaction().map_err(fault)?;
    let inserted = transaction.execute(
        "INSERT INTO databases (id, name, key, kind) VALUES (?1, ?2, ?3, ?4)",
        (info.id.as_str(), info.name.as_str(), info.name.key(), info.kind.as_str()),
    );
    match inserted {
        Ok(_) => transaction.commit().map_err(fault).map(|()| Added::Yes),
        Err(conflict) if is_taken(&conflict) => {
            let taken = find(&transaction, &info.name.key())?.is_some();
            Ok(if taken { Added::NameTaken } else { Added::IdTaken })
        }
        Err(other) => Err(fault(other)),
    }
}

/// Unlists the database whose name has this key, and notes that its files are to be removed.
pub(super) fn unlist(connection: &mut Connection, key: &str) -> Result<Option<DatabaseInfo>> {
    let transaction = connection.transaction().map_err(fault)?;
    let Some(info) = find(&transaction, key)? else { return Ok(None) };
    transaction.execute("DELETE FROM databases WHERE key = ?1", [key]).map_err(fault)?;
    transaction
        .execute("INSERT INTO removals (id, kind) VALUES (?1, ?2)", (info.id.as_str(), info.kind.as_str()))
        .map_err(fault)?;
    transaction.commit().map_err(fault)?;
    Ok(Some(info))
}

/// Databases that are unlisted and whose files may still be there.
pub(super) fn removals(connection: &Connection) -> Result<Vec<(DatabaseId, StorageKind)>> {
    let mut statement = connection.prepare("SELECT id, kind FROM removals").map_err(fault)?;
    let rows =
        statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))).map_err(fault)?;
    rows.map(|row| {
        let (id, kind) = row.map_err(fault)?;
        Ok((DatabaseId::new(id).map_err(Error::internal)?, kind.parse().map_err(Error::internal)?))
    })
    .collect()
}

/// The files of a removed database are gone.
pub(super) fn removed(connection: &Connection, id: &str) -> Result<()> {
    connection.execute("DELETE FROM removals WHERE id = ?1", [id]).map_err(fault).map(drop)
}
