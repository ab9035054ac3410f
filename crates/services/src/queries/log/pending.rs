//! Queries that have ended and are not written yet.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::queries::logged::LoggedQuery;

/// Bytes of queries that wait for a slow disk; the oldest are left out beyond.
const MOST_BYTES: usize = 64 << 20;

/// The queue between those who end queries and the thread that writes.
#[derive(Default)]
pub struct Pending {
    state: Mutex<State>,
    wake: Condvar,
    left_out: AtomicU64,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Arc<LoggedQuery>>,
    /// What is being written: found here until it is found in the file.
    writing: Vec<Arc<LoggedQuery>>,
    bytes: usize,
    asking: Vec<oneshot::Sender<()>>,
    closed: bool,
}

/// What the writer does next.
pub struct Batch {
    /// To write.
    pub queries: Vec<Arc<LoggedQuery>>,
    /// Who waits for it.
    pub asking: Vec<oneshot::Sender<()>>,
    /// Nothing comes after it.
    pub last: bool,
}

impl Pending {
    /// Adds a query.
    pub fn push(&self, query: LoggedQuery) {
        let mut state = self.lock();
        let first = state.waiting.is_empty();
        state.bytes += query.bytes();
        state.waiting.push_back(Arc::new(query));
        while state.bytes > MOST_BYTES
            && let Some(oldest) = state.waiting.pop_front()
        {
            state.bytes -= oldest.bytes();
            self.left_out.fetch_add(1, Ordering::Relaxed);
        }
        drop(state);
        if first {
            self.wake.notify_one();
        }
    }

    /// Queries that were left out.
    pub fn left_out(&self) -> u64 {
        self.left_out.load(Ordering::Relaxed)
    }

    /// Says on `done` when everything of now is written.
    pub fn ask_to_write(&self, done: oneshot::Sender<()>) {
        self.lock().asking.push(done);
        self.wake.notify_one();
    }

    /// Nothing comes any more.
    pub fn close(&self) {
        self.lock().closed = true;
        self.wake.notify_one();
    }

    /// The newest query of this id.
    pub fn find(&self, query_id: &str, principal: Option<&str>) -> Option<LoggedQuery> {
        let state = self.lock();
        let wanted = |query: &&Arc<LoggedQuery>| {
            query.query_id == query_id && principal.is_none_or(|principal| query.principal == principal)
        };
        let mut newest_first = state.waiting.iter().rev().chain(state.writing.iter().rev());
        newest_first.find(wanted).map(|query| query.as_ref().clone())
    }

    /// Waits for something to write, `gather` longer for what comes together with it, and `most` at all.
    pub fn next(&self, gather: Duration, most: Duration) -> Batch {
        let idle = |state: &mut State| state.waiting.is_empty() && state.asking.is_empty() && !state.closed;
        let (state, _) = self.wake.wait_timeout_while(self.lock(), most, idle).unwrap_or_else(PoisonError::into_inner);
        let alone = |state: &mut State| !state.waiting.is_empty() && state.asking.is_empty() && !state.closed;
        let (mut state, _) = self.wake.wait_timeout_while(state, gather, alone).unwrap_or_else(PoisonError::into_inner);
        let queries: Vec<_> = state.waiting.drain(..).collect();
        state.writing.extend(queries.iter().cloned());
        Batch { queries, asking: std::mem::take(&mut state.asking), last: state.closed }
    }

    /// What was being written is in the file.
    pub fn written(&self) {
        let mut state = self.lock();
        state.bytes -= state.writing.iter().map(|query| query.bytes()).sum::<usize>();
        state.writing.clear();
    }

    /// What was being written could not be: it waits again.
    pub fn not_written(&self) {
        let mut state = self.lock();
        while let Some(query) = state.writing.pop() {
            state.waiting.push_front(query);
        }
    }

    /// No code that holds the lock can panic half-way, so what a poisoned one guards is sound.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
