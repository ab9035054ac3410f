//! Statements of callers: what they answer, change and may not do.

use std::time::{Duration, Instant};

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use futures::StreamExt;
use model::{Access, Database, ErrorKind, Executed, Rights, Statement, Value};

use super::{database, storage};

pub async fn run(database: &dyn Database, sql: &str) -> Executed {
    database.execute(Statement::new(sql)).await.unwrap_or_else(|error| panic!("{sql}: {error}"))
}

pub async fn refused(database: &dyn Database, statement: Statement) -> model::Error {
    let sql = statement.sql.clone();
    match database.execute(statement).await {
        Ok(executed) => {
            let rows = executed.rows.collect().await;
            rows.map(|_| ()).expect_err(&format!("{sql} succeeded"))
        }
        Err(error) => error,
    }
}

pub async fn count(database: &dyn Database, table: &str) -> i64 {
    let rows = run(database, &format!("SELECT count(*) FROM {table}")).await.rows.collect().await.unwrap();
    rows[0].column(0).as_primitive::<Int64Type>().value(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn say_what_they_changed() {
    let (storage, _directory) = storage();
    let db = database(&storage, "d").await;
    let created = run(db.as_ref(), "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)").await;
    assert_eq!((created.changes, created.redefined, created.read_only), (0, vec!["t".to_owned()], false));
    let inserted = run(db.as_ref(), "INSERT INTO t (name) VALUES ('a'), ('b') RETURNING id, name").await;
    assert_eq!((inserted.changes, inserted.redefined.len()), (2, 0));
    let rows = inserted.rows.collect().await.unwrap();
    assert_eq!(rows[0].num_rows(), 2);
    let renamed = run(db.as_ref(), "ALTER TABLE t RENAME TO u").await;
    assert_eq!(renamed.redefined, ["t", "u"]);
    let updated =
        db.execute(Statement::new("UPDATE u SET name = ?1").with(vec![Value::Text("x".into())])).await.unwrap();
    assert_eq!(updated.changes, 2);
    let read = run(db.as_ref(), "SELECT id FROM u WHERE name = 'x' ORDER BY id").await;
    assert!(read.read_only && read.changes == 0);
    assert_eq!(read.rows.collect().await.unwrap()[0].num_rows(), 2);
    assert_eq!(run(db.as_ref(), "DROP TABLE u").await.redefined, ["u"]);
}

/// A plan that was kept knows the columns of the time when it was made.
#[tokio::test(flavor = "multi_thread")]
async fn columns_are_those_of_the_moment() {
    let (storage, _directory) = storage();
    let db = database(&storage, "d").await;
    run(db.as_ref(), "CREATE TABLE t (id INTEGER PRIMARY KEY, a)").await;
    run(db.as_ref(), "INSERT INTO t VALUES (1, 'x'), (2, 'y')").await;
    let columns = async |sql: &str| run(db.as_ref(), sql).await.rows.into_few().unwrap().columns().to_vec();
    let changed = async |id: i64, expected: &[&str]| {
        // By key, by the very same text, with no row, and as the answer of a change.
        assert_eq!(columns(&format!("SELECT * FROM t WHERE id = {id}")).await, expected);
        assert_eq!(columns("SELECT * FROM t").await, expected);
        assert_eq!(columns(&format!("SELECT * FROM t WHERE id = {}", id + 100)).await, expected);
        let updated = run(db.as_ref(), "UPDATE t SET id = id RETURNING *").await;
        let schema = updated.rows.schema().clone();
        assert_eq!(schema.fields().iter().map(|field| field.name().as_str()).collect::<Vec<_>>(), expected);
    };
    changed(1, &["id", "a"]).await;
    run(db.as_ref(), "ALTER TABLE t ADD COLUMN z").await;
    changed(2, &["id", "a", "z"]).await;
    run(db.as_ref(), "ALTER TABLE t RENAME COLUMN a TO b").await;
    changed(1, &["id", "b", "z"]).await;
    run(db.as_ref(), "ALTER TABLE t DROP COLUMN b").await;
    changed(2, &["id", "z"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_follows_a_table_that_a_statement_renames() {
    let (storage, _directory) = storage();
    let db = database(&storage, "d").await;
    run(db.as_ref(), "CREATE TABLE t (a)").await;
    let name = |table: &str| model::TableName::new("main", table).unwrap();
    let id = db.table_id(&name("t")).await.unwrap().unwrap();
    run(db.as_ref(), "ALTER TABLE t RENAME TO u").await;
    assert_eq!(db.table_id(&name("u")).await.unwrap(), Some(id.clone()));
    run(db.as_ref(), "DROP TABLE u").await;
    run(db.as_ref(), "CREATE TABLE u (a)").await;
    assert_ne!(db.table_id(&name("u")).await.unwrap(), Some(id));
}

#[tokio::test(flavor = "multi_thread")]
async fn large_answers_stream() {
    let (storage, _directory) = storage();
    let db = database(&storage, "d").await;
    let sql =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT i, 'x' || i FROM n";
    let batches = run(db.as_ref(), sql).await.rows.collect().await.unwrap();
    assert_eq!(batches.iter().map(|batch| batch.num_rows()).sum::<usize>(), 100_000);
    assert!(batches.len() > 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_statements_are_refused_and_change_nothing() {
    let (storage, directory) = storage();
    let db = database(&storage, "d").await;
    run(db.as_ref(), "CREATE TABLE t (a)").await;
    run(db.as_ref(), "INSERT INTO t VALUES (1)").await;
    for sql in [
        "ATTACH 'other.sqlite' AS o",
        "ATTACH ':memory:' AS o",
        "DETACH main",
        "SELECT load_extension('/tmp/x.so')",
        "SELECT writefile('/tmp/x', 'y')",
        "PRAGMA writable_schema = ON",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA synchronous = OFF",
        "PRAGMA query_only = OFF",
        "PRAGMA foreign_keys = OFF",
        "PRAGMA database_list",
        "VACUUM",
        "VACUUM INTO '/tmp/copy.sqlite'",
        "BEGIN",
        "COMMIT",
        "ROLLBACK",
        "SAVEPOINT s",
        "RELEASE request",
        "ROLLBACK TO request",
        "CREATE TEMP TABLE x (a)",
        "CREATE TABLE temp.x (a)",
        "UPDATE sqlite_schema SET sql = 'x'",
        "DELETE FROM sqlite_master",
        "CREATE VIRTUAL TABLE v USING dbstat",
        "SELECT fts3_tokenizer('simple')",
        "DELETE FROM t; DELETE FROM t",
        "SELECT zeroblob(1000000000)",
        "INSERT INTO t VALUES (zeroblob(1000000000))",
        "SELECT printf('%1000000000d', 1)",
        "SELECT * FROM",
        "",
        "INSERT INTO t SELECT a FROM t UNION ALL SELECT no_such_column",
    ] {
        if sql.is_empty() {
            continue;
        }
        let error = refused(db.as_ref(), Statement::new(sql)).await;
        assert!(
            matches!(error.kind(), ErrorKind::Invalid | ErrorKind::TooLarge | ErrorKind::Forbidden),
            "{sql}: {:?} {error}",
            error.kind()
        );
        assert_eq!(count(db.as_ref(), "t").await, 1, "{sql}");
    }
    let file = directory.path().join("databases/d/main.sqlite");
    let outside = rusqlite::Connection::open(file).unwrap();
    let check: String = outside.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn endless_statements_are_stopped() {
    let (storage, _directory) = storage();
    let db = database(&storage, "d").await;
    run(db.as_ref(), "CREATE TABLE t (a)").await;
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) ";
    for sql in [format!("{endless} SELECT count(*) FROM n"), format!("{endless} INSERT INTO t SELECT i FROM n")] {
        let statement = Statement { timeout: Some(Duration::from_millis(300)), ..Statement::new(sql) };
        let start = Instant::now();
        let error = refused(db.as_ref(), statement).await;
        assert_eq!(error.message(), "Sql query execution timed out");
        assert!(start.elapsed() < Duration::from_secs(5));
    }
    assert_eq!(count(db.as_ref(), "t").await, 0);
    let mut rows = run(db.as_ref(), &format!("{endless} SELECT i FROM n")).await.rows;
    rows.next().await.unwrap().unwrap();
    drop(rows);
    let waiting = db.execute(Statement::new(format!("{endless} SELECT count(*) FROM n")));
    assert!(tokio::time::timeout(Duration::from_millis(100), waiting).await.is_err());
    // The readers that were under way are free again.
    for _ in 0..16 {
        assert_eq!(count(db.as_ref(), "t").await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn do_no_more_than_their_rights() {
    let (storage, _directory) = storage();
    let db = database(&storage, "d").await;
    run(db.as_ref(), "CREATE TABLE t (a)").await;
    run(db.as_ref(), "INSERT INTO t VALUES (1)").await;
    let with = |rights, sql: &str| Statement { rights, ..Statement::new(sql) };
    let (read, insert, write) = (Rights::only(Access::Read), Rights::only(Access::Insert), Rights::only(Access::Write));
    for (rights, sql) in [
        (read, "INSERT INTO t VALUES (2)"),
        (read, "DELETE FROM t"),
        (read, "CREATE TABLE x (a)"),
        (read, "PRAGMA user_version = 7"),
        (insert, "SELECT a FROM t"),
        (insert, "SELECT count(*) FROM t"),
        (insert, "INSERT INTO t VALUES (2) RETURNING a"),
        (insert, "INSERT INTO t SELECT a FROM t"),
        (insert, "UPDATE t SET a = 2"),
        (insert, "DELETE FROM t"),
        (insert, "DROP TABLE t"),
        (write, "SELECT a FROM t"),
        (write, "INSERT INTO t VALUES (2) RETURNING a"),
    ] {
        // Prepared before for somebody with every right: that must not help.
        let _ = db.execute(Statement { timeout: Some(Duration::from_secs(1)), ..with(Rights::NONE, sql) }).await;
        let error = refused(db.as_ref(), with(rights, sql)).await;
        assert_eq!(error.kind(), ErrorKind::Forbidden, "{sql}: {error}");
        assert_eq!(count(db.as_ref(), "t").await, 1, "{sql}");
    }
    assert_eq!(db.execute(with(insert, "INSERT INTO t VALUES (2)")).await.unwrap().changes, 1);
    assert_eq!(db.execute(with(write, "DELETE FROM t")).await.unwrap().changes, 2);
    let locked = |sql: &str| Statement { schema_locked: true, ..Statement::new(sql) };
    for sql in ["CREATE TABLE x (a)", "DROP TABLE t", "ALTER TABLE t ADD COLUMN b", "CREATE INDEX i ON t (a)"] {
        let error = refused(db.as_ref(), locked(sql)).await;
        assert_eq!(error.kind(), ErrorKind::Forbidden, "{sql}");
        assert!(error.message().contains("schema is locked"), "{error}");
    }
    assert_eq!(db.execute(locked("INSERT INTO t VALUES (3)")).await.unwrap().changes, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_beside_each_other_lose_nothing_and_fail_alone() {
    let (storage, _directory) = storage();
    let db = database(&storage, "d").await;
    run(db.as_ref(), "CREATE TABLE t (id INTEGER PRIMARY KEY)").await;
    let writers = (0..16_i64).map(|writer| {
        let db = std::sync::Arc::clone(&db);
        tokio::spawn(async move {
            for round in 0..20 {
                let id = writer * 20 + round;
                let sql = format!("INSERT INTO t VALUES ({id})");
                db.execute(Statement::new(&sql)).await.unwrap();
                let again = db.execute(Statement::new(&sql)).await.unwrap_err();
                assert!(
                    again
                        .message()
                        .starts_with("SQLite3 returned ErrorConstraint while attempting to perform step: UNIQUE"),
                    "{again}"
                );
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    assert_eq!(count(db.as_ref(), "t").await, 320);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_program_may_write_at_the_same_time() {
    let (storage, directory) = storage();
    let db = database(&storage, "d").await;
    run(db.as_ref(), "CREATE TABLE t (a)").await;
    let outside = rusqlite::Connection::open(directory.path().join("databases/d/main.sqlite")).unwrap();
    outside.execute_batch("BEGIN IMMEDIATE; INSERT INTO t VALUES ('outside')").unwrap();
    let waiting = tokio::spawn({
        let db = std::sync::Arc::clone(&db);
        async move { db.execute(Statement::new("INSERT INTO t VALUES ('inside')")).await.map(|done| done.changes) }
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    outside.execute_batch("COMMIT").unwrap();
    assert_eq!(waiting.await.unwrap().unwrap(), 1);
    assert_eq!(count(db.as_ref(), "t").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_long_step_is_stopped_too() {
    let (storage, _directory) = storage();
    let db = database(&storage, "d").await;
    run(db.as_ref(), "CREATE TABLE t (a)").await;
    let fill = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) \
                INSERT INTO t SELECT zeroblob(400) FROM n";
    run(db.as_ref(), fill).await;
    // Counting is one step, which asks nobody; this file is large enough to be counted on a thread of its own.
    assert_eq!(count(db.as_ref(), "t").await, 200_000);
    let long = "SELECT (SELECT count(*) FROM t) + (SELECT sum(length(a.a)) FROM t AS a, t AS b)";
    let statement = Statement { timeout: Some(Duration::from_millis(200)), ..Statement::new(long) };
    let start = Instant::now();
    assert_eq!(refused(db.as_ref(), statement).await.message(), "Sql query execution timed out");
    assert!(start.elapsed() < Duration::from_secs(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_that_stand_still_keep_nobody_out() {
    let directory = tempfile::tempdir().unwrap();
    let config = sqlite::SqliteConfig {
        readers: 2,
        timeout: Duration::from_millis(700),
        ..sqlite::SqliteConfig::new(directory.path().join("databases"), directory.path())
    };
    let storage = sqlite::SqliteStorage::open(config).unwrap();
    let db = database(&storage, "d").await;
    let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) SELECT i FROM n";
    let mut still = Vec::new();
    for _ in 0..2 {
        still.push(run(db.as_ref(), many).await.rows);
    }
    // Nobody reads on; when their time is over their connections are free, and they are told instead of cut short.
    tokio::time::sleep(Duration::from_millis(900)).await;
    let answer = tokio::time::timeout(Duration::from_secs(10), count_one(db.as_ref())).await;
    assert_eq!(answer.expect("a connection is free"), 1);
    for rows in still {
        let error = rows.collect().await.expect_err("an answer that is cut short says so");
        assert_eq!(error.message(), "Sql query execution timed out");
    }
}

async fn count_one(db: &dyn Database) -> i64 {
    let rows = run(db, "SELECT 1").await.rows.collect().await.unwrap();
    rows[0].column(0).as_primitive::<Int64Type>().value(0)
}

/// Rows of one column, `a`.
pub fn one_column(value: i64) -> model::Rows {
    let field = arrow_schema::Field::new("a", arrow_schema::DataType::Int64, true);
    let schema = std::sync::Arc::new(arrow_schema::Schema::new(vec![field]));
    let values = std::sync::Arc::new(arrow_array::Int64Array::from(vec![value]));
    let batch = arrow_array::RecordBatch::try_new(schema.clone(), vec![values]).unwrap();
    model::Rows::from_batches(schema, vec![batch])
}
