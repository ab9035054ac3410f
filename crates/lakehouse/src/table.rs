//! One Delta table: its newest snapshot, cached by version, and the one way to commit to it.

mod action;
mod changing;
mod checkpoint;
mod comments;
mod commits;
mod deletions;
mod draft;
mod handed_out;
mod history;
mod marks;
mod restore;
mod snapshot;
mod stats;
mod types;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

pub use action::{
    KEY_SETTING, Setting, add, create_actions, metadata_action, protocol_upgrade, with_deletion_vectors, with_setting,
};
pub use changing::Changing;
use checkpoint::Checkpoints;
pub use comments::{action as comment_action, columns as commented_columns, of_column, with as with_comment};
pub use deletions::{Deletions, remaining, vector_id, write_vectors};
use deltalake_core::kernel::transaction::{CommitBuilder, CommitProperties};
use deltalake_core::kernel::{Action, Transaction};
use deltalake_core::logstore::{LogStore, LogStoreRef, StorageConfig, default_logstore};
use deltalake_core::protocol::DeltaOperation;
use deltalake_core::table::state::DeltaTableState;
pub use draft::{Draft, Finished};
use handed_out::HandedOut;
use marks::Marks;
use model::{Error, ErrorKind, Mark, Result};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
pub use snapshot::{DataFile, Snapshot, paths_of_remove};
pub use stats::to_log as file_stats;
use tokio::sync::{Mutex, OwnedMutexGuard, RwLock};
pub use types::storable;

use crate::fault::{from_delta, from_object_store};
use crate::root::Root;

/// Versions that other processes may take before a commit of ours until it gives up. Each of them was a commit of
/// somebody else's, so that it takes a crowd to get there.
const ATTEMPTS: u32 = 100;

/// The pause after a version was lost, times the versions lost so far, up to ten of them.
const PAUSE: Duration = Duration::from_millis(2);

