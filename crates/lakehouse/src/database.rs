//! One open database: a catalog, and the Delta tables that it names.

mod alter;
mod append;
mod care;
mod comment;
mod directory;
mod modify;
mod transaction;
mod upsert;
mod write;

use std::any::Any;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use deltalake_core::kernel::Action;
use deltalake_core::protocol::{DeltaOperation, SaveMode};
use model::{
    Appended, AsOf, Care, Cared, Comment, Database, Error, Exists, Mark, Missing, Result, Rows, Scan, SchemaChange,
    TableInfo, TableName, Upsert, Upserted, Version, WriteMode, Written,
};
use object_store::path::Path;

pub use self::write::check_same_columns;
use crate::catalog::{Catalog, Content, Document};
use crate::engine::Session;
use crate::root::Root;
use crate::table::{Snapshot, Table, commented_columns, create_actions, storable};
use transaction::Outside;

/// A directory of Delta tables.
pub struct LakehouseDatabase {
    root: Arc<Root>,
    directory: Path,
    catalog: Arc<Catalog>,
    session: Arc<Session>,
    /// Open tables by their directory.
    tables: Mutex<HashMap<String, Arc<Table>>>,
    /// Held by whoever creates a table, so that of two uploads that would create it the second finds it.
    creating: tokio::sync::Mutex<()>,
    closed: Arc<AtomicBool>,
    /// The database outside, for one inside of a transaction.
    outside: Option<Outside>,
}

impl LakehouseDatabase {
    /// The database in `directory` below the root.
    pub fn new(root: Arc<Root>, directory: Path, catalog: Catalog, session: Arc<Session>) -> Self {
        Self {
            root,
            directory,
            catalog: Arc::new(catalog),
            session,
            tables: Mutex::default(),
            creating: tokio::sync::Mutex::default(),
            closed: Arc::default(),
            outside: None,
        }
    }

    /// From now on every call answers `NotFound`: the database was removed.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }

    /// Whether the database was removed.
    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// A table as it was.
    pub async fn snapshot_as_of(&self, name: &TableName, as_of: AsOf) -> Result<Arc<Snapshot>> {
        self.table(name).await?.as_of(as_of).await
    }

    /// The newest version of a table.
    pub async fn snapshot(&self, name: &TableName) -> Result<Arc<Snapshot>> {
        self.table(name).await?.snapshot().await
    }

    async fn document(&self) -> Result<Arc<Document>> {
        if self.is_closed() {
            return Err(Error::not_found("database", &self.directory));
        }
        Ok(self.catalog.document().await)
    }

    async fn table(&self, name: &TableName) -> Result<Arc<Table>> {
        let document = self.document().await?;
        Ok(self.open_table(document.directory(name)?))
    }

    fn open_table(&self, directory: &str) -> Arc<Table> {
        let mut tables = self.tables.lock().expect("no holder of this lock panics");
        tables
            .entry(directory.to_owned())
            .or_insert_with(|| match &self.outside {
                Some(outside) => outside.table(directory),
                None => Arc::new(self.unlisted_table(directory)),
            })
            .clone()
    }

    /// A table that is not kept open.
    fn unlisted_table(&self, directory: &str) -> Table {
        let relative = Path::from(directory);
        let parts = self.directory.parts().chain(relative.parts());
        Table::new(&self.root, Path::from_iter(parts))
    }

    async fn create_table(&self, name: &TableName, columns: &SchemaRef, exists: Exists) -> Result<()> {
        let document = self.document().await?;
        if document.schema(&name.schema).is_none() {
            return Err(Error::not_found("schema", &name.schema));
        }
        if exists != Exists::Replace && document.entry(name).is_some() {
            // The catalog decides what that means; no files are made for a table that will not be.
            return document.as_ref().clone().put(name, Content::Table { directory: String::new() }, exists).map(drop);
        }
        let schema = storable(columns)?;
        let directory = directory::fresh(name);
        let table = self.open_table(&directory);
        let (protocol, metadata) = create_actions(&name.table, &schema, Vec::new())?;
        let actions = vec![Action::Protocol(protocol), Action::Metadata(metadata)];
        let operation = DeltaOperation::Write { mode: SaveMode::ErrorIfExists, partition_by: None, predicate: None };
        table.create(actions, operation, None).await?;
        self.enter(name, directory, exists).await.map(drop)
    }

