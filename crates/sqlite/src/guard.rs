//! What a statement may touch, and for how long: one guard a connection, asked by SQLite itself.
//!
//! The authorizer is asked while a statement is prepared, the progress handler while it runs. Both are set once for a
//! connection, because setting an authorizer makes SQLite prepare every cached statement again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use model::{Access, Error, Result, Rights};
use rusqlite::Connection;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

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

/// A flag that stops statements from outside: raised when nobody waits for them.
pub type Stop = Arc<AtomicBool>;

/// The state that authorizer and progress handler look at.
#[derive(Debug)]
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
    stop: std::sync::Mutex<Option<Stop>>,
    has_stop: AtomicBool,
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
            stop: std::sync::Mutex::new(None),
            has_stop: AtomicBool::new(false),
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
    pub fn limit(&self, time: Option<Duration>, budget: u64, stop: Option<Stop>) {
        let deadline = time
            .map_or(0, |time| u64::try_from((self.started.elapsed() + time).as_millis()).unwrap_or(u64::MAX).max(1));
        self.deadline.store(deadline, Ordering::Relaxed);
        self.budget.store(budget, Ordering::Relaxed);
        self.has_stop.store(stop.is_some(), Ordering::Relaxed);
        *self.stop.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = stop;
    }

    /// Back to the connection's own statements, without limits.
    pub fn leave(&self) {
        self.enter(Profile::Own);
        self.deadline.store(0, Ordering::Relaxed);
        self.budget.store(0, Ordering::Relaxed);
        if self.has_stop.swap(false, Ordering::Relaxed) {
            *self.stop.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = None;
        }
    }

    /// Whether the statement that was prepared last changes definitions.
    pub fn defines(&self) -> bool {
        self.defines.load(Ordering::Relaxed)
    }

    /// Why the last statement was refused or stopped.
    pub fn stopped(&self) -> Stopped {
        Stopped::of(self.stopped.load(Ordering::Relaxed))
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
        if self.has_stop.load(Ordering::Relaxed) {
            let stop = self.stop.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if stop.as_ref().is_some_and(|stop| stop.load(Ordering::Relaxed)) {
                return Stopped::Cancelled;
            }
        }
        Stopped::No
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Allow,
    /// Changes a definition.
    Defines,
    Rights,
    Never,
}

/// PRAGMAs that only read, with their argument a name.
const READING_PRAGMAS: &[&str] = &[
    "application_id",
    "collation_list",
    "compile_options",
    "data_version",
    "encoding",
    "foreign_key_check",
    "foreign_key_list",
    "foreign_keys",
    "freelist_count",
    "function_list",
    "index_info",
    "index_list",
    "index_xinfo",
    "integrity_check",
    "module_list",
    "page_count",
    "page_size",
    "pragma_list",
    "quick_check",
    "schema_version",
    "table_info",
    "table_list",
    "table_xinfo",
    "user_version",
];
/// PRAGMAs whose argument is not a value that they set.
const NAMING_PRAGMAS: &[&str] = &[
    "foreign_key_check",
    "foreign_key_list",
    "index_info",
    "index_list",
    "index_xinfo",
    "integrity_check",
    "quick_check",
    "table_info",
    "table_list",
    "table_xinfo",
];
/// Numbers in the file that are the application's to set.
const SETTABLE_PRAGMAS: &[&str] = &["application_id", "user_version"];
/// Functions that reach out of the database, or into SQLite.
const REFUSED_FUNCTIONS: &[&str] = &["load_extension", "fts3_tokenizer", "readfile", "writefile", "edit"];
/// Modules that virtual tables may be made of: they keep all that they have in tables of the file.
const MODULES: &[&str] = &["fts3", "fts4", "fts5", "rtree", "geopoly", "fts3aux", "fts4aux", "fts5vocab"];

/// `inner`: the action comes from a trigger or view, which was checked when it was made.
fn verdict(action: &AuthAction<'_>, bits: u8, inner: bool) -> Verdict {
    let needs = |bit| if bits & bit != 0 { Verdict::Allow } else { Verdict::Rights };
    let schema = |table: &str| table.starts_with("sqlite_");
    match action {
        AuthAction::Select | AuthAction::Recursive => Verdict::Allow,
        // Whoever may define looks into the list of definitions on the way.
        AuthAction::Read { table_name, .. } if schema(table_name) && bits & WRITE != 0 => Verdict::Allow,
        AuthAction::Read { .. } => needs(READ),
        AuthAction::Function { function_name }
            if REFUSED_FUNCTIONS.contains(&function_name.to_lowercase().as_str()) =>
        {
            Verdict::Never
        }
        AuthAction::Function { .. } => Verdict::Allow,
        AuthAction::Pragma { pragma_name, pragma_value } => pragma(&pragma_name.to_lowercase(), *pragma_value, bits),
        AuthAction::Insert { table_name } if schema(table_name) => needs(WRITE),
        AuthAction::Insert { .. } => needs(INSERT),
        AuthAction::Update { .. } | AuthAction::Delete { .. } if inner => needs(INSERT),
        AuthAction::Update { .. } | AuthAction::Delete { .. } => needs(WRITE),
        AuthAction::CreateTable { .. }
        | AuthAction::CreateIndex { .. }
        | AuthAction::CreateTrigger { .. }
        | AuthAction::CreateView { .. }
        | AuthAction::DropTable { .. }
        | AuthAction::DropIndex { .. }
        | AuthAction::DropTrigger { .. }
        | AuthAction::DropView { .. }
        | AuthAction::AlterTable { .. }
        | AuthAction::DropVtable { .. } => Verdict::Defines,
        AuthAction::CreateVtable { module_name, .. } if MODULES.contains(&module_name.to_lowercase().as_str()) => {
            Verdict::Defines
        }
        AuthAction::Reindex { .. } | AuthAction::Analyze { .. } => needs(WRITE),
        _ => Verdict::Never,
    }
}

fn pragma(name: &str, value: Option<&str>, bits: u8) -> Verdict {
    let reads = READING_PRAGMAS.contains(&name) && (value.is_none() || NAMING_PRAGMAS.contains(&name));
    match (reads, SETTABLE_PRAGMAS.contains(&name)) {
        (true, _) if bits & READ == 0 => Verdict::Rights,
        (true, _) => Verdict::Allow,
        (false, true) if bits & WRITE == 0 => Verdict::Rights,
        (false, true) => Verdict::Allow,
        (false, false) => Verdict::Never,
    }
}

/// Turns what a statement of a caller came to into an answer: the guard's own words where it was the guard that ended it.
pub fn told<T>(guard: &Guard, outcome: rusqlite::Result<T>, told: impl FnOnce(rusqlite::Error) -> Error) -> Result<T> {
    outcome.map_err(|cause| guard.refusal().unwrap_or_else(|| told(cause)))
}
