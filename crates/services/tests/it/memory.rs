//! A storage in memory and an engine of three statements, for the tests of the services.

use std::any::Any;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arrow_array::{Int64Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use async_trait::async_trait;
use formats::Workers;
use futures::{StreamExt, stream};
use model::{
    Access, Appended, Catalogs, Database, DatabaseId, DatabaseName, Engine, Error, Explained, Mark, Principal, Query,
    Result, Rights, Rows, Scan, SchemaChange, Storage, StorageKind, Suggestion, SuggestionKind, TableInfo, TableKind,
    TableName, Upsert, Upserted, WriteMode, Written,
};
use services::{AppendConfig, DatabaseRules, Metadata, Parts, QueryLog, QueryLogLimits, SecretKey, Services};
use tempfile::TempDir;

/// Keeps the batches of each table.
#[derive(Default)]
pub struct MemoryDatabase {
    tables: Mutex<HashMap<(String, String), (SchemaRef, Vec<RecordBatch>)>>,
    /// By table and writer.
    marks: Mutex<HashMap<((String, String), String), u64>>,
}

/// Databases by id.
#[derive(Default)]
pub struct MemoryStorage {
    databases: Mutex<HashMap<String, Arc<MemoryDatabase>>>,
    /// While set, removing fails.
    pub refuses_removal: AtomicBool,
}

impl MemoryStorage {
    pub fn ids(&self) -> Vec<String> {
        let mut ids: Vec<_> = self.databases.lock().unwrap().keys().cloned().collect();
        ids.sort();
        ids
    }
}

#[async_trait]
impl Storage for MemoryStorage {
    fn kind(&self) -> StorageKind {
        StorageKind::Lakehouse
    }

    async fn create(&self, id: &DatabaseId) -> Result<()> {
        let mut databases = self.databases.lock().unwrap();
        if databases.contains_key(id.as_str()) {
            return Err(Error::exists("database", id));
        }
        databases.insert(id.to_string(), Arc::default());
        Ok(())
    }

    async fn open(&self, id: &DatabaseId) -> Result<Arc<dyn Database>> {
        let found = self.databases.lock().unwrap().get(id.as_str()).cloned();
        found.map(|database| database as Arc<dyn Database>).ok_or_else(|| Error::not_found("database", id))
    }

    async fn remove(&self, id: &DatabaseId) -> Result<()> {
        if self.refuses_removal.load(Ordering::SeqCst) {
            return Err(Error::unavailable("the disk is away"));
        }
        let removed = self.databases.lock().unwrap().remove(id.as_str());
        removed.map(drop).ok_or_else(|| Error::not_found("database", id))
    }
}

#[async_trait]
impl Database for MemoryDatabase {
    async fn schemas(&self) -> Result<Vec<String>> {
        Ok(vec!["main".to_owned()])
    }

    async fn tables(&self) -> Result<Vec<TableInfo>> {
        let tables = self.tables.lock().unwrap();
        let info = |(schema, table): &(String, String)| TableInfo {
            name: TableName::new(schema, table).unwrap(),
            kind: TableKind::Table,
            definition: None,
        };
        Ok(tables.keys().map(info).collect())
    }

    async fn columns(&self, table: &TableName) -> Result<SchemaRef> {
        let tables = self.tables.lock().unwrap();
        tables.get(&table.key()).map(|(schema, _)| schema.clone()).ok_or_else(|| Error::not_found("table", table))
    }

    async fn table_id(&self, table: &TableName) -> Result<Option<String>> {
        Ok(self.tables.lock().unwrap().contains_key(&table.key()).then(|| table.to_string()))
    }

    async fn table_by_id(&self, id: &str) -> Result<Option<TableName>> {
        let tables = self.tables.lock().unwrap();
        let names = tables.keys().map(|(schema, table)| TableName::new(schema, table).unwrap());
        Ok(names.into_iter().find(|name| name.to_string() == id))
    }

    async fn change(&self, _: SchemaChange) -> Result<()> {
        Err(Error::unsupported("not in memory"))
    }

    async fn scan(&self, scan: Scan) -> Result<Rows> {
        let tables = self.tables.lock().unwrap();
        let found = tables.get(&scan.table.key()).ok_or_else(|| Error::not_found("table", &scan.table))?;
        Ok(Rows::from_batches(found.0.clone(), found.1.clone()))
    }

    async fn write(&self, table: &TableName, mode: WriteMode, rows: Rows) -> Result<Written> {
        let schema = rows.schema().clone();
        let batches = rows.collect().await?;
        let count = batches.iter().map(RecordBatch::num_rows).sum::<usize>() as u64;
        let mut tables = self.tables.lock().unwrap();
        let entry = tables.entry(table.key()).or_insert_with(|| (schema.clone(), Vec::new()));
        if mode == WriteMode::Overwrite {
            *entry = (schema, Vec::new());
        }
        entry.1.extend(batches);
        Ok(Written { rows: count, bytes: 0 })
    }

    async fn append(&self, table: &TableName, rows: Rows, mark: Mark) -> Result<Appended> {
        if self.mark(table, &mark.writer).await?.is_some_and(|known| known >= mark.position) {
            return Ok(Appended { rows: 0, bytes: 0, applied: false });
        }
        let written = self.write(table, WriteMode::CreateAppend, rows).await?;
        self.marks.lock().unwrap().insert((table.key(), mark.writer), mark.position);
        Ok(Appended { rows: written.rows, bytes: written.bytes, applied: true })
    }

    async fn mark(&self, table: &TableName, writer: &str) -> Result<Option<u64>> {
        Ok(self.marks.lock().unwrap().get(&(table.key(), writer.to_owned())).copied())
    }

    async fn upsert(&self, table: &TableName, _upsert: Upsert, rows: Rows) -> Result<Upserted> {
        let written = self.write(table, WriteMode::CreateAppend, rows).await?;
        Ok(Upserted { inserted: written.rows, updated: 0, bytes: written.bytes })
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Knows the statements `three batches`, `endless`, `slow plan`, `create database NAME` and `drop database NAME`.
#[derive(Default)]
pub struct MemoryEngine {
    /// Set when the stream of `endless` or the plan of `slow plan` is dropped.
    pub stopped: Arc<AtomicBool>,
}

struct SetOnDrop(Arc<AtomicBool>);

impl Drop for SetOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[async_trait]
impl Engine for MemoryEngine {
    async fn run(&self, query: Query, catalogs: Arc<dyn Catalogs>) -> Result<Rows> {
        let schema = Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, false)]));
        let batch = RecordBatch::try_new(schema.clone(), vec![Arc::new(Int64Array::from(vec![1, 2]))]).unwrap();
        if let Some(name) = query.statement.strip_prefix("create database ") {
            catalogs.create(&DatabaseName::new(name)?, StorageKind::Lakehouse).await?;
            return Ok(Rows::empty(schema));
        }
        if let Some(name) = query.statement.strip_prefix("drop database ") {
            catalogs.remove(&DatabaseName::new(name)?).await?;
            return Ok(Rows::empty(schema));
        }
        let guard = SetOnDrop(Arc::clone(&self.stopped));
        match query.statement.as_str() {
            "three batches" => Ok(Rows::from_batches(schema, vec![batch.clone(), batch.clone(), batch])),
            "endless" => {
                let batches = stream::iter([Ok(batch)]).chain(stream::pending()).map(move |next| {
                    let _held = &guard;
                    next
                });
                Ok(Rows::new(schema, batches))
            }
            "slow plan" => {
                let _held = guard;
                std::future::pending::<()>().await;
                Ok(Rows::empty(schema))
            }
            other => Err(Error::invalid(format!("Parser Error: {other}"))),
        }
    }

    async fn validate(&self, query: Query, _: Arc<dyn Catalogs>) -> Result<()> {
        if query.statement == "three batches" { Ok(()) } else { Err(Error::invalid("Parser Error: no")) }
    }

    async fn explain(&self, query: Query, catalogs: Arc<dyn Catalogs>) -> Result<Explained> {
        self.validate(query, catalogs).await.map(|()| Explained::default())
    }

    async fn autocomplete(&self, _: Query, start: usize, _: usize, _: Arc<dyn Catalogs>) -> Result<Vec<Suggestion>> {
        let kind = SuggestionKind::Keyword;
        Ok(vec![Suggestion { text: "three batches".to_owned(), start, kind, score: 0, next: None }])
    }
}

