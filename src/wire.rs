//! Puts storages, engine and services together: the one file that names the implementations.

use std::path::PathBuf;
use std::sync::Arc;

use formats::Workers;
use lakehouse::{Lakehouse, LakehouseConfig, Leftovers};
use model::{Result, Storage};
use services::{Databases, Metadata, Parts, QueryLog, QueryLogLimits, Services};
use sqlite::{SqliteConfig, SqliteStorage};
use tokio::runtime::Handle;

use crate::config::{CareConfig, QueryConfig, ServeConfig, StorageConfig};
use crate::data_dir::{DataDir, Scratch};
use crate::serve::Handles;

/// What a server stands on.
pub struct Wired {
    /// Everything that operations call.
    pub services: Services,
    /// Where decoding and encoding run.
    pub workers: Workers,
}

/// Opens every storage and the engine, and the services over them. Heavy work will run where `handles` say.
///
/// # Errors
/// What stands in the way, for whoever started the program.
pub async fn services(data: &DataDir, scratch: Scratch, config: &ServeConfig, handles: Handles) -> Result<Wired> {
    let ServeConfig { query, append, query_log, .. } = config;
    let metadata = Metadata::open(&data.metadata())?;
    let storage = &config.storage;
    // The data directory is locked, so what stands in it is this server's alone; a URL may be shared.
    let leftovers = if storage.lakehouse_url.is_none() { Leftovers::DeleteAll } else { Leftovers::DeleteOld };
    let place = Place { data, storage, spill_dir: scratch.spill, leftovers };
    let sqlite = SqliteConfig::new(data.databases(), &scratch.uploads);
    let sqlite = SqliteStorage::open(SqliteConfig { timeout: config.statement_timeout, ..sqlite })?;
    let lakehouse = open_lakehouse(place, *query, config.care, handles.clone()).await?;
    let workers = Workers::new(handles.queries, query.threads);
    let limits = QueryLogLimits { age: query_log.age, bytes: query_log.bytes };
    let services = Services::new(Parts {
        metadata,
        query_log: QueryLog::open(&data.query_log(), limits)?,
        storages: vec![lakehouse.storage(), Arc::new(sqlite)],
        engine: lakehouse.engine(),
        workers: workers.clone(),
        scratch: scratch.uploads,
        default_database: storage.default_database.clone(),
        appends: append.with_journal(data.journal()),
        secret_key: data.secret_key()?,
        rules: config.rules,
        accounts: config.accounts.clone(),
    });
    Ok(Wired { services, workers })
}

/// The databases alone, for commands that create and list them beside a running server.
///
/// # Errors
/// As [`services`].
pub async fn databases(data: &DataDir, storage: &StorageConfig) -> Result<Databases> {
    let metadata = Metadata::open(&data.metadata())?;
    // Nothing is queried here: one thread and a little memory do, nothing is spilled, and tables are the server's to
    // care for.
    let query = QueryConfig { memory: 64 << 20, threads: 1 };
    let care = CareConfig { automatic: false, ..CareConfig::default() };
    let place = Place { data, storage, spill_dir: std::env::temp_dir(), leftovers: Leftovers::Keep };
    let handles = Handles { queries: Handle::current(), care: Handle::current() };
    let lakehouse = open_lakehouse(place, query, care, handles).await?;
    let sqlite = SqliteStorage::open(SqliteConfig::new(data.databases(), std::env::temp_dir()))?;
    let storages: Vec<Arc<dyn Storage>> = vec![lakehouse.storage(), Arc::new(sqlite)];
    Ok(Databases::new(metadata, storages, storage.default_database.clone()))
}

/// Where a lakehouse is, and what becomes of what is found there.
struct Place<'a> {
    data: &'a DataDir,
    storage: &'a StorageConfig,
    spill_dir: PathBuf,
    leftovers: Leftovers,
}

async fn open_lakehouse(place: Place<'_>, query: QueryConfig, care: CareConfig, handles: Handles) -> Result<Lakehouse> {
    let url = place.storage.lakehouse_url.clone().map_or_else(|| place.data.lakehouse_url(), Ok)?;
    Lakehouse::open(LakehouseConfig {
        url,
        options: place.storage.lakehouse_options.clone(),
        memory_limit: query.memory,
        rewrite_bytes: LakehouseConfig::REWRITE_BYTES,
        spill_dir: place.spill_dir,
        threads: query.threads,
        leftovers: place.leftovers,
        runtime: handles.queries,
        care: lakehouse::CareConfig { automatic: care.automatic, retention: care.retention, runtime: handles.care },
    })
    .await
}
