//! Creating and removing databases, in an order that a crash at any point leaves sound.
//!
//! Creating: the storage first, then the row that makes the database known. A crash between them leaves an empty
//! database that nobody knows of; the next creation of the same name takes it over. Removing: the row first, together
//! with a note of what remains to be done, which the next start finishes.

use std::sync::Arc;

use model::{
    Access, Database, DatabaseId, DatabaseInfo, DatabaseName, Error, ErrorKind, Principal, Result, Storage, StorageKind,
};
use tracing::{info, warn};
use uuid::Uuid;

use super::records::{self, Added};
use super::{DatabaseRecord, Databases, require, rights_in};

/// Of the name, this many characters go into an id that takes a random suffix: 51 + 1 + 12 makes 64.
const SLUG_CHARS: usize = 51;
/// Ids are random after the first: more collisions than this mean something else is wrong.
const ATTEMPTS: usize = 4;

impl Databases {
    /// Makes an empty database with the schema `main`.
    ///
    /// # Errors
    /// `Forbidden` without admin access, `Conflict` where the name is taken, `Unsupported` where no storage of this
    /// kind was opened.
    pub async fn create(&self, principal: &Principal, name: &DatabaseName, kind: StorageKind) -> Result<()> {
        require(principal, principal.rights, Access::Admin)?;
        let storage = self.storage(kind)?;
        let _turn = self.0.turn.lock().await;
        let key = name.key();
        if self.0.metadata.call(move |connection| records::find(connection, &key)).await?.is_some() {
            return Err(Error::exists("catalog", name));
        }
        for attempt in 0..ATTEMPTS {
            let Some(id) = self.free_id(storage.as_ref(), name, attempt).await? else { continue };
            let listed = DatabaseInfo { id: id.clone(), name: name.clone(), kind };
            match self.0.metadata.call(move |connection| records::add(connection, &listed)).await? {
                Added::Yes => {
                    info!(database = %name, %id, %kind, "database created");
                    return Ok(());
                }
                // Another program was faster. Its row may be the one with this id, so nothing is cleaned away.
                Added::NameTaken => return Err(Error::exists("catalog", name)),
                Added::IdTaken => {}
            }
        }
        Err(Error::internal(format!("no id is free for a database named {name}")))
    }

    /// Removes a database and everything in it.
    ///
    /// # Errors
    /// `Forbidden` without admin access, `NotFound`.
    pub async fn remove(&self, principal: &Principal, name: &DatabaseName) -> Result<()> {
        let _turn = self.0.turn.lock().await;
        let key = name.key();
        let found = self.0.metadata.call(move |connection| records::find(connection, &key)).await?;
        let record = found.ok_or_else(|| Error::not_found("catalog", name))?;
        let rights = rights_in(principal, &record);
        if rights.is_none() {
            return Err(Error::not_found("catalog", name));
        }
        require(principal, rights, Access::Admin)?;
        self.remove_record(record).await
    }

    /// The same by id.
    ///
    /// # Errors
    /// As [`Databases::record`] without admin access; `Invalid` for the default database.
    pub async fn remove_id(&self, principal: &Principal, id: &str) -> Result<()> {
        let _turn = self.0.turn.lock().await;
        let (record, _) = self.record(principal, id, Access::Admin).await?;
        self.remove_record(Arc::unwrap_or_clone(record)).await
    }

    /// Removes a database that may be removed; who calls has the turn.
    pub(super) async fn remove_record(&self, record: DatabaseRecord) -> Result<()> {
        let name = &record.info.name;
        if name.key() == self.0.default.key() {
            return Err(Error::invalid(format!(
                "\"{name}\" is the default database of this server and cannot be removed"
            )));
        }
        let (stored_as, kind) = (record.stored_as.clone(), record.info.kind);
        let gone = Error::not_found("database", &record.info.id);
        if !self.0.metadata.call(move |connection| records::unlist(connection, &record)).await? {
            return Err(gone);
        }
        self.remove_files(&stored_as, kind).await
    }

    /// Makes the default database where there is none, as on a first start. One that its storage has already is taken
    /// over with all its tables: whoever lost the server's own files, or moved the lakehouse, finds them again.
    ///
    /// # Errors
    /// Those of [`Databases::create`].
    pub async fn ensure_default(&self) -> Result<()> {
        let default = self.0.default.clone();
        let key = default.key();
        if self.0.metadata.call(move |connection| records::find(connection, &key)).await?.is_some() {
            return Ok(());
        }
        if self.take_over(&default, StorageKind::Lakehouse).await? {
            return Ok(());
        }
        match self.create(&crate::accounts::operator(), &default, StorageKind::Lakehouse).await {
            // Another program made it meanwhile.
            Err(taken) if taken.kind() == ErrorKind::Conflict => Ok(()),
            other => other,
        }
    }

