//! One caller in one opened database.

use model::{Access, DatabaseId, Principal, Result};

use crate::{Asked, Databases, Opened};

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

    /// The id of the database.
    pub fn id(&self) -> &DatabaseId {
        &self.opened.record.info.id
    }
}
