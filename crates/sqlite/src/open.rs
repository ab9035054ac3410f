//! An open database: its writer, its readers, and what the storage notes beside its file.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use model::{Error, Result};
use rusqlite::config::DbConfig;

use crate::config::SqliteConfig;
use crate::connection::{Guarded, Purpose, has_log, open};
use crate::fault::fault;
use crate::file::swap;
use crate::notes::Notes;
use crate::readers::Readers;
use crate::writer::{Attempt, Writer};

/// The file of a database, inside its directory.
pub const MAIN: &str = "main.sqlite";
/// How long those who read an older state are waited for before a file is replaced: they need not end.
const SETTLING: Duration = Duration::from_millis(200);
/// What the storage notes beside it.
pub const NOTES: &str = "storage.sqlite";

/// See the module.
pub struct OpenDatabase {
    /// The id, for messages.
    pub id: String,
    /// The directory of the database.
    pub directory: PathBuf,
    /// The limits.
    pub config: Arc<SqliteConfig>,
    /// Who reads.
    pub readers: Readers,
    /// Who writes. Closed after those who read, it writes the log into the file.
    pub writer: Writer,
    /// What is noted beside the file.
    pub notes: Notes,
    removed: AtomicBool,
    /// When it was last used, in milliseconds after `born`.
    used: AtomicU64,
    born: Instant,
}

impl OpenDatabase {
    /// The database in a directory, whose file exists. Nothing is opened yet.
    pub fn new(id: String, directory: PathBuf, config: Arc<SqliteConfig>) -> Self {
        let path = directory.join(MAIN);
        Self {
            id,
            writer: Writer::new(path.clone(), Arc::clone(&config)),
            readers: Readers::new(path, Arc::clone(&config)),
            notes: Notes::new(directory.join(NOTES)),
            directory,
            config,
            removed: AtomicBool::new(false),
            used: AtomicU64::new(0),
            born: Instant::now(),
        }
    }

    /// The database's file.
    pub fn path(&self) -> PathBuf {
        self.directory.join(MAIN)
    }

    /// Refuses where the database was removed, and notes that it is used.
    pub fn alive(&self) -> Result<()> {
        if self.removed.load(Ordering::Acquire) {
            return Err(Error::not_found("database", &self.id));
        }
        self.used.store(self.age(), Ordering::Relaxed);
        Ok(())
    }

    /// How long nobody has used it.
    pub fn idle(&self) -> Duration {
        Duration::from_millis(self.age().saturating_sub(self.used.load(Ordering::Relaxed)))
    }

    fn age(&self) -> u64 {
        u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Whether a request is under way.
    pub fn is_busy(&self) -> bool {
        self.writer.is_busy() || self.readers.is_busy()
    }

    /// Reads on a thread that may block.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Guarded) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.alive()?;
        self.readers.read(work).await
    }

    /// Reads what is read in microseconds: here and now where a connection is free, else as [`OpenDatabase::read`] does.
    pub async fn glance<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Guarded) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.alive()?;
        match self.readers.try_lend() {
            Some(mut lent) => work(lent.open()?),
            None => self.readers.read(work).await,
        }
    }

    /// Writes in a transaction; see [`Writer::write`].
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Guarded) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.write_then(work, |_: &T| Ok(())).await
    }

    /// The same, and after the commit what is noted beside the file.
    pub async fn write_then<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Guarded) -> Result<T> + Send + 'static,
        after: impl FnOnce(&T) -> Result<()> + Send + 'static,
    ) -> Result<T> {
        self.alive()?;
        self.writer.write(work, after).await
    }

    /// Writes in a transaction with others; see [`Writer::share`].
    pub async fn share<T: Send + 'static>(
        &self,
        work: impl FnMut(&Guarded, Option<Duration>) -> Attempt<T> + Send + 'static,
        after: impl FnOnce(&T) -> Result<()> + Send + 'static,
    ) -> Result<T> {
        self.alive()?;
        self.writer.share(work, after).await
    }

    /// Makes sure that changes of the file go to a log first. Nobody may read it yet. Blocks.
    pub fn with_log(&self) -> Result<()> {
        let main = self.path();
        if !has_log(&main).map_err(Error::internal)? {
            open(&main, Purpose::Write, &self.config).map_err(fault)?;
        }
        Ok(())
    }

    /// No handle does anything any more; the connections are closed.
    pub fn remove(&self) {
        self.removed.store(true, Ordering::Release);
        self.writer.close();
        self.readers.retire();
        self.notes.close();
    }

    /// Puts the file at `path` in the place of the database's own; `path` is gone afterwards. Readers that are under way go
    /// on with the old file. A crash leaves one of both, whole: see [`swap`].
    pub fn replace(&self, path: &Path) -> Result<()> {
        let main = self.path();
        self.writer.retire(|| {
            self.readers.retire_while(|| {
                self.alive()?;
                settle(&main)?;
                swap::stage(path, &main)?;
                swap::finish(&main, || self.notes.forget_tables())?;
                // Its changes go to a log from now on, which has to be said while nobody reads.
                self.with_log()
            })
        })
    }
}

/// Writes the log into the file, as far as nobody reads older states: who looks at the file itself after a crash finds all
/// of it. Not to succeed is no failure.
fn settle(main: &Path) -> Result<()> {
    let connection = rusqlite::Connection::open(main).map_err(fault)?;
    connection.busy_timeout(SETTLING).map_err(fault)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map_err(fault)?;
    connection.query_row("PRAGMA main.wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map_err(fault)
}

/// Makes a rename durable, where the system can.
pub fn sync_directory(path: &Path) {
    if let Ok(directory) = std::fs::File::open(path) {
        let _ = directory.sync_all();
    }
}
