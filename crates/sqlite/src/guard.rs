//! What a statement may touch, and for how long: one guard a connection, asked by SQLite itself.
//!
//! The authorizer is asked while a statement is prepared, the progress handler while it runs. Both are set once for a
//! connection, because setting an authorizer makes SQLite prepare every cached statement again.

mod stop;
mod verdict;

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use model::{Access, Error, Result, Rights};
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::{Connection, ErrorCode, InterruptHandle};

pub use self::stop::{Stop, StopOnDrop, overdue};
use self::verdict::{Verdict, verdict};

/// How many steps of SQLite's virtual machine pass between two looks at the clock: some ten microseconds.
const STEPS: i32 = 500;

/// What a connection is used for at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// A statement of the storage itself: everything.
    Own,
    /// A statement of a caller.
    Caller {
        /// What the caller may do.
        rights: Rights,
        /// Whether definitions may not be changed.
        schema_locked: bool,
    },
}

/// Bytes that a function works on in the time between two looks, about.
const WORK: usize = 4 << 10;

const OWN: u8 = 1;
const READ: u8 = 2;
const INSERT: u8 = 4;
const WRITE: u8 = 8;
const LOCKED: u8 = 16;

/// Why a statement was refused or stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Stopped {
    /// It was not.
    No,
    /// The caller has no right for it.
    Rights,
    /// It would change a definition and the schema is locked.
    Locked,
    /// Nobody may do it.
    Never,
    /// Its time is over.
    Time,
    /// Its steps are used up: it is a long one.
    Budget,
    /// Nobody waits for it any more.
    Cancelled,
}

impl Stopped {
    fn of(number: u8) -> Self {
        [Self::No, Self::Rights, Self::Locked, Self::Never, Self::Time, Self::Budget, Self::Cancelled]
            .into_iter()
            .find(|reason| *reason as u8 == number)
            .unwrap_or(Self::No)
    }
}

/// The state that authorizer and progress handler look at.
pub struct Guard {
    profile: AtomicU8,
    stopped: AtomicU8,
    /// Whether the statement that was prepared last changes definitions.
    defines: AtomicBool,
    started: Instant,
    /// Milliseconds after `started`; 0 for never.
    deadline: AtomicU64,
    /// Looks that are left; 0 for any number.
    budget: AtomicU64,
    stop: Mutex<Option<Arc<Stop>>>,
    has_stop: AtomicBool,
    interrupt: Arc<InterruptHandle>,
    /// Columns that a foreign key of the statement's table has to look at, in lower case: read for SQLite, not for the
    /// caller.
    referenced: Mutex<Vec<(String, String)>>,
}

