//! A table made anew with its rows: SQLite's documented way to what ALTER TABLE cannot do.

use model::{Error, ErrorKind, Result};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OptionalExtension};

use super::super::failure::failure;
use super::super::found::{self, Found};
use super::super::names::{quote, same};
use super::super::text::Scanned;

/// Puts a table that `statement` makes, under the name it is given, in the place of `table`: rows and their numbers,
/// indexes but for those of `without`, triggers and the sequence of AUTOINCREMENT stay.
pub(crate) fn rebuild(
    connection: &Connection,
    table: &Found,
    statement: impl FnOnce(&str) -> String,
    without: &[String],
) -> Result<()> {
    let new = free_name(connection)?;
    let sql = statement(&new);
    let step = |sql: &str| connection.execute_batch(sql).map_err(|error| failed(error, &new, &table.name));
    let dependents = dependents(connection, table, without).map_err(failure)?;
    let sequence = sequence(connection, &table.name).map_err(failure)?;
    step(&sql)?;
    step(&copy(connection, table, &new)?)?;
    let legacy = |on| connection.set_db_config(DbConfig::SQLITE_DBCONFIG_LEGACY_ALTER_TABLE, on).map_err(failure);
    // Views, triggers and foreign keys that name the table go on naming it, and are not looked at while it is not there.
    legacy(true)?;
    step(&format!("DROP TABLE main.{}", quote(&table.name)))?;
    step(&format!("ALTER TABLE main.{} RENAME TO {}", quote(&new), quote(&table.name)))?;
    legacy(false)?;
    for (what, sql) in dependents {
        step(&sql).map_err(|error| error.context(format!("{what} would fail")))?;
    }
    let counts = Scanned::new(&sql).is_ok_and(|sql| (0..sql.len()).any(|at| sql.is(at, "AUTOINCREMENT")));
    if let Some(sequence) = sequence.filter(|_| counts) {
        put_sequence(connection, &table.name, sequence).map_err(failure)?;
    }
    Ok(())
}

/// A name that nothing has.
pub(crate) fn free_name(connection: &Connection) -> Result<String> {
    let mut statement = connection
        .prepare_cached("SELECT 1 FROM main.sqlite_schema WHERE name = ?1 COLLATE NOCASE")
        .map_err(failure)?;
    for number in 0_u32.. {
        let name = format!("boathouse_new_{number}");
        if !statement.exists([&name]).map_err(failure)? {
            return Ok(name);
        }
    }
    Err(Error::internal("no name is free"))
}

/// Indexes and triggers of the table, to be made again.
fn dependents(connection: &Connection, table: &Found, without: &[String]) -> rusqlite::Result<Vec<(String, String)>> {
    let mut statement = connection.prepare_cached(
        "SELECT type, name, sql FROM main.sqlite_schema WHERE tbl_name = ?1 COLLATE NOCASE \
         AND type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY rowid",
    )?;
    let rows = statement.query_map([&table.name], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
    })?;
    let mut dependents = Vec::new();
    for row in rows {
        let (kind, name, sql) = row?;
        if !(kind == "index" && without.iter().any(|gone| same(gone, &name))) {
            dependents.push((format!("{kind} \"{name}\""), sql));
        }
    }
    Ok(dependents)
}

/// The statement that copies the rows: every column of both that is not computed, and the number where no column is it.
fn copy(connection: &Connection, table: &Found, new: &str) -> Result<String> {
    let target = found::require(connection, new)?;
    let old = found::columns(connection, table)?;
    let new_columns = found::columns(connection, &target)?;
    let stored = new_columns.iter().filter(|column| !column.generated);
    let shared = stored.filter(|column| found::column(&old, &column.name).is_some_and(|column| !column.generated));
    let mut names: Vec<(String, String)> = shared.map(|column| (quote(&column.name), quote(&column.name))).collect();
    if let (Some(to), Some(from)) = (found::row_id(&target, &new_columns), found::row_id(table, &old)) {
        let keyed = new_columns.iter().any(|column| column.key > 0);
        // A primary key without an index of its own is the number of the row.
        let indexed = connection
            .prepare("SELECT 1 FROM pragma_index_list(?1) WHERE origin = 'pk'")
            .and_then(|mut statement| statement.exists([new]))
            .map_err(failure)?;
        if !keyed || indexed {
            names.push((to.to_owned(), from.to_owned()));
        }
    }
    let (to, from): (Vec<String>, Vec<String>) = names.into_iter().unzip();
    // OR ABORT: a clause such as UNIQUE ON CONFLICT REPLACE must not lose rows here.
    Ok(format!(
        "INSERT OR ABORT INTO main.{} ({}) SELECT {} FROM main.{}",
        quote(new),
        to.join(", "),
        from.join(", "),
        quote(&table.name)
    ))
}

fn sequence(connection: &Connection, table: &str) -> rusqlite::Result<Option<i64>> {
    let counts = connection
        .prepare_cached("SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND name = 'sqlite_sequence'")?
        .exists([])?;
    if !counts {
        return Ok(None);
    }
    connection.query_row("SELECT seq FROM main.sqlite_sequence WHERE name = ?1", [table], |row| row.get(0)).optional()
}

fn put_sequence(connection: &Connection, table: &str, sequence: i64) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM main.sqlite_sequence WHERE name = ?1", [table])?;
    connection.execute("INSERT INTO main.sqlite_sequence (name, seq) VALUES (?1, ?2)", (table, sequence))?;
    Ok(())
}

/// An error that speaks of the table by its own name.
fn failed(error: rusqlite::Error, new: &str, table: &str) -> Error {
    let error = failure(error);
    match error.kind() {
        ErrorKind::Invalid => Error::invalid(error.message().replace(new, table)),
        _ => error,
    }
}
