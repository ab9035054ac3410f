//! BEGIN … COMMIT around several statements of one request.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;

use crate::process::Server;

/// The files below the lakehouse whose path has all of these in it.
fn files(server: &Server, parts: &[&str]) -> Vec<PathBuf> {
    fn walk(directory: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { walk(&path, found) } else { found.push(path) }
        }
    }
    let mut found = Vec::new();
    walk(&server.dir().join("data").join("lakehouse"), &mut found);
    found.retain(|path| parts.iter().all(|part| path.to_str().unwrap().contains(part)));
    found
}

fn commits(server: &Server, table: &str) -> usize {
    files(server, &[&format!("/main/{table}-"), "_delta_log", ".json"]).len()
}

#[tokio::test]
async fn statements_see_what_went_before_and_become_one_commit_a_table() {
    let server = Server::start();
    server.rows("CREATE TABLE t AS SELECT i AS id, i * 10 AS n FROM range(5) r(i)").await;
    server.rows("CREATE TABLE log (what VARCHAR)").await;
    let before = (commits(&server, "t"), commits(&server, "log"));
    let answer = server
        .ask(
            "BEGIN TRANSACTION; INSERT INTO t VALUES (5, 50); UPDATE t SET n = n + 1 WHERE id >= 4; \
             DELETE FROM t WHERE id = 0; INSERT INTO log SELECT 'sum ' || sum(n) FROM t; \
             MERGE INTO t USING (SELECT 1 AS id, 7 AS n UNION ALL SELECT 9, 9) s ON t.id = s.id \
             WHEN MATCHED THEN UPDATE SET n = s.n WHEN NOT MATCHED THEN INSERT VALUES (s.id, s.n); COMMIT;",
        )
        .await;
    assert_eq!(answer.error, None);
    assert_eq!(answer.columns, "[{\"name\":\"Success\",\"type\":\"BOOLEAN\"}]");
    assert!(answer.rows.is_empty());
    let rows = server.rows("SELECT * FROM t ORDER BY id").await;
    assert_eq!(rows, json!([[1, 7], [2, 20], [3, 30], [4, 41], [5, 51], [9, 9]]));
    // 10 + 20 + 30 + 41 + 51, before MERGE.
    assert_eq!(server.rows("SELECT what FROM log").await, json!([["sum 152"]]));
    assert_eq!((commits(&server, "t"), commits(&server, "log")), (before.0 + 1, before.1 + 1));
}

#[tokio::test]
async fn what_is_not_committed_was_never_there() {
    let server = Server::start();
    server.rows("CREATE TABLE t AS SELECT 1::BIGINT AS n").await;
    for broken in [
        "BEGIN; INSERT INTO t VALUES (2); SELECT error('stop'); COMMIT",
        "BEGIN; UPDATE t SET n = 9; CREATE TABLE u (a INTEGER); SELECT * FROM nowhere; COMMIT",
        "BEGIN; DELETE FROM t; DROP TABLE t; SELECT n FROM t; COMMIT",
        "BEGIN; CREATE SCHEMA s; INSERT INTO t VALUES ('x'); COMMIT",
    ] {
        assert!(server.ask(broken).await.error.is_some(), "{broken}");
        assert_eq!(server.rows("SELECT n FROM t").await, json!([[1]]), "{broken}");
    }
    let undone = "BEGIN; INSERT INTO t VALUES (2); CREATE TABLE u AS SELECT 1 AS a; COMMENT ON TABLE t IS 'x'; ROLLBACK; \
                  SELECT count(*) FROM t";
    assert_eq!(server.rows(undone).await, json!([[1]]));
    let named = "SELECT table_name, TABLE_COMMENT FROM information_schema.tables";
    assert_eq!(server.rows(named).await, json!([["t", null]]));
    let schemas = "SELECT schema_name FROM information_schema.schemata WHERE schema_name = 's'";
    assert_eq!(server.rows(schemas).await, json!([]));
    // The files of what was undone go, too.
    crate::process::until("the files are gone", async || {
        files(&server, &["/main/u-"]).is_empty() && files(&server, &["/main/t-", ".parquet"]).len() == 1
    })
    .await;
}

#[tokio::test]
async fn a_transaction_that_is_not_whole_is_refused_before_it_begins() {
    let server = Server::start();
    server.rows("CREATE TABLE t (n BIGINT)").await;
    for (text, told) in [
        ("BEGIN; INSERT INTO t VALUES (1)", "no COMMIT"),
        ("INSERT INTO t VALUES (1); COMMIT", "no transaction is active (line 1, column 27)"),
        ("INSERT INTO t VALUES (1); ROLLBACK", "no transaction is active"),
        ("INSERT INTO t VALUES (1); BEGIN; BEGIN; COMMIT", "within a transaction"),
        ("INSERT INTO t VALUES (1); BEGIN; CREATE DATABASE d; COMMIT", "CREATE DATABASE in a transaction"),
        ("INSERT INTO t VALUES (1); BEGIN; SAVEPOINT a; COMMIT", "SAVEPOINT is not supported (line 1, column 34)"),
    ] {
        let error = server.ask(text).await.error.unwrap();
        assert!(error.contains(told), "{text}: {error}");
    }
    assert_eq!(server.rows("SELECT count(*) FROM t").await, json!([[0]]));
}

