//! Checkpoints of the log, beside the commits: one that fails costs time, and never a commit.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use deltalake_core::DeltaTable;
use deltalake_core::checkpoints::{cleanup_metadata, create_checkpoint};
use deltalake_core::logstore::LogStoreRef;
use model::{Cared, Result};

use super::Table;
use crate::fault::from_delta;

/// Commits from one checkpoint to the next, at least. Every commit and every opening reads those since the last one, so
/// they are kept few.
const INTERVAL: u64 = 20;

/// How often log files that are past the table's retention (30 days unless the table says otherwise) are looked for.
const CLEANING: Duration = Duration::from_secs(3600);

/// When the checkpoints of a table were written.
#[derive(Default)]
pub struct Checkpoints(Mutex<Last>);

#[derive(Default)]
struct Last {
    /// The version of the newest that this process wrote.
    version: u64,
    /// Whether one is being written.
    running: bool,
    /// Before this the next one does not begin: a table that is written to without a pause spends half of the time on
    /// checkpoints at most.
    rest: Option<Instant>,
    /// When the log was cleaned.
    cleaned: Option<Instant>,
}

impl Checkpoints {
    /// Writes a checkpoint in the background when it is time for one after `version`: one at a time, and none for
    /// versions that the next one covers anyway.
    pub fn after(self: &Arc<Self>, log: &LogStoreRef, version: u64) {
        let now = Instant::now();
        let clean = {
            let mut last = self.0.lock().expect("no holder of this lock panics");
            let resting = last.rest.is_some_and(|rest| now < rest);
            if last.running || resting || version + 1 < last.version + INTERVAL {
                return;
            }
            last.running = true;
            let clean = last.cleaned.is_none_or(|cleaned| now.duration_since(cleaned) > CLEANING);
            if clean {
                last.cleaned = Some(now);
            }
            clean
        };
        let (log, checkpoints) = (log.clone(), Arc::clone(self));
        tokio::spawn(async move {
            let written = write(log, clean).await;
            if let Err(error) = &written {
                tracing::warn!(%error, version, "the log could not be checkpointed; it is tried again later");
            }
            let mut last = checkpoints.0.lock().expect("no holder of this lock panics");
            last.running = false;
            last.rest = Some(Instant::now() + now.elapsed());
            last.version = written.map_or(version, |version| version + 1);
        });
    }
}

/// Writes a checkpoint of the newest version, and answers which that was.
async fn write(log: LogStoreRef, clean: bool) -> deltalake_core::DeltaResult<u64> {
    let mut table = DeltaTable::new(log);
    table.load().await?;
    create_checkpoint(&table, None).await?;
    if clean {
        cleanup_metadata(&table, None).await?;
    }
    Ok(table.version().unwrap_or_default())
}

impl Table {
    /// Writes a checkpoint of the newest version now, and deletes what of the log is past its retention.
    pub async fn checkpoint(&self) -> Result<Cared> {
        let started = Instant::now();
        let before = self.log_size().await?;
        write(self.log.clone(), true).await.map_err(from_delta)?;
        let after = self.log_size().await?;
        Ok(Cared {
            files_before: before.0,
            files_after: after.0,
            bytes_before: before.1,
            bytes_after: after.1,
            took: started.elapsed(),
        })
    }
}
