//! What is said about a malformed CSV body: the line, the column, the value, and what to do.

use memchr::memchr_iter;
use model::{Error, sql_type};

use super::plan::Plan;
use super::tokens::TokenFault;
use crate::input::{Chunk, Column, MAX_RECORD_BYTES, quoted};

/// The line that the byte at `offset` of a chunk is on.
fn line_at(chunk: &Chunk, offset: usize) -> u64 {
    chunk.place.line + memchr_iter(b'\n', &chunk.bytes[..offset.min(chunk.bytes.len())]).count() as u64
}

/// A value at `offset` that is not of its column's type.
pub(super) fn misfit(chunk: &Chunk, plan: &Plan, offset: usize, column: usize, value: &[u8]) -> Error {
    let field = plan.schema.field(column);
    let place = format!("line {}, column {:?}", line_at(chunk, offset), field.name());
    let (value, wanted) = (quoted(value), sql_type(field.data_type()));
    if !Column::new(field.data_type()).reads_text() {
        return Error::unsupported(format!("{place}: a value of type {wanted} cannot be read from CSV; send Parquet"));
    }
    if plan.given[column] {
        return Error::invalid(format!("{place}: {value} is not a {wanted}, which is the type of the table's column"));
    }
    Error::invalid(format!(
        "{place}: {value} is not a {wanted}; the type was taken from the first {} rows. To give the type, create the \
         table first (CREATE TABLE …) and upload with mode=append",
        plan.sampled
    ))
}

/// A fault in the structure of a record after the header.
pub(super) fn structure(chunk: &Chunk, plan: &Plan, fault: TokenFault) -> Error {
    match fault {
        TokenFault::FieldCount { at, found } => {
            let expected = plan.schema.fields().len();
            Error::invalid(format!(
                "line {}: expected {expected} fields as in the header, found {found} (the separator is {:?})",
                line_at(chunk, at),
                char::from(plan.dialect.separator),
            ))
        }
        TokenFault::Unterminated { at } => unterminated(chunk, at),
        TokenFault::AfterQuote { at, field } => {
            let name =
                plan.schema.fields().get(field).map_or(String::new(), |field| format!(", column {:?}", field.name()));
            after_quote(chunk, at, &name)
        }
    }
}

/// A fault in the structure of the header.
pub(super) fn of_header(chunk: &Chunk, fault: TokenFault) -> Error {
    match fault {
        TokenFault::Unterminated { at } => unterminated(chunk, at),
        TokenFault::AfterQuote { at, .. } | TokenFault::FieldCount { at, .. } => after_quote(chunk, at, ""),
    }
}

fn unterminated(chunk: &Chunk, at: usize) -> Error {
    let line = line_at(chunk, at);
    if chunk.oversized {
        return Error::too_large(format!(
            "line {line}: the quote that opens here is not closed within {} MiB, which a record may have at most",
            MAX_RECORD_BYTES >> 20
        ));
    }
    Error::invalid(format!("line {line}: the quote that opens here is never closed"))
}

fn after_quote(chunk: &Chunk, at: usize, column: &str) -> Error {
    Error::invalid(format!(
        "line {}{column}: text follows a closing quote; a quote inside a quoted value is written twice",
        line_at(chunk, at)
    ))
}

/// A record past the limit.
pub(super) fn oversized(chunk: &Chunk) -> Error {
    Error::too_large(format!(
        "line {}: the record is larger than {} MiB, which a record may have at most",
        chunk.place.line,
        MAX_RECORD_BYTES >> 20
    ))
}

/// Text in a chunk that is not UTF-8.
pub(super) fn encoding(chunk: &Chunk) -> Error {
    let valid = std::str::from_utf8(&chunk.bytes).map_or_else(|error| error.valid_up_to(), str::len);
    not_utf8(line_at(chunk, valid))
}

/// A carriage return that stands alone outside quotes.
pub(super) fn lone_return(line: u64) -> Error {
    Error::invalid(format!(
        "line {line}: a carriage return (CR) without a line feed (LF) stands outside quotes; convert the line ends of the \
         file to LF, and put values that contain a CR in quotes"
    ))
}

/// A line that is not UTF-8.
pub(super) fn not_utf8(line: u64) -> Error {
    Error::invalid(format!("line {line}: the text is not UTF-8; convert the file to UTF-8"))
}
