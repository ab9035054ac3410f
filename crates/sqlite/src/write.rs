//! Rows into tables: writes, appends and upserts, each in one transaction.

mod append;
mod upsert;

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, SchemaRef};
use model::{Error, Result, Rows, TableKind, TableName, WriteMode, Written, name_key};
use rusqlite::Connection;

pub use self::append::{append, mark, settle_all};
pub use self::upsert::upsert;
use crate::bind::{Bound, fit};
use crate::columns::{Column, Found, arrow_type, declared_type, find, in_main, of};
use crate::connection::Guarded;
use crate::fault::fault;
use crate::open::OpenDatabase;
use crate::spool::Spool;
use crate::{nul, quote};

/// Writes rows and commits once, after all of them have arrived.
pub async fn write(database: &Arc<OpenDatabase>, table: &TableName, mode: WriteMode, rows: Rows) -> Result<Written> {
    database.alive()?;
    let name = in_main(table)?.to_owned();
    early(database, &name, mode, Arc::clone(rows.schema())).await?;
    let spool = Spool::collect(rows, &database.config).await?;
    database.write(move |connection| into(connection, &name, mode, spool)).await
}

/// What can be known before the rows have arrived is told then.
async fn early(database: &Arc<OpenDatabase>, name: &str, mode: WriteMode, schema: SchemaRef) -> Result<()> {
    let name = name.to_owned();
    database
        .read(move |connection| match target(&connection.sqlite, &name, mode)? {
            Some(found) if mode != WriteMode::Overwrite => matched(&connection.sqlite, &found, &schema).map(drop),
            _ => schema.fields().iter().try_for_each(|field| declared_type(field).map(drop)),
        })
        .await
}

/// The table that is there, as the mode wants it.
fn target(sqlite: &Connection, name: &str, mode: WriteMode) -> Result<Option<Found>> {
    let found = find(sqlite, name)?;
    match (&found, mode) {
        (Some(found), WriteMode::Create) => Err(Error::exists(word(found), &found.name)),
        (Some(found), _) => only_table(found).map(|()| Some(found.clone())),
        (None, WriteMode::Append) => Err(Error::not_found("table", name)),
        (None, _) => Ok(None),
    }
}

fn word(found: &Found) -> &'static str {
    if found.kind == TableKind::View { "view" } else { "table" }
}

/// Refuses a view.
pub fn only_table(found: &Found) -> Result<()> {
    if found.kind == TableKind::View {
        return Err(Error::invalid(format!("\"{}\" is a view; rows are written to tables", found.name)));
    }
    Ok(())
}

fn into(connection: &Guarded, name: &str, mode: WriteMode, spool: Spool) -> Result<Written> {
    let sqlite = &connection.sqlite;
    let found = match target(sqlite, name, mode)? {
        Some(found) if mode == WriteMode::Overwrite => emptied(sqlite, found, &spool.schema)?,
        Some(found) => found,
        None => create(sqlite, name, &spool.schema, &[])?,
    };
    let (rows, bytes) = insert(sqlite, &found, spool, |_| Ok(true))?;
    Ok(Written { rows, bytes })
}

/// The table without rows and with these columns: as it was declared, where it has them already.
fn emptied(sqlite: &Connection, found: Found, schema: &SchemaRef) -> Result<Found> {
    let columns = of(sqlite, &found.name)?;
    let same = columns.len() == schema.fields().len()
        && columns.iter().zip(schema.fields()).all(|(column, field)| {
            let declared = declared_type(field).map(|declared| arrow_type(&declared));
            name_key(&column.name) == name_key(field.name())
                && declared.is_ok_and(|kind| kind == arrow_type(&column.declared))
        });
    let table = quote::name(&found.name);
    if same {
        sqlite.execute(&format!("DELETE FROM {table}"), []).map_err(fault)?;
        return Ok(found);
    }
    sqlite.execute(&format!("DROP TABLE {table}"), []).map_err(fault)?;
    create(sqlite, &found.name, schema, &[])
}

/// Makes a table for rows of these columns, with a primary key where one is named.
pub fn create(sqlite: &Connection, name: &str, schema: &SchemaRef, key: &[String]) -> Result<Found> {
    schema.fields().iter().try_for_each(|field| nul::refuse_column(field.name()))?;
    let is_key = |field: &Field| key.iter().any(|key| name_key(key) == name_key(field.name()));
    let mut parts = schema
        .fields()
        .iter()
        .map(|field| {
            let not_null = if is_key(field) || !field.is_nullable() { " NOT NULL" } else { "" };
            Ok(format!("{} {}{not_null}", quote::name(field.name()), declared_type(field)?))
        })
        .collect::<Result<Vec<_>>>()?;
    if !key.is_empty() {
        parts.push(format!("PRIMARY KEY ({})", quote::names(key.iter().map(String::as_str))));
    }
    let sql = format!("CREATE TABLE {} ({})", quote::name(name), parts.join(", "));
    sqlite.execute(&sql, []).map_err(|cause| {
        Error::invalid(format!("table \"{name}\": {}", crate::fault::said(&cause))).with_source(cause)
    })?;
    find(sqlite, name)?.ok_or_else(|| Error::internal("a table that was made is not there"))
}

