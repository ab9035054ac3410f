//! The log: events on standard error, as text or as JSON.

use std::io;

use model::{Error, Result};
use tracing_subscriber::EnvFilter;

use crate::args::{LogArguments, LogFormat};

/// Starts the log of this process.
///
/// # Errors
/// `Invalid` for a filter that cannot be read.
pub fn start(arguments: &LogArguments) -> Result<()> {
    let filter = EnvFilter::try_new(&arguments.log)
        .map_err(|source| Error::invalid(format!("--log {:?} is not a filter: {source}", arguments.log)))?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    let started = match arguments.log_format {
        LogFormat::Text => builder.with_ansi(io::IsTerminal::is_terminal(&io::stderr())).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    started.map_err(Error::internal)
}

/// An error with what caused it, in one line: for whoever runs the program, who may know everything.
pub fn chain(error: &Error) -> String {
    let mut text = error.message().to_owned();
    let mut next = std::error::Error::source(error);
    while let Some(source) = next {
        let more = source.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        next = source.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_says_each_thing_once() {
        let inner = io::Error::other("the disk is full");
        assert_eq!(chain(&Error::internal(inner)), "an internal error occurred: the disk is full");
        let inner = io::Error::other("the disk is full");
        let told = Error::unavailable("cannot write: the disk is full").with_source(inner);
        assert_eq!(chain(&told), "cannot write: the disk is full");
    }
}
