//! The storage: one directory below the root a database.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt};
use model::{CareTotal, Database, DatabaseId, Error, Result, Storage, StorageKind};
use object_store::path::Path;
use tokio::sync::Mutex;

use crate::Leftovers;
use crate::catalog::Catalog;
use crate::database::LakehouseDatabase;
use crate::engine::Session;
use crate::fault::from_object_store;
use crate::root::Root;

/// Databases on one object store.
pub struct LakehouseStorage {
    root: Arc<Root>,
    session: Arc<Session>,
    leftovers: Leftovers,
    open: Mutex<HashMap<DatabaseId, Arc<LakehouseDatabase>>>,
}

impl LakehouseStorage {
    /// A storage below `root`; `session` runs the scans.
    pub fn new(root: Arc<Root>, session: Arc<Session>, leftovers: Leftovers) -> Self {
        Self { root, session, leftovers, open: Mutex::new(HashMap::new()) }
    }

    fn directory(id: &DatabaseId) -> Path {
        Path::from(id.as_str())
    }
}

#[async_trait]
impl Storage for LakehouseStorage {
    fn kind(&self) -> StorageKind {
        StorageKind::Lakehouse
    }

    async fn create(&self, id: &DatabaseId) -> Result<()> {
        Catalog::create(self.root.below(&Self::directory(id)).as_ref()).await
    }

    async fn open(&self, id: &DatabaseId) -> Result<Arc<dyn Database>> {
        let mut open = self.open.lock().await;
        if let Some(database) = open.get(id) {
            return Ok(database.clone());
        }
        let directory = Self::directory(id);
        let catalog =
            Catalog::open(self.root.below(&directory)).await?.ok_or_else(|| Error::not_found("database", id))?;
        let database = Arc::new(LakehouseDatabase::new(self.root.clone(), directory, catalog, self.session.clone()));
        database.sweep_later(self.leftovers);
        database.care_later();
        open.insert(id.clone(), database.clone());
        Ok(database)
    }

    async fn remove(&self, id: &DatabaseId) -> Result<()> {
        let mut open = self.open.lock().await;
        let directory = Self::directory(id);
        let store = self.root.below(&directory);
        if Catalog::open(store.clone()).await?.is_none() {
            return Err(Error::not_found("database", id));
        }
        if let Some(database) = open.remove(id) {
            database.close();
        }
        // The catalog goes first: without it an interrupted removal leaves files, not a database.
        for prefix in [Some(Path::from("_catalog")), None] {
            let files = store.list(prefix.as_ref()).map_ok(|file| file.location).boxed();
            store.delete_stream(files).try_collect::<Vec<_>>().await.map_err(from_object_store)?;
        }
        Ok(())
    }

    fn care_totals(&self) -> Vec<CareTotal> {
        self.session.carer().records().totals()
    }
}
