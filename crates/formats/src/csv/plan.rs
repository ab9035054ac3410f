//! What is decided before the first record is decoded: dialect, columns and their types.

use std::sync::Arc;

use arrow_schema::{Field, Schema, SchemaRef};
use memchr::memchr_iter;
use model::{Error, Result, name_key};

use super::boundaries::RecordEnds;
use super::dialect::Dialect;
use super::fault;
use super::header::unique_names;
use super::line_ends::lone_return;
use super::tokens::Tokens;
use crate::cell::{Kind, Kinds};
use crate::input::{Chunk, Place, SAMPLE_BYTES, SAMPLE_RECORDS, readable};

/// How many records are sampled at a time.
const BLOCK_RECORDS: usize = 1_024;

/// How a CSV body is read.
pub(super) struct Plan {
    pub(super) dialect: Dialect,
    pub(super) schema: SchemaRef,
    /// Whether each column's type is that of the table's column, rather than sampled.
    pub(super) given: Vec<bool>,
    /// How many records were sampled.
    pub(super) sampled: usize,
    /// Where the record after the header starts, in bytes.
    pub(super) start: usize,
    /// The number of the line that it starts on.
    pub(super) line: u64,
}

impl Plan {
    /// Decides by the first [`SAMPLE_BYTES`] of a body (or all of it, where there are fewer) and the table's columns.
    pub(super) fn of(sample: &[u8], types: Option<&SchemaRef>) -> Result<Self> {
        let mark = if sample.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
        let text = &sample[mark..];
        check_encoding(text)?;
        let dialect = Dialect::sniff(text);
        if let Some(at) = lone_return(text, dialect) {
            return Err(fault::lone_return(1 + memchr_iter(b'\n', &text[..at]).count() as u64));
        }
        let (names, header_bytes) = header(text, dialect)?;
        let line = 1 + memchr_iter(b'\n', &text[..header_bytes]).count() as u64;
        let mut records = text[header_bytes..].to_vec();
        if sample.len() >= SAMPLE_BYTES {
            let whole = RecordEnds::new(dialect).last_end(&records, 0).unwrap_or(0);
            records.truncate(whole);
        }
        let (kinds, sampled) = sample_kinds(&mut records, dialect, names.len());
        let mut given = Vec::with_capacity(names.len());
        let mut fields = Vec::with_capacity(names.len());
        for (name, kinds) in names.into_iter().zip(kinds) {
            let known = types.and_then(|types| types.fields().iter().find(|field| same_name(field.name(), &name)));
            given.push(known.is_some());
            fields.push(match known {
                Some(field) => Field::new(field.name(), readable(field.data_type()), true),
                None => Field::new(name, kinds.data_type(), true),
            });
        }
        Ok(Self { dialect, schema: Arc::new(Schema::new(fields)), given, sampled, start: mark + header_bytes, line })
    }
}

fn same_name(one: &str, other: &str) -> bool {
    name_key(one) == name_key(other)
}

/// The names in the first record, and how many bytes it takes with its line feed.
fn header(text: &[u8], dialect: Dialect) -> Result<(Vec<String>, usize)> {
    let mut data = text.to_vec();
    let mut tokens = Tokens::new(dialect, None);
    let mut fields = Vec::new();
    if tokens.read(&mut data, 1, &mut fields) == 0 {
        let chunk = Chunk { bytes: data, place: Place { line: 1, column: 0 }, ends: Vec::new(), oversized: false };
        return Err(match tokens.fault {
            Some(found) => fault::of_header(&chunk, found),
            None => Error::invalid("the body is empty; a CSV file starts with a line of column names"),
        });
    }
    let mut names = Vec::with_capacity(fields.len());
    for field in &fields {
        let name = std::str::from_utf8(field.text(&data)).map_err(|_| {
            let line = 1 + memchr_iter(b'\n', &data[..field.start()]).count();
            fault::not_utf8(line as u64)
        })?;
        names.push(name.to_owned());
    }
    Ok((unique_names(names), tokens.at))
}

fn check_encoding(text: &[u8]) -> Result<()> {
    let start = &text[..text.len().min(1_024)];
    if start.starts_with(&[0xFF, 0xFE]) || start.starts_with(&[0xFE, 0xFF]) {
        return Err(Error::invalid("the body is not UTF-8 text; if it is a UTF-16 file, convert it to UTF-8"));
    }
    if start.contains(&0) {
        return Err(Error::invalid(
            "the body has NUL bytes, which text has not; if it is a UTF-16 file, convert it to UTF-8, and if it is no \
             text at all, send CSV, JSON or Parquet, plain or compressed with gzip or zstd",
        ));
    }
    Ok(())
}

/// What the values of each column look like, and how many records were looked at. A faulty record ends the sample:
/// decoding finds it again and says where it is.
fn sample_kinds(records: &mut [u8], dialect: Dialect, width: usize) -> (Vec<Kinds>, usize) {
    let mut kinds = vec![Kinds::default(); width];
    let mut tokens = Tokens::new(dialect, Some(width));
    let mut fields = Vec::new();
    let mut sampled = 0;
    while sampled < SAMPLE_RECORDS {
        fields.clear();
        let read = tokens.read(records, BLOCK_RECORDS.min(SAMPLE_RECORDS - sampled), &mut fields);
        sampled += read;
        for record in fields.chunks_exact(width) {
            for (field, kinds) in record.iter().zip(&mut kinds) {
                let text = field.text(records);
                if !kinds.is_text() && !text.trim_ascii().is_empty() {
                    kinds.add(Kind::of(text));
                }
            }
        }
        if read == 0 || tokens.fault.is_some() {
            break;
        }
    }
    (kinds, sampled)
}
