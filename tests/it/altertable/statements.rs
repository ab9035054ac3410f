//! The SQL that the product's users write.

use serde_json::json;

use crate::process::Server;

#[tokio::test]
async fn the_last_of_several_statements_answers() {
    let server = Server::start();
    let statement = "CREATE TABLE t (id BIGINT, name VARCHAR); INSERT INTO t VALUES (1, 'Ann'), (2, NULL); \
                     SELECT * FROM t ORDER BY id;";
    assert_eq!(server.rows(statement).await, json!([[1, "Ann"], [2, null]]));
}

#[tokio::test]
async fn changes_answer_with_a_columns_line() {
    let server = Server::start();
    for (statement, columns, rows) in [
        ("CREATE TABLE t (id BIGINT, name VARCHAR)", "[{\"name\":\"Count\",\"type\":\"BIGINT\"}]", json!([])),
        ("INSERT INTO t VALUES (1, 'a'), (2, 'b')", "[{\"name\":\"Count\",\"type\":\"BIGINT\"}]", json!([[2]])),
        ("UPDATE t SET name = 'c' WHERE id = 2", "[{\"name\":\"Count\",\"type\":\"BIGINT\"}]", json!([[1]])),
        ("DELETE FROM t WHERE id = 1", "[{\"name\":\"Count\",\"type\":\"BIGINT\"}]", json!([[1]])),
        ("CREATE TABLE u AS SELECT * FROM t", "[{\"name\":\"Count\",\"type\":\"BIGINT\"}]", json!([[1]])),
        (
            "SELECT * FROM u",
            "[{\"name\":\"id\",\"type\":\"BIGINT\"},{\"name\":\"name\",\"type\":\"VARCHAR\"}]",
            json!([[2, "c"]]),
        ),
        (
            "SELECT * FROM t WHERE id = 99",
            "[{\"name\":\"id\",\"type\":\"BIGINT\"},{\"name\":\"name\",\"type\":\"VARCHAR\"}]",
            json!([]),
        ),
    ] {
        let answer = server.ask(statement).await;
        assert_eq!(answer.error, None, "{statement}");
        assert_eq!(answer.columns, columns, "{statement}");
        assert_eq!(json!(answer.rows), rows, "{statement}");
    }
    let dropped = server.ask("DROP TABLE u").await;
    assert_eq!(dropped.columns, "[{\"name\":\"Success\",\"type\":\"BOOLEAN\"}]");
}

#[tokio::test]
async fn values_look_as_the_product_writes_them() {
    let server = Server::start();
    let statement = "SELECT 9007199254740993::BIGINT AS big, 1.50::DECIMAL(5,2) AS decimal, DATE '2026-01-02' AS day, \
                     TIMESTAMP '2026-01-02 03:04:05' AS moment, true AS yes, [1, 2] AS list, \
                     {'a': 1, 'b': 'x'} AS struct, NULL::VARCHAR AS nothing, '\"q\"\n' AS text";
    let response = server.query_with(json!({ "statement": statement })).await.text().await.unwrap();
    let row = response.lines().nth(2).unwrap();
    assert_eq!(
        row,
        "[9007199254740993,1.50,\"2026-01-02\",\"2026-01-02T03:04:05\",true,[1,2],{\"a\":1,\"b\":\"x\"},null,\"\\\"q\\\"\\n\"]"
    );
}

#[tokio::test]
async fn databases_schemas_and_views_come_and_go() {
    let server = Server::start();
    server.rows("CREATE DATABASE shop").await;
    server.rows("CREATE SCHEMA IF NOT EXISTS shop.sales").await;
    server.rows("CREATE TABLE shop.sales.orders (id BIGINT, amount DOUBLE)").await;
    server.rows("INSERT INTO shop.sales.orders VALUES (1, 2.5), (2, 4.5)").await;
    server.rows("CREATE VIEW shop.sales.big AS SELECT * FROM shop.sales.orders WHERE amount > 3").await;
    assert_eq!(server.rows("SELECT id FROM shop.sales.big").await, json!([[2]]));
    let joined = "SELECT o.id, n.name FROM shop.sales.orders o JOIN lakehouse.main.names n ON n.id = o.id";
    server.load("names", "create", "id,name\n2,Bob\n").await;
    assert_eq!(server.rows(joined).await, json!([[2, "Bob"]]));
    let listed = "SELECT table_name FROM information_schema.tables WHERE table_catalog = 'shop' ORDER BY 1";
    assert_eq!(server.rows(listed).await, json!([["big"], ["orders"]]));
    server.rows("DROP VIEW shop.sales.big").await;
    server.rows("DROP SCHEMA shop.sales CASCADE").await;
    assert!(server.ask("SELECT * FROM shop.sales.orders").await.error.is_some());
    server.rows("DROP DATABASE shop").await;
    assert!(server.ask("SELECT 1 FROM shop.main.x").await.error.is_some());
    let taken = server.ask("CREATE DATABASE LAKEHOUSE").await.error.unwrap();
    assert!(taken.contains("already exists"), "{taken}");
}

#[tokio::test]
async fn a_failing_statement_changes_nothing_and_ends_the_request() {
    let server = Server::start();
    server.rows("CREATE TABLE t AS SELECT 1::BIGINT AS n").await;
    let failed = server.ask("INSERT INTO t SELECT CAST('x' || i AS BIGINT) FROM range(5) r(i); DROP TABLE t").await;
    assert!(failed.error.is_some());
    assert_eq!(server.rows("SELECT n FROM t").await, json!([[1]]));
}

#[tokio::test]
async fn sql_reaches_no_files() {
    let server = Server::start();
    let secret = server.dir().join("secret.csv");
    std::fs::write(&secret, "a\n1\n").unwrap();
    let path = secret.to_str().unwrap();
    for statement in [
        format!("SELECT * FROM '{path}'"),
        format!("SELECT * FROM \"{path}\""),
        format!("SELECT * FROM read_csv('{path}')"),
        format!("CREATE EXTERNAL TABLE x STORED AS CSV LOCATION '{path}'"),
        format!("COPY (SELECT 1) TO '{path}'"),
    ] {
        assert!(server.ask(&statement).await.error.is_some(), "{statement}");
    }
    assert_eq!(std::fs::read_to_string(&secret).unwrap(), "a\n1\n");
}

#[tokio::test]
async fn values_may_ask_the_database() {
    let server = Server::start();
    server.rows("CREATE TABLE t (id BIGINT, name VARCHAR)").await;
    server.rows("INSERT INTO t VALUES (1, 'Ann')").await;
    server
        .rows("INSERT INTO t VALUES ((SELECT max(id) + 1 FROM t), 'Bob'), (7, (SELECT name FROM t)), (8, NULL)")
        .await;
    let rows = server.rows("SELECT * FROM t ORDER BY id").await;
    assert_eq!(rows, json!([[1, "Ann"], [2, "Bob"], [7, "Ann"], [8, null]]));
    let rows = server.rows("SELECT column1 FROM (VALUES ((SELECT min(id) FROM t)), (5)) ORDER BY column1").await;
    assert_eq!(rows, json!([[1], [5]]));
}
