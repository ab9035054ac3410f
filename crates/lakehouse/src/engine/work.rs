//! The work of one query: what it has done so far, and whether it is to stop.
//!
//! Planning and operators that compute for long without giving way ask the work of the task that they run in. It goes
//! along into every task that the engine starts.

mod pool;
mod scans;
mod tracer;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use datafusion::error::{DataFusionError, Result};
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::physical_plan::ExecutionPlan;
use model::{Error, Figures, Hits, Measured};

use self::pool::{Held, QueryPool};
use self::scans::Scans;
pub use self::scans::{Ongoing, estimated_rows};
pub use self::tracer::carry_into_tasks;

tokio::task_local! {
    static CURRENT: Arc<Work>;
}

/// One query, however many statements it has.
#[derive(Default)]
pub struct Work {
    stopped: AtomicBool,
    held: Arc<Held>,
    scans: Arc<Scans>,
    reads: Reads,
}

/// What the readers of files count.
#[derive(Default)]
pub struct Reads {
    requests: AtomicU64,
    bytes: AtomicU64,
    files: AtomicU64,
    footers_found: AtomicU64,
    footers_read: AtomicU64,
}

/// Ends a query's work when it drops: nobody waits for its answer any more.
#[derive(Default)]
pub struct StopOnDrop(pub Arc<Work>);

impl Work {
    /// Does `work` as this query's.
    pub async fn scope<T>(self: Arc<Self>, work: impl Future<Output = T>) -> T {
        CURRENT.scope(self, work).await
    }

    /// The reads of files.
    pub fn reads(&self) -> &Reads {
        &self.reads
    }

    /// Whether it is to go on.
    ///
    /// # Errors
    /// `Cancelled`, as the engine carries errors of ours.
    pub fn check(&self) -> Result<()> {
        if self.stopped.load(Ordering::Relaxed) {
            return Err(DataFusionError::External(Box::new(Error::cancelled())));
        }
        Ok(())
    }

    /// Follows a plan that begins now, until what this answers drops.
    pub fn begin(&self, plan: &Arc<dyn ExecutionPlan>) -> Ongoing {
        self.scans.begin(plan)
    }

    /// The environment of this query: that of all, with its memory counted.
    pub fn environment(self: &Arc<Self>, shared: &RuntimeEnv) -> Arc<RuntimeEnv> {
        let pool = QueryPool::new(shared.memory_pool.clone(), Arc::clone(&self.held), Arc::downgrade(self));
        let mut own = shared.clone();
        own.memory_pool = Arc::new(pool);
        Arc::new(own)
    }
}

impl Measured for Work {
    fn figures(&self) -> Figures {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let missed = |counter: &AtomicU64| Hits { hits: 0, misses: count(counter) };
        let reads = &self.reads;
        Figures {
            data: missed(&reads.requests),
            data_bytes: missed(&reads.bytes),
            files: missed(&reads.files),
            metadata: Hits { hits: count(&reads.footers_found), misses: count(&reads.footers_read) },
            memory_bytes: self.held.most(),
            ..self.scans.figures()
        }
    }
}

impl Reads {
    /// A file was opened.
    pub fn count_file(&self) {
        self.files.fetch_add(1, Ordering::Relaxed);
    }

    /// Data was asked of the object store.
    pub fn count_data(&self, requests: usize, bytes: u64) {
        self.requests.fetch_add(requests as u64, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// The footer of a file was needed.
    pub fn count_footer(&self, in_memory: bool) {
        let counter = if in_memory { &self.footers_found } else { &self.footers_read };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.stopped.store(true, Ordering::Relaxed);
    }
}

/// Whether the query that this task works for is to go on. Tasks that work for none always are.
///
/// # Errors
/// As [`Work::check`].
pub fn check_current() -> Result<()> {
    CURRENT.try_with(|work| work.check()).unwrap_or(Ok(()))
}
