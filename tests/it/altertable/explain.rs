//! `POST /explain`.

use serde_json::{Value, json};

use crate::process::{Server, refused};

async fn explained(server: &Server, body: Value) -> Value {
    let response = server.post("/explain").json(&body).send().await.unwrap();
    assert_eq!(response.status().as_u16(), 200, "always 200");
    response.json().await.unwrap()
}

async fn of(server: &Server, statement: &str) -> Value {
    explained(server, json!({ "statement": statement })).await
}

/// A table of four files with a hundred rows each, whose ids do not overlap.
async fn four_files(server: &Server) {
    for (part, mode) in ["create", "append", "append", "append"].into_iter().enumerate() {
        let rows: String = (part * 100..part * 100 + 100).map(|id| format!("{id},n{id}\n")).collect();
        server.load("t", mode, format!("id,name\n{rows}")).await;
    }
}

#[tokio::test]
async fn files_are_left_out_by_their_statistics() {
    let server = Server::start();
    four_files(&server).await;
    for (condition, filters, files, rows) in [
        ("id > 250", "id>250", 2, 200),
        ("id = 5", "id=5", 1, 100),
        ("id >= 0 AND name <> 'x'", "id>=0 AND name!='x'", 4, 400),
        ("id > 1000", "id>1000", 0, 0),
        ("name LIKE '%9'", "name LIKE '%9'", 4, 400),
    ] {
        let answer = of(&server, &format!("SELECT name FROM t WHERE {condition}")).await;
        let table = &answer["tables"][0];
        assert_eq!(table["table_name"], "lakehouse.main.t");
        assert_eq!(table["filters"], filters);
        assert_eq!(
            (&table["total_files"], &table["scanned_files_estimate"], &table["estimated_rows"]),
            (&json!(4), &json!(files), &json!(rows)),
            "{condition}"
        );
        let (total, scanned) = (&answer["total_bytes"], &answer["scanned_bytes_estimate"]);
        assert!(total.as_u64().unwrap() > 0 && scanned.as_u64() <= total.as_u64());
        assert_eq!(scanned.as_u64().unwrap() == 0, files == 0);
        assert_eq!(&answer["scanned_files_estimate"], &json!(files));
    }
}

#[tokio::test]
async fn every_scan_is_there_and_sums_are_on_top() {
    let server = Server::start();
    four_files(&server).await;
    server.rows("CREATE VIEW v AS SELECT id FROM t WHERE id < 100").await;
    let answer = of(
        &server,
        "SELECT count(a.name) FROM t a JOIN v ON a.id = v.id WHERE a.id IN (SELECT id FROM t WHERE id = 3)",
    )
    .await;
    let names: Vec<&Value> = answer["tables"].as_array().unwrap().iter().map(|table| &table["table_name"]).collect();
    assert_eq!(names, [&json!("lakehouse.main.t"); 3]);
    assert_eq!(answer["total_files"], 12);
    let sum: u64 =
        answer["tables"].as_array().unwrap().iter().map(|t| t["scanned_files_estimate"].as_u64().unwrap()).sum();
    assert_eq!(answer["scanned_files_estimate"], sum);
}

#[tokio::test]
async fn without_tables_there_are_none() {
    let server = Server::start();
    let answer = of(&server, "SELECT 1").await;
    assert_eq!(answer["tables"], json!([]));
    assert_eq!((&answer["statement"], &answer["connections_errors"]), (&json!("SELECT 1"), &json!({})));
    assert!(answer.get("plan").is_none() && answer.get("error").is_none());
}

#[tokio::test]
async fn a_faulty_statement_says_why() {
    let server = Server::start();
    for (statement, start) in
        [("SELECT FROM WHERE", "Parser Error: "), ("SELECT * FROM nope", "Catalog Error: "), ("", "Parser Error: ")]
    {
        let answer = of(&server, statement).await;
        assert_eq!(answer["tables"], json!([]));
        assert!(answer["error"].as_str().unwrap().starts_with(start), "{answer}");
    }
}

#[tokio::test]
async fn the_plan_is_a_tree() {
    fn names(node: &Value, found: &mut Vec<String>) {
        found.push(node["name"].as_str().unwrap().to_owned());
        assert!(node["extra_info"].is_object());
        node["children"].as_array().unwrap().iter().for_each(|child| names(child, found));
    }
    let server = Server::start();
    four_files(&server).await;
    let body = json!({ "statement": "SELECT name, count(*) FROM t WHERE id > 5 GROUP BY name ORDER BY 2", "include_plan": true });
    let answer = explained(&server, body).await;
    let mut found = Vec::new();
    names(&answer["plan"][0], &mut found);
    for operator in ["DataSourceExec", "AggregateExec", "SortExec", "FilterExec"] {
        assert!(found.iter().any(|name| name == operator), "{operator} in {found:?}");
    }
}

#[tokio::test]
async fn nothing_is_run() {
    let server = Server::start();
    server.rows("CREATE TABLE t AS SELECT 1::BIGINT AS id").await;
    for (statement, tables) in [
        ("DELETE FROM t WHERE id = 1", 1),
        ("UPDATE t SET id = 2 WHERE id > 0", 1),
        ("INSERT INTO t SELECT id + 1 FROM t", 1),
        ("CREATE TABLE u AS SELECT * FROM t", 1),
        ("DROP TABLE t", 0),
    ] {
        let answer = of(&server, statement).await;
        assert_eq!(answer["tables"].as_array().map(Vec::len), Some(tables), "{statement}: {answer}");
    }
    assert_eq!(server.rows("SELECT id FROM t").await, json!([[1]]));
    assert!(server.ask("SELECT * FROM u").await.error.is_some());
}

#[tokio::test]
async fn the_context_is_looked_at_and_bad_bodies_are_refused() {
    let server = Server::start();
    server.rows("CREATE SCHEMA other; CREATE TABLE other.t AS SELECT 1::BIGINT AS id").await;
    let answer = explained(&server, json!({ "statement": "SELECT id FROM t", "schema": "other" })).await;
    assert_eq!(answer["tables"][0]["table_name"], "lakehouse.other.t");
    let told = refused(server.post("/explain").json(&json!({ "statement": "SELECT 1", "include_plan": "yes" }))).await;
    assert!(told.contains("`include_plan`"), "{told}");
}
