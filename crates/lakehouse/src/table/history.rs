//! The versions of a table: what made them, and the way back to one.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::SystemTime;

use deltalake_core::kernel::Add;
use futures::{StreamExt, TryStreamExt, stream};
use model::{AsOf, Error, ErrorKind, Result, Version};
use object_store::ObjectStoreExt;
use object_store::path::Path;

use super::commits::{Commit, Content};
use super::{DataFile, Snapshot, Table};
use crate::fault::from_object_store;

/// Files that are looked for at once.
const AT_ONCE: usize = 16;

impl Table {
    /// The versions whose commits are still in the log, newest first.
    pub async fn history(&self) -> Result<Vec<Version>> {
        let commits = self.commits().await?;
        let mut rows = HashMap::new();
        let mut versions: Vec<Version> = self
            .read_commits(commits)
            .await?
            .iter()
            .map(|(commit, content)| version(commit, content, &mut rows))
            .collect();
        versions.reverse();
        Ok(versions)
    }

    /// The table as it was, all of whose files are still there.
    ///
    /// # Errors
    /// `NotFound` for a version that never was, that the log no longer knows, or of which a file was deleted since.
    pub async fn as_of(&self, as_of: AsOf) -> Result<Arc<Snapshot>> {
        let newest = self.snapshot().await?;
        let version = match as_of {
            AsOf::Version(version) => version,
            AsOf::Time(time) => self.version_at(time).await?,
        };
        if version == newest.version() {
            return Ok(newest);
        }
        if version > newest.version() {
            return Err(gone(format!("version {version} does not exist; the newest is {}", newest.version())));
        }
        let old = match self.snapshot_at(version).await {
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(self.no_longer_kept(version).await?),
            old => old?,
        };
        self.check_files(&old, &newest).await?;
        Ok(old)
    }

    /// The newest version that was there at this time.
    async fn version_at(&self, time: SystemTime) -> Result<u64> {
        let millis = millis(time);
        let commits = self.commits().await?;
        let found = commits.iter().rev().find(|commit| commit.millis <= millis);
        found.map(|commit| commit.version).ok_or_else(|| {
            let first = commits.first().map_or_else(String::new, |commit| {
                format!("; version {}, the oldest that is kept, is of {}", commit.version, text(commit.millis))
            });
            gone(format!("the table has no version of {} or before{first}", text(millis)))
        })
    }

    /// Which versions can still be read, for whoever asks for one that cannot.
    async fn no_longer_kept(&self, version: u64) -> Result<Error> {
        let commits = self.commits().await?;
        let known: Vec<u64> = commits.iter().map(|commit| commit.version).collect();
        let oldest = known.iter().find(|known| **known > version);
        let hint = oldest.map_or_else(String::new, |oldest| format!("; commits are kept from version {oldest} on"));
        Ok(gone(format!("version {version} is no longer kept: the log of the table was cleaned since{hint}")))
    }

    /// Whether the files of an older version are there: those that it shares with the newest are, the others are looked
    /// for.
    async fn check_files(&self, old: &Snapshot, newest: &Snapshot) -> Result<()> {
        let current: HashSet<_> = newest.files.iter().map(DataFile::identity).collect();
        let others = old.files.iter().filter(|file| !current.contains(&file.identity()));
        let looked_for: Vec<Path> = others.flat_map(|file| file.paths(&self.directory)).map(Path::from).collect();
        let version = old.version();
        let store = self.store.clone();
        let look = move |path| {
            let store = store.clone();
            async move {
                match store.head(&path).await {
                    Ok(_) => Ok(()),
                    Err(object_store::Error::NotFound { .. }) => Err(gone(format!(
                        "version {version} can no longer be read: VACUUM has deleted its files, which newer versions do \
                         not use; table_history() shows the versions"
                    ))),
                    Err(error) => Err(from_object_store(error)),
                }
            }
        };
        stream::iter(looked_for).map(look).buffer_unordered(AT_ONCE).try_collect().await
    }
}

/// Milliseconds since 1970.
pub fn millis(time: SystemTime) -> i64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(-1, |since| since.as_millis().try_into().unwrap_or(i64::MAX))
}

fn text(millis: i64) -> String {
    let time = chrono::DateTime::from_timestamp_millis(millis);
    time.map_or_else(|| "that time".to_owned(), |time| time.format("%Y-%m-%d %H:%M:%S%.3f UTC").to_string())
}

fn gone(message: String) -> Error {
    Error::new(ErrorKind::NotFound, "not_found", format!("Catalog Error: {message}"))
}

/// One line of the history. `rows` remembers how many rows each file has, for the commit that takes it out.
fn version(commit: &Commit, content: &Content, rows: &mut HashMap<String, u64>) -> Version {
    // A file that is taken out and added again has changed what of it is deleted.
    let removed = content.removes.iter().map(|remove| rows.remove(&remove.path)).collect::<Vec<_>>();
    let added = content.adds.iter().map(rows_of).collect::<Vec<_>>();
    for (add, count) in content.adds.iter().zip(&added) {
        count.map(|count| rows.insert(add.path.clone(), count));
    }
    Version {
        version: commit.version,
        time: commit.time(),
        operation: content.operation.clone(),
        files_added: content.adds.len() as u64,
        files_removed: content.removes.len() as u64,
        rows_added: added.into_iter().sum(),
        rows_removed: removed.into_iter().sum(),
    }
}

/// How many rows a file has, without those that its deletion vector takes out.
fn rows_of(add: &Add) -> Option<u64> {
    let stats: serde_json::Value = serde_json::from_str(add.stats.as_deref()?).ok()?;
    let deleted = add.deletion_vector.as_ref().map_or(0, |vector| vector.cardinality);
    stats["numRecords"].as_u64()?.checked_sub(deleted.try_into().ok()?)
}
