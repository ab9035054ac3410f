//! Where SQLite databases live: a directory each, of which a bounded number is open.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use model::{Database, DatabaseId, Error, Result, Storage, StorageKind};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::{block_in_place, spawn_blocking};

use crate::config::SqliteConfig;
use crate::connection::{Purpose, open};
use crate::database::SqliteDatabase;
use crate::fault::fault;
use crate::file::swap;
use crate::open::{MAIN, NOTES, OpenDatabase, sync_directory};
use crate::write::settle_all;

/// Databases that are one SQLite file each. Clones share everything.
#[derive(Clone)]
pub struct SqliteStorage(Arc<Inner>);

struct Inner {
    config: Arc<SqliteConfig>,
    open: Mutex<HashMap<DatabaseId, Arc<OpenDatabase>>>,
    /// Held while a database is made, opened or removed: each happens once.
    coming: Mutex<()>,
    /// Whether somebody looks now and then for databases that nobody uses.
    swept: AtomicBool,
}

impl SqliteStorage {
    /// The databases in a directory, which is made where it does not exist. Blocks.
    ///
    /// # Errors
    /// `Unavailable` where it cannot be made.
    pub fn open(config: SqliteConfig) -> Result<Self> {
        fs::create_dir_all(&config.directory).map_err(|cause| {
            Error::unavailable(format!("cannot make the directory {}: {cause}", config.directory.display()))
        })?;
        Ok(Self(Arc::new(Inner {
            config: Arc::new(config),
            open: Mutex::default(),
            coming: Mutex::default(),
            swept: AtomicBool::new(false),
        })))
    }

    fn directory(&self, id: &DatabaseId) -> PathBuf {
        self.0.config.directory.join(id.as_str())
    }

    fn opened(&self) -> MutexGuard<'_, HashMap<DatabaseId, Arc<OpenDatabase>>> {
        self.0.opened()
    }

    fn coming(&self) -> MutexGuard<'_, ()> {
        self.0.coming()
    }

    /// Opens a database whose file is there. Blocks.
    fn open_now(&self, id: &DatabaseId, coming: MutexGuard<'_, ()>) -> Result<Arc<OpenDatabase>> {
        // Another task may have been faster; there is one writer for a database.
        if let Some(database) = self.opened().get(id) {
            return Ok(Arc::clone(database));
        }
        let directory = self.directory(id);
        // Listing is one look where each name would be another.
        let names = names(&directory)?;
        let is_there = |name: &str| names.iter().any(|there| there == name);
        if !is_there(MAIN) {
            return Err(Error::not_found("database", id));
        }
        let database = OpenDatabase::new(id.to_string(), directory, Arc::clone(&self.0.config));
        if swap::is_unfinished(&names) {
            swap::finish(&database.path(), || database.notes.forget_tables())?;
        }
        database.with_log()?;
        if is_there(NOTES) {
            let connection = open(&database.path(), Purpose::Write, &self.0.config).map_err(fault)?;
            settle_all(&connection.sqlite, &database.notes)?;
        }
        let database = Arc::new(database);
        let too_many = {
            let mut opened = self.opened();
            opened.insert(id.clone(), Arc::clone(&database));
            opened.len() > self.0.config.open_databases
        };
        drop(coming);
        // What nobody uses for long is closed by whoever sweeps. Closing may take long, and nobody waits for it.
        if too_many {
            let storage = Arc::clone(&self.0);
            spawn_blocking(move || storage.close_idle());
        }
        // This thread may block, and whoever asks to open a database asks it something next.
        database.readers.open_one();
        Ok(database)
    }

    /// The same from a task. Opening takes about as long as waking another thread and being woken by it: where the threads of
    /// the runtime are several, this one is taken out of them meanwhile. Whoever would have to wait for others goes the long way.
    async fn open_soon(&self, id: &DatabaseId) -> Result<Arc<OpenDatabase>> {
        if let Some(opened) = self.open_here(id) {
            return opened;
        }
        let (storage, id) = (self.clone(), id.clone());
        spawn_blocking(move || storage.open_now(&id, storage.coming())).await.map_err(Error::internal)?
    }

    fn open_here(&self, id: &DatabaseId) -> Option<Result<Arc<OpenDatabase>>> {
        if Handle::current().runtime_flavor() != RuntimeFlavor::MultiThread {
            return None;
        }
        let coming = self.0.coming.try_lock().ok()?;
        Some(block_in_place(|| self.open_now(id, coming)))
    }

    /// Closes what nobody uses also while nothing is opened, for as long as there is a storage.
    fn sweep(&self) {
        if self.0.swept.swap(true, Ordering::AcqRel) {
            return;
        }
        let (storage, pause) = (Arc::downgrade(&self.0), (self.0.config.idle / 4).max(Duration::from_millis(10)));
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(pause).await;
                let Some(storage) = storage.upgrade() else { return };
                let _ = spawn_blocking(move || storage.close_idle()).await;
            }
        });
    }
}

