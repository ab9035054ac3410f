//! What is said about a malformed JSON body: the line, the key, the value, and what to do.

use model::Error;

use super::reader::Malformed;
use crate::input::{Chunk, MAX_RECORD_BYTES, quoted};

/// Where the columns and their types come from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Origin {
    /// The table that the rows are for.
    Table,
    /// The first records of the body.
    Sample {
        /// How many they were.
        records: usize,
    },
}

/// Why reading a record ended before its end.
#[derive(Debug)]
pub(super) enum Stop {
    /// The text is not JSON.
    Malformed,
    /// The value that starts at `at` cannot be read.
    Fault { at: usize, fault: Box<Fault> },
    /// Something else went wrong.
    Error(Error),
}

impl From<Malformed> for Stop {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

impl Stop {
    /// Says inside which key it is.
    pub(super) fn inside(mut self, key: &str) -> Self {
        if let Self::Fault { fault, .. } = &mut self {
            fault.inside(key);
        }
        self
    }
}

/// Why a record that is well-formed JSON cannot be read. Keys are named from the outside to the inside.
#[derive(Debug)]
pub(super) enum Fault {
    /// The value of a key is not of its column's type.
    Misfit { keys: Vec<String>, value: Vec<u8>, wanted: String },
    /// The key's column has a type that has no form in JSON.
    Refused { keys: Vec<String>, wanted: String },
    /// No column has the key's name.
    UnknownKey { keys: Vec<String>, value: Vec<u8> },
    /// A record has the key twice.
    RepeatedKey { keys: Vec<String> },
    /// The record is not an object.
    NotObject { value: Vec<u8> },
}

impl Fault {
    /// Says inside which key it is.
    fn inside(&mut self, key: &str) {
        match self {
            Self::Misfit { keys, .. }
            | Self::Refused { keys, .. }
            | Self::UnknownKey { keys, .. }
            | Self::RepeatedKey { keys } => {
                keys.insert(0, key.to_owned());
            }
            Self::NotObject { .. } => {}
        }
    }

    /// The error for a fault whose value starts on `line`.
    pub(super) fn on_line(&self, line: u64, origin: Origin) -> Error {
        let remedy = "To give the type, create the table first (CREATE TABLE …) and upload with mode=append";
        if let Self::Refused { keys, wanted } = self {
            return Error::unsupported(format!(
                "line {line}, key {:?}: a value of type {wanted} cannot be read from JSON; send Parquet",
                keys.join(".")
            ));
        }
        Error::invalid(match (self, origin) {
            (Self::Misfit { keys, value, wanted }, Origin::Table) => {
                let (key, value) = (keys.join("."), shown(value));
                format!("line {line}, key {key:?}: {value} is not a {wanted}, which is the type of the table's column")
            }
            (Self::Misfit { keys, value, wanted }, Origin::Sample { records }) => {
                let (key, value) = (keys.join("."), shown(value));
                format!(
                    "line {line}, key {key:?}: {value} is not a {wanted}; the type was taken from the first {records} \
                     rows. {remedy}"
                )
            }
            (Self::UnknownKey { keys, value }, Origin::Table) => {
                let (key, value) = (keys.join("."), shown(value));
                format!(
                    "line {line}, key {key:?}: the table has no such column for {value}; add it (ALTER TABLE … ADD \
                     COLUMN …) or leave the key out"
                )
            }
            (Self::UnknownKey { keys, value }, Origin::Sample { records }) => {
                let (key, value) = (keys.join("."), shown(value));
                format!(
                    "line {line}, key {key:?}: there is no column for {value}; the columns were taken from the first \
                     {records} rows, which do not have the key. To have the column, create the table first (CREATE \
                     TABLE …) and upload with mode=append"
                )
            }
            (Self::RepeatedKey { keys } | Self::Refused { keys, .. }, _) => {
                format!("line {line}, key {:?}: the key is twice in one record", keys.join("."))
            }
            (Self::NotObject { value }, _) => {
                format!("line {line}: a record must be an object with a key for each column, found {}", shown(value))
            }
        })
    }
}

/// JSON text for a message: a string is quoted already, anything else stands as it is.
pub(super) fn shown(value: &[u8]) -> String {
    if value.starts_with(b"\"") {
        return quoted(serde_json::from_slice::<String>(value).unwrap_or_default().as_bytes());
    }
    let quoted = quoted(value);
    quoted.trim_matches('"').replace("\\\"", "\"")
}

/// The error for a record at `start` of a chunk whose `text` is not JSON. Another parser, which keeps count of lines,
/// reads it once more to say why.
pub(super) fn syntax(chunk: &Chunk, start: usize, text: &[u8]) -> Error {
    let leading = text.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let place = chunk.place.after(&chunk.bytes[..start + leading]);
    let Err(error) = serde_json::from_slice::<serde_json::Value>(&text[leading..]) else {
        return Error::invalid(format!("line {}: malformed JSON", place.line));
    };
    if chunk.oversized && error.is_eof() {
        return Error::too_large(format!(
            "line {}: the record is larger than {} MiB, which a record may have at most",
            place.line,
            MAX_RECORD_BYTES >> 20
        ));
    }
    let line = place.line + (error.line() as u64).saturating_sub(1);
    let before = if error.line() <= 1 { place.column } else { 0 };
    let text = error.to_string();
    let reason = text.rsplit_once(" at line ").map_or(text.as_str(), |(reason, _)| reason);
    let reason = if error.is_eof() { "the body ends in the middle of a record; it may be truncated" } else { reason };
    Error::invalid(format!("line {line}, column {}: malformed JSON: {reason}", before + error.column() as u64))
}

/// The error for a chunk that is UTF-8 up to `offset` only.
pub(super) fn not_utf8(chunk: &Chunk, offset: usize) -> Error {
    let line = chunk.place.after(&chunk.bytes[..offset]).line;
    Error::invalid(format!("line {line}: the text is not UTF-8; convert the file to UTF-8"))
}
