//! The signals that end a server.

use std::future::Future;
use std::process;

use model::{Error, Result};
use tokio::signal::unix::{SignalKind, signal};

/// What a shell reports of a program that SIGINT ended.
const INTERRUPTED: i32 = 130;

/// Ready with the first SIGINT or SIGTERM. A second one ends the process at once: whoever sends it does not want to wait.
///
/// # Errors
/// `Internal` where signals cannot be listened for.
pub fn terminated() -> Result<impl Future<Output = ()>> {
    let mut interrupts = signal(SignalKind::interrupt()).map_err(Error::internal)?;
    let mut terminations = signal(SignalKind::terminate()).map_err(Error::internal)?;
    Ok(async move {
        tokio::select! {
            _ = interrupts.recv() => {}
            _ = terminations.recv() => {}
        }
        tokio::spawn(async move {
            tokio::select! {
                _ = interrupts.recv() => {}
                _ = terminations.recv() => {}
            }
            process::exit(INTERRUPTED);
        });
    })
}
