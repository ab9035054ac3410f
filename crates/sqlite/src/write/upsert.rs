//! Upserts: the rows that arrive wait in a temporary table, of which SQLite makes one UPDATE and one INSERT.

use std::sync::Arc;

use arrow_array::Array;
use model::{Error, Result, Rows, TableName, Upsert, Upserted, name_key};
use rusqlite::Connection;

use super::{create, fill, fitted, matched, only_table};
use crate::columns::{Column, Found, find, in_main};
use crate::connection::Guarded;
use crate::fault::fault;
use crate::open::OpenDatabase;
use crate::quote;
use crate::spool::Spool;

/// The rows that arrive, with their order.
const ARRIVED: &str = "temp.arrived";
const ORDER: &str = "the order of arrival";

/// See [`model::Database::upsert`].
pub async fn upsert(database: &Arc<OpenDatabase>, table: &TableName, upsert: Upsert, rows: Rows) -> Result<Upserted> {
    database.alive()?;
    let name = in_main(table)?.to_owned();
    for column in upsert.key.iter().chain(&upsert.cursor) {
        if rows.schema().fields().iter().all(|field| name_key(field.name()) != name_key(column)) {
            return Err(Error::invalid(format!("the rows have no column \"{column}\", which is in the key or cursor")));
        }
    }
    let spool = Spool::collect(rows, &database.config).await?;
    database.write(move |connection| apply(connection, &name, &upsert, spool)).await
}

fn apply(connection: &Guarded, name: &str, upsert: &Upsert, spool: Spool) -> Result<Upserted> {
    let sqlite = &connection.sqlite;
    let found = match find(sqlite, name)? {
        Some(found) => only_table(&found).map(|()| found)?,
        None => create(sqlite, name, &spool.schema, &upsert.key)?,
    };
    let columns = matched(sqlite, &found, &spool.schema)?;
    let spool = keyed(spool, &columns, upsert)?;
    sqlite.execute_batch(&format!("DROP TABLE IF EXISTS {ARRIVED}")).map_err(fault)?;
    let outcome = merge(sqlite, &found, &columns, upsert, spool);
    sqlite.execute_batch(&format!("DROP TABLE IF EXISTS {ARRIVED}")).map_err(fault)?;
    outcome
}

/// Refuses a NULL in the key, by row and column.
fn keyed(spool: Spool, columns: &[Column], upsert: &Upsert) -> Result<Spool> {
    let is_key = |column: &Column| upsert.key.iter().any(|key| name_key(key) == name_key(&column.name));
    let keys: Vec<usize> = (0..columns.len()).filter(|place| is_key(&columns[*place])).collect();
    let columns = columns.to_vec();
    let mut before = 0;
    Ok(spool.checked(move |batch| {
        for place in &keys {
            let values = batch.column(*place);
            if let Some(row) = (0..values.len()).find(|row| values.is_null(*row)) {
                let (row, name) = (before + row + 1, &columns[*place].name);
                return Err(Error::invalid(format!("row {row} has NULL in \"{name}\", which is in the key")));
            }
        }
        before += batch.num_rows();
        fitted(batch, &columns).map(drop)
    }))
}

fn merge(sqlite: &Connection, found: &Found, columns: &[Column], upsert: &Upsert, spool: Spool) -> Result<Upserted> {
    // Columns of no type: what was converted for the table stays as it is.
    let all: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let order = quote::name(ORDER);
    let list = quote::names(all.iter().copied());
    sqlite.execute_batch(&format!("CREATE TABLE {ARRIVED} ({list}, {order} INTEGER PRIMARY KEY)")).map_err(fault)?;
    let places: Vec<String> = (1..=all.len()).map(|place| format!("?{place}")).collect();
    let sql = format!("INSERT INTO {ARRIVED} ({list}) VALUES ({})", places.join(", "));
    let (_, bytes) = fill(sqlite, &sql, columns, spool, |_| Ok(true))?;
    let key: Vec<String> = upsert.key.iter().map(|name| quote::name(name)).collect();
    // Of several rows with one key the one with the highest cursor stays, and of equal ones the last.
    let mut ranked: Vec<String> = upsert.cursor.iter().map(|name| format!("{} DESC", quote::name(name))).collect();
    ranked.push(format!("{order} DESC"));
    let losers = format!(
        "DELETE FROM {ARRIVED} WHERE {order} IN (SELECT {order} FROM (SELECT {order}, row_number() OVER \
         (PARTITION BY {} ORDER BY {}) AS place FROM {ARRIVED}) WHERE place > 1)",
        key.join(", "),
        ranked.join(", ")
    );
    sqlite.execute(&losers, []).map_err(fault)?;
    let table = quote::name(&found.name);
    let matches: Vec<String> = key.iter().map(|key| format!("t.{key} = a.{key}")).collect();
    let matches = matches.join(" AND ");
    let is_key = |name: &str| upsert.key.iter().any(|key| name_key(key) == name_key(name));
    let set: Vec<String> =
        all.iter().filter(|name| !is_key(name)).map(|name| format!("{0} = a.{0}", quote::name(name))).collect();
    let updated = if set.is_empty() {
        0
    } else {
        let newer = newer(&upsert.cursor).map(|newer| format!(" AND {newer}")).unwrap_or_default();
        let sql = format!("UPDATE {table} AS t SET {} FROM {ARRIVED} AS a WHERE {matches}{newer}", set.join(", "));
        sqlite.execute(&sql, []).map_err(fault)?
    };
    let sql = format!(
        "INSERT INTO {table} ({list}) SELECT {} FROM {ARRIVED} AS a LEFT JOIN {table} AS t ON {matches} \
         WHERE t.{} IS NULL ORDER BY a.{order}",
        all.iter().map(|name| format!("a.{}", quote::name(name))).collect::<Vec<_>>().join(", "),
        key[0]
    );
    let inserted = sqlite.execute(&sql, []).map_err(fault)?;
    Ok(Upserted { inserted: inserted as u64, updated: updated as u64, bytes })
}

/// Whether the row that arrives has the higher cursor: column by column, NULL lower than every value.
fn newer(cursor: &[String]) -> Option<String> {
    let (first, rest) = cursor.split_first()?;
    let name = quote::name(first);
    let higher = format!("(a.{name} > t.{name} OR (a.{name} IS NOT NULL AND t.{name} IS NULL))");
    Some(match newer(rest) {
        Some(rest) => format!("({higher} OR (a.{name} IS t.{name} AND {rest}))"),
        None => higher,
    })
}
