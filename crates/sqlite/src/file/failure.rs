//! What SQLite's errors mean for a caller.

use model::{Error, ErrorKind};
use rusqlite::ErrorCode;

use crate::fault::said;

/// The error in the server's words: what the statement is to blame for is `Invalid` with SQLite's own text.
pub(crate) fn failure(error: rusqlite::Error) -> Error {
    let code = match &error {
        rusqlite::Error::SqliteFailure(code, _) | rusqlite::Error::SqlInputError { error: code, .. } => code.code,
        _ => return Error::internal(error),
    };
    let text = said(&error);
    match code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            Error::unavailable("the database is busy; try again").with_source(error)
        }
        ErrorCode::OperationInterrupted => Error::unavailable("the statement ran too long").with_source(error),
        ErrorCode::DiskFull | ErrorCode::TooBig => Error::too_large(text).with_source(error),
        ErrorCode::AuthorizationForStatementDenied => Error::new(ErrorKind::Forbidden, "forbidden", text),
        ErrorCode::OutOfMemory => Error::too_large("the statement needs more memory than it may use"),
        ErrorCode::Unknown | ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch => Error::invalid(text),
        _ => Error::internal(error),
    }
}
