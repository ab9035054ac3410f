//! How errors of the libraries become the server's: one function a library, each mapping a decision.

use std::sync::Arc;

use arrow::error::ArrowError;
use datafusion::common::SchemaError;
use datafusion::error::DataFusionError;
use deltalake_core::DeltaTableError;
use deltalake_core::kernel::transaction::TransactionError;
use model::Error;
use parquet::errors::ParquetError;

/// Faults of the object store are the server's, not the caller's.
pub fn from_object_store(error: object_store::Error) -> Error {
    Error::unavailable("the object store did not answer as expected; see the server's log").with_source(error)
}

/// Faults of the Delta log are the server's, except conflicts, which trying again mends.
pub fn from_delta(error: DeltaTableError) -> Error {
    match error {
        DeltaTableError::VersionAlreadyExists(_)
        | DeltaTableError::Transaction {
            source:
                TransactionError::VersionAlreadyExists(_)
                | TransactionError::CommitConflict(_)
                | TransactionError::MaxCommitAttempts(_),
        } => Error::conflict("another writer changed the table at the same time; try again").with_source(error),
        DeltaTableError::ObjectStore { source }
        | DeltaTableError::Transaction { source: TransactionError::ObjectStore { source } } => {
            from_object_store(source)
        }
        other => Error::internal(other),
    }
}

/// Faults of Parquet files that the server itself wrote.
pub fn from_parquet(error: ParquetError) -> Error {
    Error::internal(error)
}

/// Arrow says no mostly when a value does not fit: that is the caller's to know.
pub fn from_arrow(error: ArrowError) -> Error {
    match error {
        ArrowError::ExternalError(source) => from_boxed(source),
        ArrowError::CastError(message)
        | ArrowError::ParseError(message)
        | ArrowError::InvalidArgumentError(message)
        | ArrowError::ComputeError(message)
        | ArrowError::ArithmeticOverflow(message) => Error::invalid(format!("Conversion Error: {message}")),
        ArrowError::DivideByZero => Error::invalid("Invalid Input Error: division by zero"),
        other => Error::internal(other),
    }
}

/// Maps an error of planning or running a query; messages start as DuckDB's do.
pub fn from_datafusion(error: DataFusionError) -> Error {
    match error {
        DataFusionError::External(source) => from_boxed(source),
        DataFusionError::Context(_, inner) | DataFusionError::Diagnostic(_, inner) => from_datafusion(*inner),
        DataFusionError::Shared(inner) => from_shared(&inner),
        DataFusionError::Collection(mut errors) if !errors.is_empty() => from_datafusion(errors.swap_remove(0)),
        DataFusionError::ArrowError(inner, _) => from_arrow(*inner),
        DataFusionError::ParquetError(inner) => from_parquet(*inner),
        DataFusionError::ObjectStore(inner) => from_object_store(*inner),
        DataFusionError::SQL(inner, _) => Error::invalid(format!("Parser Error: {inner}")),
        DataFusionError::ExecutionJoin(inner) if inner.is_cancelled() => Error::cancelled(),
        other => from_message(&other).unwrap_or_else(|| Error::internal(other)),
    }
}

/// The errors that are a kind and a message.
fn from_message(error: &DataFusionError) -> Option<Error> {
    Some(match error {
        DataFusionError::Plan(message) => Error::invalid(binder(message)),
        DataFusionError::SchemaError(inner, _) => Error::invalid(binder(&schema_message(inner))),
        DataFusionError::NotImplemented(message) => {
            Error::unsupported(format!("Not implemented Error: {}", trimmed(message)))
        }
        DataFusionError::Execution(message) => Error::invalid(format!("Invalid Input Error: {}", trimmed(message))),
        DataFusionError::ResourcesExhausted(message) => Error::too_large(format!(
            "Out of Memory Error: the query needs more memory than the server gives to queries (--query-memory): {}",
            trimmed(message)
        )),
        // The engine plans such a statement and then finds that it cannot run it.
        DataFusionError::Internal(message) if message.contains("evaluated before the subquery") => Error::unsupported(
            "Not implemented Error: a subquery cannot stand in VALUES here; write INSERT INTO … SELECT … instead",
        ),
        _ => return None,
    })
}

