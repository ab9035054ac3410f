//! Databases that nobody owns are removed after a while.

use std::sync::{Arc, Weak};
use std::time::Duration;

use model::{DatabaseId, Error, Result};
use rusqlite::Connection;
use tracing::warn;

use super::{Databases, Inner, records};
use crate::metadata::fault;

/// How often it is looked for databases whose time is over.
const EVERY: Duration = Duration::from_secs(60);

impl Databases {
    /// Looks from now on, as long as anybody holds the databases, for those whose time is over.
    pub(crate) fn remove_expired_ones(&self) {
        let databases: Weak<Inner> = Arc::downgrade(&self.0);
        tokio::spawn(async move {
            while let Some(inner) = databases.upgrade() {
                if let Err(error) = Self(inner).remove_expired().await {
                    warn!(%error, "could not remove databases whose time is over");
                }
                tokio::time::sleep(EVERY).await;
            }
        });
    }

    /// Removes the databases whose time is over, and answers how many.
    ///
    /// # Errors
    /// Those of the metadata database and the storages; what was not removed will be.
    pub async fn remove_expired(&self) -> Result<usize> {
        let expired = self.0.metadata.call(|connection| expired(connection)).await?;
        let mut removed = 0;
        for id in expired {
            let _turn = self.0.turn.lock().await;
            let wanted = id.to_string();
            let found = self.0.metadata.call(move |connection| records::by_id(connection, &wanted)).await?;
            // It may have found an owner since.
            if let Some(record) = found.filter(|record| record.expires_at.is_some() && record.owner.is_none()) {
                self.remove_record(record).await?;
                removed += 1;
            }
        }
        Ok(removed)
    }
}

fn expired(connection: &mut Connection) -> Result<Vec<DatabaseId>> {
    const SQL: &str = "\
        SELECT id FROM databases WHERE owner_team IS NULL AND expires_at <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";
    let mut statement = connection.prepare_cached(SQL).map_err(fault)?;
    let ids = statement.query_map([], |row| row.get::<_, String>(0)).map_err(fault)?;
    ids.map(|id| DatabaseId::new(id.map_err(fault)?).map_err(Error::internal)).collect()
}
