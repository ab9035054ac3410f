//! Putting changed rows in the place of the files they came from.

use std::sync::Arc;

use deltalake_core::kernel::Action;
use deltalake_core::protocol::DeltaOperation;
use model::{Error, Result, Rows, TableName};

use super::LakehouseDatabase;
use super::write::adds;
use crate::table::{DataFile, Snapshot};
use crate::write::{discard_after, write_files};

impl LakehouseDatabase {
    /// Writes `rows` and, in one commit, puts them in the place of the files of `snapshot` at the positions that
    /// `replaced` answers once all rows are written. Without rows and positions there is no commit.
    ///
    /// # Errors
    /// `Conflict` when one of the files is no longer part of the table, or when its columns changed.
    pub async fn replace_files(
        &self,
        name: &TableName,
        snapshot: &Arc<Snapshot>,
        replaced: &(dyn Fn() -> Vec<usize> + Send + Sync),
        rows: Rows,
    ) -> Result<()> {
        let table = self.table(name).await?;
        let files = write_files(table.store(), &snapshot.schema, rows, self.session.encoding()).await?;
        let positions = replaced();
        if positions.is_empty() && files.adds.is_empty() {
            return Ok(());
        }
        let prepare = |base: &Snapshot| {
            if base.schema != snapshot.schema {
                return Err(Error::conflict("the columns of the table changed at the same time; try again"));
            }
            let replaced = positions.iter().filter_map(|position| snapshot.files.get(*position));
            let mut actions: Vec<Action> = replaced.map(DataFile::remove).map(Action::Remove).collect();
            actions.extend(adds(&files.adds));
            Ok(actions)
        };
        let done = table.commit(prepare, DeltaOperation::Update { predicate: None }).await;
        if let Err(error) = &done {
            discard_after(table.store(), &files, error).await;
        }
        done
    }
}
