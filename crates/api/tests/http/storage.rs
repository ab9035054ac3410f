//! A storage that remembers the columns of its tables and counts their rows.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use arrow_schema::SchemaRef;
use async_trait::async_trait;
use futures::StreamExt;
use model::{
    Appended, Database, DatabaseId, Error, Mark, Result, Rows, Scan, SchemaChange, Storage, StorageKind, TableInfo,
    TableName, Upsert, Upserted, WriteMode, Written,
};

/// Tables by schema and name: columns, and how many rows.
pub type Tables = BTreeMap<(String, String), (SchemaRef, u64)>;

/// The storage; every database of it has the same tables.
#[derive(Clone, Default)]
pub struct FakeStorage {
    pub tables: Arc<Mutex<Tables>>,
}

#[async_trait]
impl Storage for FakeStorage {
    fn kind(&self) -> StorageKind {
        StorageKind::Lakehouse
    }

    async fn create(&self, _id: &DatabaseId) -> Result<()> {
        Ok(())
    }

    async fn open(&self, _id: &DatabaseId) -> Result<Arc<dyn Database>> {
        Ok(Arc::new(self.clone()))
    }

    async fn remove(&self, _id: &DatabaseId) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl Database for FakeStorage {
    async fn schemas(&self) -> Result<Vec<String>> {
        Ok(vec!["main".to_owned()])
    }

    async fn tables(&self) -> Result<Vec<TableInfo>> {
        Ok(Vec::new())
    }

    async fn columns(&self, table: &TableName) -> Result<SchemaRef> {
        let found = self.tables.lock().unwrap().get(&table.key()).map(|(columns, _)| Arc::clone(columns));
        found.ok_or_else(|| Error::not_found("table", table))
    }

    async fn change(&self, _change: SchemaChange) -> Result<()> {
        Err(Error::unsupported("this storage does not change"))
    }

    async fn scan(&self, _scan: Scan) -> Result<Rows> {
        Err(Error::unsupported("this storage does not scan"))
    }

    async fn write(&self, table: &TableName, mode: WriteMode, rows: Rows) -> Result<Written> {
        let (columns, mut batches) = rows.into_parts();
        let mut count = 0;
        while let Some(batch) = batches.next().await {
            count += batch?.num_rows() as u64;
        }
        let mut tables = self.tables.lock().unwrap();
        let before = if mode == WriteMode::Overwrite { None } else { tables.remove(&table.key()) };
        let total = count + before.map_or(0, |(_, rows)| rows);
        tables.insert(table.key(), (columns, total));
        Ok(Written { rows: count, bytes: 0 })
    }

    async fn append(&self, table: &TableName, rows: Rows, _mark: Mark) -> Result<Appended> {
        let written = self.write(table, WriteMode::CreateAppend, rows).await?;
        Ok(Appended { rows: written.rows, bytes: written.bytes, applied: true })
    }

    async fn mark(&self, _table: &TableName, _writer: &str) -> Result<Option<u64>> {
        Ok(None)
    }

    async fn upsert(&self, table: &TableName, _upsert: Upsert, rows: Rows) -> Result<Upserted> {
        let written = self.write(table, WriteMode::CreateAppend, rows).await?;
        Ok(Upserted { inserted: written.rows, updated: 0, bytes: written.bytes })
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
