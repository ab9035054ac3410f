//! An open lakehouse, and callers of it, for tests.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use lakehouse::{CareConfig, Lakehouse, LakehouseConfig};
use model::{
    Access, Catalogs, Database, DatabaseId, DatabaseInfo, DatabaseName, Error, Result, Rights, Rows, Storage,
    StorageKind,
};
use tokio::runtime::Handle;

/// A lakehouse at this URL.
pub async fn lakehouse(url: url::Url) -> Lakehouse {
    lakehouse_that_rewrites(url, LakehouseConfig::REWRITE_BYTES).await
}

/// A lakehouse at this URL that writes files anew up to so many bytes.
pub async fn lakehouse_that_rewrites(url: url::Url, rewrite_bytes: u64) -> Lakehouse {
    let config = LakehouseConfig {
        url,
        options: Vec::new(),
        memory_limit: 256 << 20,
        spill_dir: std::env::temp_dir(),
        threads: 2,
        rewrite_bytes,
        leftovers: lakehouse::Leftovers::DeleteAll,
        runtime: Handle::current(),
        care: CareConfig {
            automatic: false,
            retention: Duration::from_secs(7 * 24 * 3600),
            runtime: Handle::current(),
        },
    };
    Lakehouse::open(config).await.unwrap()
}

/// Databases whose ids are their names, all open to the caller for `access`.
pub struct Everything {
    pub storage: Arc<dyn Storage>,
    pub names: Vec<&'static str>,
    pub access: Access,
}

#[async_trait]
impl Catalogs for Everything {
    fn default_database(&self) -> &str {
        self.names[0]
    }

    async fn list(&self) -> Result<Vec<DatabaseInfo>> {
        let info = |name: &&str| DatabaseInfo {
            id: DatabaseId::new(*name).unwrap(),
            name: DatabaseName::new(*name).unwrap(),
            kind: StorageKind::Lakehouse,
        };
        Ok(self.names.iter().map(info).collect())
    }

    async fn open(&self, name: &str, access: Access) -> Result<Arc<dyn Database>> {
        if !self.names.contains(&name) {
            return Err(Error::not_found("database", name));
        }
        if !Rights::up_to(self.access).allow(access) {
            return Err(Error::forbidden("may not write"));
        }
        self.storage.open(&DatabaseId::new(name)?).await
    }

    async fn create(&self, _name: &DatabaseName, _kind: StorageKind) -> Result<()> {
        Err(Error::forbidden("may not create"))
    }

    async fn remove(&self, _name: &DatabaseName) -> Result<()> {
        Err(Error::forbidden("may not remove"))
    }

    async fn query_log(&self) -> Result<Rows> {
        Err(Error::unsupported("there is no log here"))
    }
}
