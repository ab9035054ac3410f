//! A database whose schema is locked: rows come and go, and definitions stay.

use std::any::Any;
use std::sync::Arc;

use arrow_schema::{DataType, Schema, SchemaRef};
use async_trait::async_trait;
use model::{
    Appended, AsOf, Care, Cared, Comment, Database, Error, ErrorKind, Executed, FileDatabase, Mark, Result, Rows,
    SchemaChange, Statement, TableDefinition, TableInfo, TableName, Upsert, Upserted, Version, WriteMode, Written,
    name_key,
};

/// The database behind it, with every change of a definition refused.
pub(super) struct Locked(pub Arc<dyn Database>);

/// What there is to say of such a change.
pub(crate) fn schema_is_locked() -> Error {
    Error::forbidden("schema is locked")
}

impl Locked {
    /// The columns of a table, which must be there.
    async fn there(&self, table: &TableName) -> Result<SchemaRef> {
        match self.0.columns(table).await {
            Err(missing) if missing.kind() == ErrorKind::NotFound => Err(schema_is_locked()),
            other => other,
        }
    }
}

/// Whether a table has all of these columns. One that is NULL throughout brings nothing.
fn has_all(table: &Schema, columns: &Schema) -> bool {
    let known = |name: &str| table.fields().iter().any(|field| name_key(field.name()) == name_key(name));
    columns.fields().iter().all(|field| *field.data_type() == DataType::Null || known(field.name()))
}

/// Whether two tables have the same columns in the same order.
fn same(one: &Schema, other: &Schema) -> bool {
    let column = |schema: &Schema| {
        let fields = schema.fields().iter();
        fields.map(|field| (name_key(field.name()), field.data_type().clone())).collect::<Vec<_>>()
    };
    column(one) == column(other)
}

#[async_trait]
impl Database for Locked {
    fn schema_locked(&self) -> bool {
        true
    }

    async fn schemas(&self) -> Result<Vec<String>> {
        self.0.schemas().await
    }

    async fn tables(&self) -> Result<Vec<TableInfo>> {
        self.0.tables().await
    }

    async fn comments(&self) -> Result<Vec<Comment>> {
        self.0.comments().await
    }

    async fn columns(&self, table: &TableName) -> Result<SchemaRef> {
        self.0.columns(table).await
    }

    async fn estimated_rows(&self, table: &TableName) -> Result<Option<u64>> {
        self.0.estimated_rows(table).await
    }

    async fn definition(&self, table: &str) -> Result<TableDefinition> {
        self.0.definition(table).await
    }

    async fn table_id(&self, table: &TableName) -> Result<Option<String>> {
        self.0.table_id(table).await
    }

    async fn table_by_id(&self, id: &str) -> Result<Option<TableName>> {
        self.0.table_by_id(id).await
    }

    async fn change(&self, change: SchemaChange) -> Result<()> {
        match change {
            // What is said of a table is no part of its definition.
            SchemaChange::Comment { .. } => self.0.change(change).await,
            _ => Err(schema_is_locked()),
        }
    }

    async fn scan(&self, scan: model::Scan) -> Result<Rows> {
        self.0.scan(scan).await
    }

    async fn execute(&self, statement: Statement) -> Result<Executed> {
        self.0.execute(Statement { schema_locked: true, ..statement }).await
    }

    async fn write(&self, table: &TableName, mode: WriteMode, rows: Rows) -> Result<Written> {
        match mode {
            WriteMode::Create => return Err(schema_is_locked()),
            WriteMode::Append => {}
            WriteMode::CreateAppend => drop(self.there(table).await?),
            WriteMode::Overwrite => {
                if !same(self.there(table).await?.as_ref(), rows.schema()) {
                    return Err(schema_is_locked());
                }
            }
        }
        self.0.write(table, mode, rows).await
    }

    async fn append(&self, table: &TableName, rows: Rows, mark: Mark) -> Result<Appended> {
        if !has_all(self.there(table).await?.as_ref(), rows.schema()) {
            return Err(schema_is_locked());
        }
        self.0.append(table, rows, mark).await
    }

    async fn mark(&self, table: &TableName, writer: &str) -> Result<Option<u64>> {
        self.0.mark(table, writer).await
    }

    async fn upsert(&self, table: &TableName, upsert: Upsert, rows: Rows) -> Result<Upserted> {
        self.there(table).await?;
        self.0.upsert(table, upsert, rows).await
    }

    async fn history(&self, table: &TableName) -> Result<Vec<Version>> {
        self.0.history(table).await
    }

    async fn restore(&self, table: &TableName, version: AsOf) -> Result<u64> {
        let _ = (table, version);
        // An older version may have had other columns.
        Err(schema_is_locked())
    }

    async fn care(&self, table: &TableName, care: Care) -> Result<Cared> {
        self.0.care(table, care).await
    }

    async fn sort_by(&self, _table: &TableName, _columns: Vec<String>) -> Result<()> {
        Err(schema_is_locked())
    }

    fn as_file(&self) -> Option<&dyn FileDatabase> {
        self.0.as_file()
    }

    fn as_any(&self) -> &dyn Any {
        self.0.as_any()
    }
}
