//! A database inside of a transaction: the same code on a catalog and on tables that keep what changes to themselves.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use model::{Database, Error, Result};
use object_store::ObjectStoreExt;
use object_store::path::Path;
use tokio::sync::OwnedMutexGuard;

use super::LakehouseDatabase;
use super::directory::directories;
use crate::catalog::Document;
use crate::table::{Finished, Table, left_nothing};

/// The way from a database inside of a transaction to the one outside.
pub struct Outside {
    database: Arc<dyn Database>,
    /// Directories of tables that the catalog named when the transaction began.
    known: HashSet<String>,
    /// Whether the transaction was committed, or is being: its files are no longer its own.
    finished: AtomicBool,
}

impl Outside {
    /// A table for the inside.
    pub fn table(&self, directory: &str) -> Arc<Table> {
        let table = match self.database.as_any().downcast_ref::<LakehouseDatabase>() {
            Some(database) => database.open_table(directory),
            None => unreachable!("a transaction begins in a lakehouse database"),
        };
        Arc::new(Table::inside(table))
    }
}

/// What a transaction did to one database, checked, with the turn at each of its tables.
pub struct Prepared<'a> {
    outside: &'a LakehouseDatabase,
    inside: &'a LakehouseDatabase,
    tables: Vec<Finished>,
    _turns: Vec<OwnedMutexGuard<()>>,
}

impl LakehouseDatabase {
    /// The database as a transaction that begins now sees it.
    ///
    /// # Errors
    /// `NotFound` for a database that was removed; `Unsupported` for one of another storage.
    pub async fn begin(outside: Arc<dyn Database>) -> Result<Self> {
        let Some(database) = outside.as_any().downcast_ref::<Self>() else {
            return Err(Error::unsupported("Not implemented Error: BEGIN is not supported outside of a lakehouse"));
        };
        let document = database.document().await?;
        let catalog = database.catalog.inside().await;
        let (root, directory, session) = (database.root.clone(), database.directory.clone(), database.session.clone());
        let closed = database.closed.clone();
        let known = directories(&document).collect();
        Ok(Self {
            root,
            directory,
            catalog: Arc::new(catalog),
            session,
            tables: Mutex::default(),
            creating: tokio::sync::Mutex::default(),
            closed,
            outside: Some(Outside { database: outside, known, finished: AtomicBool::new(false) }),
        })
    }

    /// Looks whether what a transaction did goes together with what the database is now, and keeps other writers of this
    /// process off its tables until it is committed.
    ///
    /// # Errors
    /// `Conflict` where it does not; nothing was changed.
    pub async fn prepare<'a>(&'a self, inside: &'a Self) -> Result<Prepared<'a>> {
        let mut tables = Vec::new();
        let mut turns = Vec::new();
        for (directory, table) in inside.opened() {
            let Some(draft) = table.draft() else { continue };
            let Some(finished) = draft.finish().await else { continue };
            // Everyone who wants several turns asks in the order of the directories, so nobody waits in a circle.
            turns.push(finished.table.alone().await);
            let document = inside.document().await?;
            let dropped = !directories(&document).any(|named| named == directory);
            if dropped {
                continue;
            }
            let known = inside.outside.as_ref().is_some_and(|outside| outside.known.contains(&directory));
            if known && !directories(self.document().await?.as_ref()).any(|named| named == directory) {
                return Err(Error::conflict(
                    "TransactionContext Error: Failed to commit: a table was dropped at the same time; nothing was changed, try again",
                ));
            }
            finished.check(finished.table.snapshot().await?.as_ref())?;
            tables.push(finished);
        }
        tables.sort_by_key(|finished| finished.changed);
        Ok(Prepared { outside: self, inside, tables, _turns: turns })
    }

