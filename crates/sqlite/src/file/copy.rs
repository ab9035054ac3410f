//! Copies of a whole file, and the file without the space of what was deleted.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use model::{Error, Result};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::failure::failure;
use crate::connection::BUSY;

/// Pages between two looks at whether to go on: 1 MB of the usual size.
const PAGES_PER_STEP: i32 = 256;

/// Writes one committed state, page by page, to a file that does not exist yet. The connection holds a snapshot
/// meanwhile, which keeps nobody from writing. `goes_on` is asked now and then; what it refuses leaves no file.
pub(crate) fn copy_to(connection: &Connection, path: &Path, goes_on: &dyn Fn() -> Result<()>) -> Result<()> {
    File::create_new(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Error::exists("file", path.display()),
        _ => Error::internal(error),
    })?;
    let copied = copy_into(connection, path, goes_on);
    if copied.is_err() {
        remove_with_logs(path);
    }
    copied
}

fn copy_into(connection: &Connection, path: &Path, goes_on: &dyn Fn() -> Result<()>) -> Result<()> {
    let mut copy = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(failure)?;
    let own = connection.is_autocommit();
    if own {
        // The backup reads in the transaction that it finds, and so every step reads the same state.
        connection.execute_batch("BEGIN; SELECT 1 FROM main.sqlite_schema LIMIT 1;").map_err(failure)?;
    }
    let copied = pages(connection, &mut copy, goes_on);
    if own {
        connection.execute_batch("ROLLBACK").map_err(failure)?;
    }
    copied?;
    // A file on its own has no log beside it; the mode is written into its first page.
    let mode: String =
        copy.pragma_update_and_check(None, "journal_mode", "DELETE", |row| row.get(0)).map_err(failure)?;
    if mode != "delete" {
        return Err(Error::internal(format!("a copy stayed in journal mode {mode}")));
    }
    copy.close().map_err(|(_, error)| failure(error))?;
    File::open(path).and_then(|file| file.sync_all()).map_err(Error::internal)
}

fn pages(from: &Connection, to: &mut Connection, goes_on: &dyn Fn() -> Result<()>) -> Result<()> {
    let backup = Backup::new(from, to).map_err(failure)?;
    loop {
        goes_on()?;
        match backup.step(PAGES_PER_STEP).map_err(failure)? {
            StepResult::Done => return Ok(()),
            StepResult::More => {}
            _ => std::thread::sleep(Duration::from_millis(5)),
        }
    }
}

/// Gives back the space of what was deleted; nobody else may write meanwhile. VACUUM itself may number rows anew, by which
/// callers know them; VACUUM INTO keeps the numbers. Its file, made at `scratch`, is written over the database in one
/// transaction.
pub(crate) fn vacuum(path: &Path, scratch: &Path) -> Result<()> {
    remove_with_logs(scratch);
    let vacuumed = vacuum_by(path, scratch);
    remove_with_logs(scratch);
    vacuumed
}

fn vacuum_by(path: &Path, scratch: &Path) -> Result<()> {
    let target = scratch.to_str().ok_or_else(|| Error::internal("the data directory has a name that is no text"))?;
    let open = |path: &Path, flags: OpenFlags| Connection::open_with_flags(path, flags).map_err(failure);
    // A connection without the limits of those that serve callers: a row that is there may be larger than one may become.
    let mut connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.busy_timeout(BUSY).map_err(failure)?;
    connection.pragma_update(None, "synchronous", "FULL").map_err(failure)?;
    connection.execute("VACUUM main INTO ?1", [target]).map_err(failure)?;
    let small = open(scratch, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    pages(&small, &mut connection, &|| Ok(()))?;
    // What cannot be moved into the file now, because somebody reads, is moved later.
    connection.query_row("PRAGMA main.wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map_err(failure)
}

/// Removes a file and what SQLite keeps beside it.
pub(crate) fn remove_with_logs(path: &Path) {
    for suffix in ["", "-journal", "-wal", "-shm"] {
        let file = beside(path, suffix);
        match fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                tracing::warn!(path = %file.display(), %error, "a file could not be removed");
            }
            _ => {}
        }
    }
}

/// `main.sqlite` and `-wal` is `main.sqlite-wal`.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
