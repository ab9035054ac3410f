//! The connections that read, lent one at a time.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use model::{Error, Result};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;

use crate::config::SqliteConfig;
use crate::connection::{Guarded, Purpose, open};
use crate::fault::fault;

/// Scans that read one database at once; more wait.
const SCANS: usize = 64;

/// A pool of reading connections. Clones share everything.
#[derive(Clone)]
pub struct Readers(Arc<Inner>);

struct Inner {
    path: PathBuf,
    config: Arc<SqliteConfig>,
    free: Mutex<Vec<(u64, Guarded)>>,
    turns: Arc<Semaphore>,
    /// Scans wait for each other's reader where one query has several: they have turns of their own, and many.
    scans: Arc<Semaphore>,
    /// Grows when the file is replaced: a connection of an older generation is not lent again.
    generation: AtomicU64,
    /// Held by whoever opens a connection, and against them while the file is replaced.
    opening: RwLock<()>,
}

/// A connection that is lent out; it goes back when it is dropped.
pub struct Lent {
    connection: Option<(u64, Guarded)>,
    readers: Readers,
    _turn: OwnedSemaphorePermit,
}

impl Readers {
    /// Readers of the file at `path`; connections are opened as they are needed.
    pub fn new(path: PathBuf, config: Arc<SqliteConfig>) -> Self {
        let turns = Arc::new(Semaphore::new(config.readers));
        let scans = Arc::new(Semaphore::new(SCANS));
        Self(Arc::new(Inner {
            path,
            config,
            free: Mutex::default(),
            turns,
            scans,
            generation: AtomicU64::new(0),
            opening: RwLock::new(()),
        }))
    }

    /// A connection that is open and free at this moment; nothing where there is none.
    pub fn try_lend(&self) -> Option<Lent> {
        let turn = Arc::clone(&self.0.turns).try_acquire_owned().ok()?;
        let connection = self.free().pop()?;
        Some(Lent { connection: Some(connection), readers: self.clone(), _turn: turn })
    }

    /// Opens a connection for whoever is first to read, where nobody has one. What stands in the way of that is told whoever
    /// needs it. Blocks.
    pub fn open_one(&self) {
        let Ok(turn) = Arc::clone(&self.0.turns).try_acquire_owned() else { return };
        let free = self.free().pop();
        let _ = Lent { connection: free, readers: self.clone(), _turn: turn }.open();
    }

    /// A connection, as soon as one is free; opened where there are fewer than allowed. Must be used on a thread that may
    /// block.
    async fn lend(&self, turns: &Arc<Semaphore>) -> Result<Lent> {
        let turn = tokio::time::timeout(self.0.config.timeout, Arc::clone(turns).acquire_owned()).await;
        let turn = turn.map_err(|_| Error::unavailable("too many readers of the database; try again"))?;
        let turn = turn.map_err(Error::internal)?;
        let free = self.free().pop();
        Ok(Lent { connection: free, readers: self.clone(), _turn: turn })
    }

    /// Runs `work` on a connection, on a thread that may block.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Guarded) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let mut lent = self.lend(&self.0.turns).await?;
        spawn_blocking(move || work(lent.open()?)).await.map_err(Error::internal)?
    }

    /// The same for a scan.
    pub async fn scan<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Guarded) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let mut lent = self.lend(&self.0.scans).await?;
        spawn_blocking(move || work(lent.open()?)).await.map_err(Error::internal)?
    }

    /// No connection that is open now is lent again.
    pub fn retire(&self) {
        self.retire_while(|| ());
    }

    /// The same, and none is opened until `between` has ended. What is lent goes on with the file that it has open.
    pub fn retire_while<T>(&self, between: impl FnOnce() -> T) -> T {
        let _nobody_opens = self.0.opening.write().unwrap_or_else(PoisonError::into_inner);
        self.0.generation.fetch_add(1, Ordering::AcqRel);
        self.free().clear();
        between()
    }

    /// Whether a connection is lent out.
    pub fn is_busy(&self) -> bool {
        self.0.turns.available_permits() < self.0.config.readers || self.0.scans.available_permits() < SCANS
    }

    fn free(&self) -> std::sync::MutexGuard<'_, Vec<(u64, Guarded)>> {
        self.0.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lent {
    /// The connection; blocks where it has to be opened.
    pub fn open(&mut self) -> Result<&Guarded> {
        if self.connection.is_none() {
            let inner = &self.readers.0;
            let _not_while_replaced = inner.opening.read().unwrap_or_else(PoisonError::into_inner);
            let generation = inner.generation.load(Ordering::Acquire);
            let connection = open(&inner.path, Purpose::Read, &inner.config).map_err(fault)?;
            self.connection = Some((generation, connection));
        }
        Ok(&self.connection.as_ref().expect("it was opened above").1)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        connection.1.guard.leave();
        // One that a panic left inside a transaction is not lent again.
        let sound = connection.1.sqlite.is_autocommit();
        let mut free = self.readers.free();
        if free.len() < self.readers.0.config.readers
            && sound
            && connection.0 == self.readers.0.generation.load(Ordering::Acquire)
        {
            free.push(connection);
        }
    }
}
