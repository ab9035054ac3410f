//! Statements against SQLite and Delta databases.

use std::time::Duration;

use futures::StreamExt;
use serde_json::json;

use super::inside::Inside;
use crate::process::{Server, told};

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_changes_the_file_that_sqlite3_opens() {
    let server = Server::start();
    let shop = Inside::new(&server, "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)").await;
    let inserted = shop.sql("INSERT INTO t (name) VALUES ('a'), ('b') RETURNING id").await;
    assert_eq!(
        (&inserted["rows"], &inserted["numChanges"], &inserted["affectedTables"]),
        (&json!([{"id": 1}, {"id": 2}]), &json!(2), &json!(["t"]))
    );
    let id = shop.id.clone();
    let folder = server.kill();
    let server = Server::start_in(folder, &[]);
    let shop = Inside { id, ..Inside::lakehouse(&server) };
    assert_eq!(shop.rows("SELECT name FROM t ORDER BY id").await, json!([{"name": "a"}, {"name": "b"}]));
    let catalog_query = format!("SELECT count(*) AS n FROM \"{}\".main.t", "shop");
    assert_eq!(Inside::lakehouse(&server).rows(&catalog_query).await, json!([{"n": 2}]), "one namespace");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endless_statement_ends_when_it_is_cancelled() {
    let server = Server::start();
    let shop = Inside::new(&server, "CREATE TABLE t (a)").await;
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
    let answer = shop.send("POST", &format!("/dbs/{}/sql", shop.id), json!({"query": endless})).await;
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    let (query, session) = (header("x-query-id"), header("x-session-id"));
    let mut bytes = Box::pin(answer.bytes_stream());
    let mut beginning = Vec::new();
    while beginning.len() < 40 {
        beginning.extend_from_slice(&bytes.next().await.unwrap().unwrap());
    }
    assert!(beginning.starts_with(b"{\"affectedTables\":[],\"rows\":[{\"i\":1}"));
    let path = format!("/query/{query}");
    let (status, found) = shop.told("GET", &path, json!({})).await;
    assert_eq!((status, &found["client_interface"]), (200, &json!("HttpQuery")), "{found}");
    let (status, cancelled) = shop.told("DELETE", &format!("{path}?session_id={session}"), json!({})).await;
    assert_eq!((status, &cancelled["cancelled"]), (200, &json!(true)), "{cancelled}");
    let mut end: Vec<u8> = Vec::new();
    let rest = async {
        while let Some(chunk) = bytes.next().await {
            // A chunk may end anywhere: the last of them need not hold the whole end.
            end.extend_from_slice(&chunk.unwrap());
            end.drain(..end.len().saturating_sub(100));
        }
    };
    tokio::time::timeout(Duration::from_secs(20), rest).await.unwrap();
    let end = String::from_utf8(end).unwrap();
    assert!(end.ends_with("\"errors\":[\"the query was cancelled\"]}"), "{end}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delta_database_answers_in_the_same_shape() {
    let server = Server::start();
    let lake = Inside::lakehouse(&server);
    let created = lake.sql("CREATE TABLE t (id BIGINT, name VARCHAR, raw BLOB)").await;
    assert_eq!((&created["affectedTables"], &created["errors"]), (&json!(["t"]), &json!([])));
    let inserted = lake.sql("INSERT INTO t VALUES (9007199254740993, 'a', 'x'::BLOB), (2, NULL, NULL)").await;
    assert_eq!(
        (&inserted["affectedTables"], &inserted["numChanges"], &inserted["rows"]),
        (&json!(["t"]), &json!(2), &json!([]))
    );
    let rows = lake.rows("SELECT * FROM t ORDER BY id DESC").await;
    let expected = json!([
        {"id": 9_007_199_254_740_993_i64, "name": "a", "raw": {"type": "blob"}},
        {"id": 2, "name": null, "raw": null},
    ]);
    assert_eq!(rows, expected);
    assert_eq!(lake.sql("UPDATE t SET name = 'b' WHERE id = 2").await["numChanges"], json!(1));
    assert_eq!(lake.sql("SELECT 1").await["affectedTables"], json!([]));
    assert_eq!(lake.sql("ALTER TABLE t ADD COLUMN x INTEGER").await["affectedTables"], json!(["t"]));
    let refused = lake.sql("SELECT * FROM nowhere").await;
    assert!(refused["errors"][0].as_str().unwrap().contains("nowhere"), "{refused}");
    let two = lake.sql("SELECT 1; SELECT 2").await;
    assert!(two["errors"][0].as_str().unwrap().contains("one by one"), "{two}");
    assert_eq!(lake.sql("DROP TABLE t").await["affectedTables"], json!(["t"]));
    let other =
        told(server.client.post(format!("{}/dbs/lakehouse/sql", server.base)).json(&json!({"query": "SELECT 1"})));
    assert_eq!(other.await.0.as_u16(), 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_has_the_time_that_the_server_was_started_with() {
    let server = Server::start_in(tempfile::tempdir().unwrap(), &["--statement-timeout", "1s"]);
    let shop = Inside::new(&server, "CREATE TABLE t (a)").await;
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    let ended = shop.sql(endless).await;
    assert_eq!(ended["errors"], json!(["Sql query execution timed out"]));
    assert!(ended["runtimeSeconds"].as_f64().unwrap() < 15.0, "{ended}");
}
