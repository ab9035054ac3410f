//! `POST /validate`.

use serde_json::{Value, json};

use crate::process::{Server, refused};

async fn validated(server: &Server, statement: &str) -> Value {
    let response = server.post("/validate").json(&json!({ "statement": statement })).send().await.unwrap();
    assert_eq!(response.status().as_u16(), 200, "always 200");
    response.json().await.unwrap()
}

#[tokio::test]
async fn a_valid_statement_has_no_error_key() {
    let server = Server::start();
    let answer = validated(&server, "SELECT 1").await;
    assert_eq!(answer, json!({ "valid": true, "statement": "SELECT 1", "connections_errors": {} }));
}

#[tokio::test]
async fn an_invalid_statement_says_why() {
    let server = Server::start();
    for (statement, start) in [("SELECT FROM WHERE", "Parser Error: "), ("SELECT * FROM nope", "Catalog Error: ")] {
        let answer = validated(&server, statement).await;
        assert_eq!((&answer["valid"], &answer["statement"]), (&json!(false), &json!(statement)));
        let error = answer["error"].as_str().unwrap();
        assert!(error.starts_with(start), "{statement}: {error}");
    }
}

#[tokio::test]
async fn nothing_is_run() {
    let server = Server::start();
    server.rows("CREATE TABLE t AS SELECT 1::BIGINT AS n").await;
    for statement in ["DROP TABLE t", "DELETE FROM t", "INSERT INTO t VALUES (2)", "CREATE TABLE u (a BIGINT)"] {
        assert_eq!(validated(&server, statement).await["valid"], json!(true), "{statement}");
    }
    assert_eq!(server.rows("SELECT n FROM t").await, json!([[1]]));
    assert!(server.ask("SELECT * FROM u").await.error.is_some());
}

#[tokio::test]
async fn names_are_looked_up_in_the_given_context() {
    let server = Server::start();
    server.rows("CREATE SCHEMA other").await;
    server.rows("CREATE TABLE other.t AS SELECT 1::BIGINT AS n").await;
    assert_eq!(validated(&server, "SELECT n FROM t").await["valid"], json!(false));
    let body = json!({ "statement": "SELECT n FROM t", "catalog": "lakehouse", "schema": "other", "session_id": null });
    let answer: Value = server.post("/validate").json(&body).send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["valid"], json!(true), "{answer}");
    let missing = refused(server.post("/validate").body("{}")).await;
    assert!(missing.contains("statement"), "{missing}");
}
