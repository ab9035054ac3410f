//! One table's appends: what waits to be committed, in the order of the journal.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;

use arrow_schema::Field;
use bytes::Bytes;
use journal::Place;
use model::{Database, DatabaseId, Result, TableName, name_key};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::sync::{Notify, oneshot};

use super::{AppendOutcome, Inner, OVERHEAD};

/// What a storage calls the database, and schema and table, as names are compared.
pub(super) type LaneKey = (String, String, String);

/// The database of a table. Its name may change, and another one may have it then: rows go by what its storage calls it.
#[derive(Clone, Debug)]
pub(super) struct Home {
    /// What it was called when the first append came, for the log.
    pub(super) name: String,
    /// What its storage calls it; none for one that an earlier version's journal names and nobody has any more.
    pub(super) stored_as: Option<DatabaseId>,
}

impl Home {
    /// What tells its lanes from those of others.
    pub(super) fn key(&self) -> String {
        self.stored_as.as_ref().map_or_else(|| name_key(&self.name), ToString::to_string)
    }
}

/// The appends of one table.
pub(super) struct Lane {
    pub(super) key: LaneKey,
    pub(super) home: Home,
    pub(super) table: TableName,
    inbox: UnboundedSender<(Arrival, User)>,
    state: Mutex<State>,
    /// Told when the commits have to look again.
    pub(super) wake: Notify,
    /// Appends on their way through the intake.
    users: AtomicUsize,
}

/// What a lane knows.
#[derive(Default)]
pub(super) struct State {
    /// In the journal and not in the table.
    pub(super) waiting: VecDeque<Entry>,
    /// Grows when entries leave: who looked at the table before knows by it that it may have changed.
    pub(super) epoch: u64,
    /// Why the rows that wait cannot be committed although the storage answers.
    pub(super) stuck: Option<String>,
    /// Whether the last commit failed, and the next one has to wait.
    pub(super) failed: bool,
    /// The generation of which the table's mark is known to be before every entry.
    pub(super) mark_is_behind: Option<u32>,
    /// How many entries somebody waits for.
    pub(super) syncs: usize,
    /// Of the bodies of all entries.
    pub(super) bytes: usize,
    /// How many were answered by the last commit that somebody waited for, and until when they may all be back.
    pub(super) crowd: Option<(usize, Instant)>,
}

impl State {
    /// Adds an entry at the end.
    pub(super) fn push(&mut self, entry: Entry) {
        self.syncs += usize::from(entry.sync.is_some());
        self.bytes += entry.place.bytes();
        self.waiting.push_back(entry);
    }

    /// Takes entries off the front.
    pub(super) fn take(&mut self, count: usize) -> Vec<Entry> {
        let taken: Vec<Entry> = self.waiting.drain(..count).collect();
        self.syncs -= taken.iter().filter(|entry| entry.sync.is_some()).count();
        self.bytes -= taken.iter().map(|entry| entry.place.bytes()).sum::<usize>();
        self.epoch += 1;
        taken
    }

    /// Leaves the rows to the journal, and takes out who waits for them.
    pub(super) fn set_aside(&mut self) -> Vec<oneshot::Sender<Result<AppendOutcome>>> {
        for entry in &mut self.waiting {
            entry.body = None;
            entry.charge.shrink();
        }
        self.syncs = 0;
        self.waiting.iter_mut().filter_map(|entry| entry.sync.take()).collect()
    }
}

/// One append.
pub(super) struct Entry {
    pub(super) place: Place,
    /// The table that it was checked against; none where that was yet to be made.
    pub(super) table_id: Option<Arc<str>>,
    /// Columns that it brings.
    pub(super) added: Arc<[Field]>,
    /// The rows as they came; none where they have to be read from the journal.
    pub(super) body: Option<Bytes>,
    /// None where others are not waited for any more.
    pub(super) arrived: Option<Instant>,
    /// Who waits for the commit.
    pub(super) sync: Option<oneshot::Sender<Result<AppendOutcome>>>,
    pub(super) charge: Charge,
}

/// An append that was not looked at yet.
pub(super) struct Arrival {
    pub(super) database: Arc<dyn Database>,
    pub(super) body: Bytes,
    pub(super) sync: bool,
    pub(super) answer: oneshot::Sender<Result<AppendOutcome>>,
    pub(super) charge: Charge,
}

impl Lane {
    pub(super) fn new(key: LaneKey, home: &Home, table: &TableName) -> (Arc<Self>, UnboundedReceiver<(Arrival, User)>) {
        // Not bounded by count: what may wait is bounded by the memory that it takes.
        let (inbox, arrivals) = mpsc::unbounded_channel();
        let lane = Self {
            key,
            home: home.clone(),
            table: table.clone(),
            inbox,
            state: Mutex::default(),
            wake: Notify::new(),
            users: AtomicUsize::new(0),
        };
        (Arc::new(lane), arrivals)
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no holder of this lock panics")
    }

    pub(super) fn user(self: &Arc<Self>) -> User {
        self.users.fetch_add(1, Ordering::AcqRel);
        User(Arc::clone(self))
    }

    /// Whether nobody uses it and nothing waits.
    pub(super) fn is_idle(&self) -> bool {
        self.users.load(Ordering::Acquire) == 0 && self.state().waiting.is_empty()
    }

    /// Whether there is nothing that it can do now.
    pub(super) fn rests(&self) -> bool {
        let state = self.state();
        state.failed || (state.waiting.is_empty() && self.users.load(Ordering::Acquire) == 0)
    }
}

/// Keeps a lane from being given up.
pub(super) struct User(Arc<Lane>);

impl User {
    pub(super) fn lane(&self) -> &Arc<Lane> {
        &self.0
    }

    /// Gives an append to the intake.
    pub(super) fn send(self, arrival: Arrival) {
        let lane = Arc::clone(&self.0);
        // The intake runs as long as the lane is listed, and this keeps it listed. At the end of the process it may be
        // gone: then the sender of the answer is dropped, which tells who waits.
        _ = lane.inbox.send((arrival, self));
    }
}

impl Drop for User {
    fn drop(&mut self) {
        self.0.users.fetch_sub(1, Ordering::AcqRel);
        self.0.wake.notify_one();
    }
}

/// Memory that an append takes, given back when this drops.
pub(super) struct Charge {
    inner: Arc<Inner>,
    bytes: usize,
}

impl Charge {
    pub(super) fn new(inner: Arc<Inner>, bytes: usize) -> Self {
        inner.memory.fetch_add(bytes, Ordering::Relaxed);
        Self { inner, bytes }
    }

    /// What is left of it without the body.
    pub(super) fn shrink(&mut self) {
        let given_back = self.bytes.saturating_sub(OVERHEAD);
        self.inner.memory.fetch_sub(given_back, Ordering::Relaxed);
        self.bytes -= given_back;
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.inner.memory.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}
