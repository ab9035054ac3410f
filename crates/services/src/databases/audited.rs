//! A database whose auditing is on, as it is opened by name: what SQL, uploads and upserts write there is noted.

use std::any::Any;
use std::sync::Arc;

use arrow_schema::SchemaRef;
use async_trait::async_trait;
use model::{
    Appended, AsOf, Care, Cared, Comment, Database, Executed, FileDatabase, Mark, Principal, Result, Rows, Scan,
    SchemaChange, Statement, TableDefinition, TableInfo, TableName, Upsert, Upserted, Version, WriteMode, Written,
};

use super::DatabaseRecord;
use crate::Metadata;
use crate::audit;

/// The database behind it, opened by somebody for writing.
pub(super) struct Audited {
    pub database: Arc<dyn Database>,
    pub metadata: Metadata,
    pub record: Arc<DatabaseRecord>,
    pub principal: Principal,
}

impl Audited {
    async fn note(
        &self,
        operation: &'static str,
        table: Option<&TableName>,
        statement: Option<&str>,
        changes: Option<u64>,
    ) {
        let table = table.map(ToString::to_string);
        audit::note(&self.metadata, &self.record, &self.principal, operation, table.as_deref(), statement, changes)
            .await;
    }
}

/// What a change is about, and how it is called.
fn told(change: &SchemaChange) -> (Option<TableName>, &'static str) {
    match change {
        SchemaChange::CreateSchema { .. } => (None, "create_schema"),
        SchemaChange::DropSchema { .. } => (None, "drop_schema"),
        SchemaChange::CreateTable { name, .. } => (Some(name.clone()), "create_table"),
        SchemaChange::DropTable { name, .. } => (Some(name.clone()), "drop_table"),
        SchemaChange::RenameTable { name, .. } => (Some(name.clone()), "rename_table"),
        SchemaChange::AlterColumn { name, .. } => (Some(name.clone()), "alter_column"),
        SchemaChange::CreateView { name, .. } => (Some(name.clone()), "create_view"),
        SchemaChange::DropView { name, .. } => (Some(name.clone()), "drop_view"),
        SchemaChange::Comment { .. } => (None, "comment"),
    }
}

#[async_trait]
impl Database for Audited {
    fn schema_locked(&self) -> bool {
        self.database.schema_locked()
    }

    async fn schemas(&self) -> Result<Vec<String>> {
        self.database.schemas().await
    }

    async fn tables(&self) -> Result<Vec<TableInfo>> {
        self.database.tables().await
    }

    async fn comments(&self) -> Result<Vec<Comment>> {
        self.database.comments().await
    }

    async fn columns(&self, table: &TableName) -> Result<SchemaRef> {
        self.database.columns(table).await
    }

    async fn estimated_rows(&self, table: &TableName) -> Result<Option<u64>> {
        self.database.estimated_rows(table).await
    }

    async fn definition(&self, table: &str) -> Result<TableDefinition> {
        self.database.definition(table).await
    }

    async fn table_id(&self, table: &TableName) -> Result<Option<String>> {
        self.database.table_id(table).await
    }

    async fn table_by_id(&self, id: &str) -> Result<Option<TableName>> {
        self.database.table_by_id(id).await
    }

    async fn change(&self, change: SchemaChange) -> Result<()> {
        let (table, operation) = told(&change);
        self.database.change(change).await?;
        self.note(operation, table.as_ref(), None, None).await;
        Ok(())
    }

    async fn scan(&self, scan: Scan) -> Result<Rows> {
        self.database.scan(scan).await
    }

    async fn execute(&self, statement: Statement) -> Result<Executed> {
        let sql = statement.sql.clone();
        let executed = self.database.execute(statement).await?;
        if !executed.read_only {
            self.note("run_statement", None, Some(&sql), Some(executed.changes)).await;
        }
        Ok(executed)
    }

    async fn write(&self, table: &TableName, mode: WriteMode, rows: Rows) -> Result<Written> {
        let written = self.database.write(table, mode, rows).await?;
        self.note("write_rows", Some(table), None, Some(written.rows)).await;
        Ok(written)
    }

    async fn append(&self, table: &TableName, rows: Rows, mark: Mark) -> Result<Appended> {
        let appended = self.database.append(table, rows, mark).await?;
        self.note("append_rows", Some(table), None, Some(appended.rows)).await;
        Ok(appended)
    }

    async fn mark(&self, table: &TableName, writer: &str) -> Result<Option<u64>> {
        self.database.mark(table, writer).await
    }

    async fn upsert(&self, table: &TableName, upsert: Upsert, rows: Rows) -> Result<Upserted> {
        let done = self.database.upsert(table, upsert, rows).await?;
        self.note("upsert_rows", Some(table), None, Some(done.inserted + done.updated)).await;
        Ok(done)
    }

    async fn history(&self, table: &TableName) -> Result<Vec<Version>> {
        self.database.history(table).await
    }

    async fn restore(&self, table: &TableName, version: AsOf) -> Result<u64> {
        let restored = self.database.restore(table, version).await?;
        self.note("restore_table", Some(table), None, None).await;
        Ok(restored)
    }

    async fn care(&self, table: &TableName, care: Care) -> Result<Cared> {
        self.database.care(table, care).await
    }

    async fn sort_by(&self, table: &TableName, columns: Vec<String>) -> Result<()> {
        self.database.sort_by(table, columns).await
    }

    fn as_file(&self) -> Option<&dyn FileDatabase> {
        self.database.as_file()
    }

    fn as_any(&self) -> &dyn Any {
        self.database.as_any()
    }
}
