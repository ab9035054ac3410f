//! The databases, and the log of queries, as one caller's SQL sees them.

use std::sync::Arc;

use async_trait::async_trait;
use model::{Access, Catalogs, Database, DatabaseInfo, DatabaseName, Principal, Result, Rows, StorageKind};

use super::only;
use super::registry::Registry;
use crate::Databases;

/// Everything that `principal` can reach by name.
pub(super) struct QueryCatalogs {
    databases: Databases,
    registry: Arc<Registry>,
    principal: Principal,
}

impl QueryCatalogs {
    pub(super) fn new(databases: Databases, registry: Arc<Registry>, principal: Principal) -> Self {
        Self { databases, registry, principal }
    }
}

#[async_trait]
impl Catalogs for QueryCatalogs {
    fn default_database(&self) -> &str {
        self.databases.default_database().as_str()
    }

    async fn list(&self) -> Result<Vec<DatabaseInfo>> {
        self.databases.list(&self.principal).await
    }

    async fn open(&self, name: &str, access: Access) -> Result<Arc<dyn Database>> {
        self.databases.open(&self.principal, name, access).await
    }

    async fn create(&self, name: &DatabaseName, kind: StorageKind) -> Result<()> {
        self.databases.create(&self.principal, name, kind).await
    }

    async fn remove(&self, name: &DatabaseName) -> Result<()> {
        self.databases.remove(&self.principal, name).await
    }

    async fn query_log(&self) -> Result<Rows> {
        let principal = only(&self.principal).map(str::to_owned);
        Ok(self.registry.log().list(self.registry.list(), principal))
    }
}
