//! `POST /validate`

use serde_json::{Value, json};

use crate::server::Server;

#[tokio::test]
async fn the_status_is_200_whether_the_statement_is_valid_or_not() {
    let server = Server::start().await;
    let valid = server.post("/validate", r#"{"statement":"ROWS","catalog":"lakehouse","session_id":null}"#).await;
    assert_eq!(valid.status, 200);
    assert_eq!(valid.header("content-type"), Some("application/json; charset=utf-8"));
    let body: Value = serde_json::from_str(valid.text()).unwrap();
    assert_eq!(body, json!({"valid": true, "statement": "ROWS", "connections_errors": {}}));

    let invalid = server.post("/validate", r#"{"statement":"oops"}"#).await;
    assert_eq!(invalid.status, 200);
    let body: Value = serde_json::from_str(invalid.text()).unwrap();
    let expected =
        json!({"valid": false, "statement": "oops", "connections_errors": {}, "error": "Parser Error: oops"});
    assert_eq!(body, expected);
}

#[tokio::test]
async fn faults_of_request_and_server_keep_their_status() {
    let server = Server::start().await;
    assert_eq!(server.post("/validate", "{}").await.status, 400);
    assert_eq!(server.post("/validate", r#"{"statement":"INTERNAL"}"#).await.status, 500);
}
