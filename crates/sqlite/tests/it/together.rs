//! Requests that share a commit: each fails alone, and none waits for a long one.

use std::sync::Arc;
use std::time::{Duration, Instant};

use model::{Access, Database, ErrorKind, Rights, Statement, TableName, WriteMode};

use super::statements::{count, refused, run};
use super::{database, storage};

fn insert(db: &Arc<dyn Database>, id: i64) -> tokio::task::JoinHandle<model::Result<u64>> {
    let db = Arc::clone(db);
    tokio::spawn(async move { Ok(db.execute(Statement::new(format!("INSERT INTO t VALUES ({id})"))).await?.changes) })
}

/// Holds the file's lock from outside, so that everything until `release` waits for one commit.
fn hold(directory: &tempfile::TempDir) -> rusqlite::Connection {
    let outside = rusqlite::Connection::open(directory.path().join("databases/d/main.sqlite")).unwrap();
    outside.execute_batch("BEGIN IMMEDIATE").unwrap();
    outside
}

#[tokio::test(flavor = "multi_thread")]
async fn what_gives_a_whole_transaction_up_fails_alone() {
    let (storage, directory) = storage();
    let db = database(&storage, "d").await;
    run(db.as_ref(), "CREATE TABLE t (id INTEGER PRIMARY KEY)").await;
    run(db.as_ref(), "CREATE TABLE strict (id INTEGER PRIMARY KEY ON CONFLICT ROLLBACK)").await;
    run(db.as_ref(), "INSERT INTO t VALUES (0)").await;
    run(db.as_ref(), "INSERT INTO strict VALUES (0)").await;
    let endless =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) INSERT INTO t SELECT i + 1000 FROM n";
    let bad = [
        ("INSERT OR ROLLBACK INTO t VALUES (0)", "UNIQUE constraint failed: t.id"),
        ("INSERT INTO strict VALUES (0)", "UNIQUE constraint failed: strict.id"),
        (endless, "Sql query execution timed out"),
    ];
    let outside = hold(&directory);
    let mut good: Vec<_> = (1..20).map(|id| insert(&db, id)).collect();
    let failing: Vec<_> = bad
        .map(|(sql, wanted)| {
            let db = Arc::clone(&db);
            let statement = Statement { timeout: Some(Duration::from_millis(300)), ..Statement::new(sql) };
            tokio::spawn(async move { (db.execute(statement).await.expect_err(sql), wanted) })
        })
        .into_iter()
        .collect();
    good.extend((20..40).map(|id| insert(&db, id)));
    tokio::time::sleep(Duration::from_millis(100)).await;
    outside.execute_batch("COMMIT").unwrap();
    for done in good {
        assert_eq!(done.await.unwrap().expect("it has no part in the failure of others"), 1);
    }
    for failed in failing {
        let (error, wanted) = failed.await.unwrap();
        assert!(error.message().contains(wanted), "{error}");
    }
    assert_eq!(count(db.as_ref(), "t").await, 40);
    assert_eq!(count(db.as_ref(), "strict").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_one_holds_nobody_up_who_came_before() {
    let (storage, directory) = storage();
    let db = database(&storage, "d").await;
    run(db.as_ref(), "CREATE TABLE t (id INTEGER PRIMARY KEY)").await;
    let outside = hold(&directory);
    let first = insert(&db, 1);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) INSERT INTO t SELECT -i FROM n";
    let long = Statement { timeout: Some(Duration::from_secs(5)), ..Statement::new(endless) };
    let long = tokio::spawn({
        let db = Arc::clone(&db);
        async move { db.execute(long).await.expect_err("it is endless") }
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    outside.execute_batch("COMMIT").unwrap();
    let start = Instant::now();
    assert_eq!(first.await.unwrap().unwrap(), 1);
    assert!(start.elapsed() < Duration::from_secs(4), "it did not wait for the long one: {:?}", start.elapsed());
    assert_eq!(long.await.unwrap().message(), "Sql query execution timed out");
    assert_eq!(count(db.as_ref(), "t").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_constraint_that_is_looked_at_last_fails_its_own_statement() {
    let (storage, directory) = storage();
    let db = database(&storage, "d").await;
    run(db.as_ref(), "CREATE TABLE t (id INTEGER PRIMARY KEY)").await;
    let child = "CREATE TABLE child (parent INTEGER REFERENCES t (id) DEFERRABLE INITIALLY DEFERRED)";
    run(db.as_ref(), child).await;
    let outside = hold(&directory);
    let good: Vec<_> = (1..5).map(|id| insert(&db, id)).collect();
    let orphan = tokio::spawn({
        let db = Arc::clone(&db);
        async move { db.execute(Statement::new("INSERT INTO child VALUES (77)")).await.expect_err("no parent") }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    outside.execute_batch("COMMIT").unwrap();
    for done in good {
        assert_eq!(done.await.unwrap().unwrap(), 1);
    }
    let error = orphan.await.unwrap();
    assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
    assert!(error.message().contains("FOREIGN KEY constraint failed"), "{error}");
    assert_eq!(count(db.as_ref(), "child").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_only_add_adds_and_replaces_nothing() {
    let (storage, _directory) = storage();
    let db = database(&storage, "d").await;
    for sql in [
        "CREATE TABLE parent (id INTEGER PRIMARY KEY, secret TEXT)",
        "INSERT INTO parent VALUES (1, 's')",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent)",
        "CREATE TABLE log (id INTEGER, parents INTEGER)",
        "CREATE TRIGGER logged AFTER INSERT ON t BEGIN INSERT INTO log SELECT NEW.id, count(*) FROM parent; END",
        "CREATE VIEW v AS SELECT secret FROM parent",
        "INSERT INTO t VALUES (1, 1)",
    ] {
        run(db.as_ref(), sql).await;
    }
    let only = |sql: &str| Statement { rights: Rights::only(Access::Insert), ..Statement::new(sql) };
    assert_eq!(db.execute(only("INSERT INTO t VALUES (2, 1)")).await.unwrap().changes, 1);
    let orphan = refused(db.as_ref(), only("INSERT INTO t VALUES (3, 7)")).await;
    assert!(orphan.message().contains("FOREIGN KEY"), "{orphan}");
    for sql in [
        "REPLACE INTO t VALUES (1, NULL)",
        "INSERT OR /* x */ REPLACE INTO t VALUES (1, NULL)",
        "INSERT INTO t VALUES (1, NULL) ON CONFLICT DO UPDATE SET parent = NULL",
        "INSERT INTO t (id) SELECT id + 10 FROM parent",
        "INSERT INTO t (id) VALUES (3) RETURNING id",
        "INSERT INTO t (id) VALUES (3 + (1 IN parent))",
        "INSERT INTO log SELECT 1, secret FROM v",
        "SELECT secret FROM v",
        "SELECT count(*) FROM v",
        "SELECT id FROM parent",
        "WITH x AS (SELECT id FROM parent) INSERT INTO log SELECT id, id FROM x",
    ] {
        let error = refused(db.as_ref(), only(sql)).await;
        assert_eq!(error.kind(), ErrorKind::Forbidden, "{sql}: {error}");
    }
    assert_eq!((count(db.as_ref(), "t").await, count(db.as_ref(), "log").await), (2, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_whose_caller_is_gone_is_noted_all_the_same() {
    let (storage, directory) = storage();
    let db = database(&storage, "d").await;
    run(db.as_ref(), "CREATE TABLE t (a)").await;
    let name = |table: &str| TableName::new("main", table).unwrap();
    let id = db.table_id(&name("t")).await.unwrap().unwrap();
    let outside = hold(&directory);
    let renaming = tokio::spawn({
        let db = Arc::clone(&db);
        async move { db.execute(Statement::new("ALTER TABLE t RENAME TO u")).await.map(drop) }
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    outside.execute_batch("COMMIT").unwrap();
    // Whether or not it was in time, file and notes say the same.
    renaming.abort();
    let _ = renaming.await;
    let rows = super::statements::one_column(1);
    db.write(&name("other"), WriteMode::Create, rows).await.unwrap();
    let renamed = db.tables().await.unwrap().iter().any(|table| table.name.table == "u");
    let now = if renamed { "u" } else { "t" };
    assert_eq!(db.table_id(&name(now)).await.unwrap(), Some(id));
}
