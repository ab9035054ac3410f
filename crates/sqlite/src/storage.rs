//! Where SQLite databases live: a directory each, of which a bounded number is open.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use model::{Database, DatabaseId, Error, Result, Storage, StorageKind};
use tokio::task::spawn_blocking;

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
        Ok(Self(Arc::new(Inner { config: Arc::new(config), open: Mutex::default() })))
    }

    fn directory(&self, id: &DatabaseId) -> PathBuf {
        self.0.config.directory.join(id.as_str())
    }

    fn opened(&self) -> MutexGuard<'_, HashMap<DatabaseId, Arc<OpenDatabase>>> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens a database whose file is there. Blocks.
    fn open_now(&self, id: &DatabaseId) -> Result<Arc<OpenDatabase>> {
        let directory = self.directory(id);
        if !directory.join(MAIN).exists() {
            return Err(Error::not_found("database", id));
        }
        let database = OpenDatabase::new(id.to_string(), directory.clone(), Arc::clone(&self.0.config));
        // A file that was to take this one's place when the server was killed.
        swap::finish(&database.path(), || database.notes.forget_tables())?;
        if directory.join(NOTES).exists() {
            let connection = open(&database.path(), Purpose::Write, &self.0.config).map_err(fault)?;
            settle_all(&connection.sqlite, &database.notes)?;
        }
        let mut opened = self.opened();
        // Another task may have been faster; there is one writer for a database.
        let database = Arc::clone(opened.entry(id.clone()).or_insert_with(|| Arc::new(database)));
        self.close_idle(&mut opened, id);
        drop(opened);
        Ok(database)
    }

    /// Closes what nobody used for long, and of the rest the least recently used while there are too many. What is held
    /// or busy stays.
    fn close_idle(&self, opened: &mut HashMap<DatabaseId, Arc<OpenDatabase>>, keep: &DatabaseId) {
        let config = &self.0.config;
        let closable = |id: &DatabaseId, database: &Arc<OpenDatabase>| {
            id != keep && Arc::strong_count(database) == 1 && !database.is_busy()
        };
        opened.retain(|id, database| database.idle_seconds() < config.idle.as_secs() || !closable(id, database));
        while opened.len() > config.open_databases {
            let oldest = opened
                .iter()
                .filter(|(id, database)| closable(id, database))
                .max_by_key(|(_, database)| database.idle_seconds())
                .map(|(id, _)| id.clone());
            let Some(oldest) = oldest else { return };
            opened.remove(&oldest);
        }
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
            let path = directory.join(MAIN);
            if path.exists() {
                return Err(Error::exists("database", &id));
            }
            fs::create_dir_all(&directory).map_err(Error::internal)?;
            let fresh = directory.join("new.sqlite");
            let _ = fs::remove_file(&fresh);
            let connection = rusqlite::Connection::open(&fresh).map_err(fault)?;
            // An empty database has no page at all; this makes it a file that `sqlite3` and others recognise.
            connection.execute_batch("VACUUM").map_err(fault)?;
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
        let (storage, id) = (self.clone(), id.clone());
        let database = spawn_blocking(move || storage.open_now(&id)).await.map_err(Error::internal)??;
        database.alive()?;
        Ok(Arc::new(SqliteDatabase::new(database)))
    }

    /// The file goes first: what is left of an interrupted removal cannot be opened.
    async fn remove(&self, id: &DatabaseId) -> Result<()> {
        let (directory, storage, id) = (self.directory(id), self.clone(), id.clone());
        spawn_blocking(move || {
            if !directory.join(MAIN).exists() {
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
