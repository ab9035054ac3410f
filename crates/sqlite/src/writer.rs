//! The one connection that writes: what waits together is committed together.
//!
//! Requests queue up. Whoever finds the queue unattended starts a worker on the runtime's blocking threads, which takes all
//! that waits, runs each request in a savepoint of its own, commits once, and answers after that commit; then it looks
//! again. So there is no thread for a database that nobody writes to, and under load one durable commit serves many.
//!
//! Some failures make SQLite give up a whole transaction (an interruption, `INSERT OR ROLLBACK`, a full disk). The request
//! whose failure it was is told, and the others run once more without it.

mod call;
mod commit;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use model::{Error, Result};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

pub use self::call::Attempt;
use self::call::{Again, Call, Once};
use self::commit::rolled_back;

use crate::config::SqliteConfig;
use crate::connection::{Guarded, Purpose, open};
use crate::fault::{fault, said};

/// Requests that one commit takes at most: nobody waits for a crowd without end.
const CROWD: usize = 1_000;
/// How long a request may take while others wait for the same commit. One that takes longer begins again by itself.
const BESIDE_OTHERS: Duration = Duration::from_millis(100);

/// How a request goes with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Shares a transaction, and may be run again where another one makes SQLite give that up.
    Shared,
    /// Has a transaction of its own.
    Single,
    /// Runs outside of any transaction.
    Alone,
}

/// What came of running a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ran {
    /// What it changed is to be committed.
    Kept,
    /// It changed nothing, or what it changed is to be undone.
    Undone,
    /// It took too long beside others and is to begin again by itself.
    TooLong,
}

/// Work of one request: runs inside a transaction, and is told afterwards what came of the commit.
pub trait Job: Send {
    /// `within`: how long it may take, beside its own limits.
    fn run(&mut self, connection: &Guarded, within: Option<Duration>) -> Ran;
    /// Answers whoever waits.
    fn finish(self: Box<Self>, committed: &std::result::Result<(), Uncommitted>);
    /// How it goes with others.
    fn manner(&self) -> Manner;
}

/// Why a transaction was not committed.
#[derive(Clone, Debug)]
pub struct Uncommitted {
    /// What SQLite says.
    pub cause: String,
    /// Whether it is the fault of what was changed: a constraint that is looked at last.
    pub constraint: bool,
}

impl Uncommitted {
    /// The answer for a request whose change it was.
    pub fn error(&self) -> Error {
        if self.constraint {
            return Error::invalid(format!(
                "SQLite3 returned ErrorConstraint while attempting to perform step: {}",
                self.cause
            ));
        }
        Error::unavailable(format!("the change was not committed: {}", self.cause))
    }
}

impl From<rusqlite::Error> for Uncommitted {
    fn from(cause: rusqlite::Error) -> Self {
        let constraint = cause.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation);
        let cause = if constraint { said(&cause) } else { fault(cause).message().to_owned() };
        Self { cause, constraint }
    }
}

/// See the module. Clones share everything.
#[derive(Clone)]
pub struct Writer(Arc<Inner>);

struct Inner {
    path: PathBuf,
    config: Arc<SqliteConfig>,
    queue: Mutex<Queue>,
    connection: Mutex<Option<Guarded>>,
    closed: AtomicBool,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Box<dyn Job>>,
    attended: bool,
}

impl Writer {
    /// A writer of the file at `path`, which is opened with the first request.
    pub fn new(path: PathBuf, config: Arc<SqliteConfig>) -> Self {
        Self(Arc::new(Inner {
            path,
            config,
            queue: Mutex::default(),
            connection: Mutex::new(None),
            closed: AtomicBool::new(false),
        }))
    }

