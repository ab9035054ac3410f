//! The directories of tables: what they are called, and when they go.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};
use model::{Error, Result, TableName};
use object_store::ObjectStore;
use object_store::path::Path;
use uuid::Uuid;

use super::LakehouseDatabase;
use crate::Leftovers;
use crate::catalog::{Content, Document};
use crate::fault::from_object_store;
use crate::table::left_nothing;

/// Characters of a name that its directory shows.
const SHOWN: usize = 40;

/// How long the files of a dropped table stay for queries that are reading them.
const GRACE: Duration = Duration::from_secs(120);

/// What may have been written since this server began to start.
const STARTING: TimeDelta = TimeDelta::seconds(30);

/// The age at which a directory that no catalog names is the remains of something interrupted.
const ABANDONED: TimeDelta = TimeDelta::hours(24);

/// A directory of its own for a new table: `main/trips-7f3a9c01`. The name is there for people; quotes, slashes, dots
/// and whatever else a name may have become `_`.
pub fn fresh(name: &TableName) -> String {
    let id = Uuid::new_v4().simple().to_string();
    format!("{}/{}-{}", plain(&name.schema), plain(&name.table), &id[..8])
}

fn plain(name: &str) -> String {
    let keep = |c: char| if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c } else { '_' };
    let plain: String = name.chars().take(SHOWN).map(keep).collect();
    // A leading underscore is the mark of folders that are not data, such as the catalog's own.
    if plain.starts_with('_') { format!("x{plain}") } else { plain }
}

impl LakehouseDatabase {
    /// Lets go of the tables that `before` named and `after` does not: their files are deleted after a grace.
    ///
    /// Inside of a transaction nothing goes: what it drops is there for everyone else, until it is committed.
    pub(super) fn release(&self, before: &Document, after: &Document) {
        if self.outside.is_some() {
            return;
        }
        let kept: HashSet<String> = directories(after).collect();
        for directory in directories(before).filter(|directory| !kept.contains(directory)) {
            self.tables.lock().expect("no holder of this lock panics").remove(&directory);
            let store = self.root.below(&self.directory);
            tokio::spawn(async move {
                tokio::time::sleep(GRACE).await;
                if let Err(error) = delete(&store, &Path::from(directory.as_str())).await {
                    tracing::warn!(%error, directory, "the files of a dropped table could not be deleted");
                }
            });
        }
    }

    /// Deletes the files of a table that did not get its name, unless it may have got it all the same.
    pub(super) async fn discard_table(&self, directory: &str, error: &Error) {
        if !left_nothing(error) {
            return;
        }
        self.tables.lock().expect("no holder of this lock panics").remove(directory);
        if let Err(error) = delete(&self.root.below(&self.directory), &Path::from(directory)).await {
            tracing::warn!(%error, directory, "the files of a table that was not made could not be deleted");
        }
    }

    /// Deletes, in the background, directories of tables that no catalog names and that nobody writes to any more: what
    /// a kill between writing files and naming them leaves behind.
    pub fn sweep_later(self: &Arc<Self>, leftovers: Leftovers) {
        let age = match leftovers {
            Leftovers::Keep => return,
            Leftovers::DeleteOld => ABANDONED,
            Leftovers::DeleteAll => STARTING,
        };
        let database = Arc::downgrade(self);
        tokio::spawn(async move {
            let Some(database) = database.upgrade() else { return };
            if let Err(error) = database.sweep(Utc::now() - age).await {
                tracing::warn!(%error, "abandoned directories could not be looked for");
            }
        });
    }

    async fn sweep(&self, limit: DateTime<Utc>) -> Result<()> {
        let store = self.root.below(&self.directory);
        let named: HashSet<String> = directories(&self.catalog.document().await.as_ref().clone()).collect();
        let schemas = store.list_with_delimiter(None).await.map_err(from_object_store)?.common_prefixes;
        for schema in schemas.into_iter().filter(|schema| !schema.as_ref().starts_with('_')) {
            let tables = store.list_with_delimiter(Some(&schema)).await.map_err(from_object_store)?.common_prefixes;
            for table in tables.into_iter().filter(|table| !named.contains(table.as_ref())) {
                let files: Vec<_> = store.list(Some(&table)).try_collect().await.map_err(from_object_store)?;
                if files.iter().all(|file| file.last_modified < limit) {
                    // These files and no others: somebody may begin to write there at this very moment.
                    let old = files.into_iter().map(|file| Ok(file.location));
                    delete_files(&store, stream::iter(old).boxed()).await?;
                }
            }
        }
        Ok(())
    }
}

/// The directories of all tables that a catalog names.
pub(super) fn directories(document: &Document) -> impl Iterator<Item = String> + '_ {
    let entries = document.schemas.values().flat_map(|schema| schema.entries.values());
    entries.filter_map(|entry| match &entry.content {
        Content::Table { directory } => Some(directory.clone()),
        Content::View { .. } => None,
    })
}

async fn delete(store: &Arc<dyn ObjectStore>, prefix: &Path) -> Result<()> {
    delete_files(store, store.list(Some(prefix)).map_ok(|file| file.location).boxed()).await
}

async fn delete_files(
    store: &Arc<dyn ObjectStore>,
    files: BoxStream<'static, object_store::Result<Path>>,
) -> Result<()> {
    store.delete_stream(files).try_collect::<Vec<_>>().await.map(drop).map_err(from_object_store)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_never_become_paths() {
        for bad in ["..", "../../etc", "a/b", "\"quoted\"", "with space", "_delta_log", "ü", &"x".repeat(300)] {
            let directory = fresh(&TableName::new("main", bad).unwrap());
            let parts: Vec<&str> = directory.split('/').collect();
            assert_eq!(parts.len(), 2, "{directory}");
            assert_eq!(parts[0], "main");
            assert!(
                !parts[1].contains("..") && !parts[1].starts_with('_') && parts[1].len() <= SHOWN + 10,
                "{directory}"
            );
        }
    }

    #[test]
    fn a_table_made_again_gets_a_directory_of_its_own() {
        let name = TableName::new("main", "trips").unwrap();
        assert_ne!(fresh(&name), fresh(&name));
    }
}
