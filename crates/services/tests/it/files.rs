//! A storage of SQLite files as plain as can be, for the tests of the services: no threads, no limits.

use std::any::Any;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, SchemaRef};
use async_trait::async_trait;
use bytes::Bytes;
use model::{
    Appended, Cell, CellPlace, Database, DatabaseId, Error, FileDatabase, FileState, ForeignKey, Mark, ObjectKind,
    Result, Rows, Scan, SchemaChange, SchemaObject, Storage, StorageKind, TableDefinition, TableEdit, TableInfo,
    TableKind, TableName, Upsert, Upserted, WriteMode, Written,
};
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags};

/// Databases below a directory.
pub struct FileStorage(pub PathBuf);

struct File(PathBuf);

impl FileStorage {
    /// The directories that are there.
    pub fn ids(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).unwrap();
        let mut ids: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        ids.sort();
        ids
    }

    /// Where the file of a database is.
    pub fn file(&self, id: &str) -> PathBuf {
        self.0.join(id).join("main.sqlite")
    }
}

#[async_trait]
impl Storage for FileStorage {
    fn kind(&self) -> StorageKind {
        StorageKind::Sqlite
    }

    async fn create(&self, id: &DatabaseId) -> Result<()> {
        let file = self.file(id.as_str());
        std::fs::create_dir(file.parent().unwrap()).map_err(|_| Error::exists("database", id))?;
        std::fs::write(file, "").map_err(Error::internal)
    }

    async fn open(&self, id: &DatabaseId) -> Result<Arc<dyn Database>> {
        let file = self.file(id.as_str());
        if !file.exists() {
            return Err(Error::not_found("database", id));
        }
        Ok(Arc::new(File(file)))
    }

    async fn remove(&self, id: &DatabaseId) -> Result<()> {
        std::fs::remove_dir_all(self.0.join(id.as_str())).map_err(|_| Error::not_found("database", id))
    }
}

fn told(fault: rusqlite::Error) -> Error {
    Error::invalid(fault.to_string())
}

impl File {
    fn connect(&self) -> Connection {
        Connection::open_with_flags(&self.0, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap()
    }

    fn pragma(&self, name: &str) -> i64 {
        self.connect().pragma_query_value(None, name, |row| row.get(0)).unwrap()
    }
}

fn cell(column: &ArrayRef, row: usize) -> Value {
    if column.is_null(row) {
        return Value::Null;
    }
    match column.data_type() {
        DataType::Int64 => Value::Integer(column.as_primitive::<Int64Type>().value(row)),
        DataType::Float64 => Value::Real(column.as_primitive::<Float64Type>().value(row)),
        DataType::Boolean => Value::Integer(column.as_boolean().value(row).into()),
        DataType::Utf8 => Value::Text(column.as_string::<i32>().value(row).to_owned()),
        DataType::Utf8View => Value::Text(column.as_string_view().value(row).to_owned()),
        other => panic!("{other} is none of the tests' types"),
    }
}

#[async_trait]
impl Database for File {
    async fn schemas(&self) -> Result<Vec<String>> {
        Ok(vec!["main".to_owned()])
    }

    async fn tables(&self) -> Result<Vec<TableInfo>> {
        let objects = self.objects().await?.into_iter();
        let tables = objects.filter(|object| matches!(object.kind, ObjectKind::Table | ObjectKind::View));
        let info = |object: SchemaObject| TableInfo {
            name: TableName::new("main", object.name).unwrap(),
            kind: if object.kind == ObjectKind::View { TableKind::View } else { TableKind::Table },
            definition: object.sql,
        };
        Ok(tables.map(info).collect())
    }

    async fn columns(&self, _: &TableName) -> Result<SchemaRef> {
        Err(Error::unsupported("not in these tests"))
    }

    async fn definition(&self, table: &str) -> Result<TableDefinition> {
        let connection = self.connect();
        let row_id = connection.prepare(&format!("SELECT rowid FROM \"{table}\"")).is_ok();
        let mut keys =
            connection.prepare("SELECT \"from\", \"table\", \"to\" FROM pragma_foreign_key_list(?1)").unwrap();
        let keys = keys.query_map([table], |row| {
            Ok(ForeignKey {
                name: None,
                columns: vec![row.get(0)?],
                table: row.get(1)?,
                references: row.get::<_, Option<String>>(2)?.into_iter().collect(),
            })
        });
        Ok(TableDefinition {
            name: table.to_owned(),
            kind: TableKind::Table,
            sql: None,
            row_id: row_id.then(|| "rowid".to_owned()),
            columns: Vec::new(),
            primary_key_name: None,
            uniques: Vec::new(),
            checks: Vec::new(),
            foreign_keys: keys.unwrap().map(|key| key.unwrap()).collect(),
        })
    }

    async fn table_id(&self, _: &TableName) -> Result<Option<String>> {
        Err(Error::unsupported("not in these tests"))
    }

