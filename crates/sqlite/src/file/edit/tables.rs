//! Tables that come and go.

use std::collections::HashSet;

use model::{ColumnDraft, Error, Result, TableKind};
use rusqlite::Connection;

use super::super::Limits;
use super::super::failure::failure;
use super::super::found::Found;
use super::super::names::{check_table_name, quote};
use super::draft;
use super::soundness::{Soundness, children, newly_broken};

/// A new table with these columns.
pub(crate) fn create(connection: &Connection, table: &str, columns: &[ColumnDraft], limits: &Limits) -> Result<()> {
    check_table_name(table)?;
    check_free(connection, table)?;
    if columns.is_empty() {
        return Err(Error::invalid(format!("table \"{table}\" needs at least one column")));
    }
    if columns.len() > limits.columns {
        return Err(Error::invalid(format!(
            "table \"{table}\" would have {} columns; at most {} are allowed",
            columns.len(),
            limits.columns
        )));
    }
    let tables: i64 = connection
        .query_row(
            "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'virtual') \
             AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
            [],
            |row| row.get(0),
        )
        .map_err(failure)?;
    if usize::try_from(tables).is_ok_and(|tables| tables >= limits.tables) {
        return Err(Error::invalid(format!(
            "the database has {tables} tables; at most {} are allowed, so drop one first",
            limits.tables
        )));
    }
    let mut names = HashSet::new();
    let mut texts = Vec::new();
    for column in columns {
        let name = draft::name(column)?;
        if !names.insert(name.to_ascii_lowercase()) {
            return Err(Error::invalid(format!("table \"{table}\" would have two columns \"{name}\"")));
        }
        texts.push(draft::column_text(column)?);
    }
    let sql = format!("CREATE TABLE main.{} (\n  {}\n)", quote(table), texts.join(",\n  "));
    connection.execute_batch(&sql).map_err(|error| failure(error).context(format!("table \"{table}\"")))
}

/// `Conflict` where something of this name is there: SQLite has one list of names for tables, views and indexes.
pub(crate) fn check_free(connection: &Connection, name: &str) -> Result<()> {
    let taken: Option<String> = connection
        .query_row(
            "SELECT max(type) FROM main.sqlite_schema WHERE name = ?1 COLLATE NOCASE AND type <> 'trigger'",
            [name],
            |row| row.get(0),
        )
        .map_err(failure)?;
    taken.map_or(Ok(()), |kind| Err(Error::exists(&kind, name)))
}

/// Removes a table or view that nothing else refers to.
pub(crate) fn drop(connection: &Connection, table: &Found) -> Result<()> {
    let word = match table.kind {
        TableKind::Table => "TABLE",
        TableKind::View => "VIEW",
    };
    let shown = format!("{} \"{}\"", word.to_lowercase(), table.name);
    if let Some(child) = children(connection, &table.name)?.into_iter().next() {
        return Err(Error::conflict(format!(
            "{shown} cannot be dropped: table \"{child}\" has a foreign key to it; drop that first"
        )));
    }
    let before = Soundness::of(connection, &table.name)?;
    connection
        .execute_batch(&format!("DROP {word} main.{}", quote(&table.name)))
        .map_err(|error| failure(error).context(&shown))?;
    let after = Soundness::of(connection, &table.name)?;
    match newly_broken(&before, &after) {
        Some(user) => {
            Err(Error::conflict(format!("{shown} cannot be dropped: the {user} uses it; change or drop that first")))
        }
        None => Ok(()),
    }
}
