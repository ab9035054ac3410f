//! Puts storages, engine and services together: the one file that names the implementations.

use std::path::PathBuf;
use std::sync::Arc;

use formats::Workers;
use lakehouse::{Lakehouse, LakehouseConfig, Leftovers};
use model::{Result, Storage};
use services::{Databases, Metadata, Parts, QueryLog, QueryLogLimits, Services};
use tokio::runtime::Handle;

use crate::config::{QueryConfig, QueryLogConfig, StorageConfig};
use crate::data_dir::{DataDir, Scratch};

/// What a server stands on.
pub struct Wired {
    /// Everything that operations call.
    pub services: Services,
    /// Where decoding and encoding run.
    pub workers: Workers,
}

/// Opens every storage and the engine, and the services over them. Heavy work will run on `queries`.
///
/// # Errors
/// What stands in the way, for whoever started the program.
pub async fn services(
    data: &DataDir,
    scratch: Scratch,
    storage: &StorageConfig,
    query: QueryConfig,
    query_log: QueryLogConfig,
    queries: Handle,
) -> Result<Wired> {
    let metadata = Metadata::open(&data.metadata())?;
    // The data directory is locked, so what stands in it is this server's alone; a URL may be shared.
    let leftovers = if storage.lakehouse_url.is_none() { Leftovers::DeleteAll } else { Leftovers::DeleteOld };
    let lakehouse = open_lakehouse(data, scratch.spill, storage, query, queries.clone(), leftovers).await?;
    let workers = Workers::new(queries, query.threads);
    let limits = QueryLogLimits { age: query_log.age, bytes: query_log.bytes };
    let services = Services::new(Parts {
        metadata,
        query_log: QueryLog::open(&data.query_log(), limits)?,
        storages: vec![lakehouse.storage()],
        engine: lakehouse.engine(),
        workers: workers.clone(),
        scratch: scratch.uploads,
        default_database: storage.default_database.clone(),
    });
    Ok(Wired { services, workers })
}

/// The databases alone, for commands that create and list them beside a running server.
///
/// # Errors
/// As [`services`].
pub async fn databases(data: &DataDir, storage: &StorageConfig) -> Result<Databases> {
    let metadata = Metadata::open(&data.metadata())?;
    // Nothing is queried here: one thread and a little memory do, and nothing is spilled.
    let query = QueryConfig { memory: 64 << 20, threads: 1 };
    let lakehouse =
        open_lakehouse(data, std::env::temp_dir(), storage, query, Handle::current(), Leftovers::Keep).await?;
    let storages: Vec<Arc<dyn Storage>> = vec![lakehouse.storage()];
    Ok(Databases::new(metadata, storages, storage.default_database.clone()))
}

async fn open_lakehouse(
    data: &DataDir,
    spill_dir: PathBuf,
    storage: &StorageConfig,
    query: QueryConfig,
    runtime: Handle,
    leftovers: Leftovers,
) -> Result<Lakehouse> {
    let url = storage.lakehouse_url.clone().map_or_else(|| data.lakehouse_url(), Ok)?;
    Lakehouse::open(LakehouseConfig {
        url,
        options: storage.lakehouse_options.clone(),
        memory_limit: query.memory,
        rewrite_bytes: LakehouseConfig::REWRITE_BYTES,
        spill_dir,
        threads: query.threads,
        leftovers,
        runtime,
    })
    .await
}
