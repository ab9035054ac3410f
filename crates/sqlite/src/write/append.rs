//! Appends, which move their writer's mark in the same commit as the rows, as far as two files can: see
//! [`Intent`](crate::notes::Intent).

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef};
use model::{Appended, Error, Mark, Result, Rows, TableName, name_key};
use rusqlite::{Connection, OpenFlags};

use super::{create, insert, only_table};
use crate::columns::{Found, declared_type, find, in_main, of};
use crate::connection::Guarded;
use crate::fault::fault;
use crate::notes::{Intent, Notes};
use crate::open::OpenDatabase;
use crate::spool::Spool;
use crate::{nul, quote};

/// See [`model::Database::append`].
pub async fn append(database: &Arc<OpenDatabase>, table: &TableName, rows: Rows, mark: Mark) -> Result<Appended> {
    database.alive()?;
    let name = in_main(table)?.to_owned();
    let spool = Spool::collect(rows, &database.config).await?;
    let owner = Arc::clone(database);
    // Alone, because the intent must not be seen by another append of the same commit.
    database.writer.alone(move |connection| apply(connection, &owner.notes, &name, spool, &mark)).await
}

/// See [`model::Database::mark`].
pub async fn mark(database: &Arc<OpenDatabase>, table: &TableName, writer: &str) -> Result<Option<u64>> {
    database.alive()?;
    let (name, writer) = (in_main(table)?.to_owned(), writer.to_owned());
    let owner = Arc::clone(database);
    database
        .writer
        .alone(move |connection| {
            settle_all(&connection.sqlite, &owner.notes)?;
            let Some(found) = find(&connection.sqlite, &name)? else { return Ok(None) };
            match owner.notes.known_id(&found.name)? {
                Some(id) => owner.notes.mark(&id, &writer),
                None => Ok(None),
            }
        })
        .await
}

/// Finds out what became of appends that were interrupted. Nobody else writes meanwhile.
pub fn settle_all(sqlite: &Connection, notes: &Notes) -> Result<()> {
    for intent in notes.intents()? {
        let found = find(sqlite, &intent.name)?;
        let there = match found {
            Some(found) if notes.known_id(&found.name)?.as_deref() == Some(&intent.table_id) => {
                let sql = format!("SELECT EXISTS (SELECT 1 FROM {} WHERE rowid = ?1)", quote::name(&found.name));
                sqlite.query_row(&sql, [intent.row], |row| row.get(0)).map_err(fault)?
            }
            _ => false,
        };
        notes.settle(&intent.table_id, &intent.writer, there.then_some(intent.position))?;
    }
    Ok(())
}

fn apply(connection: &Guarded, notes: &Notes, name: &str, spool: Spool, mark: &Mark) -> Result<Appended> {
    let sqlite = &connection.sqlite;
    settle_all(sqlite, notes)?;
    let found = find(sqlite, name)?;
    found.as_ref().map(only_table).transpose()?;
    if let Some(id) = found.as_ref().map(|found| notes.known_id(&found.name)).transpose()?.flatten()
        && notes.mark(&id, &mark.writer)?.is_some_and(|position| position >= mark.position)
    {
        return Ok(Appended { rows: 0, bytes: 0, applied: false });
    }
    let appended = added(sqlite, notes, name, found, spool, mark);
    if appended.is_err() {
        // Somebody else's row may have that number next, which must not be taken for this one's.
        settle_all(sqlite, notes)?;
    }
    appended
}

/// In a transaction of its own, that is undone where this fails.
fn added(
    sqlite: &Connection,
    notes: &Notes,
    name: &str,
    found: Option<Found>,
    spool: Spool,
    mark: &Mark,
) -> Result<Appended> {
    let transaction =
        rusqlite::Transaction::new_unchecked(sqlite, rusqlite::TransactionBehavior::Immediate).map_err(fault)?;
    let (found, spool) = prepared(sqlite, name, found, spool)?;
    let id = notes.id(&found.name)?;
    let mut before = Before::new(sqlite, &found.name)?;
    let intend = |row| {
        if before.has(row)? {
            return Ok(false);
        }
        let intent = Intent {
            table_id: id.clone(),
            writer: mark.writer.clone(),
            position: mark.position,
            name: found.name.clone(),
            row,
        };
        notes.intend(&intent)?;
        Ok(true)
    };
    let (rows, bytes) = insert(sqlite, &found, spool, intend)?;
    transaction.commit().map_err(fault)?;
    notes.settle(&id, &mark.writer, Some(mark.position))?;
    Ok(Appended { rows, bytes, applied: true })
}

/// A table as it was before the transaction: a commit is told by a row that was not there. A table may be made so that a row takes
/// the place of another one and has its number.
struct Before<'a> {
    sqlite: &'a Connection,
    /// Whether there is a row of this number.
    sql: String,
    highest: Option<i64>,
    /// Sees nothing of what is not committed; opened where it is needed.
    elsewhere: Option<Connection>,
}

impl<'a> Before<'a> {
    fn new(sqlite: &'a Connection, table: &str) -> Result<Self> {
        let name = quote::name(table);
        // A table without row numbers has nothing to tell a commit by.
        let highest =
            sqlite.query_row(&format!("SELECT max(rowid) FROM {name}"), [], |row| row.get(0)).map_err(|_| {
                Error::unsupported(format!(
                    "table \"{table}\" was made WITHOUT ROWID and takes no appends; insert the rows with SQL"
                ))
            })?;
        let sql = format!("SELECT EXISTS (SELECT 1 FROM {name} WHERE rowid = ?1)");
        Ok(Self { sqlite, sql, highest, elsewhere: None })
    }

    fn has(&mut self, row: i64) -> Result<bool> {
        if self.highest.is_none_or(|highest| row > highest) {
            return Ok(false);
        }
        if self.elsewhere.is_none() {
            let path = self.sqlite.path().ok_or_else(|| Error::internal("a database is in no file"))?;
            let opened = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(fault)?;
            self.elsewhere = Some(opened);
        }
        let elsewhere = self.elsewhere.as_ref().expect("it was opened above");
        elsewhere
            .prepare_cached(&self.sql)
            .and_then(|mut known| known.query_row([row], |row| row.get(0)))
            .map_err(fault)
    }
}

/// The table with every column that the rows bring, and the rows without columns that bring nothing.
fn prepared(sqlite: &Connection, name: &str, found: Option<Found>, spool: Spool) -> Result<(Found, Spool)> {
    let keeps = |field: &Field| *field.data_type() != DataType::Null;
    let spool = if spool.schema.fields().iter().any(|field| keeps(field)) {
        spool.without(|field| !keeps(field))
    } else {
        spool
    };
    let Some(found) = found else {
        let nullable: SchemaRef = Arc::new(Schema::new(
            spool.schema.fields().iter().map(|field| field.as_ref().clone().with_nullable(true)).collect::<Vec<_>>(),
        ));
        return Ok((create(sqlite, name, &nullable, &[])?, spool));
    };
    let known = of(sqlite, &found.name)?;
    for field in spool.schema.fields() {
        if known.iter().all(|column| name_key(&column.name) != name_key(field.name())) {
            nul::refuse_column(field.name())?;
            let (table, column) = (quote::name(&found.name), quote::name(field.name()));
            let sql = format!("ALTER TABLE {table} ADD COLUMN {column} {}", declared_type(field)?);
            sqlite.execute(&sql, []).map_err(fault)?;
        }
    }
    Ok((found, spool))
}
