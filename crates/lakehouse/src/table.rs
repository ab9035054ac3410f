//! One Delta table: its newest snapshot, cached by version, and the one way to commit to it.

mod action;
mod changing;
mod checkpoint;
mod commits;
mod handed_out;
mod history;
mod restore;
mod snapshot;
mod stats;
mod types;

use std::collections::HashSet;
use std::sync::Arc;

pub use action::{add, create_actions, metadata_action, protocol_upgrade};
pub use changing::Changing;
use checkpoint::Checkpoints;
use deltalake_core::kernel::Action;
use deltalake_core::kernel::transaction::{CommitBuilder, CommitProperties};
use deltalake_core::logstore::{LogStore, LogStoreRef, StorageConfig, default_logstore};
use deltalake_core::protocol::DeltaOperation;
use deltalake_core::table::state::DeltaTableState;
use handed_out::HandedOut;
use model::{Error, ErrorKind, Result};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
pub use snapshot::{DataFile, Snapshot, paths_of_remove};
pub use stats::to_log as file_stats;
use tokio::sync::{Mutex, RwLock};
pub use types::storable;

use crate::fault::{from_delta, from_object_store};
use crate::root::Root;

/// An open Delta table.
pub struct Table {
    directory: Path,
    store: Arc<dyn ObjectStore>,
    log: LogStoreRef,
    newest: RwLock<Option<Arc<Snapshot>>>,
    committing: Mutex<()>,
    /// Held for reading by whoever changes rows; see [`Changing`].
    changes: Arc<RwLock<()>>,
    handed_out: HandedOut,
    checkpoints: Arc<Checkpoints>,
}

impl Table {
    /// The table in a directory below the root. Nothing is read yet.
    pub fn new(root: &Root, directory: Path) -> Self {
        let store = root.below(&directory);
        let url = Root::directory_url(&directory);
        let log = default_logstore(store.clone(), root.store().clone(), &url, &StorageConfig::default());
        Self {
            directory,
            store,
            log,
            newest: RwLock::default(),
            committing: Mutex::default(),
            changes: Arc::default(),
            handed_out: HandedOut::default(),
            checkpoints: Arc::default(),
        }
    }

    /// The store, rooted at the table.
    pub fn store(&self) -> &Arc<dyn ObjectStore> {
        &self.store
    }

    /// The newest version. One look at the object store tells whether another writer committed since the last.
    pub async fn snapshot(&self) -> Result<Arc<Snapshot>> {
        let cached = self.newest.read().await.clone();
        if let Some(snapshot) = &cached
            && !self.has_commit(snapshot.version() + 1).await?
        {
            return Ok(snapshot.clone());
        }
        let mut newest = self.newest.write().await;
        let snapshot = self.load(newest.take()).await?;
        *newest = Some(snapshot.clone());
        Ok(snapshot)
    }

    /// The newest version that this process knows of, without a look at the object store.
    pub async fn known(&self) -> Option<Arc<Snapshot>> {
        self.newest.read().await.clone()
    }

    /// An older version.
    ///
    /// # Errors
    /// `NotFound` for one that never was or that is no longer kept.
    pub async fn snapshot_at(&self, version: u64) -> Result<Arc<Snapshot>> {
        let newest = self.snapshot().await?;
        if version == newest.version() {
            return Ok(newest);
        }
        if version > newest.version() {
            return Err(Error::not_found("version", version));
        }
        let state = DeltaTableState::try_new(self.log.as_ref(), Some(version))
            .await
            .map_err(|error| Error::not_found("version", version).with_source(error))?;
        Ok(self.handed_out.remember(Snapshot::new(state, &self.directory)?))
    }

    /// Makes the first commit of a table that no catalog names yet.
    pub async fn create(&self, actions: Vec<Action>, operation: DeltaOperation) -> Result<()> {
        let commit = commit_builder().with_actions(actions);
        let done = commit.build(None, self.log.clone(), operation).await.map_err(from_delta)?;
        self.keep(done.snapshot()).await;
        Ok(())
    }

    /// Commits on top of the newest version. `prepare` is given that version and makes the actions; files that they
    /// remove must still be part of it. In-process writers take turns, those of other processes are met by delta-rs'
    /// conflict check.
    ///
    /// # Errors
    /// `Conflict` when another writer was faster with something that does not go together; whatever `prepare` says.
    pub async fn commit(
        &self,
        prepare: impl FnOnce(&Snapshot) -> Result<Vec<Action>>,
        operation: DeltaOperation,
    ) -> Result<()> {
        let _turn = self.committing.lock().await;
        let base = self.snapshot().await?;
        let actions = prepare(&base)?;
        check_removed_files(&base, &actions)?;
        let commit = commit_builder().with_actions(actions);
        let done = commit.build(Some(&base.state), self.log.clone(), operation).await.map_err(from_delta)?;
        self.checkpoints.after(&self.log, done.version());
        self.keep(done.snapshot()).await;
        Ok(())
    }

    /// Keeps the state after a commit. The commit has landed: what fails here is found by the next reader.
    async fn keep(&self, state: DeltaTableState) {
        *self.newest.write().await =
            Snapshot::new(state, &self.directory).ok().map(|snapshot| self.handed_out.remember(snapshot));
    }

    async fn has_commit(&self, version: u64) -> Result<bool> {
        match self.store.head(&Path::from(format!("_delta_log/{version:020}.json"))).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(from_object_store(error)),
        }
    }

    async fn load(&self, known: Option<Arc<Snapshot>>) -> Result<Arc<Snapshot>> {
        let state = match known {
            Some(snapshot) => {
                let mut state = snapshot.state.clone();
                state.update(self.log.as_ref() as &dyn LogStore, None).await.map_err(from_delta)?;
                state
            }
            None => DeltaTableState::try_new(self.log.as_ref(), None).await.map_err(from_delta)?,
        };
        Ok(self.handed_out.remember(Snapshot::new(state, &self.directory)?))
    }
}

/// Commits do nothing but commit: checkpoints and the log's cleaning come after, where their failure is not the commit's.
fn commit_builder() -> CommitBuilder {
    let properties = CommitProperties::default().with_create_checkpoint(false).with_cleanup_expired_logs(Some(false));
    CommitBuilder::from(properties)
}

/// Whether an error of [`Table::commit`] says that nothing was committed. After others (a store that did not answer) the
/// commit may have landed, and its files must stay.
pub fn left_nothing(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Conflict | ErrorKind::Invalid | ErrorKind::NotFound | ErrorKind::Unsupported)
}

/// A file that another commit took out meanwhile must not be replaced: its rows would come back.
fn check_removed_files(base: &Snapshot, actions: &[Action]) -> Result<()> {
    let active: HashSet<String> = base.files.iter().map(DataFile::log_path).collect();
    let gone = actions.iter().any(|action| matches!(action, Action::Remove(remove) if !active.contains(&remove.path)));
    if gone { Err(Error::conflict("the table was rewritten at the same time; try again")) } else { Ok(()) }
}
