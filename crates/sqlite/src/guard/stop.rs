//! Stopping a statement from outside, also one that is in the middle of a step and asks nobody.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::InterruptHandle;

use super::Stopped;

/// How long a statement is given beyond its time to notice by itself.
const GRACE: Duration = Duration::from_millis(100);

/// A flag that stops one statement from outside.
#[derive(Default)]
pub struct Stop {
    reason: AtomicU8,
    running: Mutex<Option<Running>>,
}

struct Running {
    interrupt: Arc<InterruptHandle>,
    since: Instant,
}

impl Stop {
    /// The statement begins to run on the connection of this handle.
    pub fn begin(&self, interrupt: Arc<InterruptHandle>) {
        *self.running() = Some(Running { interrupt, since: Instant::now() });
    }

    /// It has ended: what the connection does next is another's.
    pub fn end(&self) {
        *self.running() = None;
    }

    /// Stops the statement, now or as soon as it begins.
    pub fn raise(&self, reason: Stopped) {
        self.reason.store(reason as u8, Ordering::Relaxed);
        if let Some(running) = self.running().as_ref() {
            running.interrupt.interrupt();
        }
    }

    /// Why it was stopped from outside, where it was.
    pub fn reason(&self) -> Stopped {
        Stopped::of(self.reason.load(Ordering::Relaxed))
    }

    fn since(&self) -> Option<Instant> {
        self.running().as_ref().map(|running| running.since)
    }

    fn running(&self) -> std::sync::MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Stops a statement when it is dropped: nobody waits any more.
pub struct StopOnDrop(pub Arc<Stop>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.raise(Stopped::Cancelled);
    }
}

/// Waits for `work`, and meanwhile stops a statement that runs for longer than it may without looking at the clock:
/// counting the rows of a large table is one step.
pub async fn overdue<T>(stop: &Stop, time: Duration, work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    let longest = time + GRACE;
    let mut wait = longest;
    loop {
        if let Ok(done) = tokio::time::timeout(wait, &mut work).await {
            return done;
        }
        wait = match stop.since() {
            Some(since) if since.elapsed() >= longest => {
                stop.raise(Stopped::Time);
                GRACE
            }
            Some(since) => longest.saturating_sub(since.elapsed()),
            // It has not begun: its time does not run yet.
            None => longest,
        };
    }
}
