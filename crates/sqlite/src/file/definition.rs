//! What a table is declared as.

use std::collections::HashMap;

use model::{CheckConstraint, ColumnDefinition, ForeignKey, Result, TableDefinition, TableKind, UniqueKey};
use rusqlite::Connection;

use super::failure::failure;
use super::found::{self, Found, FoundColumn};
use super::names::{quote, same};
use super::text::{Clause, ClauseKind, WrittenTable, columns_of, one_of};

/// The definition of a table or view. What only its statement says (CHECKs, names of constraints) is left out where the
/// statement is not understood.
pub(crate) fn definition(connection: &Connection, table: &str) -> Result<TableDefinition> {
    let found = found::require(connection, table)?;
    let columns = found::columns(connection, &found)?;
    let row_id = found::row_id(&found, &columns).map(str::to_owned);
    let written = WrittenTable::new(&found.sql);
    let uniques = uniques(connection, &found, written.as_ref()).map_err(failure)?;
    let foreign_keys = foreign_keys(connection, &found, written.as_ref()).map_err(failure)?;
    let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
    let (checks, listed) = checks(written.as_ref(), &names);
    let keys = columns.iter().filter(|column| column.key > 0).count();
    let columns = columns.into_iter().map(|column| declared(column, keys, &uniques, &listed)).collect();
    Ok(TableDefinition {
        name: found.name.clone(),
        kind: found.kind,
        row_id,
        columns,
        primary_key_name: written.as_ref().and_then(primary_key_name),
        uniques,
        checks,
        foreign_keys,
        sql: Some(found.sql),
    })
}

fn declared(
    column: FoundColumn,
    keys: usize,
    uniques: &[UniqueKey],
    listed: &HashMap<String, Vec<model::Value>>,
) -> ColumnDefinition {
    let alone = |key: &UniqueKey| key.columns.len() == 1 && same(&key.columns[0], &column.name);
    ColumnDefinition {
        unique: (column.key > 0 && keys == 1) || uniques.iter().any(alone),
        one_of: listed.get(&column.name.to_ascii_lowercase()).cloned(),
        primary_key: column.key.checked_sub(1),
        name: column.name,
        declared_type: column.declared_type,
        not_null: column.not_null,
        default: column.default,
        generated: column.generated,
    }
}

/// Every clause of the statement, with the column that it stands at.
fn all_clauses<'a>(written: &'a WrittenTable<'_>) -> impl Iterator<Item = (Option<&'a str>, &'a Clause)> {
    let of_columns = written
        .columns
        .iter()
        .flat_map(|column| column.clauses.iter().map(|clause| (Some(column.name.as_str()), clause)));
    of_columns.chain(written.constraints.iter().map(|clause| (None, clause)))
}

fn primary_key_name(written: &WrittenTable<'_>) -> Option<String> {
    let mut keys = all_clauses(written).filter(|(_, clause)| matches!(clause.kind, ClauseKind::PrimaryKey(_)));
    keys.next().and_then(|(_, clause)| clause.name.clone())
}

fn checks(
    written: Option<&WrittenTable<'_>>,
    columns: &[String],
) -> (Vec<CheckConstraint>, HashMap<String, Vec<model::Value>>) {
    let mut listed = HashMap::new();
    let mut checks = Vec::new();
    let Some(written) = written else { return (checks, listed) };
    for (_, clause) in all_clauses(written) {
        let ClauseKind::Check(condition) = &clause.kind else { continue };
        if let Some((column, values)) = one_of(&written.tokens, condition.clone()) {
            listed.entry(column.to_ascii_lowercase()).or_insert(values);
        }
        checks.push(CheckConstraint {
            name: clause.name.clone(),
            columns: columns_of(&written.tokens, condition.clone(), columns),
            predicate: written.tokens.written(condition.clone()).to_owned(),
        });
    }
    (checks, listed)
}

