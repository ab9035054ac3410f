//! Files from elsewhere: whether one is a sound database, found out without running anything that it brings.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::{Duration, Instant};

use model::{Error, ErrorKind, Result};
use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::{Connection, OpenFlags};

use super::failure::failure;
use super::text::Scanned;

/// The longest that looking at a file may take.
const LONGEST_LOOK: Duration = Duration::from_secs(60);

/// Modules whose tables a file may have. All of them keep their rows in tables of the same file.
const MODULES: [&str; 8] = ["fts3", "fts4", "fts5", "fts4aux", "fts5vocab", "rtree", "rtree_i32", "geopoly"];

/// `Invalid`, with the reason, for a file that is no sound database of its own.
pub(crate) fn inspect(path: &Path) -> Result<()> {
    inspect_header(path)?;
    // SQLite passes over CHECKs of a file that it may only read, and so over what is wrong with them; that nothing is
    // written is said below.
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW,
    )
    .map_err(unsound)?;
    restrain(&connection).map_err(failure)?;
    modules(&connection)?;
    let mut check = connection.prepare("PRAGMA main.quick_check(1)").map_err(unsound)?;
    let found: String = check.query_row([], |row| row.get(0)).map_err(unsound)?;
    if found != "ok" {
        return Err(Error::invalid(format!("the file is a damaged database: {found}; repair it and upload it again")));
    }
    Ok(())
}

/// What the first hundred bytes and the length say.
fn inspect_header(path: &Path) -> Result<()> {
    let mut header = Vec::new();
    let mut file = File::open(path).map_err(Error::internal)?;
    let length = file.metadata().map_err(Error::internal)?.len();
    Read::by_ref(&mut file).take(100).read_to_end(&mut header).map_err(Error::internal)?;
    if !header.starts_with(b"SQLite format 3\0") {
        return Err(Error::invalid(
            "the file is no SQLite database, or an encrypted one; upload a database that sqlite3 opens without a key",
        ));
    }
    let truncated = |expected: u64| {
        Error::invalid(format!(
            "the file is a truncated SQLite database: it has {length} bytes of {expected}; upload all of it"
        ))
    };
    if header.len() < 100 {
        return Err(truncated(512));
    }
    let number =
        |at: usize| u64::from(u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]));
    let page = match u64::from(u16::from_be_bytes([header[16], header[17]])) {
        1 => 65_536,
        size if size >= 512 && size.is_power_of_two() => size,
        size => return Err(Error::invalid(format!("the file is a damaged database: its pages have {size} bytes"))),
    };
    // The number of pages counts where it was written with the last change.
    let pages = if number(24) == number(92) { number(28) } else { 0 };
    if length < page || length % page != 0 || length < pages * page {
        return Err(truncated((pages * page).max(length.div_ceil(page) * page)));
    }
    match (header[18], header[19]) {
        (1, 1) => Ok(()),
        (2, _) | (_, 2) => Err(Error::invalid(
            "the file is in WAL mode, so that what was written last can be in another file beside it; run PRAGMA \
             journal_mode=DELETE on it and upload it again",
        )),
        (write, read) => Err(Error::invalid(format!(
            "the file has the SQLite format {write}/{read}, which this server does not know"
        ))),
    }
}

/// Nothing that the file defines may run, nothing may be written, and it may not take forever.
fn restrain(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    for setting in [
        DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA,
        DbConfig::SQLITE_DBCONFIG_WRITABLE_SCHEMA,
        DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER,
        DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW,
        DbConfig::SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER,
        DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_CREATE,
        DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_WRITE,
    ] {
        connection.set_db_config(setting, false)?;
    }
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "query_only", true)?;
    let end = Instant::now() + LONGEST_LOOK;
    connection.progress_handler(10_000, Some(move || Instant::now() >= end))?;
    connection.authorizer(Some(|context: AuthContext<'_>| match context.action {
        AuthAction::Select | AuthAction::Read { .. } | AuthAction::Function { .. } | AuthAction::Recursive => {
            Authorization::Allow
        }
        // Modules prepare what they would write with; the connection only reads.
        AuthAction::Insert { .. } | AuthAction::Update { .. } | AuthAction::Delete { .. } => Authorization::Allow,
        AuthAction::Pragma { pragma_name, .. } if READING.iter().any(|name| pragma_name.eq_ignore_ascii_case(name)) => {
            Authorization::Allow
        }
        _ => Authorization::Deny,
    }))
}

/// What modules ask of their own file when it is looked at.
const READING: [&str; 3] = ["quick_check", "data_version", "page_size"];

/// `Invalid` for tables of modules that this server has not, or that reach beyond the file.
fn modules(connection: &Connection) -> Result<()> {
    let mut statement = connection
        .prepare("SELECT name, sql FROM main.sqlite_schema WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL%'")
        .map_err(unsound)?;
    let mut rows = statement.query([]).map_err(unsound)?;
    while let Some(row) = rows.next().map_err(unsound)? {
        let (name, sql): (String, String) = (row.get(0).map_err(unsound)?, row.get(1).map_err(unsound)?);
        let module = module(&sql).unwrap_or_default();
        if !MODULES.iter().any(|known| known.eq_ignore_ascii_case(&module)) {
            return Err(Error::invalid(format!(
                "table \"{name}\" of the file is kept by the module \"{module}\", which this server does not have; \
                 drop the table and upload the file again"
            )));
        }
    }
    Ok(())
}

fn module(sql: &str) -> Option<String> {
    let tokens = Scanned::new(sql).ok()?;
    let using = (0..tokens.len()).find(|at| tokens.is(*at, "USING"))?;
    tokens.name(using + 1)
}

/// What SQLite says of a file that it cannot read.
fn unsound(error: rusqlite::Error) -> Error {
    let error = failure(error);
    let source = std::error::Error::source(&error).map(ToString::to_string);
    match error.kind() {
        ErrorKind::Unavailable => Error::invalid(format!(
            "the file is so intricate that looking at it takes longer than {} seconds",
            LONGEST_LOOK.as_secs()
        )),
        ErrorKind::Internal | ErrorKind::Forbidden | ErrorKind::Invalid => {
            let reason = source.unwrap_or_else(|| error.message().to_owned());
            Error::invalid(format!("the file is no sound database: {reason}"))
        }
        _ => error,
    }
}
