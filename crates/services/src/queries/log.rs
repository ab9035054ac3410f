//! The log of queries: what has ended, for as long as it is kept, in a SQLite file of its own.
//!
//! Whoever ends a query hands it over and goes on. A thread writes what has come together, several times a second and in
//! one transaction. What is not written yet is found all the same.

mod pending;
mod read;
mod store;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use model::{Error, Result, Rows};
use tokio::sync::oneshot;

use self::pending::Pending;
use self::store::Store;
use super::logged::LoggedQuery;

pub use self::read::schema as query_log_schema;

/// How much of the log is kept. The oldest goes first.
#[derive(Clone, Copy, Debug)]
pub struct QueryLogLimits {
    /// For how long.
    pub age: Duration,
    /// Bytes of its file.
    pub bytes: u64,
}

/// A handle on the log; clones share it. When the last is gone, everything has been written.
#[derive(Clone)]
pub struct QueryLog(Arc<Inner>);

struct Inner {
    path: PathBuf,
    pending: Arc<Pending>,
    next: AtomicU64,
    writer: Option<JoinHandle<()>>,
}

impl QueryLog {
    /// Opens the log at `path`, which is created (for its owner alone) where it is not there. Blocks.
    ///
    /// # Errors
    /// `Unavailable` where the file cannot be opened or is no log, naming it.
    pub fn open(path: &Path, limits: QueryLogLimits) -> Result<Self> {
        let store = Store::open(path)?;
        let next = store.last_number().map_err(|source| store::cannot_open(path, source))? + 1;
        let pending = Arc::new(Pending::default());
        let writer = {
            let pending = Arc::clone(&pending);
            let work = move || writer::run(store, &pending, limits);
            thread::Builder::new().name("query-log".to_owned()).spawn(work).map_err(Error::internal)?
        };
        let inner = Inner { path: path.to_owned(), pending, next: AtomicU64::new(next), writer: Some(writer) };
        Ok(Self(Arc::new(inner)))
    }

    /// A number that no query has had.
    pub(super) fn next_number(&self) -> u64 {
        self.0.next.fetch_add(1, Ordering::Relaxed)
    }

    /// Hands over a query that has ended. Never waits: where the disk is too slow for too long, it is left out and counted.
    pub(super) fn push(&self, query: LoggedQuery) {
        self.0.pending.push(query);
    }

    /// Queries that were left out because the disk was too slow.
    pub(super) fn left_out(&self) -> u64 {
        self.0.pending.left_out()
    }

    /// The newest query of this id that ended, of `principal` alone where it is given.
    pub(super) async fn find(&self, query_id: &str, principal: Option<&str>) -> Result<Option<LoggedQuery>> {
        if let Some(found) = self.0.pending.find(query_id, principal) {
            return Ok(Some(found));
        }
        let (path, id, principal) = (self.0.path.clone(), query_id.to_owned(), principal.map(str::to_owned));
        let found = tokio::task::spawn_blocking(move || Store::reading(&path)?.find(&id, principal.as_deref()));
        found.await.map_err(Error::internal)?.map_err(store::fault)
    }

    /// Every query that lists show, of `principal` alone where it is given: those of `running`, and those that ended.
    pub(super) fn list(&self, running: Vec<LoggedQuery>, principal: Option<String>) -> Rows {
        read::rows(self.clone(), running, principal)
    }

    /// Returns when everything that was handed over before is written.
    pub(super) async fn flush(&self) {
        let (done, written) = oneshot::channel();
        self.0.pending.ask_to_write(done);
        // The writer ends only after the last handle is gone, and this is one.
        let _ = written.await;
    }

    fn path(&self) -> &Path {
        &self.0.path
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.pending.close();
        if let Some(writer) = self.writer.take() {
            // It has said itself what went wrong.
            let _ = writer.join();
        }
    }
}