    /// Runs `work` in a transaction of its own and answers once it is durable. An error undoes what `work` did. `after`
    /// runs between the commit and every later write, also where nobody waits for the answer any more.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Guarded) -> Result<T> + Send + 'static,
        after: impl FnOnce(&T) -> Result<()> + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        self.push(Box::new(Call::new(Once(Some(work)), after, answer, Manner::Single)));
        received(answered).await
    }

    /// The same together with others that wait: `work` is run again where one of those makes SQLite give up the
    /// transaction. It is told how long it may take beside them.
    pub async fn share<T: Send + 'static>(
        &self,
        work: impl FnMut(&Guarded, Option<Duration>) -> Attempt<T> + Send + 'static,
        after: impl FnOnce(&T) -> Result<()> + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        self.push(Box::new(Call::new(Again(work), after, answer, Manner::Shared)));
        received(answered).await
    }

    /// Runs `work` outside of any transaction, between those of others: it begins and ends its own.
    pub async fn alone<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Guarded) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        self.push(Box::new(Call::new(Once(Some(work)), |_: &T| Ok(()), answer, Manner::Alone)));
        received(answered).await
    }

    fn push(&self, job: Box<dyn Job>) {
        let mut queue = lock(&self.0.queue);
        queue.jobs.push_back(job);
        if !std::mem::replace(&mut queue.attended, true) {
            drop(queue);
            let writer = self.clone();
            Handle::current().spawn_blocking(move || writer.attend());
        }
    }

    /// Works until nothing waits.
    fn attend(&self) {
        loop {
            let jobs = {
                let mut queue = lock(&self.0.queue);
                let crowd = match queue.jobs.front().map(|job| job.manner()) {
                    None => {
                        queue.attended = false;
                        return;
                    }
                    Some(Manner::Shared) => {
                        queue.jobs.iter().take(CROWD).take_while(|job| job.manner() == Manner::Shared).count()
                    }
                    Some(Manner::Single | Manner::Alone) => 1,
                };
                queue.jobs.drain(..crowd).collect::<Vec<_>>()
            };
            self.serve(jobs);
        }
    }

    fn serve(&self, mut jobs: Vec<Box<dyn Job>>) {
        let mut slot = lock(&self.0.connection);
        let opened = if self.0.closed.load(Ordering::Acquire) {
            Err(Error::unavailable("the database was removed"))
        } else {
            opened(&mut slot, &self.0.path, &self.0.config)
        };
        match opened {
            Err(error) => {
                drop(slot);
                let failed = Err(Uncommitted { cause: error.message().to_owned(), constraint: false });
                jobs.into_iter().for_each(|job| job.finish(&failed));
            }
            Ok(connection) if jobs[0].manner() == Manner::Alone => {
                jobs[0].run(connection, None);
                // Whatever it left open is undone.
                let _ = rolled_back(&connection.sqlite);
                drop(slot);
                jobs.into_iter().for_each(|job| job.finish(&Ok(())));
            }
            Ok(connection) => {
                let answers = commit::together(connection, jobs);
                drop(slot);
                answers.into_iter().for_each(|(job, committed)| job.finish(&committed));
            }
        }
    }

    /// Waits for what is under way, and closes the connection; the next request opens the file anew. `between` runs while
    /// nobody writes.
    pub fn retire<T>(&self, between: impl FnOnce() -> T) -> T {
        let mut slot = lock(&self.0.connection);
        *slot = None;
        between()
    }

    /// Waits for what is under way, and closes the connection for good: a file that is made later under the same name is
    /// not touched.
    pub fn close(&self) {
        self.0.closed.store(true, Ordering::Release);
        *lock(&self.0.connection) = None;
    }

    /// Whether requests wait or are under way.
    pub fn is_busy(&self) -> bool {
        lock(&self.0.queue).attended
    }
}

fn opened<'a>(
    slot: &'a mut MutexGuard<'_, Option<Guarded>>,
    path: &std::path::Path,
    config: &SqliteConfig,
) -> Result<&'a Guarded> {
    if slot.is_none() {
        **slot = Some(open(path, Purpose::Write, config).map_err(fault)?);
    }
    Ok(slot.as_ref().expect("it was opened above"))
}

async fn received<T>(answered: oneshot::Receiver<Result<T>>) -> Result<T> {
    answered.await.map_err(|_| Error::internal("the writer of a database ended"))?
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic inside a request is caught there; nothing that is kept behind these locks is half-done.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
