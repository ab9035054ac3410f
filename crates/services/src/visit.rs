//! One caller in one opened database.

use model::{Access, DatabaseId, Principal, Result};

use crate::{Asked, Audit, Databases, Opened};

/// Somebody who was let into a database, and what for.
pub struct Visit {
    /// Who.
    pub principal: Principal,
    /// The database, and what may be done there.
    pub opened: Opened,
    /// Through what it is asked.
    pub asked: Asked,
}

impl Visit {
    /// Opens a database for `access`.
    ///
    /// # Errors
    /// Those of [`Databases::open_id`].
    pub(crate) async fn open(
        databases: &Databases,
        principal: Principal,
        database: &str,
        access: Access,
        asked: Asked,
    ) -> Result<Self> {
        let opened = databases.open_id(&principal, database, access).await?;
        Ok(Self { principal, opened, asked })
    }

    /// Notes in the audit that something was done to a table.
    pub(crate) async fn note(&self, audit: &Audit, table: &str, changes: Option<u64>) {
        let (record, operation) = (&self.opened.record, self.asked.interface);
        audit.note(record, &self.principal, operation, Some(table), None, changes).await;
    }

    /// The id of the database.
    pub fn id(&self) -> &DatabaseId {
        &self.opened.record.info.id
    }
}
