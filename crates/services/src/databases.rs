//! Which databases there are, and the one way to open them.

mod lifecycle;
mod records;

use std::sync::Arc;

use model::{Access, CareTotal, Database, DatabaseInfo, DatabaseName, Error, Principal, Result, Storage, StorageKind};
use tokio::sync::Mutex;

use crate::Metadata;

/// The databases of the server. Clones share everything.
#[derive(Clone)]
pub struct Databases(Arc<Inner>);

struct Inner {
    metadata: Metadata,
    storages: Vec<Arc<dyn Storage>>,
    default: DatabaseName,
    /// Creations and removals take turns: ids are chosen by looking at what is there.
    turn: Mutex<()>,
}

impl Databases {
    /// The databases that `metadata` lists, kept by `storages`; `default` is where unqualified names are looked up.
    pub fn new(metadata: Metadata, storages: Vec<Arc<dyn Storage>>, default: DatabaseName) -> Self {
        Self(Arc::new(Inner { metadata, storages, default, turn: Mutex::new(()) }))
    }

    /// Where unqualified names are looked up when a request does not say.
    pub fn default_database(&self) -> &DatabaseName {
        &self.0.default
    }

    /// Every database that `principal` may know of, by name.
    ///
    /// # Errors
    /// Those of the metadata database.
    pub async fn list(&self, principal: &Principal) -> Result<Vec<DatabaseInfo>> {
        // Access is one level for all databases, so far: who can sign in may know of each.
        authorise(principal, Access::Read)?;
        self.0.metadata.call(|connection| records::list(connection)).await
    }

    /// Opens a database for `access`; letter case does not matter. There is no other way to a database's handle.
    ///
    /// # Errors
    /// `NotFound` where there is none that `principal` may know of, `Forbidden` where it may do less than `access`.
    pub async fn open(&self, principal: &Principal, name: &str, access: Access) -> Result<Arc<dyn Database>> {
        let key = model::name_key(name);
        let found = self.0.metadata.call(move |connection| records::find(connection, &key)).await?;
        // The product words for a database differ, SQL's is catalog; the name is what a caller needs.
        let info = found.ok_or_else(|| Error::not_found("catalog", name))?;
        authorise(principal, access)?;
        self.storage(info.kind)?.open(&info.id).await
    }

    /// How often the storages took care of their tables since the start.
    pub fn care_totals(&self) -> Vec<CareTotal> {
        self.0.storages.iter().flat_map(|storage| storage.care_totals()).collect()
    }

    fn storage(&self, kind: StorageKind) -> Result<&Arc<dyn Storage>> {
        self.0
            .storages
            .iter()
            .find(|storage| storage.kind() == kind)
            .ok_or_else(|| Error::unsupported(format!("this server was started without a storage of kind {kind}")))
    }
}

/// The one rule of access, so far: a principal has the same in every database.
fn authorise(principal: &Principal, wanted: Access) -> Result<()> {
    if principal.access >= wanted {
        return Ok(());
    }
    Err(Error::forbidden(format!(
        "user \"{}\" has {} access; this takes {wanted} access",
        principal.name, principal.access
    )))
}
