//! The storage of SQLite files, from outside.

mod conformance;
mod doubts;
mod files;
mod kills;
mod many;
mod nul;
mod properties;
mod scans;
mod shapes;
mod statements;
mod together;

use std::sync::Arc;

use model::{Database, DatabaseId, Storage};
use sqlite::{SqliteConfig, SqliteStorage};
use tempfile::TempDir;

/// A storage in a directory of its own, and the directory.
fn storage() -> (SqliteStorage, TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let config = SqliteConfig::new(directory.path().join("databases"), directory.path());
    (SqliteStorage::open(config).unwrap(), directory)
}

/// A new database, and where its file is.
async fn database(storage: &SqliteStorage, id: &str) -> Arc<dyn Database> {
    let id = DatabaseId::new(id).unwrap();
    storage.create(&id).await.unwrap();
    storage.open(&id).await.unwrap()
}
