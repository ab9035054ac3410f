//! Other names for tables and views.

use model::{Error, Result, TableKind};
use rusqlite::Connection;

use super::super::failure::failure;
use super::super::found::Found;
use super::super::names::{check_table_name, quote, same};
use super::super::text::{Scanned, renamed_trigger, renamed_view};
use super::rebuild::free_name;
use super::soundness::Soundness;
use super::tables::check_free;

/// Gives a table or view another name.
pub(crate) fn rename(connection: &Connection, table: &Found, to: &str) -> Result<()> {
    check_table_name(to)?;
    if table.name == to {
        return Ok(());
    }
    if !same(&table.name, to) {
        check_free(connection, to)?;
    }
    let before = Soundness::of(connection, &table.name)?;
    match table.kind {
        TableKind::Table => rename_table(connection, table, to)?,
        TableKind::View => rename_view(connection, table, to)?,
    }
    before.kept(&Soundness::of(connection, to)?)
}

/// SQLite rewrites indexes, triggers, views and foreign keys along with the table.
fn rename_table(connection: &Connection, table: &Found, to: &str) -> Result<()> {
    let alter = |from: &str, to: &str| {
        connection
            .execute_batch(&format!("ALTER TABLE main.{} RENAME TO {}", quote(from), quote(to)))
            .map_err(|error| failure(error).context(format!("table \"{}\" cannot be renamed", table.name)))
    };
    if !same(&table.name, to) {
        return alter(&table.name, to);
    }
    // The same name in other letters is taken, as far as SQLite is concerned, by the table itself.
    let between = free_name(connection)?;
    alter(&table.name, &between)?;
    alter(&between, to)
}

/// The view is made again under its new name, and so are its triggers.
fn rename_view(connection: &Connection, view: &Found, to: &str) -> Result<()> {
    let unreadable =
        || Error::invalid(format!("the statement of view \"{}\" is not understood; rename it with SQL", view.name));
    let read = || {
        let mut statement = connection.prepare(
            "SELECT sql FROM main.sqlite_schema WHERE type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE ORDER BY rowid",
        )?;
        let rows = statement.query_map([&view.name], |row| row.get::<_, String>(0))?;
        rows.collect::<rusqlite::Result<Vec<_>>>()
    };
    let scan = |sql: &str, change: fn(&Scanned<'_>, &str) -> Option<String>| {
        Scanned::new(sql).ok().and_then(|tokens| change(&tokens, to)).ok_or_else(unreadable)
    };
    let mut statements = vec![format!("DROP VIEW main.{}", quote(&view.name)), scan(&view.sql, renamed_view)?];
    for trigger in read().map_err(failure)? {
        statements.push(scan(&trigger, renamed_trigger)?);
    }
    for sql in statements {
        connection
            .execute_batch(&sql)
            .map_err(|error| failure(error).context(format!("view \"{}\" cannot be renamed", view.name)))?;
    }
    Ok(())
}
