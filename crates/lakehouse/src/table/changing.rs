//! Who changes rows of a table, and when nobody does.
//!
//! A statement that changes rows reads a version, computes for a while, and then takes files out that it has read. If
//! compaction had taken them out meanwhile, the statement would fail for no reason that its caller could understand. So
//! compaction commits only at moments at which no such statement is under way; statements never wait longer than one
//! commit takes.

use std::time::Duration;

use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard};

use super::Table;

/// How often compaction looks for such a moment, and how long.
const LOOK: Duration = Duration::from_millis(20);
const LOOKS: u32 = 3000;

/// Held by whoever is about to change rows, from before it reads the version that it changes until it has committed.
pub struct Changing(#[allow(dead_code, reason = "what counts is that it is held")] OwnedRwLockReadGuard<()>);

impl Table {
    /// Says that rows are about to be changed.
    pub async fn changing(&self) -> Changing {
        Changing(self.changes.clone().read_owned().await)
    }

    /// Waits for a moment at which nobody changes rows; gives up after a minute, for it must not stand in their way.
    pub async fn between_changes(&self) -> Option<OwnedRwLockWriteGuard<()>> {
        for _ in 0..LOOKS {
            if let Ok(nobody) = self.changes.clone().try_write_owned() {
                return Some(nobody);
            }
            tokio::time::sleep(LOOK).await;
        }
        None
    }
}
