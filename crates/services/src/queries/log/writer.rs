//! The thread that writes the log and keeps it within its limits.

use std::thread;
use std::time::{Duration, Instant};

use super::QueryLogLimits;
use super::pending::Pending;
use super::store::Store;

/// How long a query waits for others that are written with it.
const GATHER: Duration = Duration::from_millis(100);

/// How often what is too old goes.
const TIDY: Duration = Duration::from_secs(60);

/// How long a disk that does not take anything is left alone.
const PAUSE: Duration = Duration::from_secs(1);

/// Writes until nothing comes any more.
pub fn run(mut store: Store, pending: &Pending, limits: QueryLogLimits) {
    let mut tidied: Option<Instant> = None;
    let mut failing = false;
    loop {
        let batch = pending.next(GATHER, TIDY);
        if let Err(error) = store.write(&batch.queries) {
            // Once: a full disk would else fill the server's own log as well.
            if !failing {
                tracing::warn!(%error, "the query log cannot be written; it is tried again");
            }
            failing = true;
            pending.not_written();
            if batch.last {
                return;
            }
            thread::sleep(PAUSE);
            continue;
        }
        failing = false;
        pending.written();
        // Nobody who went away need be told.
        for asking in batch.asking {
            let _ = asking.send(());
        }
        if batch.last {
            return;
        }
        let due = tidied.is_none_or(|last| last.elapsed() > TIDY);
        let outcome = if due { store.forget_old(limits.age) } else { Ok(()) };
        if due {
            tidied = Some(Instant::now());
        }
        if let Err(error) = outcome.and_then(|()| store.shrink_to(limits.bytes)) {
            tracing::warn!(%error, "the query log cannot be cut to its limits");
        }
    }
}