/// An open Delta table.
pub struct Table {
    /// Where it is below the root.
    pub directory: Path,
    store: Arc<dyn ObjectStore>,
    log: LogStoreRef,
    newest: RwLock<Option<Arc<Snapshot>>>,
    committing: Arc<Mutex<()>>,
    /// Held for reading by whoever changes rows; see [`Changing`].
    changes: Arc<RwLock<()>>,
    handed_out: HandedOut,
    checkpoints: Arc<Checkpoints>,
    marks: Marks,
    /// What a transaction does to the table, for a table inside of one.
    draft: Option<Draft>,
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
            committing: Arc::default(),
            marks: Marks::default(),
            changes: Arc::default(),
            handed_out: HandedOut::default(),
            checkpoints: Arc::default(),
            draft: None,
        }
    }

    /// The table as a transaction sees it: what is committed to it stays there until the transaction ends.
    pub fn inside(outside: Arc<Self>) -> Self {
        Self {
            directory: outside.directory.clone(),
            store: outside.store.clone(),
            log: outside.log.clone(),
            newest: RwLock::default(),
            committing: Arc::default(),
            marks: Marks::default(),
            changes: Arc::default(),
            handed_out: HandedOut::default(),
            checkpoints: Arc::default(),
            draft: Some(Draft::of(outside)),
        }
    }

    /// What a transaction does to the table, for a table inside of one.
    pub fn draft(&self) -> Option<&Draft> {
        self.draft.as_ref()
    }

    /// The store, rooted at the table.
    pub fn store(&self) -> &Arc<dyn ObjectStore> {
        &self.store
    }

    /// The newest version. One look at the object store tells whether another writer committed since the last.
    pub async fn snapshot(&self) -> Result<Arc<Snapshot>> {
        if let Some(draft) = &self.draft {
            return draft.snapshot().await;
        }
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
        if let Some(draft) = &self.draft {
            return Box::pin(draft.outside().snapshot_at(version)).await;
        }
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
        Ok(self.handed_out.remember(Snapshot::new(state, &self.directory, Some(&newest))?))
    }

    /// Makes the first commit of a table that no catalog names yet.
    pub async fn create(&self, actions: Vec<Action>, operation: DeltaOperation, mark: Option<&Mark>) -> Result<()> {
        if let Some(draft) = &self.draft {
            return Box::pin(draft.outside().create(actions, operation, mark)).await;
        }
        let commit = commit_builder(mark)?.with_actions(actions);
        let done = commit.build(None, self.log.clone(), operation).await.map_err(from_delta)?;
        self.keep(done.snapshot(), None).await;
        Ok(())
    }

    /// Commits on top of the newest version. `prepare` is given that version and makes the actions; files that they
    /// remove must still be part of it. In-process writers take turns. Where a writer of another process takes the
    /// version first, `prepare` is asked again with what that one left: nothing is ever committed on top of a version
    /// that `prepare` did not see.
    ///
    /// # Errors
    /// Whatever `prepare` says; `Conflict` when a file that it removes is gone.
    pub async fn commit(
        &self,
        prepare: impl FnMut(&Snapshot) -> Result<Vec<Action>>,
        operation: DeltaOperation,
    ) -> Result<()> {
        self.commit_once(prepare, operation, None).await.map(drop)
    }

    /// Commits as [`Table::commit`] does and moves a writer's mark with it. Answers false, and commits nothing, where the
    /// mark is that far already.
    pub async fn commit_once(
        &self,
        prepare: impl FnMut(&Snapshot) -> Result<Vec<Action>>,
        operation: DeltaOperation,
        mark: Option<&Mark>,
    ) -> Result<bool> {
        if let Some(draft) = &self.draft {
            if mark.is_some() {
                return Err(Error::internal("a writer's mark moves inside of a transaction"));
            }
            return draft.apply(prepare).await.map(|()| true);
        }
        let _alone = self.alone().await;
        self.commit_in_turn(prepare, operation, mark).await
    }

    /// Waits until no other commit of this process is under way. Until this is let go of, others wait.
    pub async fn alone(&self) -> OwnedMutexGuard<()> {
        self.committing.clone().lock_owned().await
    }

    /// Commits as [`Table::commit_once`] does, for whoever is [`Table::alone`].
    pub async fn commit_in_turn(
        &self,
        mut prepare: impl FnMut(&Snapshot) -> Result<Vec<Action>>,
        operation: DeltaOperation,
        mark: Option<&Mark>,
    ) -> Result<bool> {
        for lost in 0..=ATTEMPTS {
            let base = self.snapshot().await?;
            if let Some(mark) = mark
                && self.mark_at(&base, &mark.writer).await?.is_some_and(|known| known >= mark.position)
            {
                return Ok(false);
            }
            if self.write(&base, prepare(&base)?, operation.clone(), mark).await? {
                return Ok(true);
            }
            tokio::time::sleep(PAUSE * lost.min(10)).await;
        }
        Err(Error::conflict("other programs change the table all the time; try again"))
    }

    /// Waits until no other commit of this process is under way, and keeps others waiting while it is held.
    pub async fn turn(&self) -> Turn<'_> {
        Turn { table: self, _alone: self.alone().await }
    }

    /// Writes the version that follows `base`; false where a writer of another process took it.
    async fn write(
        &self,
        base: &Snapshot,
        actions: Vec<Action>,
        operation: DeltaOperation,
        mark: Option<&Mark>,
    ) -> Result<bool> {
        check_removed_files(base, &actions)?;
        if let Some(draft) = &self.draft {
            return draft.apply(|_| Ok(actions.clone())).await.map(|()| true);
        }
        let commit = commit_builder(mark)?.with_actions(actions);
        match commit.build(Some(&base.state), self.log.clone(), operation).await.map_err(from_delta) {
            Ok(done) => {
                self.checkpoints.after(&self.log, done.version());
                self.marks.committed(base.version(), done.version(), mark);
                self.keep(done.snapshot(), Some(base)).await;
                Ok(true)
            }
            Err(error) if error.kind() == ErrorKind::Conflict => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The mark of a writer as of the newest version.
    pub async fn mark(&self, writer: &str) -> Result<Option<u64>> {
        let snapshot = self.snapshot().await?;
        self.mark_at(&snapshot, writer).await
    }

    async fn mark_at(&self, snapshot: &Snapshot, writer: &str) -> Result<Option<u64>> {
        if let Some(known) = self.marks.known(snapshot.version(), writer) {
            return Ok(known);
        }
        let found = snapshot.state.transaction_version(self.log.as_ref(), writer).await.map_err(from_delta)?;
        let found = found.and_then(|position| u64::try_from(position).ok());
        self.marks.learn(snapshot.version(), writer, found);
        Ok(found)
    }

    /// Keeps the state after a commit. The commit has landed: what fails here is found by the next reader.
    async fn keep(&self, state: DeltaTableState, before: Option<&Snapshot>) {
        let snapshot = Snapshot::new(state, &self.directory, before).ok();
        *self.newest.write().await = snapshot.map(|snapshot| self.handed_out.remember(snapshot));
    }

    async fn has_commit(&self, version: u64) -> Result<bool> {
        match self.store.head(&Path::from(format!("_delta_log/{version:020}.json"))).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(from_object_store(error)),
        }
    }

    async fn load(&self, known: Option<Arc<Snapshot>>) -> Result<Arc<Snapshot>> {
        let state = match &known {
            Some(snapshot) => {
                let mut state = snapshot.state.clone();
                state.update(self.log.as_ref() as &dyn LogStore, None).await.map_err(from_delta)?;
                state
            }
            None => DeltaTableState::try_new(self.log.as_ref(), None).await.map_err(from_delta)?,
        };
        Ok(self.handed_out.remember(Snapshot::new(state, &self.directory, known.as_deref())?))
    }
}

