//! `POST /query`: request fields, the envelope, and what happens when a statement fails.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::process::{Server, refused, told, until};

#[tokio::test]
async fn the_envelope_is_metadata_columns_rows() {
    let server = Server::start();
    let response =
        server.query_with(json!({ "statement": " SELECT 1::INTEGER AS n, 'a' AS s, NULL::DOUBLE AS d " })).await;
    assert_eq!(response.headers()["content-type"], "application/x-ndjson");
    assert!(response.headers().contains_key("x-request-id"));
    let text = response.text().await.unwrap();
    let (metadata, rest) = text.split_once('\n').unwrap();
    assert_eq!(
        rest,
        "[{\"name\":\"n\",\"type\":\"INTEGER\"},{\"name\":\"s\",\"type\":\"VARCHAR\"},{\"name\":\"d\",\"type\":\"DOUBLE\"}]\n\
         [1,\"a\",null]\n"
    );
    let metadata: Value = serde_json::from_str(metadata).unwrap();
    let mut keys: Vec<_> = metadata.as_object().unwrap().keys().cloned().collect();
    keys.sort();
    let expected = [
        "connections_errors",
        "init_time_ms",
        "query_id",
        "rows_limit",
        "rows_offset",
        "session_id",
        "statement",
        "worker_slug",
    ];
    assert_eq!(keys, expected);
    assert_eq!(metadata["statement"], "SELECT 1::INTEGER AS n, 'a' AS s, NULL::DOUBLE AS d");
    assert_eq!((&metadata["rows_limit"], &metadata["rows_offset"]), (&Value::Null, &Value::Null));
    assert!(metadata["init_time_ms"].as_u64().unwrap() >= 1);
    assert_eq!(metadata["connections_errors"], json!({}));
    for id in ["query_id", "session_id"] {
        assert_eq!(metadata[id].as_str().unwrap().len(), 36, "{id}");
    }
}

#[tokio::test]
async fn ids_are_echoed_and_an_id_that_is_no_uuid_is_replaced() {
    let server = Server::start();
    let (query, session) = ("019f1d9b-6a4c-7d31-9c55-3f2f6c1f0b1e", "019f1d9b-6a4c-7d31-9c55-3f2f6c1f0b1f");
    let body = json!({ "statement": "SELECT 1", "query_id": query, "session_id": session });
    let answer = Answer::read(&server.query_with(body).await.text().await.unwrap());
    assert_eq!((&answer.metadata["query_id"], &answer.metadata["session_id"]), (&json!(query), &json!(session)));
    let body = json!({ "statement": "SELECT 1", "query_id": "mine" });
    let answer = Answer::read(&server.query_with(body).await.text().await.unwrap());
    assert_ne!(answer.metadata["query_id"], "mine");
    assert_eq!(answer.metadata["query_id"].as_str().unwrap().len(), 36);
}

#[tokio::test]
async fn limit_and_offset_wrap_the_statement() {
    let server = Server::start();
    let body = json!({
        "statement": "SELECT i FROM range(10) t(i) ORDER BY i", "catalog": "lakehouse", "schema": "main", "limit": 3,
        "offset": 2, "timezone": "UTC", "ephemeral": false, "visible": true, "requested_by": "me", "sanitize": true,
        "cache": false, "compute_size": "AUTO", "format": "default", "unknown_key": { "is": "ignored" },
    });
    let answer = Answer::read(&server.query_with(body).await.text().await.unwrap());
    assert_eq!(answer.error, None);
    assert_eq!(answer.rows, [json!([2]), json!([3]), json!([4])]);
    assert_eq!((&answer.metadata["rows_limit"], &answer.metadata["rows_offset"]), (&json!(3), &json!(2)));
    let cut = async |body: Value| Answer::read(&server.query_with(body).await.text().await.unwrap()).rows;
    let described = "DESCRIBE SELECT 1 AS a, 2 AS b, 3 AS c, 4 AS d";
    for statement in [described, "EXPLAIN SELECT 1", "SHOW TABLES", "SHOW DATABASES"] {
        let none = cut(json!({ "statement": statement, "limit": 0 })).await;
        assert_eq!(none, Vec::<Value>::new(), "{statement}");
    }
    let two = cut(json!({ "statement": described, "limit": 2, "offset": 1 })).await;
    let names: Vec<&Value> = two.iter().map(|row| &row[0]).collect();
    assert_eq!(names, [&json!("b"), &json!("c")]);
}

#[tokio::test]
async fn null_is_absent() {
    let server = Server::start();
    let body = json!({
        "statement": "SELECT 7::BIGINT AS n", "catalog": null, "schema": null, "session_id": null, "query_id": null,
        "compute_size": null, "limit": null, "offset": null, "timezone": null, "ephemeral": null, "visible": null,
        "requested_by": null, "sanitize": null, "cache": null, "dialect": null, "format": null,
    });
    let answer = Answer::read(&server.query_with(body).await.text().await.unwrap());
    assert_eq!((answer.error, answer.rows), (None, vec![json!([7])]));
}

#[tokio::test]
async fn the_body_is_json_whatever_its_content_type_says() {
    let server = Server::start();
    for content_type in [None, Some("application/x-www-form-urlencoded"), Some("text/plain")] {
        let mut request = server.post("/query").body("{\"statement\":\"SELECT 7::BIGINT AS n\"}");
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        let (status, text) = told(request).await;
        assert_eq!((status.as_u16(), Answer::read(&text).rows), (200, vec![json!([7])]), "{content_type:?}");
    }
}

