//! What the storage notes beside a database's file: ids of tables, comments, how far appends have come.
//!
//! It cannot be in the file, which is the user's, and it is made only when there is something to note. What belongs to a
//! commit of the file is noted as an intent before it and settled after it, because two files in WAL mode do not commit
//! together: see [`Intent`].

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use model::{Error, Result};
use rusqlite::{Connection, OptionalExtension, params};
use std::fmt::Write;

use crate::connection::BUSY;
use crate::fault::fault;

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS ids (name TEXT NOT NULL PRIMARY KEY COLLATE NOCASE, id TEXT NOT NULL UNIQUE) STRICT;
    CREATE TABLE IF NOT EXISTS comments (
      kind TEXT NOT NULL, owner TEXT NOT NULL COLLATE NOCASE, part TEXT NOT NULL COLLATE NOCASE, text TEXT NOT NULL,
      PRIMARY KEY (kind, owner, part)
    ) STRICT;
    CREATE TABLE IF NOT EXISTS marks (
      table_id TEXT NOT NULL, writer TEXT NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (table_id, writer)
    ) STRICT;
    CREATE TABLE IF NOT EXISTS intents (
      table_id TEXT NOT NULL, writer TEXT NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL, row INTEGER NOT NULL,
      PRIMARY KEY (table_id, writer)
    ) STRICT;
";

/// An append that is about to be committed: where `row` is in the table afterwards, it was.
///
/// The row's number was free before and nobody but the one writer of the file gives numbers, so that it tells.
#[derive(Clone, Debug)]
pub struct Intent {
    /// The table's id.
    pub table_id: String,
    /// Who appends.
    pub writer: String,
    /// How far it has come with these rows.
    pub position: u64,
    /// The table's name at that time.
    pub name: String,
    /// The number that its first row will have.
    pub row: i64,
}

