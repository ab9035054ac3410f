//! `boathouse openapi`: prints a document and opens nothing.

use std::io::{self, Write};

use model::{Error, Result};

use crate::args::{DocumentFormat, OpenapiArguments};

/// # Errors
/// `Invalid` where standard output cannot be written.
pub fn openapi(arguments: &OpenapiArguments) -> Result<()> {
    let document = api::document(arguments.product);
    let text = match arguments.format {
        DocumentFormat::Json => document.to_json(),
        DocumentFormat::Yaml => document.to_yaml(),
    };
    io::stdout()
        .write_all(text.as_bytes())
        .map_err(|source| Error::invalid(format!("cannot write to standard output: {source}")))
}
