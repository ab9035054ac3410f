//! Vacuum: files that nothing names any more are deleted.
//!
//! A file stays while the newest version names it; while a version within the retention does; while a query of this
//! server reads a version that does; and while it is so young that a write may be about to name it.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use futures::stream::{self, StreamExt, TryStreamExt};
use model::{Cared, Result};
use object_store::{ObjectMeta, ObjectStore};

use super::Carer;
use crate::fault::from_object_store;
use crate::table::{Snapshot, Table, paths_of_remove};

/// The age at which a file that no commit ever named is the remains of something interrupted. Other programs may write
/// to the table, too, and name their files at the end.
const ABANDONED: Duration = Duration::from_secs(24 * 3600);

impl Carer {
    /// Deletes what nothing names any more.
    pub async fn vacuum(&self, table: &Arc<Table>) -> Result<Cared> {
        let started = Instant::now();
        let now = Utc::now();
        // Before the version is read: what is committed after that is in the version, or too young.
        let files = files(table).await?;
        let newest = table.snapshot().await?;
        let retention = own_retention(&newest).unwrap_or_else(|| self.retention());
        let removed = Removed::read(table, now - retention, now - ABANDONED).await?;
        let mut named = removed.lately;
        for snapshot in table.snapshots_in_use(&newest) {
            named.extend(snapshot.files.iter().flat_map(|file| file.paths(&table.directory)));
        }
        // A write of this server that takes longer than others has files that are old and not named yet.
        let abandoned = self.encoding.writes.oldest().map_or(now - ABANDONED, |oldest| oldest.min(now - ABANDONED));
        let dead = |file: &ObjectMeta| {
            let path = file.location.as_ref();
            !named.contains(path) && (removed.before.contains(path) || file.last_modified < abandoned)
        };
        let (gone, kept): (Vec<ObjectMeta>, Vec<ObjectMeta>) = files.into_iter().partition(dead);
        let bytes = |files: &[ObjectMeta]| files.iter().map(|file| file.size).sum::<u64>();
        let cared = Cared {
            files_before: (gone.len() + kept.len()) as u64,
            files_after: kept.len() as u64,
            bytes_before: bytes(&gone) + bytes(&kept),
            bytes_after: bytes(&kept),
            took: Duration::ZERO,
        };
        let paths = stream::iter(gone).map(|file| Ok(file.location)).boxed();
        table.store().delete_stream(paths).try_collect::<Vec<_>>().await.map_err(from_object_store)?;
        Ok(Cared { took: started.elapsed(), ..cared })
    }
}

/// The files of a table but for its log, and for what other programs keep under hidden names.
async fn files(table: &Table) -> Result<Vec<ObjectMeta>> {
    let all: Vec<ObjectMeta> = table.store().list(None).try_collect().await.map_err(from_object_store)?;
    let hidden = |file: &ObjectMeta| file.location.parts().any(|part| part.as_ref().starts_with(['_', '.']));
    Ok(all.into_iter().filter(|file| !hidden(file)).collect())
}

/// The files that commits took out.
#[derive(Default)]
struct Removed {
    /// Those that a version within the retention still names.
    lately: HashSet<String>,
    /// Those that went before, as far back as files are too young to go by their age alone.
    before: HashSet<String>,
}

impl Removed {
    /// Reads the commits since `retained`, and those since `young`.
    async fn read(table: &Table, retained: DateTime<Utc>, young: DateTime<Utc>) -> Result<Self> {
        let mut commits = table.commits().await?;
        commits.retain(|commit| commit.millis > retained.min(young).timestamp_millis());
        let mut removed = Self::default();
        for (commit, content) in table.read_commits(commits).await? {
            let lately = commit.millis > retained.timestamp_millis();
            let paths = if lately { &mut removed.lately } else { &mut removed.before };
            paths.extend(content.removes.iter().flat_map(|remove| paths_of_remove(remove, &table.directory)));
        }
        Ok(removed)
    }
}

/// How long the table itself wants its files kept.
fn own_retention(snapshot: &Snapshot) -> Option<Duration> {
    snapshot.state.table_config().deleted_file_retention_duration
}
