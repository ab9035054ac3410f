//! The log's SQLite file.

use std::fs::OpenOptions;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use model::{Error, Figures, Hits, Result};
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, params};

use crate::queries::logged::{LoggedQuery, Outcome, QueryEnd};

/// The version of the file that this program writes.
const VERSION: i64 = 1;

/// How long a reader waits while the file is being opened or its log is being taken over.
const BUSY: Duration = Duration::from_secs(5);

/// The share of the log that goes at once when it is too large: one in so many queries.
const PART: i64 = 16;

const INSERT: &str = "INSERT OR IGNORE INTO queries VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, \
                      ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27)";

/// One connection to the file.
pub struct Store(Connection);

impl Store {
    /// Opens the file for the one that writes it, which makes it where it is not there.
    pub fn open(path: &Path) -> Result<Self> {
        create_private(path)?;
        let connection = prepared(path).map_err(|source| cannot_open(path, source))?;
        let version: i64 = connection
            .query_row("PRAGMA user_version", [], |row| row.get(0))
            .map_err(|source| cannot_open(path, source))?;
        if version > VERSION {
            return Err(Error::invalid(format!(
                "the query log {} was written by a newer version of Boathouse; start that version, or move the file away",
                path.display()
            )));
        }
        connection.pragma_update(None, "user_version", VERSION).map_err(|source| cannot_open(path, source))?;
        Ok(Self(connection))
    }

    /// Opens the file for reading.
    pub fn reading(path: &Path) -> rusqlite::Result<Self> {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        connection.busy_timeout(BUSY)?;
        Ok(Self(connection))
    }

    /// The number of the newest query; 0 where there is none.
    pub fn last_number(&self) -> rusqlite::Result<u64> {
        let last: i64 = self.0.query_row("SELECT coalesce(max(number), 0) FROM queries", [], |row| row.get(0))?;
        Ok(last.unsigned_abs())
    }

    /// Writes queries, all or none.
    pub fn write(&mut self, queries: &[Arc<LoggedQuery>]) -> rusqlite::Result<()> {
        if queries.is_empty() {
            return Ok(());
        }
        let transaction = self.0.transaction()?;
        {
            let mut insert = transaction.prepare_cached(INSERT)?;
            for query in queries {
                insert_one(&mut insert, query)?;
            }
        }
        transaction.commit()
    }

    /// Removes what began longer ago than `age`.
    pub fn forget_old(&self, age: Duration) -> rusqlite::Result<()> {
        let oldest = SystemTime::now().checked_sub(age).map_or(0, micros);
        // Numbers grow with time, so the first one that stays says which go.
        let first: Option<i64> = self
            .0
            .query_row("SELECT number FROM queries WHERE started >= ?1 ORDER BY number LIMIT 1", [oldest], |row| {
                row.get(0)
            })
            .optional()?;
        self.0.execute("DELETE FROM queries WHERE number < ?1", [first.unwrap_or(i64::MAX)]).map(drop)
    }

    /// Removes the oldest until the file has no more than `bytes` in use.
    pub fn shrink_to(&self, bytes: u64) -> rusqlite::Result<()> {
        while self.used()? > bytes {
            let (first, last): (Option<i64>, Option<i64>) =
                self.0.query_row("SELECT min(number), max(number) FROM queries", [], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })?;
            let (Some(first), Some(last)) = (first, last) else { return Ok(()) };
            self.0.execute("DELETE FROM queries WHERE number <= ?1", [first + (last - first) / PART])?;
        }
        Ok(())
    }

    /// Bytes of the file that hold something. What was deleted is used again before the file grows.
    fn used(&self) -> rusqlite::Result<u64> {
        let number = |pragma: &str| self.0.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get::<_, i64>(0));
        let pages = number("page_count")?.saturating_sub(number("freelist_count")?);
        Ok(pages.unsigned_abs() * number("page_size")?.unsigned_abs())
    }

    /// The newest query of an id.
    pub fn find(&self, query_id: &str, principal: Option<&str>) -> rusqlite::Result<Option<LoggedQuery>> {
        let text =
            "SELECT * FROM queries WHERE query_id = ?1 AND (?2 IS NULL OR principal = ?2) ORDER BY number DESC LIMIT 1";
        self.0.prepare(text)?.query_row(params![query_id, principal], logged).optional()
    }

    /// Shows `see` the queries that lists show, oldest first, until it has seen enough.
    pub fn each(&self, principal: Option<&str>, mut see: impl FnMut(LoggedQuery) -> bool) -> rusqlite::Result<()> {
        let text = "SELECT * FROM queries WHERE visible = 1 AND (?1 IS NULL OR principal = ?1) ORDER BY number";
        let mut statement = self.0.prepare(text)?;
        let mut rows = statement.query(params![principal])?;
        while let Some(row) = rows.next()? {
            if !see(logged(row)?) {
                return Ok(());
            }
        }
        Ok(())
    }
}

