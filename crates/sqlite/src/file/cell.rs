//! One cell by the value of a key: how files in cells are read and written.

use bytes::Bytes;
use model::{Cell, CellPlace, Error, ErrorKind, Result, TableKind};
use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::Limits;
use super::failure::failure;
use super::found::{self, Found, FoundColumn};
use super::names::{no_column, quote, same};

/// Where a cell is, in SQLite's words.
struct Located {
    table: Found,
    column: String,
    key: String,
}

/// Reads a cell of a table or view.
pub(crate) fn read_cell(connection: &Connection, place: &CellPlace, limits: &Limits) -> Result<Cell> {
    let at = locate(connection, place)?;
    let sql = format!(
        "SELECT CASE WHEN typeof({c}) IN ('integer', 'real') THEN CAST({c} AS TEXT) ELSE {c} END \
         FROM main.{} WHERE {} = ?1 LIMIT 2",
        quote(&at.table.name),
        at.key,
        c = at.column
    );
    let mut statement = connection.prepare(&sql).map_err(failure)?;
    let mut rows = statement.query([&place.value]).map_err(failure)?;
    let row = rows.next().map_err(failure)?.ok_or_else(|| no_row(place))?;
    let (text, bytes) = match row.get_ref(0).map_err(failure)? {
        ValueRef::Null => (false, None),
        ValueRef::Text(bytes) => (true, Some(bytes)),
        ValueRef::Blob(bytes) => (false, Some(bytes)),
        other => return Err(Error::internal(format!("a cell read as {}", other.data_type()))),
    };
    if bytes.is_some_and(|bytes| bytes.len() > limits.cell_bytes) {
        return Err(too_large(place, limits));
    }
    let bytes = bytes.map(Bytes::copy_from_slice);
    if rows.next().map_err(failure)?.is_some() {
        return Err(several(place));
    }
    let Some(bytes) = bytes else {
        return Err(Error::new(
            ErrorKind::NotFound,
            "not_found",
            format!("column \"{}\" is NULL in the row where \"{}\" is \"{}\"", place.column, place.key, place.value),
        ));
    };
    Ok(Cell { text, bytes })
}

/// Puts bytes into a cell of a table. A statement that fails takes itself back; durability is the caller's matter.
pub(crate) fn write_cell(connection: &Connection, place: &CellPlace, bytes: &[u8], limits: &Limits) -> Result<()> {
    let at = locate(connection, place)?;
    if at.table.kind == TableKind::View {
        return Err(Error::invalid(format!("\"{}\" is a view; write into the table that it reads", at.table.name)));
    }
    if bytes.len() > limits.cell_bytes {
        return Err(too_large(place, limits));
    }
    let table = quote(&at.table.name);
    let mut count = connection
        .prepare(&format!("SELECT count(*) FROM (SELECT 1 FROM main.{table} WHERE {} = ?1 LIMIT 2)", at.key))
        .map_err(failure)?;
    match count.query_row([&place.value], |row| row.get::<_, i64>(0)).map_err(failure)? {
        0 => return Err(no_row(place)),
        1 => {}
        _ => return Err(several(place)),
    }
    let sql = format!("UPDATE main.{table} SET {} = ?2 WHERE {} = ?1", at.column, at.key);
    connection
        .execute(&sql, rusqlite::params![place.value, bytes])
        .map_err(|error| failure(error).context(format!("column \"{}\" of table \"{}\"", place.column, place.table)))?;
    Ok(())
}

fn locate(connection: &Connection, place: &CellPlace) -> Result<Located> {
    let table = found::require(connection, &place.table)?;
    let columns = found::columns(connection, &table)?;
    let unknown = |name: &str| no_column(&table.name, name);
    let column = found::column(&columns, &place.column).ok_or_else(|| unknown(&place.column))?;
    let column = quote(&column.name);
    let key = key(&table, &columns, &place.key).ok_or_else(|| unknown(&place.key))?;
    Ok(Located { table, column, key })
}

/// A column, or one of the names of a row's number that no column has taken.
fn key(table: &Found, columns: &[FoundColumn], name: &str) -> Option<String> {
    if let Some(column) = found::column(columns, name) {
        return Some(quote(&column.name));
    }
    let alias = ["rowid", "_rowid_", "oid"].into_iter().find(|alias| same(alias, name))?;
    table.has_row_ids.then(|| alias.to_owned())
}

fn no_row(place: &CellPlace) -> Error {
    Error::new(
        ErrorKind::NotFound,
        "not_found",
        format!("table \"{}\" has no row where \"{}\" is \"{}\"", place.table, place.key, place.value),
    )
}

fn several(place: &CellPlace) -> Error {
    Error::invalid(format!(
        "several rows of table \"{}\" have \"{}\" = \"{}\"; name a column that tells rows apart",
        place.table, place.key, place.value
    ))
}

fn too_large(place: &CellPlace, limits: &Limits) -> Error {
    Error::too_large(format!("a cell of column \"{}\" may hold at most {} bytes", place.column, limits.cell_bytes))
}
