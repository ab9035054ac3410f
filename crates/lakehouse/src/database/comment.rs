//! Comments: those of schemas and views stand in the catalog, those of tables and columns in the Delta log.

use deltalake_core::protocol::{DeltaOperation, SaveMode};
use model::{Comment, Commented, Result, TableName};

use super::LakehouseDatabase;
use crate::table::{Snapshot, comment_action};

impl LakehouseDatabase {
    /// Puts a comment on something.
    pub(super) async fn comment(&self, on: Commented, text: Option<String>) -> Result<()> {
        match on {
            Commented::Schema(name) => {
                self.change_catalog(move |document| document.comment_schema(&name, text.clone())).await
            }
            Commented::View(name) => {
                self.change_catalog(move |document| document.comment_view(&name, text.clone())).await
            }
            Commented::Table(name) => self.comment_table(&name, None, text).await,
            Commented::Column(name, column) => self.comment_table(&name, Some(column), text).await,
        }
    }

    async fn comment_table(&self, name: &TableName, column: Option<String>, text: Option<String>) -> Result<()> {
        let table = self.table(name).await?;
        let prepare = |base: &Snapshot| Ok(vec![comment_action(base.metadata(), column.as_deref(), text.as_ref())?]);
        let operation = DeltaOperation::Write { mode: SaveMode::Append, partition_by: None, predicate: None };
        table.commit(prepare, operation).await
    }

    /// The comments of schemas and views.
    pub(super) async fn catalog_comments(&self) -> Result<Vec<Comment>> {
        Ok(self.document().await?.comments())
    }
}