fn prepared(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // A kill of the server loses nothing that was written; only a loss of power may take the last seconds.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.execute_batch(include_str!("schema.sql"))?;
    Ok(connection)
}

/// SQLite gives a new file the umask's mode, and statements can hold what not everybody may read.
fn create_private(path: &Path) -> Result<()> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(|source| cannot_open(path, source))
}

/// What is said where the file is none of ours.
pub fn cannot_open(path: &Path, source: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::unavailable(format!(
        "cannot open the query log {}: {source}; move the file away to begin a new one",
        path.display()
    ))
    .with_source(source)
}

/// The server's error for one of SQLite's.
pub fn fault(source: rusqlite::Error) -> Error {
    Error::unavailable("the query log cannot be read; try again").with_source(source)
}

fn insert_one(insert: &mut rusqlite::CachedStatement<'_>, query: &LoggedQuery) -> rusqlite::Result<()> {
    let (figures, end) = (&query.figures, query.end.as_ref());
    let duration = end.map_or(Duration::ZERO, |end| end.duration);
    let whole = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    insert.execute(params![
        whole(query.number),
        query.query_id,
        query.session_id,
        query.principal,
        query.interface,
        query.statement,
        query.requested_by,
        query.user_agent,
        query.visible,
        micros(query.started),
        i64::try_from(duration.as_micros()).unwrap_or(i64::MAX),
        end.map_or(Outcome::Failed, |end| end.outcome).as_str(),
        end.and_then(|end| end.error.as_deref()),
        whole(query.rows),
        whole(figures.rows_processed),
        whole(figures.total_rows),
        whole(figures.data.hits),
        whole(figures.data.misses),
        whole(figures.data_bytes.hits),
        whole(figures.data_bytes.misses),
        whole(figures.files.hits),
        whole(figures.files.misses),
        whole(figures.metadata.hits),
        whole(figures.metadata.misses),
        whole(figures.memory_bytes),
        whole(figures.estimated_result_rows),
        whole(figures.estimated_scanned_rows),
    ])?;
    Ok(())
}

fn logged(row: &Row<'_>) -> rusqlite::Result<LoggedQuery> {
    let count = |column: usize| row.get::<_, i64>(column).map(i64::unsigned_abs);
    let hits = |column: usize| Ok::<_, rusqlite::Error>(Hits { hits: count(column)?, misses: count(column + 1)? });
    let outcome: String = row.get(11)?;
    Ok(LoggedQuery {
        number: count(0)?,
        query_id: row.get(1)?,
        session_id: row.get(2)?,
        principal: row.get(3)?,
        interface: row.get(4)?,
        statement: row.get(5)?,
        requested_by: row.get(6)?,
        user_agent: row.get(7)?,
        visible: row.get(8)?,
        started: UNIX_EPOCH + Duration::from_micros(count(9)?),
        end: Some(QueryEnd {
            duration: Duration::from_micros(count(10)?),
            outcome: Outcome::of(&outcome),
            error: row.get(12)?,
        }),
        rows: count(13)?,
        figures: Figures {
            rows_processed: count(14)?,
            total_rows: count(15)?,
            data: hits(16)?,
            data_bytes: hits(18)?,
            files: hits(20)?,
            metadata: hits(22)?,
            memory_bytes: count(24)?,
            estimated_result_rows: count(25)?,
            estimated_scanned_rows: count(26)?,
        },
    })
}

/// Microseconds since 1970.
pub fn micros(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}
