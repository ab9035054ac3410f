//! The databases as one caller's SQL sees them.

use std::sync::Arc;

use async_trait::async_trait;
use model::{Access, Catalogs, Database, DatabaseInfo, DatabaseName, Principal, Result, StorageKind};

use super::Databases;

/// Everything that `principal` can reach by name.
pub(super) struct PrincipalCatalogs {
    databases: Databases,
    principal: Principal,
}

impl PrincipalCatalogs {
    pub(super) fn new(databases: Databases, principal: Principal) -> Self {
        Self { databases, principal }
    }
}

#[async_trait]
impl Catalogs for PrincipalCatalogs {
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
}
