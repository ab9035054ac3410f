//! One connection to a database's file, set up as every one of them is.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};

use crate::config::SqliteConfig;
use crate::execute::Plans;
use crate::guard::Guard;
use crate::{bounded, linear, words};

/// How long a connection waits for another program that has the file locked.
pub const BUSY: Duration = Duration::from_secs(5);
/// Pages that a connection keeps in memory, in KiB. Those that read are many, and what they read again is in the system's own
/// cache: with every database open and every reader at work these come to about a gigabyte.
const READER_CACHE_KIB: i64 = 512;
const WRITER_CACHE_KIB: i64 = 2_000;
/// Prepared statements that a connection keeps.
const STATEMENTS: usize = 64;
/// What a log keeps of its space.
const LOG_BYTES: i64 = 64 << 20;

/// A connection and its guard.
pub struct Guarded {
    /// The connection itself.
    pub sqlite: Connection,
    /// What its statements may do.
    pub guard: Arc<Guard>,
    /// Which of its statements share plans.
    pub plans: Plans,
}

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Reading alone.
    Read,
    /// Reading and writing.
    Write,
}

/// Whether the file's header says that its changes go to a log first. A file that is not so is made so before anybody reads
/// it, because that takes that nobody does.
pub fn has_log(path: &Path) -> std::io::Result<bool> {
    use std::io::Read;
    // A database without a page is an empty file.
    let mut header = Vec::with_capacity(20);
    std::fs::File::open(path)?.take(20).read_to_end(&mut header)?;
    Ok(header.get(18..) == Some(&[2, 2]))
}

/// Opens the file, which exists.
pub fn open(path: &Path, purpose: Purpose, config: &SqliteConfig) -> rusqlite::Result<Guarded> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let sqlite = Connection::open_with_flags(path, flags)?;
    sqlite.set_prepared_statement_cache_capacity(STATEMENTS);
    // Nothing in the file's own schema may do more than tables and plain functions can.
    sqlite.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    sqlite.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    sqlite.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, false)?;
    sqlite.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, true)?;
    // Readers of a WAL file wait for nobody but a program that recovers or closes it.
    sqlite.busy_timeout(BUSY)?;
    sqlite.pragma_update(None, "case_sensitive_like", true)?;
    match purpose {
        Purpose::Read => {
            sqlite.pragma_update(None, "query_only", true)?;
            sqlite.pragma_update(None, "cache_size", -READER_CACHE_KIB)?;
            // A reader that ends late must not take away the log of a file that was put in the place of its own.
            sqlite.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        }
        Purpose::Write => {
            sqlite.pragma_update(None, "journal_mode", "WAL")?;
            sqlite.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
            // What is acknowledged is on the disk.
            sqlite.pragma_update(None, "synchronous", "FULL")?;
            sqlite.pragma_update(None, "recursive_triggers", true)?;
            // After a large write the log gives its space back.
            sqlite.pragma_update(None, "journal_size_limit", LOG_BYTES)?;
            let page: i64 = sqlite.pragma_query_value(None, "page_size", |row| row.get(0))?;
            let pages = i64::try_from(config.file_bytes).unwrap_or(i64::MAX) / page.max(512);
            sqlite.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
        }
    }
    sqlite.set_limit(Limit::SQLITE_LIMIT_LENGTH, config.cell_bytes)?;
    sqlite.set_limit(Limit::SQLITE_LIMIT_COLUMN, config.columns)?;
    sqlite.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    sqlite.set_limit(Limit::SQLITE_LIMIT_WORKER_THREADS, 0)?;
    let guard = Guard::install(&sqlite)?;
    linear::install(&sqlite, &guard, config.cell_bytes)?;
    bounded::install(&sqlite)?;
    if purpose == Purpose::Read {
        words::install(&sqlite, &guard)?;
    }
    Ok(Guarded { sqlite, guard, plans: Plans::default() })
}