/// The turn to commit to a table.
pub struct Turn<'a> {
    table: &'a Table,
    _alone: OwnedMutexGuard<()>,
}

impl Turn<'_> {
    /// Writes the version that follows `base`, which must be the newest; false where a writer of another process took
    /// it, which leaves nothing behind.
    ///
    /// # Errors
    /// `Conflict` when a file that the actions remove is no longer as it was.
    pub async fn commit(
        &self,
        base: &Snapshot,
        actions: Vec<Action>,
        operation: DeltaOperation,
        mark: Option<&Mark>,
    ) -> Result<bool> {
        self.table.write(base, actions, operation, mark).await
    }
}

/// Commits do nothing but commit: checkpoints and the log's cleaning come after, where their failure is not the commit's.
/// Nor do they try again by themselves: what goes together with a commit of another writer, `prepare` decides.
fn commit_builder(mark: Option<&Mark>) -> Result<CommitBuilder> {
    let mut properties = CommitProperties::default()
        .with_create_checkpoint(false)
        .with_cleanup_expired_logs(Some(false))
        .with_max_retries(0);
    if let Some(mark) = mark {
        let position = i64::try_from(mark.position)
            .map_err(|_| Error::invalid(format!("the position {} of a mark is too large", mark.position)))?;
        properties = properties.with_application_transaction(Transaction::new(&mark.writer, position));
    }
    Ok(CommitBuilder::from(properties))
}

/// Whether an error of [`Table::commit`] says that nothing was committed. After others (a store that did not answer) the
/// commit may have landed, and its files must stay.
pub fn left_nothing(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Conflict | ErrorKind::Invalid | ErrorKind::NotFound | ErrorKind::Unsupported)
}

/// A file that another commit took out meanwhile, or rows of it, must not be replaced: the rows would come back.
fn check_removed_files(base: &Snapshot, actions: &[Action]) -> Result<()> {
    let active: HashSet<(&str, Option<String>)> =
        base.files.iter().map(|file| (file.add().path.as_str(), file.vector_id())).collect();
    let is_gone = |action: &Action| match action {
        Action::Remove(remove) => !active.contains(&(remove.path.as_str(), vector_id(remove.deletion_vector.as_ref()))),
        _ => false,
    };
    if actions.iter().any(is_gone) {
        Err(Error::conflict("the table was rewritten at the same time; try again"))
    } else {
        Ok(())
    }
}
