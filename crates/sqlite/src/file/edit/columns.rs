//! Columns that come, go and change.

use model::{ColumnDraft, Error, ErrorKind, Result, TableKind, check_name};
use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::super::Limits;
use super::super::failure::failure;
use super::super::found::{self, Found, FoundColumn};
use super::super::names::{no_column, quote, same};
use super::super::text::{Clause, ClauseKind, WrittenColumn, WrittenTable, columns_of, one_of};
use super::draft;
use super::rebuild::rebuild;
use super::soundness::keeping;

/// A table whose columns can change.
pub(crate) struct Target {
    table: Found,
    columns: Vec<FoundColumn>,
}

/// The table of this name and its columns; views and tables that a module keeps have none of their own.
pub(crate) fn of_table(connection: &Connection, name: &str) -> Result<Target> {
    let table = found::require(connection, name)?;
    if table.kind == TableKind::View {
        return Err(Error::invalid(format!(
            "\"{}\" is a view: its columns come from its statement; drop it and create it anew",
            table.name
        )));
    }
    if table.is_virtual {
        return Err(Error::invalid(format!("\"{}\" is a virtual table, whose columns cannot change", table.name)));
    }
    let columns = found::columns(connection, &table)?;
    Ok(Target { table, columns })
}

impl Target {
    fn column(&self, name: &str) -> Result<&FoundColumn> {
        found::column(&self.columns, name).ok_or_else(|| no_column(&self.table.name, name))
    }

    /// The statement of the table in its parts.
    fn written(&self) -> Result<WrittenTable<'_>> {
        let agrees = |written: &WrittenTable<'_>| {
            written.columns.len() == self.columns.len()
                && written.columns.iter().zip(&self.columns).all(|(one, other)| one.name == other.name)
        };
        WrittenTable::new(&self.table.sql).filter(agrees).ok_or_else(|| {
            Error::invalid(format!(
                "the statement of table \"{}\" is not understood; change the table with SQL",
                self.table.name
            ))
        })
    }

    fn shown(&self, column: &str) -> String {
        format!("column \"{column}\" of table \"{}\"", self.table.name)
    }
}

/// A new column at the end.
pub(crate) fn add(connection: &Connection, target: &Target, draft: &ColumnDraft, limits: &Limits) -> Result<()> {
    let name = draft::name(draft)?;
    if found::column(&target.columns, name).is_some() {
        return Err(Error::exists(&format!("column \"{name}\" of table"), &target.table.name));
    }
    if target.columns.len() >= limits.columns {
        return Err(Error::invalid(format!(
            "table \"{}\" has {} columns; at most {} are allowed",
            target.table.name,
            target.columns.len(),
            limits.columns
        )));
    }
    let text = draft::column_text(draft)?;
    let default = draft.default.as_ref().and_then(Option::as_deref);
    let simple = draft.unique != Some(true) && default.is_none_or(draft::is_literal);
    let added = keeping(connection, &target.table, || {
        if simple {
            let sql = format!("ALTER TABLE main.{} ADD COLUMN {text}", quote(&target.table.name));
            return connection.execute_batch(&sql).map_err(failure);
        }
        let written = target.written()?;
        let mut columns = as_written(&written);
        columns.push(text.clone());
        rebuild(connection, &target.table, |new| written.with(new, &columns, &constraints(&written, |_| true)), &[])
    });
    added.map_err(|error| error.context(target.shown(name)))
}