/// Limits that no test comes near.
pub const LIMITS: QueryLogLimits = QueryLogLimits { age: Duration::from_secs(3600), bytes: 1 << 30 };

/// Services on a fresh directory, which goes when this drops.
pub struct World {
    pub services: Services,
    pub storage: Arc<MemoryStorage>,
    pub engine: Arc<MemoryEngine>,
    pub dir: TempDir,
}

/// Services with the default database made.
pub async fn world() -> World {
    let world = restart(tempfile::tempdir().unwrap(), Arc::default());
    world.services.prepare().await.unwrap();
    world
}

/// Services over a directory and storage that may have been used before.
pub fn restart(dir: TempDir, storage: Arc<MemoryStorage>) -> World {
    let engine = Arc::new(MemoryEngine::default());
    let services = Services::new(Parts {
        metadata: metadata(&dir),
        query_log: QueryLog::open(&dir.path().join("queries.sqlite"), LIMITS).unwrap(),
        storages: vec![storage.clone()],
        engine: engine.clone(),
        workers: Workers::new(tokio::runtime::Handle::current(), 2),
        scratch: dir.path().to_owned(),
        default_database: DatabaseName::new("lakehouse").unwrap(),
        appends: AppendConfig::new(dir.path().join("journal")),
        secret_key: SecretKey::new([7; SecretKey::BYTES]),
        rules: DatabaseRules::default(),
        accounts: services::AccountsConfig::default(),
    });
    World { services, storage, engine, dir }
}

/// Another connection to the metadata of a world, as another program has it.
pub fn metadata(dir: &TempDir) -> Metadata {
    Metadata::open(&dir.path().join("metadata.sqlite")).unwrap()
}

/// A caller with this access.
pub fn caller(access: Access) -> Principal {
    Principal::user("ann", Rights::up_to(access), Vec::new())
}
