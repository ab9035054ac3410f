//! Care of tables: what keeps them quick to read and no larger than they must be, beside the queries.
//!
//! Compaction (`compact`, which files: `choice`), `vacuum`, and checkpoints are jobs. Each open database looks after its
//! tables by itself (`database/care.rs`); SQL can ask for each. They run on threads and in memory of their own, so that
//! queries go first, and what they lose to a writer they drop: a later round finds it again.

mod choice;
mod compact;
mod order;
mod records;
mod vacuum;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::session_state::SessionState;
use datafusion::execution::{SessionStateBuilder, TaskContext};
use datafusion::prelude::SessionConfig;
use model::{Error, Result, TableName};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

pub use choice::Why;
use choice::choose;
pub use compact::is_worth;
pub use order::{ORDER, order_of};
pub use records::{Record, Records};

use crate::config::{CareConfig, LakehouseConfig};
use crate::fault::from_datafusion;
use crate::root::Root;
use crate::write::{Encoding, RunningWrites};

/// Jobs that care does by itself at once. More would take from queries what threads of their own leave them.
const AT_ONCE: usize = 2;

/// The share of the queries' memory that sorting may hold before it spills, on top of theirs.
const MEMORY_SHARE: usize = 8;

/// Sorting holds this much at least: less would spill in pieces too small to merge.
const LEAST_MEMORY: usize = 32 << 20;

/// Takes care of tables: its resources, its settings, and what it did.
pub struct Carer {
    state: SessionState,
    encoding: Encoding,
    config: CareConfig,
    /// Where queries run, which care gives way to.
    queries: Handle,
    turns: Semaphore,
    records: Records,
}

/// A table by the names that people and the log know it by.
#[derive(Clone, Debug)]
pub struct Patient {
    /// The directory of its database, which is the database's id.
    pub database: String,
    /// Schema and name; none for a table that was dropped meanwhile.
    pub name: Option<TableName>,
}

impl Carer {
    /// Resources as the configuration says; nothing runs yet.
    pub fn open(root: &Root, config: &LakehouseConfig, writes: Arc<RunningWrites>) -> Result<Self> {
        let spill =
            DiskManagerBuilder::default().with_mode(DiskManagerMode::Directories(vec![config.spill_dir.clone()]));
        let memory = (config.memory_limit / MEMORY_SHARE).max(LEAST_MEMORY);
        let runtime = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(FairSpillPool::new(memory)))
            .with_disk_manager_builder(spill)
            // The files that are read are about to be replaced: their footers need not stay.
            .with_metadata_cache_limit(1 << 20)
            .build_arc()
            .map_err(from_datafusion)?;
        runtime.register_object_store(Root::engine_url().as_ref(), root.store().clone());
        // One thread reads and sorts, the other encodes: files come out in the order that they went in.
        let mut settings = SessionConfig::new().with_target_partitions(1).with_information_schema(false);
        settings.options_mut().execution.parquet.enable_page_index = false;
        let state =
            SessionStateBuilder::new().with_config(settings).with_runtime_env(runtime).with_default_features().build();
        let encoding = Encoding { runtime: config.care.runtime.clone(), threads: 1, writes };
        let (queries, config) = (config.runtime.clone(), config.care.clone());
        Ok(Self { state, encoding, config, queries, turns: Semaphore::new(AT_ONCE), records: Records::default() })
    }

    /// Whether tables are cared for without being asked.
    pub fn is_automatic(&self) -> bool {
        self.config.automatic
    }

    /// The threads of care.
    pub fn runtime(&self) -> &Handle {
        &self.config.runtime
    }

    /// What was done so far.
    pub fn records(&self) -> &Records {
        &self.records
    }

    /// How long files that newer versions do not use are kept, unless the table says otherwise.
    pub fn retention(&self) -> Duration {
        self.config.retention
    }

    /// Waits for a turn among the jobs that care does by itself.
    pub async fn turn(&self) -> tokio::sync::SemaphorePermit<'_> {
        self.turns.acquire().await.expect("the semaphore is never closed")
    }

    /// Does work on the threads of care; ends it when dropped.
    pub async fn on_own_threads<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        let mut tasks = JoinSet::new();
        tasks.spawn_on(work, &self.config.runtime);
        match tasks.join_next().await {
            Some(outcome) => outcome.map_err(Error::internal)?,
            None => unreachable!("one task was spawned"),
        }
    }

    fn task(&self) -> Arc<TaskContext> {
        self.state.task_ctx()
    }
}