impl Guard {
    /// Puts a guard on a connection, for its own statements at first.
    pub fn install(connection: &Connection) -> rusqlite::Result<Arc<Self>> {
        let guard = Arc::new(Self {
            profile: AtomicU8::new(OWN),
            stopped: AtomicU8::new(0),
            defines: AtomicBool::new(false),
            started: Instant::now(),
            deadline: AtomicU64::new(0),
            budget: AtomicU64::new(0),
            stop: Mutex::new(None),
            has_stop: AtomicBool::new(false),
            interrupt: Arc::new(connection.get_interrupt_handle()),
            referenced: Mutex::default(),
        });
        let asked = Arc::clone(&guard);
        connection.authorizer(Some(move |context: AuthContext<'_>| asked.authorize(&context)))?;
        let asked = Arc::clone(&guard);
        connection.progress_handler(STEPS, Some(move || asked.must_stop()))?;
        Ok(guard)
    }

    /// Who runs the next statements.
    pub fn enter(&self, profile: Profile) {
        let bits = match profile {
            Profile::Own => OWN,
            Profile::Caller { rights, schema_locked } => {
                let bit = |access, bit| if rights.allow(access) { bit } else { 0 };
                let locked = if schema_locked { LOCKED } else { 0 };
                bit(Access::Read, READ) | bit(Access::Insert, INSERT) | bit(Access::Write, WRITE) | locked
            }
        };
        self.profile.store(bits, Ordering::Relaxed);
        self.stopped.store(0, Ordering::Relaxed);
        self.defines.store(false, Ordering::Relaxed);
    }

    /// How long the next statements may run, how many looks they have, and what stops them from outside.
    pub fn limit(&self, time: Option<Duration>, budget: u64, stop: Option<Arc<Stop>>) {
        let deadline = time
            .map_or(0, |time| u64::try_from((self.started.elapsed() + time).as_millis()).unwrap_or(u64::MAX).max(1));
        self.deadline.store(deadline, Ordering::Relaxed);
        self.budget.store(budget, Ordering::Relaxed);
        if let Some(stop) = stop {
            stop.begin(Arc::clone(&self.interrupt));
            self.has_stop.store(true, Ordering::Relaxed);
            *lock(&self.stop) = Some(stop);
        }
    }

    /// Back to the connection's own statements, without limits.
    pub fn leave(&self) {
        self.enter(Profile::Own);
        self.deadline.store(0, Ordering::Relaxed);
        self.budget.store(0, Ordering::Relaxed);
        if self.has_stop.swap(false, Ordering::Relaxed)
            && let Some(stop) = lock(&self.stop).take()
        {
            stop.end();
        }
        lock(&self.referenced).clear();
    }

    /// What SQLite may read for the foreign keys of the next statement.
    pub fn refer(&self, columns: Vec<(String, String)>) {
        *lock(&self.referenced) = columns;
    }

    /// Whether the statement that was prepared last changes definitions.
    pub fn defines(&self) -> bool {
        self.defines.load(Ordering::Relaxed)
    }

    /// Why the last statement was refused or stopped.
    pub fn stopped(&self) -> Stopped {
        let stopped = Stopped::of(self.stopped.load(Ordering::Relaxed));
        // One that was interrupted in the middle of a step did not ask.
        if stopped == Stopped::No { self.stopped_from_outside() } else { stopped }
    }

    fn stopped_from_outside(&self) -> Stopped {
        if !self.has_stop.load(Ordering::Relaxed) {
            return Stopped::No;
        }
        lock(&self.stop).as_ref().map_or(Stopped::No, |stop| stop.reason())
    }

    /// The refusal that the guard gave; nothing where it gave none.
    pub fn refusal(&self) -> Option<Error> {
        Self::refusal_for(self.stopped())
    }

    /// The refusal for a reason.
    pub fn refusal_for(stopped: Stopped) -> Option<Error> {
        Some(match stopped {
            Stopped::No => return None,
            Stopped::Rights => Error::forbidden("this statement takes more access than the caller has here"),
            Stopped::Locked => Error::forbidden("schema is locked: definitions of this database may not be changed"),
            Stopped::Never => Error::invalid(
                "SQLite3 returned ErrorAuthorization: not authorized; transactions, ATTACH, VACUUM, temporary tables, \
                 extensions and most PRAGMAs cannot be used here",
            ),
            Stopped::Time => Error::new(model::ErrorKind::Unavailable, "timed_out", "Sql query execution timed out"),
            Stopped::Budget | Stopped::Cancelled => Error::cancelled(),
        })
    }

    /// Says that the statement changes definitions.
    pub fn note_defines(&self) {
        self.defines.store(true, Ordering::Relaxed);
    }

    fn stop(&self, reason: Stopped) {
        self.stopped.store(reason as u8, Ordering::Relaxed);
    }

    /// Whether a function has to stop before it works on so many bytes, which count as the steps that take as long.
    pub fn must_stop_after(&self, bytes: usize) -> bool {
        let budget = self.budget.load(Ordering::Relaxed);
        if budget > 1 {
            self.budget.store(budget.saturating_sub((bytes / WORK) as u64).max(1), Ordering::Relaxed);
        }
        // Short texts are left to the looks that are taken anyway.
        bytes >= WORK && self.must_stop()
    }

    /// Refuses where what runs has to stop.
    pub fn goes_on(&self) -> Result<()> {
        if self.must_stop() { self.refusal().map_or(Ok(()), Err) } else { Ok(()) }
    }

    fn must_stop(&self) -> bool {
        let reason = self.reason_to_stop();
        if reason != Stopped::No {
            self.stop(reason);
        }
        reason != Stopped::No
    }

    fn reason_to_stop(&self) -> Stopped {
        let budget = self.budget.load(Ordering::Relaxed);
        if budget == 1 {
            return Stopped::Budget;
        }
        if budget > 1 {
            self.budget.store(budget - 1, Ordering::Relaxed);
        }
        let deadline = self.deadline.load(Ordering::Relaxed);
        if deadline != 0 && self.started.elapsed().as_millis() >= u128::from(deadline) {
            return Stopped::Time;
        }
        self.stopped_from_outside()
    }

    fn is_referenced(&self, action: &AuthAction<'_>) -> bool {
        let AuthAction::Read { table_name, column_name } = action else { return false };
        lock(&self.referenced)
            .iter()
            .any(|(table, column)| table.eq_ignore_ascii_case(table_name) && column.eq_ignore_ascii_case(column_name))
    }

    fn authorize(&self, context: &AuthContext<'_>) -> Authorization {
        let bits = self.profile.load(Ordering::Relaxed);
        if bits & OWN != 0 {
            return Authorization::Allow;
        }
        // What is temporary belongs to the connection, which the next caller has.
        let temporary = context.database_name.is_some_and(|name| name.eq_ignore_ascii_case("temp"));
        let verdict = match verdict(&context.action, bits, context.accessor.is_some()) {
            Verdict::Defines if temporary => Verdict::Never,
            Verdict::Rights if self.is_referenced(&context.action) => Verdict::Allow,
            verdict => verdict,
        };
        if verdict == Verdict::Defines {
            self.defines.store(true, Ordering::Relaxed);
        }
        let reason = match verdict {
            Verdict::Allow => return Authorization::Allow,
            Verdict::Defines if bits & LOCKED != 0 => Stopped::Locked,
            Verdict::Defines if bits & WRITE == 0 => Stopped::Rights,
            Verdict::Defines => return Authorization::Allow,
            Verdict::Rights => Stopped::Rights,
            Verdict::Never => Stopped::Never,
        };
        self.stop(reason);
        Authorization::Deny
    }
}

/// Turns what a statement of a caller came to into an answer: the guard's own words where it was the guard that ended it.
pub fn told<T>(guard: &Guard, outcome: rusqlite::Result<T>, told: impl FnOnce(rusqlite::Error) -> Error) -> Result<T> {
    outcome.map_err(|cause| match cause.sqlite_error_code() {
        // A failure of its own stands, also where it is cancelled at that moment.
        Some(ErrorCode::OperationInterrupted | ErrorCode::AuthorizationForStatementDenied) | None => {
            guard.refusal().unwrap_or_else(|| told(cause))
        }
        Some(_) => told(cause),
    })
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
