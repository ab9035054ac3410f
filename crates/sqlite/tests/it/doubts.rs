//! What somebody who looks for it would find first.

use std::sync::Arc;

use arrow_array::{Int64Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use model::{Access, Database, DatabaseId, ErrorKind, Mark, Rights, Rows, Statement, Storage, TableName};
use rusqlite::Connection;

use super::{database, storage};

async fn run(database: &dyn Database, sql: &str) {
    let executed = database.execute(Statement::new(sql)).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    executed.rows.collect().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_read_finds_no_way_to() {
    let (storage, _directory) = storage();
    let db = database(&storage, "d").await;
    for sql in [
        "CREATE TABLE secrets(secret TEXT)",
        "INSERT INTO secrets VALUES ('treasure')",
        "CREATE TABLE log(a TEXT)",
        "CREATE TABLE echo(a TEXT)",
        "CREATE VIEW shown AS SELECT secret FROM secrets",
        "CREATE TRIGGER noted AFTER INSERT ON log BEGIN INSERT INTO echo SELECT secret FROM secrets; END",
    ] {
        run(db.as_ref(), sql).await;
    }
    for rights in [Rights::only(Access::Insert), Rights::only(Access::Write)] {
        for sql in [
            "SELECT secret FROM secrets",
            "SELECT count(*) FROM secrets",
            "SELECT secret FROM shown",
            "SELECT count(*) FROM shown",
            "SELECT 1 WHERE EXISTS (SELECT 1 FROM shown WHERE secret LIKE 't%')",
            "SELECT * FROM (SELECT secret FROM secrets) AS noted",
            "WITH noted AS (SELECT secret FROM secrets) SELECT secret FROM noted",
            "WITH shown AS MATERIALIZED (SELECT secret FROM secrets) SELECT secret FROM shown",
            "INSERT INTO log VALUES (1) RETURNING (WITH noted AS (SELECT secret FROM secrets) SELECT secret FROM noted)",
            "INSERT INTO log WITH noted AS (SELECT secret FROM secrets) SELECT secret FROM noted",
            "INSERT INTO log SELECT secret FROM secrets",
            "INSERT INTO log VALUES ('x') RETURNING a",
            "INSERT INTO log VALUES ((SELECT secret FROM secrets))",
            "CREATE TRIGGER told BEFORE INSERT ON log BEGIN SELECT RAISE(ABORT, (SELECT secret FROM secrets)); END",
            "CREATE VIEW other AS SELECT secret FROM secrets",
            "CREATE TABLE copied AS SELECT secret FROM secrets",
            "UPDATE log SET a = (SELECT secret FROM secrets)",
            "DELETE FROM secrets WHERE secret = 'treasure'",
            "PRAGMA table_info(secrets)",
            "EXPLAIN SELECT secret FROM secrets WHERE secret = 'treasure'",
        ] {
            let outcome = db.execute(Statement { rights, ..Statement::new(sql) }).await;
            let error = match outcome {
                Err(error) => error,
                Ok(executed) => executed.rows.collect().await.expect_err(&format!("{rights}: {sql} succeeded")),
            };
            assert_eq!(error.kind(), ErrorKind::Forbidden, "{rights}: {sql}: {error}");
            assert!(!error.message().contains("treasure"), "{error}");
        }
        let added = Statement { rights, ..Statement::new("INSERT INTO log VALUES ('with')") };
        assert_eq!(db.execute(added).await.unwrap().changes, 1);
    }
}

/// The row that a failed append meant to add has a number that somebody else's row gets.
#[tokio::test(flavor = "multi_thread")]
async fn an_append_that_failed_is_not_taken_for_done_later() {
    let (storage, _directory) = storage();
    let db = database(&storage, "d").await;
    run(db.as_ref(), "CREATE TABLE t(a INTEGER CHECK (a < 5))").await;
    let table = TableName::new("main", "t").unwrap();
    let append = |values: Vec<i64>| {
        let schema = Arc::new(Schema::new(vec![Field::new("a", DataType::Int64, true)]));
        let batch = RecordBatch::try_new(Arc::clone(&schema), vec![Arc::new(Int64Array::from(values))]).unwrap();
        db.append(&table, Rows::from_batches(schema, vec![batch]), Mark { writer: "w".into(), position: 1 })
    };
    assert_eq!(append(vec![1, 9]).await.unwrap_err().kind(), ErrorKind::Invalid);
    run(db.as_ref(), "INSERT INTO t VALUES (4)").await;
    assert_eq!(db.mark(&table, "w").await.unwrap(), None);
    let appended = append(vec![2]).await.unwrap();
    assert!(appended.applied);
    assert!(!append(vec![2]).await.unwrap().applied, "once");
    assert_eq!(db.mark(&table, "w").await.unwrap(), Some(1));
}

/// A failed append is told from a committed one by a row that it added: not by one that was there before, which a table may
/// be made to ignore or to replace.
#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_was_there_does_not_speak_for_an_append() {
    for (number, (table, rows)) in [
        ("t(a INTEGER UNIQUE ON CONFLICT IGNORE CHECK (a < 5))", vec![1, 9]),
        ("t(a INTEGER PRIMARY KEY ON CONFLICT REPLACE CHECK (a < 5))", vec![1, 9]),
        ("t(a INTEGER PRIMARY KEY ON CONFLICT REPLACE CHECK (a < 5))", vec![1, 2, 9]),
    ]
    .into_iter()
    .enumerate()
    {
        let (storage, _directory) = storage();
        let db = database(&storage, "d").await;
        run(db.as_ref(), &format!("CREATE TABLE {table}")).await;
        run(db.as_ref(), "INSERT INTO t VALUES (1)").await;
        let table = TableName::new("main", "t").unwrap();
        let append = |values: Vec<i64>| {
            let schema = Arc::new(Schema::new(vec![Field::new("a", DataType::Int64, true)]));
            let batch = RecordBatch::try_new(Arc::clone(&schema), vec![Arc::new(Int64Array::from(values))]).unwrap();
            db.append(&table, Rows::from_batches(schema, vec![batch]), Mark { writer: "w".into(), position: 1 })
        };
        assert_eq!(append(rows).await.unwrap_err().kind(), ErrorKind::Invalid, "{number}");
        assert_eq!(db.mark(&table, "w").await.unwrap(), None, "{number}");
        assert!(append(vec![1, 3]).await.unwrap().applied, "{number}");
        assert_eq!(db.mark(&table, "w").await.unwrap(), Some(1), "{number}");
        assert!(!append(vec![1, 3]).await.unwrap().applied, "{number}");
    }
}

/// A kill while a database is made or removed leaves a directory without its file, which goes with the next removal.
#[tokio::test(flavor = "multi_thread")]
async fn a_removal_takes_what_a_kill_left() {
    let (storage, directory) = storage();
    let left = directory.path().join("databases/left");
    std::fs::create_dir_all(&left).unwrap();
    std::fs::write(left.join("new.sqlite"), "half").unwrap();
    let id = DatabaseId::new("left").unwrap();
    assert_eq!(storage.remove(&id).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert!(!left.exists());
}

/// What is left of a removal that a kill interrupted is not part of a database that is made later.
#[tokio::test(flavor = "multi_thread")]
async fn a_log_without_its_file_is_read_into_no_other() {
    let (storage, directory) = storage();
    let db = database(&storage, "d").await;
    run(db.as_ref(), "CREATE TABLE old(a)").await;
    let home = directory.path().join("databases/d");
    let left = directory.path().join("databases/left");
    std::fs::create_dir(&left).unwrap();
    std::fs::copy(home.join("main.sqlite-wal"), left.join("main.sqlite-wal")).unwrap();
    std::fs::copy(home.join("main.sqlite"), left.join("main.sqlite-next")).unwrap();
    let id = DatabaseId::new("left").unwrap();
    assert_eq!(storage.open(&id).await.err().unwrap().kind(), ErrorKind::NotFound);
    storage.create(&id).await.unwrap();
    let db = storage.open(&id).await.unwrap();
    assert!(db.tables().await.unwrap().is_empty());
    let connection = Connection::open(left.join("main.sqlite")).unwrap();
    let found: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).unwrap();
    assert_eq!(found, 0);
}
