//! The rows of the metadata database that say which databases there are.

use model::{DatabaseId, DatabaseInfo, DatabaseName, Error, Result, StorageKind};
use rusqlite::{Connection, OptionalExtension, Row};

use super::ids;
use super::record::{DatabaseRecord, Owner};
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

/// What is read of a database, in the order that [`record`] takes it.
const SELECT: &str = "\
SELECT d.id, d.name, d.kind, d.created_at, d.owner_team, t.name, d.owned_at, d.visibility, d.readonly_id, d.label, \
d.description, d.environment, d.auditing, d.schema_locked, d.views_tab, d.file_name, d.file_format, d.expires_at, \
coalesce(d.storage_id, d.id) \
FROM databases d LEFT JOIN teams t ON t.id = d.owner_team";

fn record(row: &Row<'_>) -> rusqlite::Result<DatabaseRecord> {
    // Only this program writes these rows: one that does not read back is no caller's fault.
    let unreadable = |column: usize, fault: Error| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(fault))
    };
    let info = DatabaseInfo {
        id: DatabaseId::new(row.get::<_, String>(0)?).map_err(|fault| unreadable(0, fault))?,
        name: DatabaseName::new(row.get::<_, String>(1)?).map_err(|fault| unreadable(1, fault))?,
        kind: row.get::<_, String>(2)?.parse().map_err(|fault| unreadable(2, fault))?,
    };
    let owner = match row.get(4)? {
        Some(team) => {
            Some(Owner { team, name: row.get(5)?, since: row.get::<_, Option<String>>(6)?.unwrap_or_default() })
        }
        None => None,
    };
    Ok(DatabaseRecord {
        stored_as: DatabaseId::new(row.get::<_, String>(18)?).map_err(|fault| unreadable(18, fault))?,
        info,
        created_at: row.get(3)?,
        owner,
        visibility: row.get::<_, String>(7)?.parse().map_err(|fault| unreadable(7, fault))?,
        readonly_id: row.get(8)?,
        label: row.get(9)?,
        description: row.get(10)?,
        environment: row.get(11)?,
        auditing: row.get(12)?,
        schema_locked: row.get(13)?,
        views_tab: row.get(14)?,
        file_name: row.get(15)?,
        file_format: row.get(16)?,
        expires_at: row.get(17)?,
    })
}

fn one(connection: &Connection, condition: &str, value: &str) -> Result<Option<DatabaseRecord>> {
    let mut statement = connection.prepare_cached(&format!("{SELECT} WHERE {condition}")).map_err(fault)?;
    statement.query_row([value], record).optional().map_err(fault)
}

/// Every database, by name.
pub(super) fn list(connection: &Connection) -> Result<Vec<DatabaseRecord>> {
    let mut statement = connection.prepare_cached(&format!("{SELECT} ORDER BY d.key")).map_err(fault)?;
    let rows = statement.query_map([], record).map_err(fault)?;
    rows.map(|row| row.map_err(fault)).collect()
}

/// The database whose name has this key.
pub(super) fn find(connection: &Connection, key: &str) -> Result<Option<DatabaseRecord>> {
    one(connection, "d.key = ?1", key)
}

/// The database of this id.
pub(super) fn by_id(connection: &Connection, id: &str) -> Result<Option<DatabaseRecord>> {
    one(connection, "d.id = ?1", id)
}

/// The database that its storage calls this.
pub(super) fn by_storage(connection: &Connection, id: &str) -> Result<Option<DatabaseRecord>> {
    one(connection, "coalesce(d.storage_id, d.id) = ?1", id)
}

/// The database that this id is a link to.
pub(super) fn by_readonly_id(connection: &Connection, id: &str) -> Result<Option<DatabaseRecord>> {
    one(connection, "d.readonly_id = ?1", id)
}

/// Whether a database, or the files of one that is being removed, has this id.
pub(super) fn is_id_used(connection: &Connection, id: &str) -> Result<bool> {
    connection
        .query_row(
            "SELECT EXISTS (SELECT 1 FROM databases WHERE id = ?1 OR coalesce(storage_id, id) = ?1) \
             OR EXISTS (SELECT 1 FROM removals WHERE id = ?1)",
            [id],
            |row| row.get(0),
        )
        .map_err(fault)
}

/// Lists a database.
pub(super) fn add(connection: &mut Connection, info: &DatabaseInfo) -> Result<Added> {
    let transaction = connection.transaction().map_err(fault)?;
    let inserted = transaction.execute(
        "INSERT INTO databases (id, name, key, kind, readonly_id) VALUES (?1, ?2, ?3, ?4, ?5)",
        (info.id.as_str(), info.name.as_str(), info.name.key(), info.kind.as_str(), ids::readonly_id()),
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

/// Unlists a database with everything that is known of it, and notes that its files are to be removed; `false` where
/// somebody was faster.
pub(super) fn unlist(connection: &mut Connection, record: &DatabaseRecord) -> Result<bool> {
    let transaction = connection.transaction().map_err(fault)?;
    let gone = transaction.execute("DELETE FROM databases WHERE id = ?1", [record.info.id.as_str()]).map_err(fault)?;
    if gone == 0 {
        return Ok(false);
    }
    note_removal(&transaction, &record.stored_as, record.info.kind)?;
    transaction.commit().map_err(fault)?;
    Ok(true)
}

/// Notes that what a storage has under this id is to be removed, unless it is listed before.
pub(super) fn note_removal(connection: &Connection, id: &DatabaseId, kind: StorageKind) -> Result<()> {
    connection
        .execute("INSERT INTO removals (id, kind) VALUES (?1, ?2)", (id.as_str(), kind.as_str()))
        .map_err(fault)
        .map(drop)
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
