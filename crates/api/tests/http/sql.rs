//! `POST /dbs/{dbId}/sql`. What is expected is what Airsequel answers, or what the `sqlite3` shell prints.

use poem::http::Method;
use serde_json::json;

use crate::shop::{Shop, Who, read, request};

#[tokio::test]
async fn a_query_is_executed_and_keeps_the_order_and_names_of_its_columns() {
    let shop = Shop::start().await;
    let answer = shop.run(Who::Owner, "SELECT TRUE, 123, 'test'").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json; charset=utf-8"));
    let (before, after) = answer.text().split_once("\"runtimeSeconds\":").unwrap();
    assert_eq!(before, r#"{"affectedTables":[],"rows":[{"TRUE":1,"123":123,"'test'":"test"}],"numChanges":0,"#);
    let (seconds, end) = after.split_once(',').unwrap();
    assert!(seconds.parse::<f64>().unwrap() > 0.0);
    assert_eq!(end, r#""errors":[]}"#);
    assert!(answer.header("x-query-id").is_some() && answer.header("x-session-id").is_some());
    let order = shop.run(Who::Owner, "SELECT 1 AS z, 2 AS a, 3 AS m").await;
    assert!(order.text().contains(r#"[{"z":1,"a":2,"m":3}]"#), "{}", order.text());
}

#[tokio::test]
async fn every_kind_of_value_has_its_json() {
    let shop = Shop::start().await;
    let answer =
        shop.run(Who::Owner, "SELECT 9223372036854775807 AS i, 0.1 AS r, 'é\"' AS t, NULL AS n, x'00ff' AS b").await;
    let row = r#"{"i":9223372036854775807,"r":0.1,"t":"é\"","n":null,"b":{"type":"blob"}}"#;
    assert!(answer.text().contains(row), "{}", answer.text());
    let mixed = shop.sql("SELECT 1 AS c UNION ALL SELECT 2.5 UNION ALL SELECT 'three' UNION ALL SELECT NULL").await;
    assert_eq!(mixed["rows"], json!([{"c": 1}, {"c": 2.5}, {"c": "three"}, {"c": null}]));
    let same = shop.run(Who::Owner, "SELECT 1 AS a, 2 AS a, 3 AS a").await;
    assert!(same.text().contains(r#"{"a":1,"a:1":2,"a:2":3}"#), "{}", same.text());
}

#[tokio::test]
async fn functions_of_mathematics_and_those_called_like_keywords_work() {
    let shop = Shop::start().await;
    assert_eq!(shop.sql("SELECT abs(floor(cos(2*pi()/3))) AS x").await["rows"], json!([{"x": 1.0}]));
    let sql = "SELECT replace('aba', 'a', 'c') AS r, like('a%', 'abc') AS l, glob('a*', 'abc') AS g";
    assert_eq!(shop.sql(sql).await["rows"], json!([{"r": "cbc", "l": 1, "g": 1}]));
    // LIKE minds letter case.
    assert_eq!(shop.sql("SELECT 'A' LIKE 'a' AS x").await["rows"], json!([{"x": 0}]));
}

#[tokio::test]
async fn tables_without_row_ids_and_references_to_them_are_refused() {
    let shop = Shop::start().await;
    let result = shop.sql("CREATE TABLE foo (bar TEXT PRIMARY KEY) WITHOUT ROWID").await;
    let told = "Table 'foo' does not have a rowid column. Such tables are not currently supported by Airsequel.";
    assert_eq!(result["errors"], json!([told]));
    let result = shop.sql("CREATE TABLE foo (bar INTEGER REFERENCES goo(rowid))").await;
    let told = "Column 'bar' references the rowid column of table 'goo'.\nThis is not supported by SQLite:\n\
                https://www.sqlite.org/foreignkeys.html";
    assert_eq!(result["errors"], json!([told]));
    assert_eq!(shop.sql("SELECT count(*) AS n FROM sqlite_schema").await["rows"], json!([{"n": 0}]));
}

#[tokio::test]
async fn affected_tables_are_those_that_look_other_than_before() {
    let shop = Shop::start().await;
    let affected = async |sql: &str| shop.sql(sql).await["affectedTables"].clone();
    assert_eq!(affected("CREATE TABLE foo (a INTEGER)").await, json!(["foo"]));
    assert_eq!(affected("CREATE VIEW bar AS SELECT a FROM foo").await, json!(["bar"]));
    assert_eq!(affected("SELECT * FROM foo").await, json!([]));
    let inserted = shop.sql("INSERT INTO foo VALUES (1), (2) RETURNING rowid, a").await;
    assert_eq!(inserted["rows"], json!([{"rowid": 1, "a": 1}, {"rowid": 2, "a": 2}]));
    assert_eq!(inserted["numChanges"], json!(2));
    assert_eq!(inserted["affectedTables"], json!(["bar", "foo"]));
    assert_eq!(shop.sql("UPDATE foo SET a = 3 WHERE a = 9").await["affectedTables"], json!([]));
    assert_eq!(affected("ALTER TABLE foo ADD COLUMN b TEXT").await, json!(["foo"]));
    assert_eq!(affected("DROP VIEW bar").await, json!(["bar"]));
    assert_eq!(affected("DROP TABLE foo").await, json!(["foo"]));
}

#[tokio::test]
async fn a_nul_character_does_not_end_a_statement() {
    let shop = Shop::with(&["CREATE TABLE t (a TEXT)"]).await;
    let result = shop.sql("DELETE FROM t\0 WHERE a = 'x'").await;
    let told =
        "the statement has a NUL character at line 1, column 14; take it out, or write char(0) for a text that has one";
    assert_eq!((&result["errors"], &result["numChanges"]), (&json!([told]), &json!(0)));
    let body = json!({"name": "Made", "query": "CREATE TABLE t (a);\nSELECT '\0'"});
    let refused = request(&shop.server, Who::Owner, Method::POST, "/api/dbs", Some(body)).await;
    assert_eq!(refused.status, 400, "{}", refused.text());
    assert!(refused.told().contains("line 2, column 9"), "{}", refused.told());
    let named = shop.call(Method::PUT, "/tables/a%00b", Some(json!({}))).await;
    assert!(named.status == 400 && named.told().contains("control character '\\0'"), "{}", named.text());
}

#[tokio::test]
async fn what_sqlite_refuses_is_a_result() {
    let shop = Shop::with(&["CREATE TABLE t (a TEXT NOT NULL UNIQUE)", "INSERT INTO t VALUES ('x')"]).await;
    let missing = shop.sql("SELECT * FROM nowhere").await;
    let told = missing["errors"][0].as_str().unwrap();
    assert!(told.starts_with("SQLite3 returned ErrorError while attempting to perform prepare \"SELECT"), "{told}");
    assert!(told.ends_with("no such table: nowhere"), "{told}");
    assert_eq!((&missing["rows"], &missing["affectedTables"]), (&json!([]), &json!([])));
    let twice = shop.sql("INSERT INTO t VALUES ('y'), ('x')").await;
    let told = "SQLite3 returned ErrorConstraint while attempting to perform step: UNIQUE constraint failed: t.a";
    assert_eq!(twice["errors"], json!([told]));
    assert_eq!(shop.sql("SELECT count(*) AS n FROM t").await["rows"], json!([{"n": 1}]));
    // Far into the answer: the rows before it are there.
    let late = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 6000) \
                SELECT abs(CASE WHEN i = 6000 THEN -9223372036854775808 ELSE i END) AS x FROM n";
    let late = shop.sql(late).await;
    assert!(late["errors"][0].as_str().unwrap().ends_with("integer overflow"), "{}", late["errors"]);
    assert!(late["rows"].as_array().unwrap().iter().enumerate().all(|(at, row)| row["x"] == at + 1));
}

#[tokio::test]
async fn large_answers_stream_and_lose_nothing() {
    let shop = Shop::start().await;
    let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 50000) \
               SELECT i, 'row ' || i AS t FROM n";
    let answer = shop.run(Who::Owner, sql).await;
    assert_eq!(answer.header("content-length"), None);
    let result = read(&answer);
    let rows = result["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 50_000);
    let expected = |at: usize| json!({"i": at + 1, "t": format!("row {}", at + 1)});
    assert!(rows.iter().enumerate().all(|(at, row)| *row == expected(at)));
    assert_eq!(result["errors"], json!([]));
}

#[tokio::test]
async fn a_statement_of_many_characters_is_refused() {
    let shop = Shop::start().await;
    let fits = format!("SELECT '{}' AS x", "é".repeat(100_000 - 14));
    assert_eq!(shop.sql(&fits).await["errors"], json!([]));
    let answer = shop.run(Who::Owner, &format!("{fits} ")).await;
    assert_eq!(answer.status, 400);
    let told = "SQL query is too long (100001 characters, maximum is 100000)";
    assert_eq!(read(&answer), json!({"errors": [{"message": told}]}));
}

#[tokio::test]
async fn callers_can_do_what_their_rights_allow() {
    let shop = Shop::with(&["CREATE TABLE t (a INTEGER)", "INSERT INTO t VALUES (1)"]).await;
    let reader = shop.token(&["read"]).await;
    let writer = shop.token(&["write"]).await;
    let inserter = shop.token(&["insert"]).await;
    let status = async |token: &str, sql: &str| shop.run(Who::Bearer(token), sql).await.status;
    assert_eq!(status(&reader, "SELECT a FROM t").await, 200);
    assert_eq!(status(&reader, "DELETE FROM t").await, 403);
    assert_eq!(status(&reader, "CREATE TABLE u (a)").await, 403);
    assert_eq!(status(&writer, "SELECT a FROM t").await, 403);
    assert_eq!(status(&writer, "UPDATE t SET a = 2").await, 200);
    assert_eq!(status(&writer, "UPDATE t SET a = 3 RETURNING a").await, 403);
    assert_eq!(status(&inserter, "INSERT INTO t VALUES (5)").await, 200);
    assert_eq!(status(&inserter, "UPDATE t SET a = 2").await, 403);
    assert_eq!(status(&inserter, "SELECT a FROM t").await, 403);
    assert_eq!(shop.run(Who::Stranger, "SELECT 1").await.status, 404);
    assert_eq!(shop.run(Who::Nobody, "SELECT 1").await.status, 401);
    assert_eq!(shop.sql("SELECT a FROM t ORDER BY a").await["rows"], json!([{"a": 2}, {"a": 5}]));
}

#[tokio::test]
async fn a_locked_schema_lets_rows_change_and_nothing_else() {
    let shop = Shop::with(&["CREATE TABLE t (a INTEGER)"]).await;
    let locked = shop.call(Method::PATCH, "/settings", Some(json!({"schemaLocked": true}))).await;
    assert_eq!(locked.status, 200, "{}", locked.text());
    for sql in ["CREATE TABLE u (a)", "ALTER TABLE t ADD COLUMN b", "DROP TABLE t", "CREATE INDEX i ON t (a)"] {
        let answer = shop.run(Who::Owner, sql).await;
        assert_eq!(answer.status, 403, "{sql}: {}", answer.text());
        assert!(answer.text().contains("schema is locked"), "{sql}: {}", answer.text());
    }
    assert_eq!(shop.sql("INSERT INTO t VALUES (1)").await["numChanges"], json!(1));
}

#[tokio::test]
async fn what_was_written_is_in_the_audit_where_that_is_on() {
    let shop = Shop::with(&["CREATE TABLE t (a INTEGER)"]).await;
    assert_eq!(shop.call(Method::PATCH, "/settings", Some(json!({"auditing": true}))).await.status, 200);
    shop.sql("INSERT INTO t VALUES (1), (2)").await;
    shop.sql("SELECT * FROM t").await;
    let entries = read(&shop.call(Method::GET, "/audit", None).await);
    let noted: Vec<_> = entries["entries"]
        .as_array()
        .unwrap_or_else(|| panic!("{entries}"))
        .iter()
        .filter(|entry| entry["operation"] == "run_sql")
        .map(|entry| (entry["statement"].clone(), entry["changes"].clone()))
        .collect();
    assert_eq!(noted, [(json!("INSERT INTO t VALUES (1), (2)"), json!(2))]);
}

#[tokio::test]
async fn databases_that_are_not_there_are_not_asked() {
    let shop = Shop::start().await;
    let answer =
        request(&shop.server, Who::Owner, Method::POST, "/dbs/nowhere/sql", Some(json!({"query": "SELECT 1"}))).await;
    assert_eq!(answer.status, 404);
    let without =
        request(&shop.server, Who::Owner, Method::POST, &format!("/dbs/{}/sql", shop.id), Some(json!({}))).await;
    assert_eq!(without.status, 400);
    assert!(without.text().contains("missing field `query`"), "{}", without.text());
}