/// What a comment is about, as it is noted.
#[derive(Clone, Copy, Debug)]
pub enum About<'a> {
    /// The schema `main`.
    Schema,
    /// A table.
    Table(&'a str),
    /// A view.
    View(&'a str),
    /// A column of a table.
    Column(&'a str, &'a str),
}

impl<'a> About<'a> {
    fn key(self) -> (&'static str, &'a str, &'a str) {
        match self {
            Self::Schema => ("schema", "", ""),
            Self::Table(name) => ("table", name, ""),
            Self::View(name) => ("view", name, ""),
            Self::Column(table, column) => ("column", table, column),
        }
    }
}

/// See the module.
pub struct Notes {
    path: PathBuf,
    connection: Mutex<Option<Connection>>,
}

impl Notes {
    /// The notes in the file at `path`, which need not exist.
    pub fn new(path: PathBuf) -> Self {
        Self { path, connection: Mutex::new(None) }
    }

    /// Closes the file.
    pub fn close(&self) {
        *self.connection.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Reads; `T::default()` where nothing was ever noted. Blocks.
    fn look<T: Default>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        if !self.path.exists() {
            return Ok(T::default());
        }
        self.note(work)
    }

    /// Reads and writes. Blocks.
    fn note<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        let mut slot = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.is_none() {
            let connection = Connection::open(&self.path).map_err(fault)?;
            connection.busy_timeout(BUSY).map_err(fault)?;
            connection.pragma_update(None, "journal_mode", "WAL").map_err(fault)?;
            connection.pragma_update(None, "synchronous", "FULL").map_err(fault)?;
            connection.execute_batch(SCHEMA).map_err(fault)?;
            *slot = Some(connection);
        }
        work(slot.as_ref().expect("it was opened above")).map_err(fault)
    }

    /// The id of the table of this name, where it has one.
    pub fn known_id(&self, name: &str) -> Result<Option<String>> {
        self.look(|notes| {
            notes.prepare_cached("SELECT id FROM ids WHERE name = ?1")?.query_row([name], |row| row.get(0)).optional()
        })
    }

    /// The id of the table of this name, which is there; a new one where it has none.
    pub fn id(&self, name: &str) -> Result<String> {
        if let Some(id) = self.known_id(name)? {
            return Ok(id);
        }
        self.note(|notes| {
            notes.execute("INSERT OR IGNORE INTO ids (name, id) VALUES (?1, lower(hex(randomblob(16))))", [name])?;
            notes.query_row("SELECT id FROM ids WHERE name = ?1", [name], |row| row.get(0))
        })
    }

    /// The name of the table of this id.
    pub fn name_of(&self, id: &str) -> Result<Option<String>> {
        self.look(|notes| {
            notes.prepare_cached("SELECT name FROM ids WHERE id = ?1")?.query_row([id], |row| row.get(0)).optional()
        })
    }

    /// A table or view has another name.
    pub fn renamed(&self, from: &str, to: &str) -> Result<()> {
        self.look(|notes| {
            notes.execute("UPDATE OR REPLACE ids SET name = ?2 WHERE name = ?1", [from, to])?;
            notes.execute(
                "UPDATE OR REPLACE comments SET owner = ?2 WHERE owner = ?1 AND kind <> 'schema'",
                [from, to],
            )?;
            Ok(())
        })
    }

    /// A column has another name.
    pub fn column_renamed(&self, table: &str, from: &str, to: &str) -> Result<()> {
        self.look(|notes| {
            let sql = "UPDATE OR REPLACE comments SET part = ?3 WHERE kind = 'column' AND owner = ?1 AND part = ?2";
            notes.execute(sql, [table, from, to]).map(drop)
        })
    }

    /// A table or view is gone, and with it all that was noted of it.
    pub fn dropped(&self, name: &str) -> Result<()> {
        self.look(|notes| {
            notes.execute("DELETE FROM marks WHERE table_id IN (SELECT id FROM ids WHERE name = ?1)", [name])?;
            notes.execute("DELETE FROM ids WHERE name = ?1", [name])?;
            notes.execute("DELETE FROM comments WHERE owner = ?1 AND kind <> 'schema'", [name]).map(drop)
        })
    }

    /// Other tables have come in the place of all: ids, marks and intents are of the old ones. Comments are about names.
    pub fn forget_tables(&self) -> Result<()> {
        self.look(|notes| {
            notes.execute_batch("BEGIN IMMEDIATE; DELETE FROM marks; DELETE FROM intents; DELETE FROM ids; COMMIT")
        })
    }

    /// A column is gone.
    pub fn column_dropped(&self, table: &str, column: &str) -> Result<()> {
        self.comment(About::Column(table, column), None)
    }

    /// Puts a comment on something, or takes it away.
    pub fn comment(&self, about: About<'_>, text: Option<&str>) -> Result<()> {
        let (kind, owner, part) = about.key();
        match text {
            Some(text) => self.note(|notes| {
                let sql = "INSERT OR REPLACE INTO comments (kind, owner, part, text) VALUES (?1, ?2, ?3, ?4)";
                notes.execute(sql, [kind, owner, part, text]).map(drop)
            }),
            None => self.look(|notes| {
                let sql = "DELETE FROM comments WHERE kind = ?1 AND owner = ?2 AND part = ?3";
                notes.execute(sql, [kind, owner, part]).map(drop)
            }),
        }
    }

    /// The comments of this kind whose owner it is: part and text. Without an owner those of every one: owner and text.
    pub fn comments(&self, kind: &str, owner: Option<&str>) -> Result<Vec<(String, String)>> {
        let of = if owner.is_some() { "part" } else { "owner" };
        let mut sql = format!("SELECT {of}, text FROM comments WHERE kind = ?1");
        if owner.is_some() {
            write!(sql, " AND owner = ?2").expect("a text takes what is written to it");
        }
        self.look(|notes| {
            let mut statement = notes.prepare_cached(&sql)?;
            let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
            match owner {
                Some(owner) => statement.query_map([kind, owner], row)?.collect(),
                None => statement.query_map([kind], row)?.collect(),
            }
        })
    }

    /// How far a writer has come in a table.
    pub fn mark(&self, table_id: &str, writer: &str) -> Result<Option<u64>> {
        let found: Option<i64> = self.look(|notes| {
            let sql = "SELECT position FROM marks WHERE table_id = ?1 AND writer = ?2";
            notes.prepare_cached(sql)?.query_row([table_id, writer], |row| row.get(0)).optional()
        })?;
        found.map(|position| u64::try_from(position).map_err(Error::internal)).transpose()
    }

    /// Notes an append before it is committed.
    pub fn intend(&self, intent: &Intent) -> Result<()> {
        let position = i64::try_from(intent.position).map_err(Error::internal)?;
        self.note(|notes| {
            let sql =
                "INSERT OR REPLACE INTO intents (table_id, writer, position, name, row) VALUES (?1, ?2, ?3, ?4, ?5)";
            notes.execute(sql, params![intent.table_id, intent.writer, position, intent.name, intent.row]).map(drop)
        })
    }

    /// The append was committed (or it had no rows): the mark moves, and there is no intent any more.
    pub fn settle(&self, table_id: &str, writer: &str, position: Option<u64>) -> Result<()> {
        let position = position.map(i64::try_from).transpose().map_err(Error::internal)?;
        self.note(|notes| {
            let transaction = notes.unchecked_transaction()?;
            if let Some(position) = position {
                let sql = "INSERT OR REPLACE INTO marks (table_id, writer, position) VALUES (?1, ?2, ?3)";
                transaction.execute(sql, params![table_id, writer, position])?;
            }
            transaction.execute("DELETE FROM intents WHERE table_id = ?1 AND writer = ?2", [table_id, writer])?;
            transaction.commit()
        })
    }

    /// Appends of which it is not known whether they were committed: those that a crash interrupted.
    pub fn intents(&self) -> Result<Vec<Intent>> {
        self.look(|notes| {
            let mut statement = notes.prepare("SELECT table_id, writer, position, name, row FROM intents")?;
            let intents = statement.query_map([], |row| {
                Ok(Intent {
                    table_id: row.get(0)?,
                    writer: row.get(1)?,
                    position: row.get::<_, i64>(2)?.unsigned_abs(),
                    name: row.get(3)?,
                    row: row.get(4)?,
                })
            })?;
            intents.collect()
        })
    }
}