    async fn table_by_id(&self, _: &str) -> Result<Option<TableName>> {
        Err(Error::unsupported("not in these tests"))
    }

    async fn change(&self, _: SchemaChange) -> Result<()> {
        Err(Error::unsupported("not in these tests"))
    }

    async fn scan(&self, _: Scan) -> Result<Rows> {
        Err(Error::unsupported("not in these tests"))
    }

    async fn write(&self, table: &TableName, _: WriteMode, rows: Rows) -> Result<Written> {
        let names: Vec<String> = rows.schema().fields().iter().map(|field| format!("\"{}\"", field.name())).collect();
        let batches = rows.collect().await?;
        let mut connection = self.connect();
        let transaction = connection.transaction().map_err(told)?;
        transaction.execute(&format!("CREATE TABLE \"{}\" ({})", table.table, names.join(", ")), []).map_err(told)?;
        let places = vec!["?"; names.len()].join(", ");
        let mut count = 0;
        for batch in batches {
            for row in 0..batch.num_rows() {
                let cells = batch.columns().iter().map(|column| cell(column, row));
                let sql = format!("INSERT INTO \"{}\" VALUES ({places})", table.table);
                count += transaction.execute(&sql, rusqlite::params_from_iter(cells)).map_err(told)? as u64;
            }
        }
        transaction.commit().map_err(told)?;
        Ok(Written { rows: count, bytes: 0 })
    }

    async fn append(&self, _: &TableName, _: Rows, _: Mark) -> Result<Appended> {
        Err(Error::unsupported("not in these tests"))
    }

    async fn mark(&self, _: &TableName, _: &str) -> Result<Option<u64>> {
        Ok(None)
    }

    async fn upsert(&self, _: &TableName, _: Upsert, _: Rows) -> Result<Upserted> {
        Err(Error::unsupported("not in these tests"))
    }

    fn as_file(&self) -> Option<&dyn FileDatabase> {
        Some(self)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[async_trait]
impl FileDatabase for File {
    async fn state(&self) -> Result<FileState> {
        let metadata = std::fs::metadata(&self.0).map_err(Error::internal)?;
        Ok(FileState {
            bytes: metadata.len(),
            schema_version: self.pragma("schema_version"),
            user_version: self.pragma("user_version"),
            modified: metadata.modified().unwrap(),
        })
    }

    async fn objects(&self) -> Result<Vec<SchemaObject>> {
        let connection = self.connect();
        let mut all =
            connection.prepare("SELECT name, tbl_name, type, rootpage, sql FROM sqlite_schema").map_err(told)?;
        let objects = all.query_map([], |row| {
            let kind = match row.get::<_, String>(2)?.as_str() {
                "table" => ObjectKind::Table,
                "view" => ObjectKind::View,
                "index" => ObjectKind::Index,
                _ => ObjectKind::Trigger,
            };
            Ok(SchemaObject { name: row.get(0)?, table: row.get(1)?, kind, root_page: row.get(3)?, sql: row.get(4)? })
        });
        objects.map_err(told)?.collect::<rusqlite::Result<_>>().map_err(told)
    }

    async fn row_counts(&self, _: u64, _: Duration) -> Result<HashMap<String, u64>> {
        Ok(HashMap::new())
    }

    async fn run_script(&self, script: &str) -> Result<()> {
        let mut connection = self.connect();
        let transaction = connection.transaction().map_err(told)?;
        transaction.execute_batch(script).map_err(told)?;
        transaction.commit().map_err(told)
    }

    async fn edit(&self, _: &str, _: TableEdit) -> Result<()> {
        Err(Error::unsupported("not in these tests"))
    }

    async fn read_cell(&self, _: &CellPlace) -> Result<Cell> {
        Err(Error::unsupported("not in these tests"))
    }

    async fn write_cell(&self, _: &CellPlace, _: Bytes) -> Result<()> {
        Err(Error::unsupported("not in these tests"))
    }

    async fn vacuum(&self) -> Result<()> {
        self.connect().execute_batch("VACUUM").map_err(told)
    }

    async fn copy_to(&self, path: &Path) -> Result<()> {
        self.connect().execute("VACUUM INTO ?1", [path.to_str().unwrap()]).map(drop).map_err(told)
    }

    async fn replace_with(&self, path: &Path) -> Result<()> {
        let check = Connection::open(path).map_err(told)?;
        let sound: String = check.query_row("PRAGMA quick_check", [], |row| row.get(0)).map_err(told)?;
        if sound != "ok" {
            return Err(Error::invalid(format!("the file is damaged: {sound}")));
        }
        drop(check);
        std::fs::rename(path, &self.0).map_err(Error::internal)
    }

    async fn kind_of(&self, table: &str) -> Result<Option<TableKind>> {
        let tables = self.tables().await?;
        Ok(tables.into_iter().find(|info| info.name.table.eq_ignore_ascii_case(table)).map(|info| info.kind))
    }
}