/// Unique constraints and indexes over whole columns, those of the primary key left out.
fn uniques(
    connection: &Connection,
    table: &Found,
    written: Option<&WrittenTable<'_>>,
) -> rusqlite::Result<Vec<UniqueKey>> {
    if table.kind == TableKind::View || table.is_virtual {
        return Ok(Vec::new());
    }
    let mut list = connection.prepare_cached(
        "SELECT l.name, l.origin, s.sql FROM pragma_index_list(?1) AS l \
         LEFT JOIN main.sqlite_schema AS s ON s.type = 'index' AND s.name = l.name \
         WHERE l.\"unique\" AND NOT l.partial AND l.origin <> 'pk' ORDER BY s.rowid",
    )?;
    let indexes = list.query_map([&table.name], |row| Ok((row.get(0)?, row.get(2)?)))?;
    let indexes = indexes.collect::<rusqlite::Result<Vec<(String, Option<String>)>>>()?;
    let mut info = connection.prepare_cached("SELECT name FROM pragma_index_info(?1) ORDER BY seqno")?;
    let mut keys = Vec::new();
    for (name, sql) in indexes {
        let columns = info.query_map([&name], |row| row.get::<_, Option<String>>(0))?;
        let Some(columns) = columns.collect::<rusqlite::Result<Option<Vec<String>>>>()? else { continue };
        let clause = sql.is_none().then(|| written.and_then(|written| unique_clause(written, &columns))).flatten();
        let given = clause.as_ref().and_then(|(clause, _)| clause.name.clone());
        let definition = sql.or(clause.map(|(_, text)| text)).unwrap_or_else(|| unique_text(&columns));
        keys.push(UniqueKey { name: given.unwrap_or(name), columns, definition });
    }
    Ok(keys)
}

/// The UNIQUE over these columns and its text; one that stands at a column is written as the table would.
fn unique_clause(written: &WrittenTable<'_>, columns: &[String]) -> Option<(Clause, String)> {
    all_clauses(written).find_map(|(at, clause)| match (&clause.kind, at) {
        (ClauseKind::Unique(named), None) if equal(named, columns) => {
            Some((clause.clone(), written.clause_text(clause).to_owned()))
        }
        (ClauseKind::Unique(_), Some(column)) if columns.len() == 1 && same(column, &columns[0]) => {
            Some((clause.clone(), unique_text(columns)))
        }
        _ => None,
    })
}

fn unique_text(columns: &[String]) -> String {
    let quoted: Vec<String> = columns.iter().map(|column| quote(column)).collect();
    format!("UNIQUE ({})", quoted.join(", "))
}

fn equal(one: &[String], other: &[String]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
}

/// Foreign keys in the order in which they are declared.
fn foreign_keys(
    connection: &Connection,
    table: &Found,
    written: Option<&WrittenTable<'_>>,
) -> rusqlite::Result<Vec<ForeignKey>> {
    // SQLite numbers them from the last to the first.
    let mut list = connection.prepare_cached(
        "SELECT id, \"table\", \"from\", \"to\" FROM pragma_foreign_key_list(?1) ORDER BY id DESC, seq",
    )?;
    let mut rows = list.query([&table.name])?;
    let mut keys: Vec<(i64, ForeignKey)> = Vec::new();
    let mut implicit = Vec::new();
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        if keys.last().is_none_or(|(last, _)| *last != id) {
            let parent = row.get(1)?;
            let key = ForeignKey { name: None, columns: Vec::new(), table: parent, references: Vec::new() };
            keys.push((id, key));
        }
        let at = keys.len() - 1;
        keys[at].1.columns.push(row.get(2)?);
        match row.get::<_, Option<String>>(3)? {
            Some(column) => keys[at].1.references.push(column),
            None if implicit.last() != Some(&at) => implicit.push(at),
            None => {}
        }
    }
    let mut keys: Vec<ForeignKey> = keys.into_iter().map(|(_, key)| key).collect();
    for at in implicit {
        keys[at].references = primary_key(connection, &keys[at].table)?;
    }
    let clauses = written.map_or_else(Vec::new, |written| {
        all_clauses(written).filter(|(_, clause)| matches!(clause.kind, ClauseKind::ForeignKey(_))).collect()
    });
    if clauses.len() == keys.len() {
        for (key, (_, clause)) in keys.iter_mut().zip(clauses) {
            key.name.clone_from(&clause.name);
        }
    }
    Ok(keys)
}

/// The columns of a table's primary key, in its order.
fn primary_key(connection: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare_cached("SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk")?;
    statement.query_map([table], |row| row.get(0))?.collect()
}