fn from_boxed(source: Box<dyn std::error::Error + Send + Sync>) -> Error {
    match source.downcast::<Error>() {
        Ok(own) => *own,
        Err(source) => match source.downcast::<DataFusionError>() {
            Ok(inner) => from_datafusion(*inner),
            Err(source) => match source.downcast::<ArrowError>() {
                Ok(inner) => from_arrow(*inner),
                Err(source) => Error::internal(source),
            },
        },
    }
}

/// A shared error cannot be taken apart: its kind is found by a look through it, its message is its own.
fn from_shared(error: &Arc<DataFusionError>) -> Error {
    let mut inner: &DataFusionError = error;
    loop {
        match inner {
            DataFusionError::Shared(next) => inner = next,
            DataFusionError::Context(_, next) | DataFusionError::Diagnostic(_, next) => inner = next,
            DataFusionError::External(source) => {
                return match source.downcast_ref::<Error>() {
                    Some(own) => Error::new(own.kind(), own.code(), own.message()),
                    None => Error::internal(error.to_string()),
                };
            }
            DataFusionError::ArrowError(inner, _) => {
                return Error::invalid(format!("Conversion Error: {inner}"));
            }
            other => return from_message(other).unwrap_or_else(|| Error::internal(other.to_string())),
        }
    }
}

fn schema_message(error: &SchemaError) -> String {
    match error {
        SchemaError::FieldNotFound { field, valid_fields } => {
            let near: Vec<String> = valid_fields.iter().take(20).map(|column| format!("\"{}\"", column.name)).collect();
            let known = if near.is_empty() { String::new() } else { format!("; the columns are {}", near.join(", ")) };
            format!("Referenced column \"{}\" not found{known}", field.name)
        }
        SchemaError::AmbiguousReference { field } => {
            format!("Ambiguous reference to column \"{}\"; write the table before it", field.name)
        }
        other => other.to_string(),
    }
}

fn binder(message: &str) -> String {
    let message = trimmed(message);
    let known = ["Catalog Error: ", "Binder Error: ", "Parser Error: ", "Not implemented Error: "];
    if known.iter().any(|prefix| message.starts_with(prefix)) { message } else { format!("Binder Error: {message}") }
}

/// What DataFusion puts after an internal error, also one that it then makes part of a message about the statement.
const BUG_NOTE: &str = "\nThis issue was likely caused by a bug in DataFusion's code.";
const BUG_NOTE_END: &str = "https://github.com/apache/datafusion/issues.";

/// The message without the library's name, without the backtrace hints that follow a blank line, and without the library's
/// doubts about itself: what stands after them says the same of the statement.
fn trimmed(message: &str) -> String {
    let head = message.split("\n\nbacktrace").next().unwrap_or(message);
    let Some((before, note)) = head.split_once(BUG_NOTE) else { return head.trim().to_owned() };
    let after = note.split_once(BUG_NOTE_END).map_or("", |(_, after)| after).trim();
    let told = if after.is_empty() { before.trim_start_matches("Internal error: ") } else { after };
    told.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_does_not_doubt_itself_before_callers() {
        let note = "This issue was likely caused by a bug in DataFusion's code. Please help us to resolve this by filing a \
                    bug report in our issue tracker: https://github.com/apache/datafusion/issues.";
        let told = |message: String| from_datafusion(DataFusionError::Plan(message)).message().to_owned();
        let whole =
            format!("Internal error: Function 'range' failed to match any signature.\n{note} No function matches");
        assert_eq!(told(whole), "Binder Error: No function matches");
        assert_eq!(told(format!("Internal error: no such thing\n{note}")), "Binder Error: no such thing");
        assert_eq!(told("no such column".to_owned()), "Binder Error: no such column");
    }
    #[test]
    fn a_shared_error_is_of_the_kind_that_it_is_alone() {
        let shared = |error: DataFusionError| from_datafusion(DataFusionError::Shared(Arc::new(error)));
        for make in [
            || DataFusionError::NotImplemented("`retract_batch` is not implemented: median".to_owned()),
            || DataFusionError::Plan("no such column".to_owned()),
            || DataFusionError::Execution("no, thanks".to_owned()),
            || DataFusionError::ResourcesExhausted("sort".to_owned()),
        ] {
            let (alone, together) = (from_datafusion(make()), shared(make()));
            assert_eq!((together.kind(), together.message()), (alone.kind(), alone.message()));
            assert_ne!(together.kind(), model::ErrorKind::Internal);
        }
    }
}
