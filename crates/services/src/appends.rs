//! Rows that arrive a few at a time: checked, written to a journal, acknowledged, and committed together.
//!
//! Each table that is appended to has a lane. Its *intake* checks what arrives against the table as it will be and writes
//! it to the journal; its *commits* take what has come together in a short while and put it into the table, in order, with
//! a mark that says how far they have come. After a crash the journal is read again, and the mark tells what is there
//! already.

mod commit;
mod intake;
mod lane;
mod record;
mod replay;
mod rows;
mod task_id;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use formats::{Unfit, Workers};
use journal::Journal;
use model::{Access, Database, Error, Principal, Result, TableName};
use tokio::sync::{Notify, Semaphore, oneshot};
use tokio::time::timeout;
use uuid::Uuid;

use crate::usage::Usage;
use crate::{DatabaseRecord, Databases};
use lane::{Arrival, Charge, Home, Lane, LaneKey};
use task_id::TaskIds;

/// Commits that run at once, over all tables: each keeps a few megabytes and some of the processors.
const COMMITS: usize = 4;
/// What a waiting append takes in memory besides its body, in bytes, rounded up.
const OVERHEAD: usize = 256;

/// How appends are buffered.
#[derive(Clone, Debug)]
pub struct AppendConfig {
    /// The journal's directory.
    pub journal: PathBuf,
    /// How long an append waits for others to be committed with it, unless somebody waits for the commit.
    pub window: Duration,
    /// Bodies of this many bytes are a commit, however short the wait was.
    pub commit_bytes: usize,
    /// Bytes of waiting appends in memory; past them appends are refused for the moment.
    pub memory: usize,
    /// Bytes of the journal; past them appends are refused for the moment.
    pub journal_bytes: u64,
}

impl AppendConfig {
    /// A journal in this directory: commits every 250 ms, 64 MiB in memory, 1 GiB on disk.
    pub fn new(journal: PathBuf) -> Self {
        Self {
            journal,
            window: Duration::from_millis(250),
            commit_bytes: 4 << 20,
            memory: 64 << 20,
            journal_bytes: 1 << 30,
        }
    }
}

/// Appending to tables. Clones share everything.
#[derive(Clone)]
pub struct Appends(Arc<Inner>);

struct Inner {
    databases: Databases,
    workers: Workers,
    usage: Arc<Usage>,
    config: AppendConfig,
    journal: OnceLock<Opened>,
    lanes: Mutex<HashMap<LaneKey, Arc<Lane>>>,
    memory: AtomicUsize,
    commits: Semaphore,
    /// No more waiting for others: the server is about to end.
    hurry: AtomicBool,
    /// Told whenever a lane has nothing left to do, or cannot do it now.
    rested: Notify,
}

/// What is known once the journal is open.
struct Opened {
    journal: Arc<Journal>,
    tasks: TaskIds,
}

impl Opened {
    /// Who the journal is in the tables that it writes to.
    fn writer(&self, generation: u32) -> String {
        format!("boathouse-journal-{}-{generation}", self.journal.id().simple())
    }
}

/// A table that a caller may append to.
pub struct AppendTarget {
    appends: Appends,
    home: Home,
    database: Arc<dyn Database>,
    table: TableName,
    record: Arc<DatabaseRecord>,
    principal: Principal,
}

/// What came of an append.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AppendOutcome {
    /// The rows are in the journal; the task tells when they are in the table.
    Accepted(Uuid),
    /// The rows are in the table, or there were none.
    Done,
    /// The body is not rows of this table; nothing was kept.
    Refused(Unfit),
}

/// How far an append has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskStatus {
    /// Its rows are in the journal.
    Pending,
    /// Its rows are in the table, unless that was dropped before.
    Completed,
}

impl Appends {
    pub(crate) fn new(databases: Databases, workers: Workers, usage: Arc<Usage>, config: AppendConfig) -> Self {
        Self(Arc::new(Inner {
            databases,
            workers,
            usage,
            config,
            journal: OnceLock::new(),
            lanes: Mutex::default(),
            memory: AtomicUsize::new(0),
            commits: Semaphore::new(COMMITS),
            hurry: AtomicBool::new(false),
            rested: Notify::new(),
        }))
    }

    /// A table to append to. Neither it nor its schema has to exist, the database has to.
    ///
    /// # Errors
    /// `NotFound` for an unknown database, `Forbidden` without write access, `Invalid` for a name that cannot be one.
    pub async fn open(
        &self,
        principal: &Principal,
        database: &str,
        schema: String,
        table: String,
    ) -> Result<AppendTarget> {
        let table = TableName::new(schema, table)?;
        let opened = self.0.databases.open_named(principal, database, Access::Write).await?;
        let home = Home { name: database.to_owned(), stored_as: Some(opened.record.stored_as.clone()) };
        let (record, principal) = (opened.record, principal.clone());
        Ok(AppendTarget { appends: self.clone(), home, database: opened.database, table, record, principal })
    }

