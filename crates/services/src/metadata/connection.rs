//! One connection on a thread of its own; callers send closures and await the answer.

use std::fs::OpenOptions;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use model::{Error, ErrorKind, Result};
use rusqlite::ffi::ErrorCode;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use tokio::sync::oneshot;

use super::migrations;

/// How long a statement waits for another program's write.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

type Work = Box<dyn FnOnce(&mut Connection) + Send>;

/// A handle on the metadata database; clones share the connection. Several programs may have the file open at once.
#[derive(Clone, Debug)]
pub struct Metadata {
    work: mpsc::Sender<Work>,
    /// For what is read by its key.
    reader: Arc<Mutex<Connection>>,
    accounts: Arc<AtomicU64>,
    changes: Arc<AtomicU64>,
}

impl Metadata {
    /// Opens the file at `path`, which is created (for its owner alone) and migrated where needed. Blocks.
    ///
    /// # Errors
    /// `Unavailable` where the file cannot be opened or is busy, `Invalid` where a newer program wrote it.
    pub fn open(path: &Path) -> Result<Self> {
        create_private(path)?;
        let mut connection = Connection::open(path).map_err(|source| cannot_open(path, source))?;
        configure(&connection).map_err(|source| cannot_open(path, source))?;
        migrations::apply(&mut connection)?;
        let reader =
            Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX);
        let reader = reader.map_err(|source| cannot_open(path, source))?;
        // Whoever would have to wait asks the thread.
        reader.busy_timeout(Duration::ZERO).map_err(|source| cannot_open(path, source))?;
        let (work, queue) = mpsc::channel::<Work>();
        thread::Builder::new()
            .name("metadata".to_owned())
            .spawn(move || {
                while let Ok(next) = queue.recv() {
                    // A panic drops (and so rolls back) its transaction; the connection itself stays good, and the
                    // caller learns of it because its answer never comes.
                    let _ = catch_unwind(AssertUnwindSafe(|| next(&mut connection)));
                }
            })
            .map_err(Error::internal)?;
        Ok(Self { work, reader: Arc::new(Mutex::new(reader)), accounts: Arc::default(), changes: Arc::default() })
    }

    /// Runs `work`, which reads a row by its key: here and now, since that takes less than handing it to another thread; where
    /// somebody else does so at this moment, or has the file locked, as [`Metadata::call`] does. It sees every change that was
    /// answered.
    pub(crate) async fn glance<T: Send + 'static>(
        &self,
        work: impl Fn(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let here = self.reader.try_lock().ok().map(|reader| work(&reader));
        match here {
            Some(Err(error)) if error.kind() == ErrorKind::Unavailable => {}
            Some(outcome) => return outcome,
            None => {}
        }
        self.call(move |connection| work(connection)).await
    }

    /// Runs `work` on the connection, after what was sent before it.
    pub(crate) async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        let (accounts, changes) = (Arc::clone(&self.accounts), Arc::clone(&self.changes));
        let sent = self.work.send(Box::new(move |connection| {
            let before = connection.total_changes();
            let outcome = work(connection);
            if connection.total_changes() != before {
                changes.fetch_add(1, Ordering::AcqRel);
                // Before the answer: what somebody was told is true for whoever calls next. Where it cannot be read it is
                // read again within a second.
                let _ = read_generation(connection).map(|now| accounts.fetch_max(now, Ordering::AcqRel));
            }
            // The caller may have gone away; what it asked for was done all the same.
            let _ = answer.send(outcome);
        }));
        sent.map_err(|_| Error::internal("the metadata thread has ended"))?;
        answered.await.map_err(|_| Error::internal("a metadata operation panicked"))?
    }

    /// Runs `work` in a transaction that is committed where it succeeds, and leaves no trace where it fails.
    pub(crate) async fn change<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.call(move |connection| {
            // It will write: another program's write in the middle would make it fail.
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fault)?;
            let outcome = work(&transaction)?;
            transaction.commit().map_err(fault)?;
            Ok(outcome)
        })
        .await
    }

    /// Grows with every change that this process makes, before whoever made it is answered: what was read since it last grew
    /// is what stands there, but for what other programs changed.
    pub(crate) fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }

    /// The generation of the accounts, as far as this process knows: at least that of its own last change.
    pub(crate) fn accounts_generation(&self) -> u64 {
        self.accounts.load(Ordering::Acquire)
    }

    /// Looks up what other programs have changed.
    pub(crate) async fn refresh_accounts_generation(&self) -> Result<()> {
        let now = self.glance(read_generation).await?;
        self.accounts.fetch_max(now, Ordering::AcqRel);
        Ok(())
    }
}

/// The generation of the accounts: it grows with every change of what a credential is good for.
pub(crate) fn read_generation(connection: &Connection) -> Result<u64> {
    let mut statement = connection.prepare_cached("SELECT value FROM account_generation").map_err(fault)?;
    let value: i64 = statement.query_row([], |row| row.get(0)).map_err(fault)?;
    u64::try_from(value).map_err(Error::internal)
}

/// SQLite gives a new file the umask's mode, and password hashes stand in this one.
fn create_private(path: &Path) -> Result<()> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(|source| cannot_open(path, source))
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // Changes are few: each is on disk before it is acknowledged.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    connection.pragma_update(None, "trusted_schema", "OFF")
}

fn cannot_open(path: &Path, source: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::unavailable(format!("cannot open the metadata database {}: {source}", path.display())).with_source(source)
}

/// The server's error for one of SQLite's.
pub(crate) fn fault(source: rusqlite::Error) -> Error {
    match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            Error::unavailable("the metadata database is busy; try again").with_source(source)
        }
        Some(ErrorCode::DiskFull) => {
            Error::unavailable("the disk that holds the metadata database is full").with_source(source)
        }
        _ => Error::internal(source),
    }
}

/// Whether an insert failed because its key is taken.
pub(crate) fn is_taken(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_error_and_the_next_call_works() {
        let dir = tempfile::tempdir().unwrap();
        let metadata = Metadata::open(&dir.path().join("m.sqlite")).unwrap();
        let panicked: Result<()> = metadata.call(|_| panic!("on purpose")).await;
        assert!(panicked.is_err());
        let one: i64 = metadata.call(|c| c.query_row("SELECT 1", [], |row| row.get(0)).map_err(fault)).await.unwrap();
        assert_eq!(one, 1);
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("m.sqlite");
        let _metadata = Metadata::open(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
