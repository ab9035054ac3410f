//! SQLite's errors as the server's.

use model::{Error, ErrorKind};
use rusqlite::ErrorCode;
use rusqlite::ffi;

/// The error of a statement of the storage itself.
pub fn fault(source: rusqlite::Error) -> Error {
    match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            Error::unavailable("the database is busy: another program is writing to its file; try again")
                .with_source(source)
        }
        Some(ErrorCode::DiskFull) => full().with_source(source),
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            Error::invalid(format!("the file is not a sound SQLite database: {}", said(&source))).with_source(source)
        }
        Some(ErrorCode::CannotOpen | ErrorCode::SystemIoFailure | ErrorCode::ReadOnly) => {
            Error::unavailable("the file of the database cannot be opened or read").with_source(source)
        }
        Some(ErrorCode::ConstraintViolation) => Error::invalid(said(&source)).with_source(source),
        Some(ErrorCode::TooBig) => Error::too_large("a value or row is larger than a cell may be").with_source(source),
        Some(ErrorCode::OutOfMemory) => Error::unavailable("out of memory; try again").with_source(source),
        _ => Error::internal(source),
    }
}

/// The error of a caller's statement, in the words of SQLite and of the phase that it failed in (`step`, or `prepare` with
/// the statement).
pub fn of_statement(source: rusqlite::Error, phase: &str) -> Error {
    let message = match &source {
        rusqlite::Error::MultipleStatement => {
            return Error::invalid("one statement at a time: there is more after the first `;`");
        }
        rusqlite::Error::InvalidParameterCount(given, wanted) => {
            return Error::invalid(format!("the statement has {wanted} parameters and {given} values were given"));
        }
        other => said(other),
    };
    let name = source.sqlite_error_code().map_or("ErrorError", name_of);
    let text = format!("SQLite3 returned {name} while attempting to perform {phase}: {message}");
    match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => fault(source),
        Some(ErrorCode::DiskFull) => {
            let hint = "; the file has as many pages as the limit of this server allows";
            Error::new(ErrorKind::Invalid, "database_full", format!("{text}{hint}")).with_source(source)
        }
        Some(ErrorCode::SystemIoFailure | ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => fault(source),
        _ => Error::invalid(text).with_source(source),
    }
}

fn full() -> Error {
    Error::unavailable("the database or the disk that holds it is full")
}

/// SQLite's own words.
pub fn said(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(_, Some(message)) => message.clone(),
        rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
        other => other.to_string(),
    }
}

/// The names of the codes in messages, which clients read.
fn name_of(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::InternalMalfunction => "ErrorInternal",
        ErrorCode::PermissionDenied => "ErrorPermission",
        ErrorCode::OperationAborted => "ErrorAbort",
        ErrorCode::DatabaseBusy => "ErrorBusy",
        ErrorCode::DatabaseLocked => "ErrorLocked",
        ErrorCode::OutOfMemory => "ErrorNoMemory",
        ErrorCode::ReadOnly => "ErrorReadOnly",
        ErrorCode::OperationInterrupted => "ErrorInterrupt",
        ErrorCode::SystemIoFailure => "ErrorIO",
        ErrorCode::DatabaseCorrupt => "ErrorCorrupt",
        ErrorCode::NotFound => "ErrorNotFound",
        ErrorCode::DiskFull => "ErrorFull",
        ErrorCode::CannotOpen => "ErrorCan'tOpen",
        ErrorCode::FileLockingProtocolFailed => "ErrorProtocol",
        ErrorCode::SchemaChanged => "ErrorSchema",
        ErrorCode::TooBig => "ErrorTooBig",
        ErrorCode::ConstraintViolation => "ErrorConstraint",
        ErrorCode::TypeMismatch => "ErrorMismatch",
        ErrorCode::ApiMisuse => "ErrorMisuse",
        ErrorCode::NoLargeFileSupport => "ErrorNoLargeFileSupport",
        ErrorCode::AuthorizationForStatementDenied => "ErrorAuthorization",
        ErrorCode::ParameterOutOfRange => "ErrorRange",
        ErrorCode::NotADatabase => "ErrorNotADatabase",
        _ => "ErrorError",
    }
}

/// Whether SQLite could not get a lock.
pub fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error, rusqlite::Error::SqliteFailure(ffi::Error { code, .. }, _)
        if matches!(code, ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}
