//! One open database, as the rest of the server knows it.

use std::any::Any;
use std::sync::Arc;

use arrow_schema::SchemaRef;
use async_trait::async_trait;
use model::{
    Appended, Comment, Commented, Database, Error, Executed, FileDatabase, Mark, Result, Rows, Scan, SchemaChange,
    Statement, TableDefinition, TableInfo, TableKind, TableName, Upsert, Upserted, WriteMode, Written,
};
use rusqlite::Connection;

use crate::columns::{MAIN_SCHEMA, definition_of, find, in_main, list, schema, table};
use crate::fault::fault;
use crate::open::OpenDatabase;
use crate::{change, execute, quote, scan, write};

/// See the module. Clones share everything.
#[derive(Clone)]
pub struct SqliteDatabase {
    /// What is open.
    pub open: Arc<OpenDatabase>,
}

impl SqliteDatabase {
    /// A handle on an open database.
    pub fn new(open: Arc<OpenDatabase>) -> Self {
        Self { open }
    }
}

/// The highest number of a row, which most tables count up to; no more than the file has room for. Nothing for a table
/// whose rows have no numbers.
fn estimated_rows(connection: &Connection, table: &str) -> Result<Option<u64>> {
    const LEAST_BYTES: i64 = 4;
    let highest = format!("SELECT max(rowid) FROM {}", quote::name(table));
    let Ok(highest) = connection.query_row(&highest, [], |row| row.get::<_, Option<i64>>(0)) else { return Ok(None) };
    const ROOM: &str = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
    let room: i64 = connection.query_row(ROOM, [], |row| row.get(0)).map_err(fault)?;
    Ok(u64::try_from(highest.unwrap_or(0).min(room / LEAST_BYTES)).ok())
}

fn named(name: String) -> TableName {
    TableName { schema: MAIN_SCHEMA.to_owned(), table: name }
}

#[async_trait]
impl Database for SqliteDatabase {
    async fn schemas(&self) -> Result<Vec<String>> {
        self.open.alive()?;
        Ok(vec![MAIN_SCHEMA.to_owned()])
    }

    async fn tables(&self) -> Result<Vec<TableInfo>> {
        self.open
            .glance(|connection| {
                let found = list(&connection.sqlite)?.into_iter();
                Ok(found
                    .map(|found| TableInfo {
                        definition: (found.kind == TableKind::View).then(|| definition_of(&found.sql)),
                        name: named(found.name),
                        kind: found.kind,
                    })
                    .collect())
            })
            .await
    }

    async fn comments(&self) -> Result<Vec<Comment>> {
        let open = Arc::clone(&self.open);
        self.open
            .read(move |_| {
                let schema = open.notes.comments("schema", Some(""))?.into_iter();
                let schema = schema.map(|(_, text)| Comment { on: Commented::Schema(MAIN_SCHEMA.to_owned()), text });
                let views = open.notes.comments("view", None)?.into_iter();
                let views = views.map(|(name, text)| Comment { on: Commented::View(named(name)), text });
                Ok(schema.chain(views).collect())
            })
            .await
    }

    async fn columns(&self, name: &TableName) -> Result<SchemaRef> {
        let (open, name) = (Arc::clone(&self.open), name.clone());
        self.open
            .read(move |connection| schema(&connection.sqlite, &open.notes, &table(&connection.sqlite, &name)?.name))
            .await
    }

    async fn estimated_rows(&self, name: &TableName) -> Result<Option<u64>> {
        let name = name.clone();
        self.open
            .read(move |connection| {
                let found = table(&connection.sqlite, &name)?;
                estimated_rows(&connection.sqlite, &found.name)
            })
            .await
    }

    async fn table_id(&self, name: &TableName) -> Result<Option<String>> {
        let (open, name) = (Arc::clone(&self.open), in_main(name)?.to_owned());
        self.open
            .read(move |connection| match find(&connection.sqlite, &name)? {
                None => Ok(None),
                Some(found) if found.kind == TableKind::View => {
                    Err(Error::invalid(format!("\"{}\" is a view, not a table", found.name)))
                }
                Some(found) => open.notes.id(&found.name).map(Some),
            })
            .await
    }

    async fn table_by_id(&self, id: &str) -> Result<Option<TableName>> {
        let (open, id) = (Arc::clone(&self.open), id.to_owned());
        self.open
            .read(move |connection| {
                let Some(name) = open.notes.name_of(&id)? else { return Ok(None) };
                Ok(find(&connection.sqlite, &name)?.map(|found| named(found.name)))
            })
            .await
    }

    async fn change(&self, change: SchemaChange) -> Result<()> {
        change::apply(&self.open, change).await
    }

    async fn scan(&self, scan: Scan) -> Result<Rows> {
        scan::scan(&self.open, scan).await
    }

    async fn execute(&self, statement: Statement) -> Result<Executed> {
        execute::execute(&self.open, statement).await
    }

    async fn write(&self, table: &TableName, mode: WriteMode, rows: Rows) -> Result<Written> {
        write::write(&self.open, table, mode, rows).await
    }

    async fn append(&self, table: &TableName, rows: Rows, mark: Mark) -> Result<Appended> {
        write::append(&self.open, table, rows, mark).await
    }

    async fn mark(&self, table: &TableName, writer: &str) -> Result<Option<u64>> {
        write::mark(&self.open, table, writer).await
    }

    async fn upsert(&self, table: &TableName, upsert: Upsert, rows: Rows) -> Result<Upserted> {
        write::upsert(&self.open, table, upsert, rows).await
    }

    async fn definition(&self, table: &str) -> Result<TableDefinition> {
        let table = table.to_owned();
        self.open.read(move |connection| crate::file::definition(&connection.sqlite, &table)).await
    }

    fn as_file(&self) -> Option<&dyn FileDatabase> {
        Some(self)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
