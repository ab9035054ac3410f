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

#[tokio::test]
async fn several_things_are_done_or_none() {
    let server = Server::start();
    server.rows("CREATE TABLE a (x INTEGER); CREATE TABLE b (x INTEGER); INSERT INTO a VALUES (1)").await;
    assert!(server.ask("DROP TABLE a, nowhere").await.error.is_some());
    assert_eq!(server.rows("SELECT x FROM a").await, json!([[1]]));
    assert!(server.ask("ALTER TABLE a ADD COLUMN y INTEGER, DROP COLUMN nothing").await.error.is_some());
    assert_eq!(server.rows("DESCRIBE a").await, json!([["x", "INTEGER", "YES", null, null, null]]));
    server
        .rows("ALTER TABLE a ADD COLUMN IF NOT EXISTS x INTEGER, ADD COLUMN y VARCHAR, ALTER COLUMN x TYPE BIGINT")
        .await;
    assert_eq!(server.rows("SELECT * FROM a").await, json!([[1, null]]));
    assert_eq!(server.rows("TRUNCATE a, b").await, json!([[1]]));
    server.rows("DROP TABLE IF EXISTS a, b, c").await;
    server.rows("CREATE SCHEMA s; CREATE SCHEMA r; CREATE TABLE s.t (x INTEGER)").await;
    assert!(server.ask("DROP SCHEMA r, s").await.error.unwrap().contains("not empty"));
    server.rows("DROP SCHEMA r, s CASCADE").await;
    assert_eq!(server.rows("SELECT count(*) FROM information_schema.tables").await, json!([[0]]));
}

#[tokio::test]
async fn columns_change_their_type_and_whether_they_may_be_null() {
    let server = Server::start();
    server.rows("CREATE TABLE t (id INTEGER, name VARCHAR); INSERT INTO t VALUES (1, '12'), (2, NULL)").await;
    server.rows("ALTER TABLE t ALTER COLUMN name TYPE BIGINT USING coalesce(CAST(name AS BIGINT), 0) + id").await;
    assert_eq!(server.rows("SELECT * FROM t ORDER BY id").await, json!([[1, 13], [2, 2]]));
    server.rows("ALTER TABLE t ALTER id SET NOT NULL").await;
    let error = server.ask("INSERT INTO t VALUES (NULL, 1)").await.error.unwrap();
    assert!(error.contains("NOT NULL constraint failed"), "{error}");
    server.rows("ALTER TABLE t ALTER id DROP NOT NULL; INSERT INTO t VALUES (NULL, 1)").await;
    let error = server.ask("ALTER TABLE t ALTER id SET NOT NULL").await.error.unwrap();
    assert!(error.contains("\"id\" has rows without a value"), "{error}");
    let error = server.ask("ALTER TABLE t ALTER COLUMN id SET DEFAULT 5").await.error.unwrap();
    assert!(error.contains("is not supported") && error.contains("(line 1, column "), "{error}");
}

#[tokio::test]
async fn rows_find_their_columns_by_name() {
    let server = Server::start();
    server.rows("CREATE TABLE t (i, j) AS SELECT 1, 2").await;
    assert_eq!(server.rows("INSERT INTO t BY NAME SELECT 5 AS J").await, json!([[1]]));
    assert_eq!(server.rows("SELECT * FROM t ORDER BY j").await, json!([[1, 2], [null, 5]]));
    let error = server.ask("INSERT INTO t BY NAME SELECT 5 AS k").await.error.unwrap();
    assert!(error.contains("no column \"k\""), "{error}");
}

#[tokio::test]
async fn a_statement_can_fail_on_purpose() {
    let server = Server::start();
    let error = server.ask("SELECT error('no, thanks')").await.error.unwrap();
    assert_eq!(error, "Invalid Input Error: no, thanks");
    let only_where = "SELECT CASE WHEN i > 5 THEN error('over') ELSE TRUE END FROM range(5) r(i)";
    assert_eq!(server.rows(only_where).await, json!([[true], [true], [true], [true], [true]]));
    server.rows("CREATE TABLE t AS SELECT 1 AS a").await;
    let there = "SELECT CASE WHEN EXISTS (SELECT 1 FROM t WHERE a = 1) THEN error('there') ELSE TRUE END";
    assert_eq!(server.ask(there).await.error.unwrap(), "Invalid Input Error: there");
    let away = "SELECT CASE WHEN EXISTS (SELECT 1 FROM t WHERE a = 2) THEN error('there') ELSE TRUE END";
    assert_eq!(server.rows(away).await, json!([[true]]));
    let each = "SELECT i, EXISTS (SELECT 1 FROM t WHERE t.a = r.i) AS there, EXISTS (SELECT max(a) FROM t WHERE a > 9) AS one \
                FROM range(2) r(i) ORDER BY i";
    assert_eq!(server.rows(each).await, json!([[0, false, true], [1, true, true]]));
}

#[tokio::test]
async fn times_of_day_are_kept_as_text() {
    let server = Server::start();
    server
        .rows("CREATE TABLE t (at TIME, ns TIMESTAMP_NS, raw BLOB, d DECIMAL(38,9), z TIMESTAMP WITH TIME ZONE)")
        .await;
    server.rows("INSERT INTO t (at) VALUES (TIME '12:30:01'), (TIME '08:00:00')").await;
    assert_eq!(server.rows("SELECT at FROM t WHERE at > '09:00' ORDER BY at").await, json!([["12:30:01"]]));
    assert_eq!(server.rows("DESCRIBE t").await[0][1], json!("VARCHAR"));
}

#[tokio::test]
async fn what_is_not_supported_is_named_with_its_place() {
    let server = Server::start();
    server.rows("CREATE TABLE t (a INTEGER)").await;
    for (statement, told) in [
        (
            "INSERT INTO t VALUES (1)\n ON CONFLICT DO NOTHING",
            "ON CONFLICT is not supported (line 2, column 2); use MERGE INTO",
        ),
        ("UPDATE t SET a = 1 RETURNING a", "RETURNING is not supported (line 1, column 20)"),
        ("SELECT * FROM t TABLESAMPLE 10", "TABLESAMPLE is not supported"),
        ("ALTER TABLE t\nSET PARTITIONED BY (a)", "SET PARTITIONED BY is not supported (line 2, column 1); "),
        ("CREATE TEMPORARY TABLE x (a INTEGER)", "TEMPORARY TABLE is not supported (line 1, column 8)"),
        ("CREATE SEQUENCE s", "CREATE SEQUENCE"),
        (
            "SELECT sum(m) FROM (SELECT median(i) OVER (ORDER BY i ROWS BETWEEN 1 PRECEDING AND UNBOUNDED FOLLOWING) AS m \
             FROM range(300000) r(i))",
            "Not implemented Error: ",
        ),
    ] {
        let error = server.ask(statement).await.error.unwrap_or_else(|| panic!("{statement}"));
        assert!(error.contains(told), "{statement}: {error}");
    }
    assert_eq!(server.rows("SELECT count(*) FROM t").await, json!([[0]]));
}