/// For each column of the rows the column of the table that takes it.
pub fn matched(sqlite: &Connection, found: &Found, schema: &SchemaRef) -> Result<Vec<Column>> {
    let columns = of(sqlite, &found.name)?;
    let place = |field: &Arc<Field>| {
        let column = columns.iter().find(|column| name_key(&column.name) == name_key(field.name()));
        match column {
            Some(column) if column.generated => Err(Error::invalid(format!(
                "column \"{}\" of table \"{}\" is computed; leave it out",
                column.name, found.name
            ))),
            Some(column) => Ok(column.clone()),
            None => Err(Error::invalid(format!(
                "table \"{}\" has no column \"{}\"; its columns are {}",
                found.name,
                field.name(),
                quote::names(columns.iter().map(|column| column.name.as_str()))
            ))),
        }
    };
    schema.fields().iter().map(place).collect()
}

/// Adds rows to a table; answers with their number and bytes, about. `see` is told the numbers of rows that were added, one
/// after the other, until it has seen the one that it looks for.
pub fn insert(
    sqlite: &Connection,
    found: &Found,
    spool: Spool,
    see: impl FnMut(i64) -> Result<bool>,
) -> Result<(u64, u64)> {
    let columns = matched(sqlite, found, &spool.schema)?;
    let sql = if columns.is_empty() {
        format!("INSERT INTO {} DEFAULT VALUES", quote::name(&found.name))
    } else {
        let places: Vec<String> = (1..=columns.len()).map(|place| format!("?{place}")).collect();
        format!(
            "INSERT INTO {} ({}) VALUES ({})",
            quote::name(&found.name),
            quote::names(columns.iter().map(|column| column.name.as_str())),
            places.join(", ")
        )
    };
    fill(sqlite, &sql, &columns, spool, see)
}

/// Runs a statement for each row.
fn fill(
    sqlite: &Connection,
    sql: &str,
    columns: &[Column],
    spool: Spool,
    mut see: impl FnMut(i64) -> Result<bool>,
) -> Result<(u64, u64)> {
    let mut statement = sqlite.prepare(sql).map_err(fault)?;
    let (mut seen, mut count, mut bytes) = (false, 0_u64, 0_u64);
    for batch in spool.batches() {
        let batch = batch?;
        bytes += batch.get_array_memory_size() as u64;
        let fitted = fitted(&batch, columns)?;
        let bound: Vec<Bound<'_>> = fitted.iter().map(Bound::of).collect();
        for row in 0..batch.num_rows() {
            for (place, column) in bound.iter().enumerate() {
                statement.raw_bind_parameter(place + 1, column.cell(row)).map_err(fault)?;
            }
            let added = statement.raw_execute().map_err(|cause| refused(cause, count + 1))?;
            // A table may be made so that it ignores a row.
            if !seen && added > 0 {
                seen = see(sqlite.last_insert_rowid())?;
            }
            count += 1;
        }
    }
    Ok((count, bytes))
}

fn refused(cause: rusqlite::Error, row: u64) -> Error {
    let error = fault(cause);
    if error.kind() == model::ErrorKind::Invalid { error.context(format!("row {row}")) } else { error }
}

/// The columns of a batch as the table keeps them.
pub fn fitted(batch: &RecordBatch, columns: &[Column]) -> Result<Vec<ArrayRef>> {
    let cells = batch.columns().iter().zip(columns);
    cells.map(|(values, column)| fit(&column.name, values, &kept_type(&column.declared, values))).collect()
}

/// What values become in a column of this type. A column of no certain type keeps numbers as numbers.
fn kept_type(declared: &str, values: &dyn Array) -> DataType {
    let wanted = arrow_type(declared);
    let texts = wanted == DataType::Utf8
        && ["CHAR", "CLOB", "TEXT"].iter().any(|word| declared.to_ascii_uppercase().contains(word));
    match values.data_type() {
        kind if wanted == DataType::Utf8 && !texts && kind.is_integer() => DataType::Int64,
        kind if wanted == DataType::Utf8 && !texts && kind.is_floating() => DataType::Float64,
        _ => wanted,
    }
}
