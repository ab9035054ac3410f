//! The ids of a database are links to it; who gave one away can change it.

use std::sync::Arc;

use model::{Access, Error, Principal, Result};
use rusqlite::Connection;
use tracing::info;

use super::{DatabaseRecord, Databases, ids};
use crate::metadata::fault;

impl Databases {
    /// Gives a database another id, at once: whoever has the old one has nothing. Its storage goes on under the id that it
    /// was made with, so that no file moves and who has it open goes on.
    ///
    /// # Errors
    /// As [`Databases::record`] without admin access.
    pub async fn renew_id(&self, principal: &Principal, id: &str) -> Result<DatabaseRecord> {
        let (record, _) = self.record(principal, id, Access::Admin).await?;
        let new = ids::database_id()?;
        let (old, named) = (record.info.id.clone(), new.clone());
        // What refers to the id follows by itself. A name that is the id goes with it: it is a link as well.
        const SQL: &str = "\
            UPDATE databases SET id = ?2, storage_id = coalesce(storage_id, id), \
            name = iif(key = id AND label IS NOT NULL, ?2, name), key = iif(key = id AND label IS NOT NULL, ?2, key) \
            WHERE id = ?1";
        let changed =
            move |connection: &mut Connection| connection.execute(SQL, (old.as_str(), named.as_str())).map_err(fault);
        if self.0.metadata.call(changed).await? == 0 {
            return Err(Error::not_found("database", id));
        }
        info!(old = %id, %new, "database has another id");
        let mut record = Arc::unwrap_or_clone(record);
        record.info.id = new;
        Ok(record)
    }

    /// Gives a database another read-only id, at once.
    ///
    /// # Errors
    /// As [`Databases::record`] without admin access.
    pub async fn renew_readonly_id(&self, principal: &Principal, id: &str) -> Result<DatabaseRecord> {
        let (record, _) = self.record(principal, id, Access::Admin).await?;
        let new = ids::readonly_id();
        let (id, link) = (record.info.id.clone(), new.clone());
        self.0
            .metadata
            .call(move |connection| {
                let sql = "UPDATE databases SET readonly_id = ?2 WHERE id = ?1";
                connection.execute(sql, (id.as_str(), link)).map_err(fault)
            })
            .await?;
        let mut record = Arc::unwrap_or_clone(record);
        record.readonly_id = Some(new);
        Ok(record)
    }

    /// Gives every database a read-only id that has none.
    ///
    /// # Errors
    /// Those of the metadata database.
    pub(crate) async fn complete_readonly_ids(&self) -> Result<()> {
        let completed = |connection: &mut Connection| {
            let mut missing =
                connection.prepare("SELECT id FROM databases WHERE readonly_id IS NULL").map_err(fault)?;
            let ids = missing.query_map([], |row| row.get::<_, String>(0)).map_err(fault)?;
            let found = ids.collect::<rusqlite::Result<Vec<_>>>().map_err(fault)?;
            for id in found {
                let sql = "UPDATE databases SET readonly_id = ?2 WHERE id = ?1 AND readonly_id IS NULL";
                connection.execute(sql, (id, ids::readonly_id())).map_err(fault)?;
            }
            Ok(())
        };
        self.0.metadata.call(completed).await
    }
}
