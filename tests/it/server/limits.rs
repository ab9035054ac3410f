//! What a caller cannot take.

use reqwest::StatusCode;
use serde_json::json;

use crate::process::{Server, told};

#[tokio::test]
async fn a_statement_has_a_largest_size() {
    let server = Server::start();
    let statement = format!("SELECT '{}' AS long", "x".repeat(2 << 20));
    let (status, text) = told(server.post("/query").json(&json!({ "statement": statement }))).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE, "{text}");
    let statement = format!("SELECT '{}' AS long", "x".repeat(500_000));
    assert_eq!(server.rows(&statement).await[0][0].as_str().unwrap().len(), 500_000);
}

#[tokio::test]
async fn deeply_nested_sql_is_an_error_and_not_the_end() {
    let server = Server::start();
    for statement in [
        format!("SELECT {}1{}", "(".repeat(20_000), ")".repeat(20_000)),
        format!("SELECT {}1", "-".repeat(1) + &"- ".repeat(20_000)),
        format!("SELECT 1{}", " + 1".repeat(20_000)),
        format!("SELECT {}true", "NOT ".repeat(20_000)),
    ] {
        server.query_with(json!({ "statement": statement })).await.bytes().await.unwrap();
        assert_eq!(server.rows("SELECT 1::BIGINT").await, json!([[1]]), "it still serves");
    }
}

#[tokio::test]
async fn memory_of_queries_is_bounded_and_spills() {
    let server = Server::start_in(tempfile::tempdir().unwrap(), &["--query-memory", "64MiB"]);
    let rows = server
        .ask("SELECT count(*) FROM (SELECT i, md5(i::VARCHAR) AS h FROM range(3000000) t(i) ORDER BY h DESC) s")
        .await;
    assert_eq!((rows.error, rows.rows), (None, vec![json!([3_000_000])]));
    assert_eq!(server.rows("SELECT 1::BIGINT").await, json!([[1]]));
}