/// Removes a column, and the constraints that are about it alone.
pub(crate) fn remove(connection: &Connection, target: &Target, name: &str) -> Result<()> {
    let name = target.column(name)?.name.as_str();
    if target.columns.len() == 1 {
        return Err(Error::invalid(format!("{} is its only one; drop the table instead", target.shown(name))));
    }
    // Else SQLite takes what names the column in quotes for a text, and an index or view goes on with that.
    for setting in [DbConfig::SQLITE_DBCONFIG_DQS_DDL, DbConfig::SQLITE_DBCONFIG_DQS_DML] {
        connection.set_db_config(setting, false).map_err(failure)?;
    }
    let removed = keeping(connection, &target.table, || {
        let step = |sql: &str| connection.execute_batch(sql).map_err(failure);
        step("SAVEPOINT removal")?;
        match step(&format!("ALTER TABLE main.{} DROP COLUMN {}", quote(&target.table.name), quote(name))) {
            Ok(()) => step("RELEASE removal"),
            Err(error) if error.kind() == ErrorKind::Invalid => {
                step("ROLLBACK TO removal; RELEASE removal")?;
                remove_by_rebuild(connection, target, name)
            }
            Err(error) => Err(error),
        }
    });
    removed.map_err(|error| error.context(target.shown(name)))
}

fn remove_by_rebuild(connection: &Connection, target: &Target, name: &str) -> Result<()> {
    let written = target.written()?;
    let all: Vec<String> = written.columns.iter().map(|column| column.name.clone()).collect();
    let mut kept = Vec::new();
    for clause in &written.constraints {
        let about = match &clause.kind {
            ClauseKind::PrimaryKey(columns) | ClauseKind::Unique(columns) | ClauseKind::ForeignKey(columns) => {
                columns.clone()
            }
            ClauseKind::Check(condition) => columns_of(&written.tokens, condition.clone(), &all),
            _ => Vec::new(),
        };
        if !about.iter().any(|column| same(column, name)) {
            kept.push(written.clause_text(clause).to_owned());
        } else if about.len() > 1 {
            let text = written.clause_text(clause);
            return Err(Error::invalid(format!("it is part of the constraint {text}; change that first, with SQL")));
        }
    }
    let others = written.columns.iter().filter(|column| !same(&column.name, name));
    let columns: Vec<String> = others.map(|column| written.column_text(column, None, |_| true, &[])).collect();
    rebuild(connection, &target.table, |new| written.with(new, &columns, &kept), &[])
}

/// Declares a column anew.
pub(crate) fn change(connection: &Connection, target: &Target, name: &str, draft: &ColumnDraft) -> Result<()> {
    let found = target.column(name)?;
    let old = found.name.as_str();
    let new = draft.name.as_deref().unwrap_or(old);
    if new != old {
        check_name("column", new)?;
        if !same(new, old) && found::column(&target.columns, new).is_some() {
            return Err(Error::exists(&format!("column \"{new}\" of table"), &target.table.name));
        }
    }
    let rest = ColumnDraft { name: None, ..draft.clone() };
    let more = rest.declared_type.is_some()
        || rest.not_null.is_some()
        || rest.unique.is_some()
        || rest.default.is_some()
        || rest.one_of.is_some();
    let changed = keeping(connection, &target.table, || {
        if new != old {
            let sql = format!(
                "ALTER TABLE main.{} RENAME COLUMN {} TO {}",
                quote(&target.table.name),
                quote(old),
                quote(new)
            );
            connection.execute_batch(&sql).map_err(failure)?;
        }
        if more { redeclare(connection, &of_table(connection, &target.table.name)?, new, &rest) } else { Ok(()) }
    });
    changed.map_err(|error| error.context(target.shown(old)))
}