    /// The tables that were looked at, by directory.
    fn opened(&self) -> Vec<(String, Arc<Table>)> {
        let tables = self.tables.lock().expect("no holder of this lock panics");
        let mut opened: Vec<_> = tables.iter().map(|(directory, table)| (directory.clone(), table.clone())).collect();
        opened.sort_by(|one, other| one.0.cmp(&other.0));
        opened
    }
}

impl Prepared<'_> {
    /// Makes the changes visible: the catalog's in one step, then each table's in one commit.
    ///
    /// # Errors
    /// `Conflict` where another process was faster after all; the message says what is done already.
    pub async fn run(self) -> Result<()> {
        let mut replays = self.inside.catalog.take_recorded().await;
        let mut done = Vec::new();
        if !replays.is_empty() {
            let replay = move |document: &mut Document| replays.iter_mut().try_for_each(|change| change(document));
            let changed = match self.outside.catalog.change(replay).await {
                Ok(changed) => changed,
                Err(error) if left_nothing(&error) => return Err(nothing_changed(error)),
                Err(error) => {
                    // The catalog may name the new tables all the same: their files stay.
                    self.finish();
                    return Err(error);
                }
            };
            self.outside.release(&changed.before, &changed.after);
            done.push("the changes of schemas, tables and views".to_owned());
        }
        // From here on files of the transaction are part of tables: none of them is deleted any more, but for those left.
        self.finish();
        for finished in &self.tables {
            let commit = finished.table.commit_in_turn(|newest| finished.actions(newest), finished.operation(), None);
            match commit.await {
                Ok(_) => done.push(finished.table.directory.to_string()),
                Err(error) if done.is_empty() && left_nothing(&error) => return Err(error),
                Err(error) => {
                    return Err(error.context(format!("committed are {}, and the rest is not", done.join(", "))));
                }
            }
            delete(&finished.table, &finished.left).await;
        }
        self.discard_dropped().await;
        Ok(())
    }

    fn finish(&self) {
        if let Some(outside) = &self.inside.outside {
            outside.finished.store(true, Ordering::Release);
        }
    }

    /// Deletes the tables that the transaction both made and dropped.
    async fn discard_dropped(&self) {
        let named: HashSet<String> = directories(self.outside.catalog.document().await.as_ref()).collect();
        let known = self.inside.outside.as_ref().map(|outside| &outside.known);
        for (directory, _) in self.inside.opened() {
            let made_here = known.is_some_and(|known| !known.contains(&directory));
            if made_here && !named.contains(&directory) {
                self.outside.discard_table(&directory, &Error::conflict("dropped again")).await;
            }
        }
    }
}

/// What is left of a transaction that was not committed: its files go.
impl Drop for LakehouseDatabase {
    fn drop(&mut self) {
        let Some(outside) = self.outside.take() else { return };
        if outside.finished.load(Ordering::Acquire) {
            return;
        }
        let tables = std::mem::take(&mut *self.tables.lock().expect("no holder of this lock panics"));
        self.session.runtime().spawn(async move { undo(outside, tables).await });
    }
}

async fn undo(outside: Outside, tables: HashMap<String, Arc<Table>>) {
    let Some(database) = outside.database.as_any().downcast_ref::<LakehouseDatabase>() else { return };
    for (directory, table) in tables {
        let written = match table.draft() {
            Some(draft) => draft.written().await,
            None => Vec::new(),
        };
        if outside.known.contains(&directory) {
            delete(&table, &written).await;
        } else {
            database.discard_table(&directory, &Error::conflict("rolled back")).await;
        }
    }
}

/// Deletes files that no commit names. One that stays is no more than disk space until the table is vacuumed.
async fn delete(table: &Table, paths: &[String]) {
    for path in paths {
        if let Err(error) = table.store().delete(&Path::from(path.as_str())).await {
            tracing::warn!(%error, file = path, "a file of a transaction could not be deleted");
        }
    }
}

fn nothing_changed(error: Error) -> Error {
    error.context("TransactionContext Error: Failed to commit, nothing was changed")
}
