//! The log: events on standard error, as text or as JSON.

use std::io::{self, BufWriter, Stderr, Write};
use std::thread;
use std::time::Duration;

use model::{Error, Result};
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

use crate::args::{LogArguments, LogFormat};

/// How long a line waits for others that are written with it, and how much waits at most, in bytes.
const GATHER: Duration = Duration::from_millis(20);
const GATHERED: usize = 64 << 10;

/// Starts the log of this process. What was logged last is written when the guard drops.
///
/// Nobody who answers a request waits for the terminal or the file behind standard error, unless that is so slow that a
/// hundred thousand lines wait for it.
///
/// # Errors
/// `Invalid` for a filter that cannot be read.
pub fn start(arguments: &LogArguments) -> Result<WorkerGuard> {
    let filter = EnvFilter::try_new(&arguments.log)
        .map_err(|source| Error::invalid(format!("--log {:?} is not a filter: {source}", arguments.log)))?;
    let gathering = Gathering(BufWriter::with_capacity(GATHERED, io::stderr()));
    let (lines, guard) = NonBlockingBuilder::default().lossy(false).thread_name("log").finish(gathering);
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(lines);
    let started = match arguments.log_format {
        LogFormat::Text => builder.with_ansi(io::IsTerminal::is_terminal(&io::stderr())).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    started.map_err(Error::internal)?;
    Ok(guard)
}

/// Standard error, written to a few times a second: the thread that writes is flushed whenever it has nothing left to write.
struct Gathering(BufWriter<Stderr>);

impl Write for Gathering {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()?;
        thread::sleep(GATHER);
        Ok(())
    }
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
