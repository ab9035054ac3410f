//! The one connection that writes: what waits together is committed together.
//!
//! Requests queue up. Whoever finds the queue unattended starts a worker on the runtime's blocking threads, which takes all
//! that waits, runs each request in a savepoint of its own, commits once, and answers after that commit; then it looks
//! again. So there is no thread for a database that nobody writes to, and under load one durable commit serves many.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::{Error, Result};
use rusqlite::Connection;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::config::SqliteConfig;
use crate::connection::{Guarded, Purpose, open};
use crate::fault::fault;

/// Requests that one commit takes at most: nobody waits for a crowd without end.
const CROWD: usize = 1_000;

/// Work of one request: runs inside a transaction, and is told afterwards what came of the commit.
trait Job: Send {
    /// False: it changed nothing, or what it changed is to be undone.
    fn run(&mut self, connection: &Guarded) -> bool;
    fn finish(self: Box<Self>, committed: &std::result::Result<(), String>);
    /// Whether it is run outside a transaction, by itself.
    fn alone(&self) -> bool;
}

struct Call<T, F> {
    work: Option<F>,
    outcome: Option<Result<T>>,
    answer: oneshot::Sender<Result<T>>,
    alone: bool,
}

impl<T: Send, F: FnOnce(&Guarded) -> Result<T> + Send> Job for Call<T, F> {
    fn run(&mut self, connection: &Guarded) -> bool {
        // Nobody waits any more: nothing needs to be done.
        let Some(work) = self.work.take().filter(|_| !self.answer.is_closed()) else { return false };
        let outcome = catch_unwind(AssertUnwindSafe(|| work(connection)));
        connection.guard.leave();
        let outcome = outcome.unwrap_or_else(|_| Err(Error::internal("a write panicked")));
        let done = outcome.is_ok();
        self.outcome = Some(outcome);
        done
    }

    fn finish(self: Box<Self>, committed: &std::result::Result<(), String>) {
        let outcome = match (self.outcome, committed) {
            (Some(Ok(_)), Err(cause)) => Err(Error::unavailable(format!("the change was not committed: {cause}"))),
            (Some(outcome), _) => outcome,
            (None, Err(cause)) => Err(Error::unavailable(format!("the change was not made: {cause}"))),
            (None, Ok(())) => Err(Error::cancelled()),
        };
        let _ = self.answer.send(outcome);
    }

    fn alone(&self) -> bool {
        self.alone
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
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Box<dyn Job>>,
    attended: bool,
}

impl Writer {
    /// A writer of the file at `path`, which is opened with the first request.
    pub fn new(path: PathBuf, config: Arc<SqliteConfig>) -> Self {
        Self(Arc::new(Inner { path, config, queue: Mutex::default(), connection: Mutex::new(None) }))
    }

    /// Runs `work` in a transaction, with others or alone, and answers once it is durable. An error undoes what `work` did.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Guarded) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.call(work, false).await
    }

    /// Runs `work` outside of any transaction, between those of others: it begins and ends its own.
    pub async fn alone<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Guarded) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.call(work, true).await
    }

    async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Guarded) -> Result<T> + Send + 'static,
        alone: bool,
    ) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        self.push(Box::new(Call { work: Some(work), outcome: None, answer, alone }));
        answered.await.map_err(|_| Error::internal("the writer of a database ended"))?
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
                let crowd = match queue.jobs.front() {
                    None => {
                        queue.attended = false;
                        return;
                    }
                    Some(first) if first.alone() => 1,
                    Some(_) => queue.jobs.iter().take(CROWD).take_while(|job| !job.alone()).count(),
                };
                queue.jobs.drain(..crowd).collect::<Vec<_>>()
            };
            self.serve(jobs);
        }
    }

    fn serve(&self, mut jobs: Vec<Box<dyn Job>>) {
        let mut slot = lock(&self.0.connection);
        let committed = match opened(&mut slot, &self.0.path, &self.0.config) {
            Err(error) => Err(error.message().to_owned()),
            Ok(connection) if jobs[0].alone() => {
                jobs[0].run(connection);
                // Whatever it left open is undone.
                let _ = rolled_back(&connection.sqlite);
                Ok(())
            }
            Ok(connection) => transact(connection, &mut jobs).map_err(|error| error.message().to_owned()),
        };
        drop(slot);
        jobs.into_iter().for_each(|job| job.finish(&committed));
    }

    /// Waits for what is under way, and closes the connection; the next request opens the file anew. `between` runs while
    /// nobody writes.
    pub fn retire<T>(&self, between: impl FnOnce() -> T) -> T {
        let mut slot = lock(&self.0.connection);
        *slot = None;
        between()
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

fn transact(connection: &Guarded, jobs: &mut [Box<dyn Job>]) -> Result<()> {
    let sqlite = &connection.sqlite;
    run(sqlite, "BEGIN IMMEDIATE").map_err(fault)?;
    for job in jobs {
        let outcome = run(sqlite, "SAVEPOINT request").and_then(|()| {
            if job.run(connection) {
                run(sqlite, "RELEASE request")
            } else if sqlite.is_autocommit() {
                // SQLite gave the whole transaction up (a full disk, for instance): with it what others did.
                Err(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_ABORT), None))
            } else {
                run(sqlite, "ROLLBACK TO request").and_then(|()| run(sqlite, "RELEASE request"))
            }
        });
        if let Err(cause) = outcome {
            let _ = rolled_back(sqlite);
            return Err(fault(cause));
        }
    }
    run(sqlite, "COMMIT").map_err(|cause| {
        let _ = rolled_back(sqlite);
        fault(cause)
    })
}

fn run(sqlite: &Connection, sql: &str) -> rusqlite::Result<()> {
    sqlite.prepare_cached(sql)?.raw_execute().map(drop)
}

fn rolled_back(sqlite: &Connection) -> rusqlite::Result<()> {
    if sqlite.is_autocommit() { Ok(()) } else { sqlite.execute_batch("ROLLBACK") }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic inside a request is caught there; nothing that is kept behind these locks is half-done.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
