//! What a storage of SQLite files is told when it is opened.

use std::path::PathBuf;
use std::time::Duration;

/// Where databases are kept, and the limits of each.
#[derive(Clone, Debug)]
pub struct SqliteConfig {
    /// The directory that has a directory for each database.
    pub directory: PathBuf,
    /// Where rows that do not fit into memory wait to be written; emptied by whoever owns it.
    pub scratch: PathBuf,
    /// Databases that are kept open at most; the one that was not used for the longest is closed for a new one, unless
    /// it is in use.
    pub open_databases: usize,
    /// An open database that nobody used for so long is closed.
    pub idle: Duration,
    /// Connections that read one database at once; more readers wait.
    pub readers: usize,
    /// The longest that a statement of a caller may run.
    pub timeout: Duration,
    /// The longest text of a statement, in bytes.
    pub statement_bytes: i32,
    /// The largest cell, in bytes; also the largest row.
    pub cell_bytes: i32,
    /// The most columns of a table, a result or an index.
    pub columns: i32,
    /// The most tables of a database that edits of tables make.
    pub tables: usize,
    /// The largest file, in bytes.
    pub file_bytes: u64,
    /// The most bytes of rows that a changing statement may answer with.
    pub returned_bytes: usize,
    /// Rows of one write that wait in memory until all have arrived; what is more waits in a file.
    pub spool_bytes: usize,
}

impl SqliteConfig {
    /// The defaults, for databases in `directory` and temporary files in `scratch`.
    pub fn new(directory: impl Into<PathBuf>, scratch: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
            scratch: scratch.into(),
            open_databases: 200,
            idle: Duration::from_secs(300),
            readers: 8,
            timeout: Duration::from_secs(20),
            statement_bytes: 1_000_000,
            cell_bytes: 10_000_000,
            columns: 2_000,
            tables: 100,
            file_bytes: 10 << 30,
            returned_bytes: 64 << 20,
            spool_bytes: 16 << 20,
        }
    }
}