/// The names of what is in a directory; none where there is no such directory.
fn names(directory: &Path) -> Result<Vec<OsString>> {
    let listed = match fs::read_dir(directory) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(Vec::new()),
        listed => listed.map_err(Error::internal)?,
    };
    listed.map(|entry| Ok(entry.map_err(Error::internal)?.file_name())).collect()
}

impl Inner {
    fn coming(&self) -> MutexGuard<'_, ()> {
        self.coming.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn opened(&self) -> MutexGuard<'_, HashMap<DatabaseId, Arc<OpenDatabase>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes what nobody used for long, and of the rest the least recently used while there are too many. What is held
    /// or busy stays. Blocks.
    fn close_idle(&self) {
        let config = &self.config;
        let closable = |database: &Arc<OpenDatabase>| Arc::strong_count(database) == 1 && !database.is_busy();
        // Closing writes the log into the file: nobody waits for the list meanwhile, but whoever would open the same file.
        let _coming = self.coming();
        let mut closed = Vec::new();
        let mut opened = self.opened();
        let mut idle: Vec<(Duration, DatabaseId)> = opened
            .iter()
            .filter(|(_, database)| closable(database))
            .map(|(id, database)| (database.idle(), id.clone()))
            .collect();
        idle.sort_by(|a, b| b.0.cmp(&a.0));
        for (unused, id) in idle {
            if unused >= config.idle || opened.len() > config.open_databases {
                closed.extend(opened.remove(&id));
            }
        }
        drop(opened);
        drop(closed);
    }
}

#[async_trait]
impl Storage for SqliteStorage {
    fn kind(&self) -> StorageKind {
        StorageKind::Sqlite
    }

    /// The file is made under another name and renamed, so that there is never half of one.
    async fn create(&self, id: &DatabaseId) -> Result<()> {
        let (directory, storage, id) = (self.directory(id), self.clone(), id.clone());
        spawn_blocking(move || {
            let _coming = storage.coming();
            let path = directory.join(MAIN);
            if path.exists() {
                return Err(Error::exists("database", &id));
            }
            // What an interrupted removal left: a log without its file would be read into the new one.
            if directory.exists() {
                fs::remove_dir_all(&directory).map_err(Error::internal)?;
            }
            fs::create_dir_all(&directory).map_err(Error::internal)?;
            let fresh = directory.join("new.sqlite");
            let connection = rusqlite::Connection::open(&fresh).map_err(fault)?;
            // An empty database has no page at all; this makes it a file that `sqlite3` and others recognise.
            connection.execute_batch("VACUUM; PRAGMA journal_mode = WAL").map_err(fault)?;
            drop(connection);
            fs::rename(&fresh, &path).map_err(Error::internal)?;
            sync_directory(&directory);
            sync_directory(&storage.0.config.directory);
            Ok(())
        })
        .await
        .map_err(Error::internal)?
    }

    async fn open(&self, id: &DatabaseId) -> Result<Arc<dyn Database>> {
        let known = self.opened().get(id).cloned();
        if let Some(database) = known {
            database.alive()?;
            return Ok(Arc::new(SqliteDatabase::new(database)));
        }
        self.sweep();
        let database = self.open_soon(id).await?;
        database.alive()?;
        Ok(Arc::new(SqliteDatabase::new(database)))
    }

    /// The file goes first: what is left of an interrupted removal cannot be opened.
    async fn remove(&self, id: &DatabaseId) -> Result<()> {
        let (directory, storage, id) = (self.directory(id), self.clone(), id.clone());
        spawn_blocking(move || {
            let _coming = storage.coming();
            if !directory.join(MAIN).exists() {
                // There is none, but perhaps what a kill left of making or removing it.
                if directory.exists() {
                    fs::remove_dir_all(&directory).map_err(Error::internal)?;
                }
                return Err(Error::not_found("database", &id));
            }
            let opened = storage.opened().remove(&id);
            if let Some(database) = opened {
                database.remove();
            }
            fs::remove_file(directory.join(MAIN)).map_err(Error::internal)?;
            sync_directory(&directory);
            fs::remove_dir_all(&directory).map_err(Error::internal)?;
            sync_directory(&storage.0.config.directory);
            Ok(())
        })
        .await
        .map_err(Error::internal)?
    }
}
