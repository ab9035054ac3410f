//! A version of a table that is being made: what a transaction has changed, on top of the version that it began with.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

use deltalake_core::kernel::Action;
use deltalake_core::protocol::{DeltaOperation, SaveMode};
use model::{Error, Result};
use tokio::sync::RwLock;

use super::{Changing, DataFile, Snapshot, Table};

/// A table as a transaction sees it.
pub struct Draft {
    outside: Arc<Table>,
    work: RwLock<Option<Work>>,
}

/// What was done so far.
struct Work {
    /// The version that the transaction found.
    base: Arc<Snapshot>,
    /// The version that it sees.
    current: Arc<Snapshot>,
    /// Paths of all files that were written for it, whether or not they are still part of it.
    written: Vec<String>,
    /// When it last changed.
    changed: Option<Instant>,
    /// Until the transaction ends, compaction leaves the version as it is.
    _changing: Changing,
}

/// A draft that changed the table, ready to be committed.
pub struct Finished {
    /// The table that the commit goes to.
    pub table: Arc<Table>,
    /// When it last changed.
    pub changed: Instant,
    base: Arc<Snapshot>,
    current: Arc<Snapshot>,
    /// Files that were written and that the commit does not name.
    pub left: Vec<String>,
}

impl Draft {
    /// A draft of a table that has not changed yet.
    pub fn of(outside: Arc<Table>) -> Self {
        Self { outside, work: RwLock::new(None) }
    }

    /// The table itself.
    pub fn outside(&self) -> &Arc<Table> {
        &self.outside
    }

    /// The version that the transaction sees. The first look decides which one that is.
    pub async fn snapshot(&self) -> Result<Arc<Snapshot>> {
        if let Some(work) = self.work.read().await.as_ref() {
            return Ok(work.current.clone());
        }
        let mut work = self.work.write().await;
        if let Some(work) = work.as_ref() {
            return Ok(work.current.clone());
        }
        let changing = self.outside.changing().await;
        let base = Box::pin(self.outside.snapshot()).await?;
        let current = base.clone();
        *work = Some(Work { base: base.clone(), current, written: Vec::new(), changed: None, _changing: changing });
        Ok(base)
    }

    /// Changes the version that the transaction sees as a commit of these actions would.
    pub async fn apply(&self, mut prepare: impl FnMut(&Snapshot) -> Result<Vec<Action>>) -> Result<()> {
        self.snapshot().await?;
        let mut work = self.work.write().await;
        let work = work.as_mut().ok_or_else(|| Error::internal("a draft without a version"))?;
        let actions = prepare(&work.current)?;
        let found: HashSet<&str> = work.base.files.iter().map(|file| file.add().path.as_str()).collect();
        work.written.extend(actions.iter().filter_map(|action| match action {
            // A file that was there and is added again lost rows to a deletion vector: it is not the transaction's own.
            Action::Add(add) if !found.contains(add.path.as_str()) => Some(add.path.clone()),
            _ => None,
        }));
        work.current = Arc::new(work.current.after(&actions)?);
        work.changed = Some(Instant::now());
        Ok(())
    }

    /// Paths of all files that were written.
    pub async fn written(&self) -> Vec<String> {
        self.work.read().await.as_ref().map(|work| work.written.clone()).unwrap_or_default()
    }

    /// What there is to commit; nothing where the transaction only read.
    pub async fn finish(&self) -> Option<Finished> {
        let work = self.work.read().await;
        let work = work.as_ref()?;
        let named: HashSet<String> = work.current.files.iter().map(|file| file.add().path.clone()).collect();
        let left = work.written.iter().filter(|path| !named.contains(*path)).cloned().collect();
        Some(Finished {
            table: self.outside.clone(),
            changed: work.changed?,
            base: work.base.clone(),
            current: work.current.clone(),
            left,
        })
    }
}

impl Finished {
    /// Whether the change goes together with what `newest` is: the version that it was made on, or a later one with the
    /// same columns where it does no more than add rows.
    ///
    /// # Errors
    /// `Conflict`.
    pub fn check(&self, newest: &Snapshot) -> Result<()> {
        let only_adds = self.removed().is_empty() && self.current.metadata() == self.base.metadata();
        if newest.version() == self.base.version() || (only_adds && newest.schema == self.base.schema) {
            return Ok(());
        }
        Err(Error::conflict(
            "TransactionContext Error: Failed to commit: another writer changed the table at the same time; nothing was changed, try again",
        ))
    }

    /// Everything that the transaction changed, as the actions of one commit.
    ///
    /// # Errors
    /// As [`Finished::check`].
    pub fn actions(&self, newest: &Snapshot) -> Result<Vec<Action>> {
        self.check(newest)?;
        let mut actions = Vec::new();
        if self.current.protocol() != self.base.protocol() {
            actions.push(Action::Protocol(self.current.protocol().clone()));
        }
        if self.current.metadata() != self.base.metadata() {
            actions.push(Action::Metadata(self.current.metadata().clone()));
        }
        actions.extend(self.removed().into_iter().map(DataFile::remove).map(Action::Remove));
        actions.extend(difference(&self.current, &self.base).into_iter().map(|file| Action::Add(file.add().clone())));
        Ok(actions)
    }

    /// What the log calls it.
    pub fn operation(&self) -> DeltaOperation {
        if self.removed().is_empty() {
            DeltaOperation::Write { mode: SaveMode::Append, partition_by: None, predicate: None }
        } else {
            DeltaOperation::Update { predicate: None }
        }
    }

    fn removed(&self) -> Vec<&DataFile> {
        difference(&self.base, &self.current)
    }
}

/// The files of `one` that are not part of `other`.
fn difference<'a>(one: &'a Snapshot, other: &Snapshot) -> Vec<&'a DataFile> {
    let known: HashSet<(String, Option<String>)> = other.files.iter().map(DataFile::identity).collect();
    one.files.iter().filter(|file| !known.contains(&file.identity())).collect()
}