    /// How far the append of this task has come.
    ///
    /// # Errors
    /// `NotFound` for a task that never was, or of which nothing is known any more.
    pub fn task(&self, id: Uuid) -> Result<TaskStatus> {
        let Opened { journal, tasks } = self.0.opened()?;
        let position = tasks.position(id).filter(|position| *position < journal.next_position());
        let position = position.ok_or_else(|| Error::not_found("task", id))?;
        Ok(if journal.is_waiting(position) { TaskStatus::Pending } else { TaskStatus::Completed })
    }

    /// From now on nothing waits for others to be committed with it.
    pub fn hurry(&self) {
        self.0.hurry.store(true, Ordering::Relaxed);
        self.0.lanes().values().for_each(|lane| lane.wake.notify_one());
    }

    /// Commits what waits, for `grace` at the most, and closes the journal. What is left in it is committed at the next
    /// start. Answers how many appends that are.
    pub async fn finish(&self, grace: Duration) -> usize {
        self.hurry();
        self.0.rest(grace).await;
        let left = self.waiting();
        if let Some(opened) = self.0.journal.get() {
            let journal = Arc::clone(&opened.journal);
            // The thread that it waits for may be flushing.
            _ = tokio::task::spawn_blocking(move || journal.close()).await;
        }
        left
    }

    /// How many appends are in the journal and not in their tables.
    pub fn waiting(&self) -> usize {
        self.0.lanes().values().map(|lane| lane.state().waiting.len()).sum()
    }

    /// How many tables have accepted rows that do not fit them any more.
    pub fn stuck(&self) -> usize {
        self.0.lanes().values().filter(|lane| lane.state().stuck.is_some()).count()
    }
}

impl AppendTarget {
    /// Appends the rows of a JSON body: one object, or an array of objects. The answer comes when they are in the journal
    /// or, with `sync`, when they are in the table. Dropping the future takes nothing back that is in the journal.
    ///
    /// # Errors
    /// `Unavailable` where too much waits already, the journal cannot be written, or (with `sync`) the commit failed: then
    /// the rows are kept and committed later.
    pub async fn append(self, sync: bool, body: Bytes) -> Result<AppendOutcome> {
        let inner = &self.appends.0;
        inner.opened()?;
        let charge = inner.charge(body.len() + OVERHEAD)?;
        let (answer, answered) = oneshot::channel();
        let arrival = Arrival { database: self.database, body, sync, answer, charge };
        inner.lane(&self.home, &self.table).send(arrival);
        let stopping = |_| Error::unavailable("the server is stopping; send the rows again");
        let outcome = answered.await.map_err(stopping)??;
        if !matches!(outcome, AppendOutcome::Refused(_)) {
            inner.databases.note(&self.record, &self.principal, "append_rows", &self.table).await;
        }
        Ok(outcome)
    }
}

impl Inner {
    fn opened(&self) -> Result<&Opened> {
        self.journal.get().ok_or_else(|| Error::unavailable("the journal of appends is not open yet; try again"))
    }

    fn lanes(&self) -> std::sync::MutexGuard<'_, HashMap<LaneKey, Arc<Lane>>> {
        self.lanes.lock().expect("no holder of this lock panics")
    }

    /// The lane of a table, which is started where there is none.
    fn lane(self: &Arc<Self>, home: &Home, table: &TableName) -> lane::User {
        let (schema, name) = table.key();
        let key = (home.key(), schema, name);
        let mut lanes = self.lanes();
        let lane = lanes.entry(key.clone()).or_insert_with(|| {
            let (lane, inbox) = Lane::new(key, home, table);
            tokio::spawn(intake::run(Arc::clone(self), inbox));
            tokio::spawn(commit::run(Arc::clone(self), Arc::clone(&lane)));
            lane
        });
        lane.user()
    }

    /// Forgets a lane that nobody uses; answers whether it did.
    fn give_up(&self, lane: &Lane) -> bool {
        let mut lanes = self.lanes();
        let idle = lane.is_idle();
        if idle {
            lanes.remove(&lane.key);
        }
        idle
    }

    /// Reserves memory for an append.
    fn charge(self: &Arc<Self>, bytes: usize) -> Result<Charge> {
        let held = self.memory.load(Ordering::Relaxed);
        let on_disk = self.opened()?.journal.bytes();
        let full = held + bytes > self.config.memory || on_disk + bytes as u64 > self.config.journal_bytes;
        if full {
            return Err(Error::unavailable("too many appends are waiting to be committed; try again in a moment"));
        }
        Ok(Charge::new(Arc::clone(self), bytes))
    }

    /// Waits until no lane has anything left that it can do now.
    async fn rest(&self, patience: Duration) {
        let all_rest = async {
            loop {
                let rested = self.rested.notified();
                if self.lanes().values().all(|lane| lane.rests()) {
                    return;
                }
                rested.await;
            }
        };
        _ = timeout(patience, all_rest).await;
    }
}
