//! The queries that run at this moment, each with the handle that stops it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use arrow_array::RecordBatch;
use futures::stream::BoxStream;
use model::{Error, Principal, Result, Watch};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use super::log::QueryLog;
use super::logged::{LoggedQuery, QueryEnd};
use crate::usage::Usage;

pub(super) type Batches = BoxStream<'static, Result<RecordBatch>>;

/// Entries are keyed by a number of our own: ids come from callers and may repeat.
pub(super) struct Registry {
    queries: Mutex<BTreeMap<u64, Arc<Listed>>>,
    log: QueryLog,
    usage: Arc<Usage>,
}

/// A query in the registry.
pub(super) struct Listed {
    query: LoggedQuery,
    started: Instant,
    watch: Watch,
    rows: AtomicU64,
    stop: CancellationToken,
    /// What computes its answer. It is here so that whoever cancels the query lets go of it, also where nobody reads.
    batches: Mutex<Option<Batches>>,
    over: AtomicBool,
}

/// A query's place in the registry, which it leaves when this drops or its end is told.
pub(super) struct Entry {
    registry: Arc<Registry>,
    listed: Arc<Listed>,
}

impl Registry {
    pub(super) fn new(log: QueryLog, usage: Arc<Usage>) -> Self {
        Self { queries: Mutex::default(), log, usage }
    }

    pub(super) fn log(&self) -> &QueryLog {
        &self.log
    }

    /// Enters a query, which gets its number here.
    pub(super) fn enter(self: &Arc<Self>, query: LoggedQuery, watch: Watch) -> Entry {
        let number = self.log.next_number();
        let listed = Arc::new(Listed {
            query: LoggedQuery { number, ..query }.cut(),
            started: Instant::now(),
            watch,
            rows: AtomicU64::new(0),
            stop: CancellationToken::new(),
            batches: Mutex::default(),
            over: AtomicBool::new(false),
        });
        self.lock().insert(number, Arc::clone(&listed));
        Entry { registry: Arc::clone(self), listed }
    }

    /// Every query, oldest first, as far as it is.
    pub(super) fn list(&self) -> Vec<LoggedQuery> {
        let listed: Vec<_> = self.lock().values().cloned().collect();
        listed.iter().map(|listed| listed.as_far_as_it_is()).collect()
    }

    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }

    /// The queries that run under an id and that `principal` may know of, oldest first.
    pub(super) fn under(&self, principal: &Principal, query_id: &str) -> Vec<Arc<Listed>> {
        let known = |listed: &&Arc<Listed>| {
            let query = &listed.query;
            query.query_id == query_id && (principal.is_server_admin() || *principal.name == *query.principal)
        };
        self.lock().values().filter(known).cloned().collect()
    }

    /// Stops a query. Its work has been let go of when this returns, and its end is logged.
    pub(super) fn cancel(&self, listed: &Listed) {
        listed.stop.cancel();
        drop(lock(&listed.batches).take());
        self.finish(listed, Some(&Error::cancelled()));
    }

    pub(super) fn cancel_all(&self) {
        let listed: Vec<_> = self.lock().values().cloned().collect();
        listed.iter().for_each(|listed| self.cancel(listed));
    }

    /// Logs how a query ended, once. It is in the log before it leaves the registry, so that it can be found all the time.
    fn finish(&self, listed: &Listed, error: Option<&Error>) {
        if listed.over.swap(true, Ordering::AcqRel) {
            return;
        }
        let mut query = listed.as_far_as_it_is();
        let end = QueryEnd::new(listed.started.elapsed(), error);
        self.usage.count_query(end.outcome, query.figures.data_bytes.misses);
        query.end = Some(end);
        let number = query.number;
        self.log.push(query);
        self.lock().remove(&number);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Listed>>> {
        lock(&self.queries)
    }
}

impl Listed {
    /// The query with the figures of this moment.
    pub(super) fn as_far_as_it_is(&self) -> LoggedQuery {
        let rows = self.rows.load(Ordering::Relaxed);
        LoggedQuery { rows, figures: self.watch.figures(), ..self.query.clone() }
    }

    /// The session that the caller counts it to.
    pub(super) fn session_id(&self) -> &str {
        &self.query.session_id
    }
}

impl Entry {
    /// Ready when the query is to stop.
    pub(super) fn cancelled(&self) -> WaitForCancellationFutureOwned {
        self.listed.stop.clone().cancelled_owned()
    }

    /// Gives the registry what computes the answer.
    pub(super) fn hold(&self, batches: Batches) {
        let mut held = lock(&self.listed.batches);
        // Whoever cancelled the query meanwhile could not let go of what was not here yet.
        *held = (!self.listed.stop.is_cancelled()).then_some(batches);
    }

    /// Looks at what computes the answer; nothing is there any more once the query was cancelled.
    pub(super) fn with_batches<T>(&self, look: impl FnOnce(Option<&mut Batches>) -> T) -> T {
        look(lock(&self.listed.batches).as_mut())
    }

    /// More rows of the answer were read.
    pub(super) fn count_rows(&self, rows: usize) {
        self.listed.rows.fetch_add(rows as u64, Ordering::Relaxed);
        self.registry.usage.count_answered_rows(rows);
    }

    /// The query has ended, with this error or well.
    pub(super) fn finish(&self, error: Option<&Error>) {
        self.registry.finish(&self.listed, error);
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let gone = Error::new(model::ErrorKind::Cancelled, "gone", "the caller went away before the answer was whole");
        self.registry.finish(&self.listed, Some(&gone));
        // The task that computes the answer ends with it.
        drop(lock(&self.listed.batches).take());
    }
}

/// No code that holds one of these locks leaves half a change behind, so what a poisoned one guards is sound.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
