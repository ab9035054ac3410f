//! The file of an open database: who reads goes to its readers, who changes to its writer.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use model::{Cell, CellPlace, Error, FileDatabase, FileState, Result, Rights, SchemaObject, TableEdit, TableKind};
use tokio::task::spawn_blocking;

use super::failure::failure;
use super::{Limits, cell, copy, count, edit, found, script, state, upload};
use crate::connection::Guarded;
use crate::database::SqliteDatabase;
use crate::guard::{Profile, Stop, StopOnDrop, overdue, told};
use crate::notes::Notes;
use crate::open::{MAIN, OpenDatabase};

/// Times the limit of a statement that work on a whole table or file may take.
const WHOLE: u32 = 10;

/// Says to work on another thread that nobody waits for it any more.
struct Abandoned(Arc<AtomicBool>);

impl Drop for Abandoned {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[async_trait]
impl FileDatabase for SqliteDatabase {
    async fn state(&self) -> Result<FileState> {
        let path = self.open.path();
        self.open.read(move |connection| state::state(&connection.sqlite, &path)).await
    }

    async fn objects(&self) -> Result<Vec<SchemaObject>> {
        self.open.read(|connection| state::objects(&connection.sqlite)).await
    }

    async fn row_counts(&self, most: u64, within: Duration) -> Result<HashMap<String, u64>> {
        self.open
            .read(move |connection| {
                connection.guard.limit(Some(within), 0, None);
                let counts = count::row_counts(&connection.sqlite, most);
                connection.guard.leave();
                counts
            })
            .await
    }

    async fn run_script(&self, script: &str) -> Result<()> {
        let (script, time) = (script.to_owned(), self.open.config.timeout);
        let running = |stop| {
            self.open.write(move |connection| {
                let Guarded { sqlite, guard, .. } = connection;
                guard.enter(Profile::Caller { rights: Rights::ALL, schema_locked: false });
                guard.limit(Some(time), 0, Some(stop));
                let words = |cause: rusqlite::Error| match told::<()>(guard, Err(cause), failure) {
                    Err(error) => error,
                    Ok(()) => Error::internal("a failure that is none"),
                };
                let outcome = script::run_script(sqlite, &script, &words, &|| guard.goes_on());
                guard.leave();
                outcome
            })
        };
        while_wanted(time, running).await
    }

    async fn edit(&self, table: &str, change: TableEdit) -> Result<()> {
        self.open.alive()?;
        let (open, table, time) = (Arc::clone(&self.open), table.to_owned(), self.open.config.timeout * WHOLE);
        let running = |stop| {
            self.open.writer.alone(move |connection| {
                connection.guard.limit(Some(time), 0, Some(stop));
                let outcome = edited(connection, &open, &table, &change);
                connection.guard.leave();
                outcome
            })
        };
        while_wanted(time, running).await
    }

    async fn read_cell(&self, place: &CellPlace) -> Result<Cell> {
        let (place, limits, time) = (place.clone(), limits(&self.open), self.open.config.timeout);
        self.open
            .read(move |connection| {
                connection.guard.limit(Some(time), 0, None);
                let cell = cell::read_cell(&connection.sqlite, &place, &limits);
                connection.guard.leave();
                cell
            })
            .await
    }

    async fn write_cell(&self, place: &CellPlace, bytes: Bytes) -> Result<()> {
        let (place, limits, time) = (place.clone(), limits(&self.open), self.open.config.timeout);
        self.open
            .write(move |connection| {
                connection.guard.limit(Some(time), 0, None);
                let written = cell::write_cell(&connection.sqlite, &place, &bytes, &limits);
                connection.guard.leave();
                written
            })
            .await
    }

    async fn vacuum(&self) -> Result<()> {
        self.open.alive()?;
        let (path, scratch) = (self.open.path(), self.open.directory.join("vacuum.sqlite"));
        self.open.writer.alone(move |_| copy::vacuum(&path, &scratch)).await
    }

    async fn copy_to(&self, path: &Path) -> Result<()> {
        let path = path.to_owned();
        let flag = Arc::new(AtomicBool::new(false));
        let _abandoned = Abandoned(Arc::clone(&flag));
        self.open
            .read(move |connection| {
                let goes_on = || if flag.load(Ordering::Relaxed) { Err(Error::cancelled()) } else { Ok(()) };
                copy::copy_to(&connection.sqlite, &path, &goes_on)
            })
            .await
    }

    async fn replace_with(&self, path: &Path) -> Result<()> {
        self.open.alive()?;
        let (open, path) = (Arc::clone(&self.open), path.to_owned());
        let replaced = spawn_blocking(move || {
            upload::inspect(&path)?;
            open.replace(&path)
        });
        replaced.await.map_err(Error::internal)?
    }

    async fn kind_of(&self, table: &str) -> Result<Option<TableKind>> {
        let table = table.to_owned();
        self.open.read(move |connection| found::kind_of(&connection.sqlite, &table)).await
    }
}

/// Waits for work of the writer, which is stopped and taken back when nobody waits any more, or when its time is over.
async fn while_wanted<T, F: Future<Output = Result<T>>>(
    time: Duration,
    work: impl FnOnce(Arc<Stop>) -> F,
) -> Result<T> {
    let stop = Arc::new(Stop::default());
    let _on_drop = StopOnDrop(Arc::clone(&stop));
    overdue(&stop, time, work(Arc::clone(&stop))).await
}

fn limits(open: &OpenDatabase) -> Limits {
    let config = &open.config;
    Limits { tables: config.tables, cell_bytes: usize::try_from(config.cell_bytes).unwrap_or(0), ..Limits::default() }
}

/// The edit, and what of the notes follows it.
fn edited(connection: &Guarded, open: &OpenDatabase, table: &str, change: &TableEdit) -> Result<()> {
    let sqlite = &connection.sqlite;
    let before = found::find(sqlite, table)?;
    edit::edit(sqlite, table, change, &limits(open))?;
    let Some(before) = before else { return Ok(()) };
    follow(&open.notes, &before.name, change).map_err(|error| error.context(format!("the notes beside {MAIN}")))
}

fn follow(notes: &Notes, table: &str, change: &TableEdit) -> Result<()> {
    match change {
        TableEdit::Rename { to } => notes.renamed(table, to),
        TableEdit::Drop => notes.dropped(table),
        TableEdit::DropColumn { name } => notes.column_dropped(table, name),
        TableEdit::ChangeColumn { name, draft } => {
            draft.name.as_ref().map_or(Ok(()), |to| notes.column_renamed(table, name, to))
        }
        TableEdit::Create { .. } | TableEdit::AddColumn(_) => Ok(()),
    }
}
