//! A NUL character in what becomes SQL: SQLite would take it for the end.

use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch};
use arrow_schema::{DataType, Field};
use model::{
    ColumnChange, ErrorKind, Exists, Mark, Result, Rows, SchemaChange, Statement, TableName, Upsert, WriteMode,
};

use super::statements::{count, refused, run};
use super::{database, storage};

#[tokio::test(flavor = "multi_thread")]
async fn statements_are_refused_with_its_place() {
    let (storage, _directory) = storage();
    let db = database(&storage, "d").await;
    run(db.as_ref(), "CREATE TABLE t (a)").await;
    for sql in ["SELECT 1\0 FROM nowhere", "DELETE\nFROM t\0 WHERE a = 1", "INSERT INTO t VALUES ('é\0x')", "\0"] {
        let error = refused(db.as_ref(), Statement::new(sql)).await;
        assert_eq!(error.kind(), ErrorKind::Invalid, "{sql:?}");
        assert!(error.message().contains("NUL character at line"), "{sql:?}: {error}");
    }
    let error = refused(db.as_ref(), Statement::new("INSERT INTO t\nVALUES ('é\0x')")).await;
    assert!(error.message().contains("line 2, column 11"), "{error}");
    let script = db.as_file().unwrap().run_script("INSERT INTO t VALUES (1);\nSELECT '\0';").await.unwrap_err();
    assert!(script.kind() == ErrorKind::Invalid && script.message().contains("line 2, column 9"), "{script}");
    assert_eq!(count(db.as_ref(), "t").await, 0);
}

fn rows(column: &str) -> Rows {
    let cells: ArrayRef = Arc::new(Int64Array::from(vec![1, 2]));
    let batch = RecordBatch::try_from_iter([(column, cells)]).unwrap();
    Rows::from_batches(batch.schema(), vec![batch])
}

fn told<T>(outcome: Result<T>, what: &str) {
    let error = outcome.err().unwrap_or_else(|| panic!("{what} was taken"));
    assert_eq!(error.kind(), ErrorKind::Invalid, "{what}: {error}");
    assert!(error.message().contains("NUL character"), "{what}: {error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_column_is_called_so() {
    let (storage, _directory) = storage();
    let db = database(&storage, "d").await;
    run(db.as_ref(), "CREATE TABLE t (a)").await;
    let (old, new) = (TableName::new("main", "t").unwrap(), TableName::new("main", "new").unwrap());
    let mark = || Mark { writer: "w".to_owned(), position: 1 };
    told(db.write(&new, WriteMode::Create, rows("a\0b")).await, "create");
    told(db.append(&new, rows("a\0b"), mark()).await, "append to a new table");
    told(db.append(&old, rows("a\0b"), mark()).await, "append of another column");
    let upsert = Upsert { key: vec!["a\0b".to_owned()], cursor: Vec::new() };
    told(db.upsert(&new, upsert, rows("a\0b")).await, "upsert");
    let column = Field::new("b\0c", DataType::Int64, true);
    let change = ColumnChange::Add { column: Arc::new(column), exists: Exists::Fail };
    told(db.change(SchemaChange::AlterColumn { name: old.clone(), change }).await, "add");
    let change = ColumnChange::Rename { name: "a".to_owned(), to: "b\0c".to_owned() };
    told(db.change(SchemaChange::AlterColumn { name: old.clone(), change }).await, "rename");
    assert_eq!(count(db.as_ref(), "t").await, 0);
    assert_eq!(db.columns(&old).await.unwrap().fields().len(), 1);
    assert_eq!(db.tables().await.unwrap().len(), 1);
}
