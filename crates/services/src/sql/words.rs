//! What callers are told of a statement that SQLite refuses, in Airsequel's words.

use futures::TryStreamExt;
use model::{Error, Rows};
use rusqlite::ffi;

/// The name of a result code of SQLite as Airsequel's library has it.
fn name(extended: i32) -> &'static str {
    match extended & 0xff {
        ffi::SQLITE_INTERNAL => "ErrorInternal",
        ffi::SQLITE_PERM => "ErrorPermission",
        ffi::SQLITE_ABORT => "ErrorAbort",
        ffi::SQLITE_BUSY => "ErrorBusy",
        ffi::SQLITE_LOCKED => "ErrorLocked",
        ffi::SQLITE_NOMEM => "ErrorNoMemory",
        ffi::SQLITE_READONLY => "ErrorReadOnly",
        ffi::SQLITE_INTERRUPT => "ErrorInterrupt",
        ffi::SQLITE_IOERR => "ErrorIO",
        ffi::SQLITE_CORRUPT => "ErrorCorrupt",
        ffi::SQLITE_NOTFOUND => "ErrorNotFound",
        ffi::SQLITE_FULL => "ErrorFull",
        ffi::SQLITE_CANTOPEN => "ErrorCan'tOpen",
        ffi::SQLITE_PROTOCOL => "ErrorProtocol",
        ffi::SQLITE_SCHEMA => "ErrorSchema",
        ffi::SQLITE_TOOBIG => "ErrorTooBig",
        ffi::SQLITE_CONSTRAINT => "ErrorConstraint",
        ffi::SQLITE_MISMATCH => "ErrorMismatch",
        ffi::SQLITE_MISUSE => "ErrorMisuse",
        ffi::SQLITE_NOLFS => "ErrorNoLargeFileSupport",
        ffi::SQLITE_AUTH => "ErrorAuthorization",
        ffi::SQLITE_RANGE => "ErrorRange",
        ffi::SQLITE_NOTADB => "ErrorNotADatabase",
        _ => "ErrorError",
    }
}

/// What SQLite says with its plain error code while a statement runs; nearly all else under that code it says before.
const WHILE_RUNNING: [&str; 2] = ["integer overflow", "malformed JSON"];

/// The error of a statement that could not be run, as Airsequel words it; what SQLite said stands at its end.
pub(super) fn of_statement(error: Error, sql: &str) -> Error {
    worded(error, |code, said| {
        let plain = code & 0xff == ffi::SQLITE_ERROR;
        let before = plain && !WHILE_RUNNING.iter().any(|words| said.starts_with(words));
        if before { format!("prepare \"{sql}\"") } else { "step".to_owned() }
    })
}

/// The rows of a statement whose error, if there is one, is worded so.
pub(super) fn in_rows(rows: Rows) -> Rows {
    let (schema, batches) = rows.into_parts();
    Rows::new(schema, batches.map_err(|error| worded(error, |_, _| "step".to_owned())))
}

fn worded(error: Error, step: impl FnOnce(i32, &str) -> String) -> Error {
    if error.code() == "timeout" {
        return Error::new(error.kind(), "timeout", "Sql query execution timed out");
    }
    let source = std::error::Error::source(&error).and_then(|source| source.downcast_ref::<rusqlite::Error>());
    let (code, said) = match source {
        Some(rusqlite::Error::SqlInputError { error, msg, .. }) => (error.extended_code, msg.clone()),
        Some(rusqlite::Error::SqliteFailure(code, Some(said))) => (code.extended_code, said.clone()),
        Some(rusqlite::Error::SqliteFailure(code, None)) => (code.extended_code, code.to_string()),
        _ => return error,
    };
    let hint = if code & 0xff == ffi::SQLITE_FULL {
        ". The database has as many pages as it may have; delete what is not needed, or raise the limit of the server"
    } else {
        ""
    };
    let (name, step) = (name(code), step(code, &said));
    let message = format!("SQLite3 returned {name} while attempting to perform {step}: {said}{hint}");
    Error::new(error.kind(), error.code(), message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(code: i32, said: &str) -> String {
        let source = rusqlite::Error::SqliteFailure(ffi::Error::new(code), Some(said.to_owned()));
        of_statement(Error::invalid(said).with_source(source), "INSERT").message().to_owned()
    }

    #[test]
    fn the_step_and_the_code_are_named() {
        let said = "FOREIGN KEY constraint failed";
        assert_eq!(
            told(ffi::SQLITE_CONSTRAINT_FOREIGNKEY, said),
            "SQLite3 returned ErrorConstraint while attempting to perform step: FOREIGN KEY constraint failed"
        );
        assert!(told(ffi::SQLITE_FULL, "database or disk is full").contains("ErrorFull"));
        let source =
            rusqlite::Connection::open_in_memory().unwrap().prepare("SELECT * FROM foo").map(drop).unwrap_err();
        let error = Error::invalid("no such table: foo").with_source(source);
        assert_eq!(
            of_statement(error, "SELECT * FROM foo").message(),
            "SQLite3 returned ErrorError while attempting to perform prepare \"SELECT * FROM foo\": no such table: foo"
        );
        let ours = of_statement(Error::forbidden("schema is locked"), "DROP TABLE foo");
        assert_eq!((ours.kind(), ours.message()), (model::ErrorKind::Forbidden, "schema is locked"));
    }
}
