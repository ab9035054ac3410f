//! Opening the lakehouse: its root, its memory, and the engine that reads it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use model::{Engine, Result, Storage};
use tokio::runtime::Handle;
use url::Url;

use crate::engine::SqlEngine;
use crate::root::Root;
use crate::storage::LakehouseStorage;

/// Where the lakehouse keeps its files, and what queries may use.
#[derive(Clone, Debug)]
pub struct LakehouseConfig {
    /// `file:///directory/` or `s3://bucket/prefix`.
    pub url: Url,
    /// Options of the object store, by the names that object_store documents (`aws_access_key_id`, …).
    pub options: Vec<(String, String)>,
    /// Bytes that running queries may hold together; sorts, joins and aggregations spill beyond.
    pub memory_limit: usize,
    /// Directory for what does not fit into memory.
    pub spill_dir: PathBuf,
    /// Threads that queries and encoders may use.
    pub threads: usize,
    /// Bytes of files that lose rows to one change, together, up to which they are written anew without them. Beyond, the
    /// log takes the rows out of them, by deletion vectors: that costs every reader a little, and some programs do not
    /// know how. Usually [`LakehouseConfig::REWRITE_BYTES`].
    pub rewrite_bytes: u64,
    /// What becomes of the files that an interrupted write left behind.
    pub leftovers: Leftovers,
    /// The runtime that queries and encoders run on, which is not the one that answers requests.
    pub runtime: Handle,
    /// How tables are cared for.
    pub care: CareConfig,
}

/// How tables are cared for: compaction, vacuum.
#[derive(Clone, Debug)]
pub struct CareConfig {
    /// Whether it is done without being asked.
    pub automatic: bool,
    /// How long files that newer versions do not use are kept for time travel and for readers that are slow, unless the
    /// table says otherwise (`delta.deletedFileRetentionDuration`).
    pub retention: Duration,
    /// The runtime that it is done on: threads that give way to those of queries.
    pub runtime: Handle,
}

impl LakehouseConfig {
    /// What is quick to write anew.
    pub const REWRITE_BYTES: u64 = 64 << 20;
}

/// What becomes of files that no catalog names, found when a database is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leftovers {
    /// They stay: somebody else may be writing them.
    Keep,
    /// Those that nobody has written to for a day are deleted.
    DeleteOld,
    /// All that are older than the start of this process are deleted: nobody else writes here.
    DeleteAll,
}

/// An open lakehouse: a storage and the engine over it.
pub struct Lakehouse {
    storage: Arc<LakehouseStorage>,
    engine: Arc<SqlEngine>,
}

impl Lakehouse {
    /// Opens the object store and builds the engine. No request is made until a database is opened.
    ///
    /// # Errors
    /// `Invalid` for a URL or options that no object store takes, `Unsupported` for a scheme that was not compiled in.
    pub async fn open(config: LakehouseConfig) -> Result<Self> {
        let root = Arc::new(Root::open(&config)?);
        let engine = SqlEngine::open(&root, &config)?;
        let storage = Arc::new(LakehouseStorage::new(root, engine.session().clone(), config.leftovers));
        Ok(Self { storage, engine: Arc::new(engine) })
    }

    /// The storage of databases that are directories of Delta tables.
    pub fn storage(&self) -> Arc<dyn Storage> {
        self.storage.clone()
    }

    /// The query engine.
    pub fn engine(&self) -> Arc<dyn Engine> {
        self.engine.clone()
    }
}