#[tokio::test]
async fn a_failing_statement_is_an_error_line_in_place_of_the_columns() {
    let server = Server::start();
    for (statement, start) in [
        ("SELECT * FROM nope", "Catalog Error: "),
        ("SELEC 1", "Parser Error: "),
        ("SELECT nope FROM (SELECT 1 AS a)", "Binder Error: "),
        ("SELECT 1; SELECT * FROM nope", "Catalog Error: "),
    ] {
        let answer = server.ask(statement).await;
        assert_eq!((answer.columns.as_str(), answer.rows.len()), ("", 0), "{statement}");
        let error = answer.error.unwrap();
        assert!(error.starts_with(start), "{statement}: {error}");
    }
    let missing = server.ask("SELECT * FROM nope").await.error.unwrap();
    assert!(missing.contains("nope") && missing.contains("does not exist"), "{missing}");
}

#[tokio::test]
async fn a_failure_after_the_first_rows_is_the_last_line() {
    let server = Server::start();
    let statement =
        "SELECT CASE WHEN i < 900000 THEN i ELSE CAST('n' || i AS BIGINT) END AS n FROM range(1000000) t(i)";
    let answer = server.ask(statement).await;
    assert_eq!(answer.columns, "[{\"name\":\"n\",\"type\":\"BIGINT\"}]");
    assert!(!answer.rows.is_empty(), "rows that could be computed have been sent");
    assert!(answer.error.unwrap().contains("n9"));
}

#[tokio::test]
async fn a_request_that_cannot_be_read_is_refused_before_the_stream() {
    let server = Server::start();
    let broken = refused(server.post("/query").body("{\"statement\": ")).await;
    assert!(broken.contains("line 1"), "{broken}");
    let missing = refused(server.post("/query").body("{}")).await;
    assert!(missing.contains("statement"), "{missing}");
    let unknown = refused(server.post("/query").body("{\"statement\":\"SELECT 1\",\"format\":\"xml\"}")).await;
    assert_eq!(unknown, "Unsupported query format: xml");
    let negative = refused(server.post("/query").body("{\"statement\":\"SELECT 1\",\"limit\":-1}")).await;
    assert!(negative.contains("-1") && negative.contains("line 1 column 34"), "{negative}");
}

#[tokio::test]
async fn catalog_and_schema_are_the_context_of_one_request() {
    let server = Server::start();
    server.rows("CREATE SCHEMA lakehouse.other").await;
    server.rows("CREATE TABLE lakehouse.other.t AS SELECT 5::BIGINT AS n").await;
    let body = json!({ "statement": "SELECT n FROM t", "catalog": "lakehouse", "schema": "other" });
    let answer = Answer::read(&server.query_with(body).await.text().await.unwrap());
    assert_eq!((answer.error, answer.rows), (None, vec![json!([5])]));
    assert!(server.ask("SELECT n FROM t").await.error.is_some(), "the next request has its own context");
    for (catalog, schema) in [("demo", "main"), ("lakehouse", "nope")] {
        let body = json!({ "statement": "SELECT 1", "catalog": catalog, "schema": schema });
        let error = Answer::read(&server.query_with(body).await.text().await.unwrap()).error.unwrap();
        assert!(error.contains(if catalog == "demo" { "demo" } else { "nope" }), "{error}");
    }
}

#[tokio::test]
async fn columns_are_strings_for_the_one_client_that_needs_them() {
    let server = Server::start();
    let request = server.post("/query").header("user-agent", "altertable-lakehouse-js/0.2.2");
    let (_, text) = told(request.body("{\"statement\":\"SELECT 1 AS a, 2 AS b\"}")).await;
    assert_eq!(text.lines().nth(1), Some("[\"a\",\"b\"]"));
}

/// The running queries as `/metrics` shows them.
async fn running(server: &Server) -> f64 {
    let page = server.get("/metrics").send().await.unwrap().text().await.unwrap();
    let line = page.lines().find(|line| line.starts_with("boathouse_queries_running ")).unwrap();
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

/// Asks for what takes longer than any test, reads the first line and goes away.
async fn goes_away_from(statement: &str) {
    let server = Server::start();
    let mut response = server.query_with(json!({ "statement": statement })).await;
    let first = response.chunk().await.unwrap().unwrap();
    assert!(first.starts_with(b"{\"statement\""), "{first:?}");
    until("the query runs", async || running(&server).await == 1.0).await;
    drop(response);
    until("the query is gone", async || running(&server).await == 0.0).await;
    assert_eq!(server.rows("SELECT 1::BIGINT").await, json!([[1]]));
}

#[tokio::test]
async fn the_first_line_leaves_at_once_and_a_client_that_goes_away_stops_the_work() {
    goes_away_from("SELECT sum(i) FROM range(1000000000000) t(i)").await;
}

#[tokio::test]
async fn a_join_that_multiplies_rows_is_stopped_too() {
    goes_away_from("SELECT count(*) FROM range(1000000) a(i), range(100000000) b(j) WHERE (i * j) % 7 = 3").await;
}

#[tokio::test]
async fn many_rows_stream() {
    let server = Server::start();
    let answer = server.ask("SELECT i, i * 2 AS j FROM range(300000) t(i) ORDER BY i").await;
    assert_eq!((answer.error, answer.rows.len()), (None, 300_000));
    for n in [0_usize, 1, 8_191, 8_192, 150_000, 299_999] {
        assert_eq!(answer.rows[n], json!([n, n * 2]));
    }
}
