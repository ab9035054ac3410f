//! The ids of a query as headers of its answer.

use serde_json::Value;

use crate::server::Server;

const QUERY: &str = "019f1d9b-6a4c-7d31-9c55-3f3d1c9b6f02";
const SESSION: &str = "019f1d9b-6a4c-7d31-9c55-3f2f6c1f0b1e";

#[tokio::test]
async fn every_format_carries_the_ids_that_were_given() {
    let server = Server::start().await;
    for format in ["default", "csv", "jsonl", "parquet"] {
        let body = format!(
            r#"{{"statement":"ROWS","limit":1,"format":"{format}","query_id":"{QUERY}","session_id":"{SESSION}"}}"#
        );
        let answer = server.post("/query", body).await;
        let ids = (answer.header("x-query-id"), answer.header("x-session-id"));
        assert_eq!(ids, (Some(QUERY), Some(SESSION)), "{format}");
    }
}

#[tokio::test]
async fn ids_that_the_server_made_are_those_of_the_metadata() {
    let server = Server::start().await;
    let answer = server.post("/query", r#"{"statement":"NONE","query_id":"no uuid"}"#).await;
    let metadata: Value = serde_json::from_str(answer.text().lines().next().unwrap()).unwrap();
    assert_eq!(answer.header("x-query-id"), metadata["query_id"].as_str());
    assert_eq!(answer.header("x-session-id"), metadata["session_id"].as_str());
}

#[tokio::test]
async fn a_session_id_that_no_header_can_hold_is_left_out() {
    let server = Server::start().await;
    let answer = server.post("/query", r#"{"statement":"NONE","session_id":"two\nlines"}"#).await;
    assert_eq!((answer.status, answer.header("x-session-id")), (200, None));
    assert!(answer.text().contains(r#""session_id":"two\nlines""#));
}