#[tokio::test]
async fn schemas_tables_and_views_change_in_one_step() {
    let server = Server::start();
    server.rows("CREATE TABLE old AS SELECT 1 AS a").await;
    let all = "BEGIN; CREATE SCHEMA s; CREATE TABLE s.t AS SELECT i AS id FROM range(3) r(i); DELETE FROM s.t WHERE id = 1; \
               CREATE VIEW s.v AS SELECT count(*) AS n FROM s.t; ALTER TABLE s.t ADD COLUMN note VARCHAR; \
               INSERT INTO s.t VALUES (7, 'seven'); CREATE OR REPLACE TABLE old AS SELECT 2 AS a, 3 AS b; \
               CREATE TABLE gone (a INTEGER); DROP TABLE gone; ALTER TABLE s.t RENAME TO named; COMMIT; \
               SELECT * FROM s.named ORDER BY id";
    assert_eq!(server.rows(all).await, json!([[0, null], [2, null], [7, "seven"]]));
    assert_eq!(server.rows("SELECT * FROM old").await, json!([[2, 3]]));
    let names = "SELECT table_schema, table_name FROM information_schema.tables ORDER BY 1, 2";
    assert_eq!(server.rows(names).await, json!([["main", "old"], ["s", "named"], ["s", "v"]]));
}

#[tokio::test]
async fn several_databases_take_part() {
    let server = Server::start();
    server.rows("CREATE DATABASE shop; CREATE TABLE shop.main.t (n BIGINT); CREATE TABLE t (n BIGINT)").await;
    server.rows("BEGIN; INSERT INTO shop.main.t VALUES (1); INSERT INTO t SELECT n + 1 FROM shop.main.t; COMMIT").await;
    assert_eq!(server.rows("SELECT a.n, b.n FROM shop.main.t a, t b").await, json!([[1, 2]]));
    let failed = server.ask("BEGIN; INSERT INTO shop.main.t VALUES (1); INSERT INTO t SELECT error('x'); COMMIT").await;
    assert!(failed.error.is_some());
    assert_eq!(
        server.rows("SELECT (SELECT count(*) FROM shop.main.t), (SELECT count(*) FROM t)").await,
        json!([[1, 1]])
    );
}

/// Of writers that read a number and write it back, each either counts or is told to try again.
#[tokio::test(flavor = "multi_thread")]
async fn writers_at_the_same_time_conflict_or_count() {
    let server = Arc::new(Server::start());
    server.rows("CREATE TABLE counter AS SELECT 0::BIGINT AS n; CREATE TABLE log (n BIGINT)").await;
    let mut writers = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let server = server.clone();
        writers.spawn(async move {
            let text = "BEGIN; UPDATE counter SET n = n + 1; INSERT INTO log SELECT n FROM counter; COMMIT";
            let mut done = 0;
            for _ in 0..5 {
                match server.ask(text).await.error {
                    None => done += 1,
                    Some(error) => assert!(error.contains("try again"), "{error}"),
                }
            }
            done
        });
    }
    let done: i64 = writers.join_all().await.into_iter().sum();
    assert!(done > 0);
    assert_eq!(server.rows("SELECT n FROM counter").await, json!([[done]]));
    let logged = server.rows("SELECT count(*), count(DISTINCT n), max(n) FROM log").await;
    assert_eq!(logged, json!([[done, done, done]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_are_only_added_do_not_conflict() {
    let server = Arc::new(Server::start());
    server.rows("CREATE TABLE t (n BIGINT)").await;
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..4 {
        let server = server.clone();
        writers.spawn(async move {
            for round in 0..5 {
                let n = writer * 100 + round;
                server.rows(&format!("BEGIN; INSERT INTO t VALUES ({n}); INSERT INTO t VALUES ({n}); COMMIT")).await;
            }
        });
    }
    writers.join_all().await;
    assert_eq!(server.rows("SELECT count(*), count(DISTINCT n) FROM t").await, json!([[40, 20]]));
}

#[tokio::test]
async fn validation_checks_transactions_and_runs_nothing() {
    let server = Server::start();
    server.rows("CREATE TABLE t (n BIGINT)").await;
    let valid = async |statement: &str| {
        let body = json!({ "statement": statement });
        let answer: serde_json::Value =
            server.post("/validate").json(&body).send().await.unwrap().json().await.unwrap();
        answer["valid"].as_bool().unwrap()
    };
    assert!(valid("BEGIN; INSERT INTO t VALUES (1); COMMIT").await);
    assert!(!valid("BEGIN; INSERT INTO t VALUES (1)").await);
    assert_eq!(server.rows("SELECT count(*) FROM t").await, json!([[0]]));
}
