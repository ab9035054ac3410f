//! Statements of our own making that read a database for somebody.

use formats::{Blobs, JsonCells};
use futures::StreamExt;
use model::{Access, Error, Query, Result, Rights, Rows, Statement, StorageKind, Value};

use crate::{Queries, RunQuery, Visit};

/// Reads one database for one caller.
pub(crate) struct Reader<'a> {
    pub queries: &'a Queries,
    pub visit: &'a Visit,
}

impl Reader<'_> {
    pub(super) fn kind(&self) -> StorageKind {
        self.visit.opened.record.info.kind
    }

    /// The rows of a statement in the dialect that this kind of database is asked in. Only its own dialect knows
    /// parameters.
    pub(crate) async fn rows(&self, sql: String, parameters: Vec<Value>) -> Result<Rows> {
        match self.kind() {
            StorageKind::Sqlite => {
                let rights = Rights::only(Access::Read);
                let statement = Statement { rights, schema_locked: true, ..Statement::new(sql) }.with(parameters);
                let database = self.visit.opened.database.as_ref();
                let running =
                    self.queries.execute(&self.visit.principal, database, statement, self.visit.asked.clone()).await?;
                Ok(running.executed.rows)
            }
            StorageKind::Lakehouse => {
                let catalog = Some(self.visit.opened.record.info.name.to_string());
                let query = Query { catalog, ..Query::new(sql) };
                let (interface, user_agent) = (self.visit.asked.interface, self.visit.asked.user_agent.clone());
                let run = RunQuery { interface, user_agent, ..RunQuery::new(query) };
                Ok(self.queries.run(&self.visit.principal, run).await?.rows)
            }
        }
    }

    /// The one number that a statement answers with.
    pub(super) async fn number(&self, sql: String, parameters: Vec<Value>) -> Result<u64> {
        let mut rows = self.rows(sql, parameters).await?;
        let schema = rows.schema().clone();
        while let Some(batch) = rows.next().await.transpose()? {
            if batch.num_rows() > 0 {
                let mut text = Vec::new();
                JsonCells::new(batch.column(0), schema.field(0), Blobs::Named)?.push(0, &mut text);
                return serde_json::from_slice(&text).map_err(Error::internal);
            }
        }
        Err(Error::internal("a count without a row"))
    }
}
