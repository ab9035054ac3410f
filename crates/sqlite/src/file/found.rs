//! Tables and views by name.

use model::{Error, Result, TableKind};
use rusqlite::{Connection, OptionalExtension};

use super::failure::failure;
use super::names::{reserved, same};

/// A table or view that is there.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// Its name, as it was created.
    pub(crate) name: String,
    /// Table or view.
    pub(crate) kind: TableKind,
    /// The statement that made it.
    pub(crate) sql: String,
    /// Whether a module keeps its rows.
    pub(crate) is_virtual: bool,
    /// Whether its rows have numbers.
    pub(crate) has_row_ids: bool,
}

/// One column as SQLite lists it.
#[derive(Clone, Debug)]
pub(crate) struct FoundColumn {
    pub(crate) name: String,
    pub(crate) declared_type: String,
    pub(crate) not_null: bool,
    pub(crate) default: Option<String>,
    /// Its place in the primary key, from 1; 0 for none.
    pub(crate) key: u32,
    pub(crate) generated: bool,
}

/// The table or view of this name; those that SQLite keeps for itself are not there.
pub(crate) fn find(connection: &Connection, name: &str) -> Result<Option<Found>> {
    if reserved(name) {
        return Ok(None);
    }
    let row = connection
        .prepare_cached(
            "SELECT name, type, coalesce(sql, '') FROM main.sqlite_schema \
             WHERE name = ?1 COLLATE NOCASE AND type IN ('table', 'view')",
        )
        .and_then(|mut statement| {
            statement
                .query_row([name], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get(2)?)))
                .optional()
        })
        .map_err(failure)?;
    let Some((name, kind, sql)) = row else { return Ok(None) };
    if kind == "view" {
        return Ok(Some(Found { name, kind: TableKind::View, sql, is_virtual: false, has_row_ids: false }));
    }
    let (listed, without) = connection
        .query_row("SELECT type, wr FROM pragma_table_list(?1) WHERE schema = 'main'", [&name], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, bool>(1)?))
        })
        .map_err(failure)?;
    let found = Found { name, kind: TableKind::Table, sql, is_virtual: listed == "virtual", has_row_ids: !without };
    Ok(Some(found))
}

/// The table or view of this name, or `NotFound`.
pub(crate) fn require(connection: &Connection, name: &str) -> Result<Found> {
    find(connection, name)?.ok_or_else(|| Error::not_found("table", name))
}

/// Whether a table or view of this name is there, and which.
pub(crate) fn kind_of(connection: &Connection, name: &str) -> Result<Option<TableKind>> {
    Ok(find(connection, name)?.map(|found| found.kind))
}

/// The columns of a table or view that can be read, in order.
pub(crate) fn columns(connection: &Connection, table: &Found) -> Result<Vec<FoundColumn>> {
    let read = || {
        let mut statement = connection.prepare_cached(
            "SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo(?1) \
             WHERE hidden <> 1 ORDER BY cid",
        )?;
        let rows = statement.query_map([&table.name], |row| {
            Ok(FoundColumn {
                name: row.get(0)?,
                declared_type: row.get(1)?,
                not_null: row.get(2)?,
                default: row.get(3)?,
                key: row.get(4)?,
                generated: row.get::<_, i64>(5)? >= 2,
            })
        })?;
        rows.collect::<rusqlite::Result<Vec<_>>>()
    };
    read().map_err(|error| match table.kind {
        TableKind::View => failure(error).context(format!("view \"{}\" cannot be read", table.name)),
        TableKind::Table => failure(error),
    })
}

/// The column of this name.
pub(crate) fn column<'a>(columns: &'a [FoundColumn], name: &str) -> Option<&'a FoundColumn> {
    columns.iter().find(|column| same(&column.name, name))
}

/// The name under which the number of a row can be read: the first that no column has.
pub(crate) fn row_id(table: &Found, columns: &[FoundColumn]) -> Option<&'static str> {
    if !table.has_row_ids {
        return None;
    }
    ["rowid", "_rowid_", "oid"].into_iter().find(|name| column(columns, name).is_none())
}
