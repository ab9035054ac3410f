//! The one way in: finds out what a body is and hands it to its decoder.

use std::path::PathBuf;

use arrow_schema::SchemaRef;
use model::{Result, Rows};

use super::{Body, InputFormat, Source};
use crate::{Workers, csv, json, parquet};

/// How many bytes are looked at to recognise a format: JSON may start with that many spaces.
const SNIFF_BYTES: usize = 4 << 10;

/// What is known about a body besides its bytes.
#[derive(Clone, Debug, Default)]
pub struct Decode {
    /// The format that the caller names; it wins over the others.
    pub format: Option<InputFormat>,
    /// The request's Content-Type; where it says nothing the first bytes decide.
    pub content_type: Option<String>,
    /// The request's Content-Encoding; where there is none the first bytes decide.
    pub content_encoding: Option<String>,
    /// The columns of the table that the rows are for, where it exists. CSV and JSON columns of these names (letter
    /// case does not matter) are read with these types; Parquet files have types of their own.
    pub types: Option<SchemaRef>,
    /// A directory for the bytes of a Parquet file, whose end must be read first. They are deleted with the rows.
    pub scratch: PathBuf,
}

/// Reads the start of `body`, decides its format and columns, and answers with rows that are decoded as they are read.
///
/// Memory stays bounded whatever the size of the body: a few chunks of 2 MiB at a time, or one record of at most
/// 32 MiB. Dropping the rows stops the reading of the body.
///
/// # Errors
/// `Invalid` for a body that is empty or malformed (the message names line, column and value), `TooLarge` for a
/// record past the limit, `Unsupported` for an encoding or a type that cannot be read, and the errors of the body.
/// Those of the body's later parts come out of the rows.
pub async fn decode(body: Body, options: Decode, workers: &Workers) -> Result<Rows> {
    let mut source = Source::open(body, options.content_encoding.as_deref()).await?;
    let named = options.format.or_else(|| options.content_type.as_deref().and_then(InputFormat::from_content_type));
    let format = match named {
        Some(format) => format,
        None => InputFormat::sniff(&source.peek(SNIFF_BYTES).await?),
    };
    match format {
        InputFormat::Csv => csv::decode(source, options.types, workers).await,
        InputFormat::Json => json::decode(source, options.types, workers).await,
        InputFormat::Parquet => parquet::decode(source, &options.scratch, workers).await,
    }
}
