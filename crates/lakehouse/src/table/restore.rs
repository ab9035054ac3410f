//! Going back: one commit that makes files and columns what they were.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::Utc;
use deltalake_core::kernel::Action;
use deltalake_core::protocol::DeltaOperation;
use model::{AsOf, Error, Result};

use super::history::millis;
use super::{DataFile, Snapshot, Table, protocol_upgrade};

impl Table {
    /// Commits the state of `as_of` on top of the newest version, and answers the version that has it.
    ///
    /// # Errors
    /// Those of [`Table::as_of`]; `Conflict` when the table changed meanwhile.
    pub async fn restore(&self, as_of: AsOf) -> Result<u64> {
        let newest = self.snapshot().await?;
        let old = self.as_of(as_of).await?;
        let actions = actions(&newest, &old)?;
        if actions.is_empty() {
            return Ok(newest.version());
        }
        let prepare = |base: &Snapshot| {
            if base.same_as(&newest) {
                Ok(actions.clone())
            } else {
                Err(Error::conflict("the table changed while it was restored; try again"))
            }
        };
        let operation = match as_of {
            AsOf::Version(version) => DeltaOperation::Restore { version: Some(version), datetime: None },
            AsOf::Time(time) => DeltaOperation::Restore { version: None, datetime: Some(millis(time)) },
        };
        self.commit(prepare, operation).await?;
        Ok(self.snapshot().await?.version())
    }
}

/// The difference between two versions. The protocol is raised where that must be and never lowered: the log that other
/// programs read still holds what it was raised for.
fn actions(newest: &Snapshot, old: &Arc<Snapshot>) -> Result<Vec<Action>> {
    let mut actions = Vec::new();
    if newest.metadata() != old.metadata() {
        actions.extend(protocol_upgrade(newest.protocol(), &old.schema)?);
        actions.push(Action::Metadata(old.metadata().clone()));
    }
    let keys = |snapshot: &Snapshot| snapshot.files.iter().map(DataFile::identity).collect::<HashSet<_>>();
    let (there, wanted) = (keys(newest), keys(old));
    let gone = newest.files.iter().filter(|file| !wanted.contains(&file.identity()));
    actions.extend(gone.map(DataFile::remove).map(Action::Remove));
    let now = Utc::now().timestamp_millis();
    let back = old.files.iter().filter(|file| !there.contains(&file.identity())).map(|file| {
        let mut add = file.add().clone();
        (add.data_change, add.modification_time) = (true, now);
        Action::Add(add)
    });
    actions.extend(back);
    Ok(actions)
}