/// Everything but the name.
fn redeclare(connection: &Connection, target: &Target, name: &str, draft: &ColumnDraft) -> Result<()> {
    let written = target.written()?;
    let column = written.column(name).ok_or_else(|| no_column(&target.table.name, name))?;
    let has_list = |clause: &Clause| match &clause.kind {
        ClauseKind::Check(condition) => {
            one_of(&written.tokens, condition.clone()).is_some_and(|(about, _)| same(&about, name))
        }
        _ => false,
    };
    let alone = |clause: &Clause| match &clause.kind {
        ClauseKind::Unique(columns) => columns.len() == 1 && same(&columns[0], name),
        _ => false,
    };
    let has = |kind: &ClauseKind| column.clauses.iter().any(|clause| clause.kind == *kind);
    let mut more = Vec::new();
    if draft.not_null == Some(true) && !has(&ClauseKind::NotNull) {
        more.push("NOT NULL".to_owned());
    }
    let (unique, indexes) = uniqueness(connection, target, name)?;
    if draft.unique == Some(true) && !unique {
        more.push("UNIQUE".to_owned());
    }
    if draft.unique == Some(false) && is_only_key(target, name) {
        return Err(Error::invalid("it is the primary key, and so no two rows can have the same value in it"));
    }
    if let Some(Some(default)) = &draft.default {
        more.push(draft::default_text(name, default)?);
    }
    if let Some(Some(values)) = &draft.one_of {
        more.push(draft::one_of_text(name, values)?);
    }
    let declared_type = draft.declared_type.as_deref().map(|written| draft::type_text(name, written)).transpose()?;
    let keep = |clause: &Clause| match &clause.kind {
        ClauseKind::NotNull => draft.not_null != Some(false),
        ClauseKind::Null => draft.not_null != Some(true),
        ClauseKind::Unique(_) => draft.unique != Some(false),
        ClauseKind::Default => draft.default.is_none(),
        ClauseKind::Check(_) => draft.one_of.is_none() || !has_list(clause),
        _ => true,
    };
    let text = |one: &WrittenColumn| match same(&one.name, name) {
        true => written.column_text(one, declared_type.as_deref(), keep, &more),
        // The list of this column's values can stand at another one.
        false => written.column_text(one, None, |clause| draft.one_of.is_none() || !has_list(clause), &[]),
    };
    let columns: Vec<String> = written.columns.iter().map(text).collect();
    let of_table = |clause: &Clause| {
        !(draft.one_of.is_some() && has_list(clause)) && !(draft.unique == Some(false) && alone(clause))
    };
    let kept = constraints(&written, of_table);
    let without = if draft.unique == Some(false) { indexes } else { Vec::new() };
    rebuild(connection, &target.table, |new| written.with(new, &columns, &kept), &without)
}

/// Whether something but a primary key of several columns makes the column unique, and the indexes that callers made for it.
fn uniqueness(connection: &Connection, target: &Target, name: &str) -> Result<(bool, Vec<String>)> {
    let read = || {
        let mut statement = connection.prepare_cached(
            "SELECT l.name, l.origin FROM pragma_index_list(?1) AS l WHERE l.\"unique\" AND NOT l.partial \
             AND (SELECT count(*) FROM pragma_index_info(l.name)) = 1 \
             AND (SELECT i.name FROM pragma_index_info(l.name) AS i) = ?2 COLLATE NOCASE",
        )?;
        let rows = statement
            .query_map((&target.table.name, name), |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
        rows.collect::<rusqlite::Result<Vec<_>>>()
    };
    let indexes = read().map_err(failure)?;
    let unique = !indexes.is_empty() || is_only_key(target, name);
    let made = indexes.into_iter().filter(|(_, origin)| origin == "c").map(|(name, _)| name).collect();
    Ok((unique, made))
}

fn is_only_key(target: &Target, name: &str) -> bool {
    let mut keys = target.columns.iter().filter(|column| column.key > 0);
    keys.next().is_some_and(|column| same(&column.name, name)) && keys.next().is_none()
}

fn as_written(written: &WrittenTable<'_>) -> Vec<String> {
    written.columns.iter().map(|column| written.column_text(column, None, |_| true, &[])).collect()
}

fn constraints(written: &WrittenTable<'_>, keep: impl Fn(&Clause) -> bool) -> Vec<String> {
    let kept = written.constraints.iter().filter(|clause| keep(clause));
    kept.map(|clause| written.clause_text(clause).to_owned()).collect()
}
