//! Checkpoints of the log, beside the commits: one that fails costs time, and never a commit.

use deltalake_core::DeltaTable;
use deltalake_core::checkpoints::{cleanup_metadata, create_checkpoint};
use deltalake_core::logstore::LogStoreRef;

/// Commits from one checkpoint to the next.
const INTERVAL: u64 = 20;

/// Writes a checkpoint in the background when it is time for one after `version`, and deletes log files that are past
/// the table's retention (30 days unless the table says otherwise).
pub fn after(log: &LogStoreRef, version: u64) {
    if !(version + 1).is_multiple_of(INTERVAL) {
        return;
    }
    let log = log.clone();
    tokio::spawn(async move {
        let mut table = DeltaTable::new(log);
        let written = async {
            table.load().await?;
            create_checkpoint(&table, None).await?;
            cleanup_metadata(&table, None).await
        };
        if let Err(error) = written.await {
            tracing::warn!(%error, version, "the log could not be checkpointed; it is tried again later");
        }
    });
}
