//! The queries that run at this moment, each with the handle that stops it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use model::{Access, Principal};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// A query that runs at this moment.
#[derive(Clone, Debug)]
pub struct RunningQuery {
    /// The caller's id for it, or the one that was made.
    pub query_id: String,
    /// The session that the caller counts it to.
    pub session_id: String,
    /// The name of the user who runs it.
    pub principal: String,
    /// Its SQL text.
    pub statement: String,
    /// On whose behalf, in the caller's words.
    pub requested_by: Option<String>,
    /// Whether lists of queries show it.
    pub visible: bool,
    /// When it was taken up.
    pub started: Instant,
}

/// Entries are keyed by a number of our own: ids come from callers and may repeat.
#[derive(Default)]
pub(super) struct Registry(Mutex<Entries>);

#[derive(Default)]
struct Entries {
    next: u64,
    queries: BTreeMap<u64, (RunningQuery, CancellationToken)>,
}

/// A query's place in the registry, which it leaves when this drops.
pub(super) struct Entry {
    registry: Arc<Registry>,
    number: u64,
    stop: CancellationToken,
}

impl Registry {
    pub(super) fn enter(self: &Arc<Self>, query: RunningQuery) -> Entry {
        let stop = CancellationToken::new();
        let mut entries = self.lock();
        let number = entries.next;
        entries.next += 1;
        entries.queries.insert(number, (query, stop.clone()));
        Entry { registry: Arc::clone(self), number, stop }
    }

    pub(super) fn list(&self) -> Vec<RunningQuery> {
        self.lock().queries.values().map(|(query, _)| query.clone()).collect()
    }

    pub(super) fn len(&self) -> usize {
        self.lock().queries.len()
    }

    pub(super) fn cancel(&self, principal: &Principal, query_id: &str) -> usize {
        let may_stop = |query: &RunningQuery| {
            query.query_id == query_id && (principal.access == Access::Admin || *principal.name == *query.principal)
        };
        let entries = self.lock();
        let stopped: Vec<_> = entries.queries.values().filter(|(query, _)| may_stop(query)).collect();
        stopped.iter().for_each(|(_, stop)| stop.cancel());
        stopped.len()
    }

    pub(super) fn cancel_all(&self) {
        self.lock().queries.values().for_each(|(_, stop)| stop.cancel());
    }

    /// No code that holds the lock can panic half-way, so what a poisoned one guards is sound.
    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    /// Ready when the query is to stop.
    pub(super) fn cancelled(&self) -> WaitForCancellationFutureOwned {
        self.stop.clone().cancelled_owned()
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.registry.lock().queries.remove(&self.number);
    }
}