    /// Puts a table whose files are complete under its name; what stood there goes.
    async fn enter(&self, name: &TableName, directory: String, exists: Exists) -> Result<bool> {
        let content = Content::Table { directory };
        let name = name.clone();
        let change = move |document: &mut Document| {
            document.create_schema(&name.schema, Exists::Skip)?;
            document.put(&name, content.clone(), exists)
        };
        let changed = self.catalog.change(change).await?;
        self.release(&changed.before, &changed.after);
        Ok(changed.answer)
    }

    async fn change_catalog(&self, change: impl FnMut(&mut Document) -> Result<()> + Send + 'static) -> Result<()> {
        self.document().await?;
        let changed = self.catalog.change(change).await?;
        self.release(&changed.before, &changed.after);
        Ok(())
    }
}

#[async_trait]
impl Database for LakehouseDatabase {
    async fn schemas(&self) -> Result<Vec<String>> {
        Ok(self.document().await?.schemas.values().map(|schema| schema.name.clone()).collect())
    }

    async fn tables(&self) -> Result<Vec<TableInfo>> {
        Ok(self.document().await?.infos())
    }

    async fn columns(&self, table: &TableName) -> Result<SchemaRef> {
        let snapshot = self.snapshot(table).await?;
        Ok(Arc::new(commented_columns(&snapshot.schema, snapshot.metadata())?))
    }

    async fn comments(&self) -> Result<Vec<Comment>> {
        self.catalog_comments().await
    }

    async fn change(&self, change: SchemaChange) -> Result<()> {
        match change {
            SchemaChange::CreateSchema { name, exists } => {
                model::check_name("schema", &name)?;
                self.change_catalog(move |document| document.create_schema(&name, exists)).await
            }
            SchemaChange::DropSchema { name, cascade, missing } => {
                self.change_catalog(move |document| document.drop_schema(&name, cascade, missing)).await
            }
            SchemaChange::CreateTable { name, columns, exists } => self.create_table(&name, &columns, exists).await,
            SchemaChange::DropTable { name, missing } => {
                self.change_catalog(move |document| document.take(&name, "table", missing)).await
            }
            SchemaChange::RenameTable { name, to } => {
                self.change_catalog(move |document| document.rename(&name, &to)).await
            }
            SchemaChange::AlterColumn { name, change } => self.alter_column(&name, change).await,
            SchemaChange::CreateView { name, definition, exists } => {
                let content = Content::View { definition };
                self.change_catalog(move |document| document.put(&name, content.clone(), exists).map(drop)).await
            }
            SchemaChange::Comment { on, text } => self.comment(on, text).await,
            SchemaChange::DropView { name, missing } => {
                self.change_catalog(move |document| document.take(&name, "view", missing)).await
            }
        }
    }

    async fn scan(&self, scan: Scan) -> Result<Rows> {
        let table = self.table(&scan.table).await?;
        let snapshot = match scan.version {
            Some(as_of) => table.as_of(as_of).await?,
            None => table.snapshot().await?,
        };
        self.session.scan(snapshot, &scan).await
    }

    async fn write(&self, table: &TableName, mode: WriteMode, rows: Rows) -> Result<Written> {
        self.write_rows(table, mode, rows).await
    }

    async fn history(&self, table: &TableName) -> Result<Vec<Version>> {
        self.table(table).await?.history().await
    }

    async fn restore(&self, table: &TableName, version: AsOf) -> Result<u64> {
        self.table(table).await?.restore(version).await
    }

    async fn care(&self, table: &TableName, care: Care) -> Result<Cared> {
        self.care_for(table, care).await
    }

    async fn sort_by(&self, table: &TableName, columns: Vec<String>) -> Result<()> {
        self.set_order(table, &columns).await
    }

    async fn append(&self, table: &TableName, rows: Rows, mark: Mark) -> Result<Appended> {
        self.append_rows(table, rows, &mark).await
    }

    async fn mark(&self, table: &TableName, writer: &str) -> Result<Option<u64>> {
        self.mark_of(table, writer).await
    }

    async fn upsert(&self, table: &TableName, upsert: Upsert, rows: Rows) -> Result<Upserted> {
        self.upsert_rows(table, &upsert, rows).await
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Whether a change may pass over a thing that is not there.
fn skips(missing: Missing) -> bool {
    missing == Missing::Skip
}
