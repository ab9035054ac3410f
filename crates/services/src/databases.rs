//! Which databases there are, whose they are, and the one way to open them.

mod audited;
mod authorise;
mod changes;
mod copies;
mod create;
mod describe;
mod expiry;
mod ids;
mod lifecycle;
mod links;
mod locked;
mod owners;
mod record;
mod records;
mod replace;
mod settings;

use std::sync::Arc;

use model::{
    Access, CareTotal, Database, DatabaseId, DatabaseInfo, DatabaseName, Error, Principal, Result, Rights, Storage,
    StorageKind, TableName,
};
use moka::sync::Cache;
use tokio::sync::Mutex;

use crate::Metadata;
use audited::Audited;
pub(crate) use authorise::require;
use authorise::rights_in;
pub use changes::DatabaseChange;
pub use copies::Download;
pub use create::NewDatabase;
pub(crate) use create::no_file;
pub use describe::{DatabaseFile, Description};
use locked::Locked;
pub(crate) use locked::schema_is_locked;
pub use record::{DatabaseRecord, Owner, Visibility};
pub use settings::SettingsChange;

/// The databases of the server. Clones share everything.
#[derive(Clone)]
pub struct Databases(Arc<Inner>);

struct Inner {
    metadata: Metadata,
    storages: Vec<Arc<dyn Storage>>,
    default: DatabaseName,
    rules: DatabaseRules,
    /// Creations and removals take turns: ids are chosen by looking at what is there.
    turn: Mutex<()>,
    /// What was read of databases by their ids, and at which count of changes.
    known: Cache<String, (u64, Arc<DatabaseRecord>)>,
}

/// Databases that are remembered; each takes about a kilobyte.
const KNOWN: u64 = 10_000;

/// What callers may do with databases on this server.
#[derive(Clone, Copy, Debug, Default)]
pub struct DatabaseRules {
    /// Whether nobody in particular may create databases. They are public, without an owner, and removed after ten days.
    pub anonymous: bool,
}

/// A database that was opened for somebody.
pub struct Opened {
    /// What the server knows of it.
    pub record: Arc<DatabaseRecord>,
    /// What the caller may do there.
    pub rights: Rights,
    /// The database itself.
    pub database: Arc<dyn Database>,
}

impl Databases {
    /// The databases that `metadata` lists, kept by `storages`; `default` is where unqualified names are looked up.
    pub fn new(metadata: Metadata, storages: Vec<Arc<dyn Storage>>, default: DatabaseName) -> Self {
        Self::with_rules(metadata, storages, default, DatabaseRules::default())
    }

    /// The same where callers may do what `rules` say.
    pub fn with_rules(
        metadata: Metadata,
        storages: Vec<Arc<dyn Storage>>,
        default: DatabaseName,
        rules: DatabaseRules,
    ) -> Self {
        Self(Arc::new(Inner { metadata, storages, default, rules, turn: Mutex::new(()), known: Cache::new(KNOWN) }))
    }

    /// Where unqualified names are looked up when a request does not say.
    pub fn default_database(&self) -> &DatabaseName {
        &self.0.default
    }

    /// Every database that `principal` may do anything in, by name. A public one is for those who know its id: without a
    /// grant it is not listed.
    ///
    /// # Errors
    /// Those of the metadata database.
    pub async fn records(&self, principal: &Principal) -> Result<Vec<DatabaseRecord>> {
        let mut records = self.0.metadata.call(|connection| records::list(connection)).await?;
        records.retain(|record| !authorise::granted(principal, record).is_none());
        Ok(records)
    }

    /// The same as SQL shows them, with the ids that their storages know.
    ///
    /// # Errors
    /// Those of the metadata database.
    pub async fn list(&self, principal: &Principal) -> Result<Vec<DatabaseInfo>> {
        let info = |record: DatabaseRecord| DatabaseInfo { id: record.stored_as, ..record.info };
        Ok(self.records(principal).await?.into_iter().map(info).collect())
    }

    /// Opens a database by name for `access`; letter case does not matter. There is no other way to a database's handle
    /// than this and [`Databases::open_id`]. Where its schema is locked the handle refuses every change of a definition.
    ///
    /// # Errors
    /// `NotFound` where there is none that `principal` may know of, `Forbidden` where it may do less than `access`.
    pub async fn open(&self, principal: &Principal, name: &str, access: Access) -> Result<Arc<dyn Database>> {
        Ok(self.open_named(principal, name, access).await?.database)
    }