    /// Finishes removals that a crash interrupted; one that fails again is logged and left for the next start.
    ///
    /// # Errors
    /// Those of the metadata database.
    pub async fn finish_removals(&self) -> Result<()> {
        for (id, kind) in self.0.metadata.call(|connection| records::removals(connection)).await? {
            if let Err(error) = self.remove_files(&id, kind).await {
                warn!(%id, %kind, %error, "could not remove the files of a removed database");
            }
        }
        Ok(())
    }

    /// Lists the database that the storage has under the name itself; `false` where it has none.
    async fn take_over(&self, name: &DatabaseName, kind: StorageKind) -> Result<bool> {
        let Some(id) = plain_id(name) else { return Ok(false) };
        let tables = match self.storage(kind)?.open(&id).await {
            Ok(database) => database.tables().await?.len(),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        let listed = DatabaseInfo { id: id.clone(), name: name.clone(), kind };
        match self.0.metadata.call(move |connection| records::add(connection, &listed)).await? {
            Added::Yes => info!(database = %name, %id, %kind, tables, "database found in its storage and taken over"),
            Added::NameTaken => {}
            Added::IdTaken => return Ok(false),
        }
        Ok(true)
    }

    pub(super) async fn remove_files(&self, id: &DatabaseId, kind: StorageKind) -> Result<()> {
        match self.storage(kind)?.remove(id).await {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let gone = id.to_string();
        self.0.metadata.call(move |connection| records::removed(connection, &gone)).await?;
        info!(%id, %kind, "database removed");
        Ok(())
    }

    /// Makes an empty database under an id that no listed one has; `None` where this attempt's id is in use.
    async fn free_id(&self, storage: &dyn Storage, name: &DatabaseName, attempt: usize) -> Result<Option<DatabaseId>> {
        let id = if attempt == 0 { plain_id(name) } else { None }.map_or_else(|| random_id(name), Ok)?;
        let wanted = id.to_string();
        if self.0.metadata.call(move |connection| records::is_id_used(connection, &wanted)).await? {
            return Ok(None);
        }
        match storage.create(&id).await {
            Ok(()) => Ok(Some(id)),
            Err(taken) if taken.kind() == ErrorKind::Conflict => {
                let leftover = storage.open(&id).await?;
                Ok(if is_empty(leftover.as_ref()).await? { Some(id) } else { None })
            }
            Err(error) => Err(error),
        }
    }
}

/// Whether a database is as it was created. One with tables in it is somebody's, whoever that is: it is left alone.
async fn is_empty(database: &dyn Database) -> Result<bool> {
    Ok(database.tables().await?.is_empty() && database.schemas().await?.len() <= 1)
}

/// The name itself, where it is an id.
fn plain_id(name: &DatabaseName) -> Option<DatabaseId> {
    DatabaseId::new(name.as_str()).ok()
}

/// What of the name can stand in an id, and 48 random bits.
fn random_id(name: &DatabaseName) -> Result<DatabaseId> {
    let lower = name.as_str().to_lowercase();
    let slug: String =
        lower.chars().filter(|c| c.is_ascii_alphanumeric() || "_-".contains(*c)).take(SLUG_CHARS).collect();
    let random = Uuid::new_v4().simple().to_string();
    let head = if slug.is_empty() { "database" } else { &slug };
    DatabaseId::new(format!("{head}-{}", &random[..12]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_the_name_where_it_is_plain() {
        let id = |name: &str| plain_id(&DatabaseName::new(name).unwrap()).map(|id| id.to_string());
        assert_eq!(id("shop_2"), Some("shop_2".to_owned()));
        assert_eq!(id("Shop"), None);
        assert_eq!(id("../etc"), None);
    }

    #[test]
    fn any_name_has_an_id() {
        for name in ["../../etc/passwd", "Ünïcödé", "\"quoted\" name", &"x".repeat(300), "日本", "."] {
            let id = random_id(&DatabaseName::new(name).unwrap()).unwrap();
            assert!(id.as_str().len() <= 64, "{id}");
        }
    }
}
