//! The catalog of a database: a log of whole documents on the object store, one file a version.
//!
//! A version is written with put-if-absent, as a Delta commit is: of two writers one wins and the other tries again
//! on what it finds, and a version is there wholly or not at all. So creating, renaming, replacing and dropping are
//! atomic whatever they touch, and a database describes itself without the server's own files.

mod document;

use std::sync::Arc;

pub use document::{Content, Document};
use futures::TryStreamExt;
use model::{Error, Result};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions};
use tokio::sync::{Mutex, RwLock};

use crate::fault::from_object_store;

/// The folder of the log, relative to the database.
const FOLDER: &str = "_catalog";

/// Versions that stay for readers of the past and for repair.
const KEPT: u64 = 32;

/// The catalog of one database, cached; changes go to the object store first.
pub struct Catalog {
    store: Arc<dyn ObjectStore>,
    current: RwLock<(u64, Arc<Document>)>,
    changing: Mutex<()>,
    /// The changes of a transaction, for a catalog inside of one.
    recorded: Option<Mutex<Vec<Replay>>>,
}

/// A change that a transaction made, to be made again on whatever is newest when it ends.
pub type Replay = Box<dyn FnMut(&mut Document) -> Result<()> + Send>;

/// What came of a change.
pub struct Changed<T> {
    /// What the change answered.
    pub answer: T,
    /// The catalog before.
    pub before: Arc<Document>,
    /// The catalog since.
    pub after: Arc<Document>,
}

impl Catalog {
    /// Writes the first version. One that exists is `Conflict`.
    pub async fn create(store: &dyn ObjectStore) -> Result<()> {
        put(store, 0, &Document::new())
            .await
            .and_then(|written| if written { Ok(()) } else { Err(Error::conflict("the database exists already")) })
    }

    /// Reads the newest version; `None` where there is no catalog.
    pub async fn open(store: Arc<dyn ObjectStore>) -> Result<Option<Self>> {
        let newest = newest(store.as_ref()).await?;
        Ok(newest.map(|(version, document)| Self {
            store,
            current: RwLock::new((version, Arc::new(document))),
            changing: Mutex::new(()),
            recorded: None,
        }))
    }

    /// The catalog as a transaction sees it: what changes in it stays there until the transaction ends.
    pub async fn inside(&self) -> Self {
        let current = self.current.read().await.clone();
        Self {
            store: self.store.clone(),
            current: RwLock::new(current),
            changing: Mutex::new(()),
            recorded: Some(Mutex::default()),
        }
    }

    /// What a transaction changed, in order; the catalog inside of it has forgotten it then.
    pub async fn take_recorded(&self) -> Vec<Replay> {
        match &self.recorded {
            Some(recorded) => std::mem::take(&mut *recorded.lock().await),
            None => Vec::new(),
        }
    }

    /// The catalog as of the last change.
    pub async fn document(&self) -> Arc<Document> {
        self.current.read().await.1.clone()
    }

    /// Applies `change` to the newest document and writes the outcome, again and again until no other writer was
    /// faster.
    ///
    /// Runs to its end whatever becomes of the caller: a change that is written is also known.
    pub async fn change<T: Send + 'static>(
        self: &Arc<Self>,
        change: impl FnMut(&mut Document) -> Result<T> + Send + 'static,
    ) -> Result<Changed<T>> {
        if let Some(recorded) = &self.recorded {
            return self.record(recorded, change).await;
        }
        let catalog = Arc::clone(self);
        tokio::spawn(async move { catalog.change_now(change).await }).await.map_err(Error::internal)?
    }

    /// Makes a change inside a transaction, and keeps it for the end.
    async fn record<T>(
        &self,
        recorded: &Mutex<Vec<Replay>>,
        mut change: impl FnMut(&mut Document) -> Result<T> + Send + 'static,
    ) -> Result<Changed<T>> {
        let mut recorded = recorded.lock().await;
        let mut current = self.current.write().await;
        let before = current.1.clone();
        let mut document = (*before).clone();
        let answer = change(&mut document)?;
        let after = Arc::new(document);
        current.1 = after.clone();
        recorded.push(Box::new(move |document| change(document).map(drop)));
        Ok(Changed { answer, before, after })
    }

    async fn change_now<T>(&self, mut change: impl FnMut(&mut Document) -> Result<T>) -> Result<Changed<T>> {
        let _one_at_a_time = self.changing.lock().await;
        loop {
            let (version, before) = self.current.read().await.clone();
            let mut document = (*before).clone();
            let answer = change(&mut document)?;
            let after = Arc::new(document);
            if put(self.store.as_ref(), version + 1, &after).await? {
                *self.current.write().await = (version + 1, after.clone());
                self.forget(version + 1).await;
                return Ok(Changed { answer, before, after });
            }
            let (version, document) = newest(self.store.as_ref())
                .await?
                .ok_or_else(|| Error::new(model::ErrorKind::NotFound, "not_found", "the database was removed"))?;
            *self.current.write().await = (version, Arc::new(document));
        }
    }

    /// Deletes the version that is too old to keep. A failure leaves one small file too many.
    async fn forget(&self, version: u64) {
        if let Some(old) = version.checked_sub(KEPT)
            && let Err(error) = self.store.delete(&path(old)).await
        {
            tracing::debug!(%error, version = old, "an old catalog version could not be deleted");
        }
    }
}

fn path(version: u64) -> Path {
    Path::from(format!("{FOLDER}/{version:020}.json"))
}

/// Writes a version; `false` when it is there already.
async fn put(store: &dyn ObjectStore, version: u64, document: &Document) -> Result<bool> {
    let bytes = serde_json::to_vec_pretty(document).map_err(Error::internal)?;
    let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
    match store.put_opts(&path(version), bytes.into(), options).await {
        Ok(_) => Ok(true),
        Err(object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. }) => Ok(false),
        Err(error) => Err(from_object_store(error)),
    }
}

async fn newest(store: &dyn ObjectStore) -> Result<Option<(u64, Document)>> {
    let files: Vec<_> = store.list(Some(&Path::from(FOLDER))).try_collect().await.map_err(from_object_store)?;
    let versions = files.iter().filter_map(|file| file.location.filename()?.strip_suffix(".json")?.parse::<u64>().ok());
    let Some(version) = versions.max() else { return Ok(None) };
    let bytes = store.get(&path(version)).await.map_err(from_object_store)?.bytes().await.map_err(from_object_store)?;
    let document = serde_json::from_slice(&bytes).map_err(Error::internal)?;
    Ok(Some((version, document)))
}