    /// The same, with what the server knows of it.
    pub(crate) async fn open_named(&self, principal: &Principal, name: &str, access: Access) -> Result<Opened> {
        let (record, rights) = self.named(principal, name, access).await?;
        let database = self.storage(record.info.kind)?.open(&record.stored_as).await?;
        let database = if record.schema_locked { Arc::new(Locked(database)) } else { database };
        let record = Arc::new(record);
        let database = match record.auditing && access != Access::Read {
            true => Arc::new(Audited {
                database,
                metadata: self.0.metadata.clone(),
                record: Arc::clone(&record),
                principal: principal.clone(),
            }),
            false => database,
        };
        Ok(Opened { record, rights, database })
    }

    /// Opens a database by name for rows that were accepted before its schema was locked.
    pub(crate) async fn open_for_accepted(&self, principal: &Principal, name: &str) -> Result<Arc<dyn Database>> {
        let (record, _) = self.named(principal, name, Access::Write).await?;
        self.storage(record.info.kind)?.open(&record.stored_as).await
    }

    async fn named(&self, principal: &Principal, name: &str, access: Access) -> Result<(DatabaseRecord, Rights)> {
        let key = model::name_key(name);
        let found = self.0.metadata.call(move |connection| records::find(connection, &key)).await?;
        // The product words for a database differ, SQL's is catalog; the name is what a caller needs.
        let record = found.ok_or_else(|| Error::not_found("catalog", name))?;
        let rights = rights_in(principal, &record);
        if rights.is_none() {
            return Err(Error::not_found("catalog", name));
        }
        require(principal, rights, access)?;
        Ok((record, rights))
    }

    /// Notes in the audit what was done to a table of a database, where that is on.
    pub(crate) async fn note(
        &self,
        record: &DatabaseRecord,
        principal: &Principal,
        operation: &'static str,
        table: &TableName,
    ) {
        let table = table.to_string();
        crate::audit::note(&self.0.metadata, record, principal, operation, Some(&table), None, None).await;
    }

    /// Opens a database by what its storage calls it, for work that was authorised when it was accepted.
    pub(crate) async fn open_stored(&self, stored_as: &DatabaseId) -> Result<Arc<dyn Database>> {
        let wanted = stored_as.to_string();
        let found = self.0.metadata.call(move |connection| records::by_storage(connection, &wanted)).await?;
        let record = found.ok_or_else(|| Error::not_found("database", stored_as))?;
        self.storage(record.info.kind)?.open(&record.stored_as).await
    }

    /// What its storage calls the database of this name.
    pub(crate) async fn stored_as(&self, name: &str) -> Result<Option<DatabaseId>> {
        let key = model::name_key(name);
        let found = self.0.metadata.call(move |connection| records::find(connection, &key)).await?;
        Ok(found.map(|record| record.stored_as))
    }

    /// Opens a database by id for `access`, and says what more the caller may do there.
    ///
    /// # Errors
    /// `NotFound` where there is none that `principal` may know of, `Unauthenticated` where nobody is signed in and it
    /// is private, `Forbidden` where it may do less than `access`.
    pub async fn open_id(&self, principal: &Principal, id: &str, access: Access) -> Result<Opened> {
        let (record, rights) = self.record(principal, id, access).await?;
        let database = self.storage(record.info.kind)?.open(&record.stored_as).await?;
        Ok(Opened { record, rights, database })
    }

    /// What the server knows of a database, for whoever may do `access` there; the database itself is not opened.
    ///
    /// # Errors
    /// As [`Databases::open_id`].
    pub async fn record(
        &self,
        principal: &Principal,
        id: &str,
        access: Access,
    ) -> Result<(Arc<DatabaseRecord>, Rights)> {
        let record = self.by_id(id).await?;
        let rights = rights_in(principal, &record);
        if rights.is_none() && principal.caller != model::Caller::Anonymous {
            return Err(Error::not_found("database", id));
        }
        require(principal, rights, access)?;
        Ok((record, rights))
    }

    /// What the server knows of a database; remembered until something changes, since requests ask for it one after the
    /// other. No other program changes what is known of a database that is there.
    async fn by_id(&self, id: &str) -> Result<Arc<DatabaseRecord>> {
        let changes = self.0.metadata.changes();
        if let Some((at, record)) = self.0.known.get(id)
            && at == changes
        {
            return Ok(record);
        }
        let wanted = id.to_owned();
        let found = self.0.metadata.glance(move |connection| records::by_id(connection, &wanted)).await?;
        let record = Arc::new(found.ok_or_else(|| Error::not_found("database", id))?);
        self.0.known.insert(id.to_owned(), (changes, Arc::clone(&record)));
        Ok(record)
    }

    /// The database whose read-only id this is, as a principal that may read it.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn linked(&self, readonly_id: &str) -> Result<(Principal, model::DatabaseId)> {
        let wanted = readonly_id.to_owned();
        let found = self.0.metadata.call(move |connection| records::by_readonly_id(connection, &wanted)).await?;
        let record = found.ok_or_else(|| Error::not_found("database", readonly_id))?;
        Ok((Principal::link(record.info.id.clone()), record.info.id))
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
