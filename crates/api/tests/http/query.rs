//! `POST /query`

use std::sync::atomic::Ordering;
use std::time::Duration;

use futures::StreamExt;
use serde_json::Value;

use crate::engine::INTERNAL;
use crate::server::{Answer, Server, post};

const COLUMNS: &str =
    r#"[{"name":"id","type":"BIGINT"},{"name":"name","type":"VARCHAR"},{"name":"height","type":"DOUBLE"}]"#;

fn lines(answer: &Answer) -> Vec<&str> {
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/x-ndjson"));
    assert!(answer.text().ends_with('\n'));
    answer.text().lines().collect()
}

#[tokio::test]
async fn the_envelope_is_exact_to_the_byte() {
    let server = Server::start().await;
    let body = r#"{"statement":" ROWS\n","limit":4,"offset":0,"session_id":"any session",
        "query_id":"7F000001-0000-4000-8000-00000000000A","compute_size":"AUTO","timezone":"UTC","ephemeral":true,
        "visible":false,"requested_by":"me","sanitize":null,"cache":false,"dialect":"duckdb","schema_":"unknown","format":""}"#;
    let answer = server.post("/query", body).await;
    let lines = lines(&answer);
    let metadata: Value = serde_json::from_str(lines[0]).unwrap();
    let milliseconds = metadata["init_time_ms"].as_u64().unwrap();
    assert!(milliseconds >= 1);
    let expected = format!(
        "{{\"statement\":\"ROWS\",\"rows_limit\":4,\"rows_offset\":0,\"init_time_ms\":{milliseconds},\
         \"connections_errors\":{{}},\"session_id\":\"any session\",\
         \"query_id\":\"7f000001-0000-4000-8000-00000000000a\",\"worker_slug\":\"boathouse\"}}"
    );
    assert_eq!(lines[0], expected);
    let rows = ["[1,\"Ann \\\"A\\\"\",1.5]", "[2,null,2.25]", "[3,\"Ann \\\"A\\\"\",1.5]", "[4,null,2.25]"];
    assert_eq!(lines[1..], [&[COLUMNS], &rows[..]].concat());
}

#[tokio::test]
async fn null_is_absent_and_ids_are_made() {
    let server = Server::start().await;
    let answer =
        server.post("/query", r#"{"statement":"NONE","limit":null,"query_id":"not a uuid","session_id":null}"#).await;
    let lines = lines(&answer);
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[1], COLUMNS);
    let metadata: Value = serde_json::from_str(lines[0]).unwrap();
    assert_eq!((&metadata["rows_limit"], &metadata["rows_offset"]), (&Value::Null, &Value::Null));
    for id in ["query_id", "session_id"] {
        assert_eq!(metadata[id].as_str().unwrap().len(), 36, "{id}");
    }
}

#[tokio::test]
async fn an_error_is_the_last_line_of_the_default_format() {
    let server = Server::start().await;
    let failed = server.post("/query", r#"{"statement":"oops"}"#).await;
    assert_eq!(lines(&failed)[1..], [r#"{"error":"Parser Error: oops"}"#]);
    let late = server.post("/query", r#"{"statement":"LATE"}"#).await;
    let rows = ["[1,\"Ann \\\"A\\\"\",1.5]", "[2,null,2.25]", r#"{"error":"Conversion Error: late"}"#];
    assert_eq!(lines(&late)[1..], [&[COLUMNS], &rows[..]].concat());
}

#[tokio::test]
async fn an_internal_error_shows_its_request_id_alone() {
    let server = Server::start().await;
    for body in [r#"{"statement":"INTERNAL"}"#, r#"{"statement":"INTERNAL","format":"csv"}"#] {
        let mut request = post("/query", body);
        request.headers_mut().insert("x-request-id", "my-id".parse().unwrap());
        let answer = server.send(request).await;
        assert_eq!(answer.header("x-request-id"), Some("my-id"));
        assert!(answer.text().contains("internal error; request id my-id"), "{}", answer.text());
        assert!(!answer.text().contains(INTERNAL));
    }
}

#[tokio::test]
async fn a_panic_is_an_internal_error() {
    let server = Server::start().await;
    let answer = server.post("/query", r#"{"statement":"PANIC","format":"jsonl"}"#).await;
    assert_eq!(answer.status, 500);
    let expected = format!("internal error; request id {}", answer.header("x-request-id").unwrap());
    assert_eq!(answer.text(), expected);
}

#[tokio::test]
async fn other_formats_have_no_envelope() {
    let server = Server::start().await;
    let csv = server.post("/query", r#"{"statement":"ROWS","format":"csv"}"#).await;
    assert_eq!((csv.status, csv.header("content-type")), (200, Some("text/csv")));
    let rows = "1,\"Ann \"\"A\"\"\",1.5\n2,,2.25\n3,\"Ann \"\"A\"\"\",1.5\n4,,2.25\n";
    assert_eq!(csv.text(), format!("id,name,height\n{rows}"));
    let empty = server.post("/query", r#"{"statement":"NONE","format":"csv"}"#).await;
    assert_eq!(empty.text(), "id,name,height\n");

    let jsonl = server.post("/query", r#"{"statement":"ROWS","format":"jsonl"}"#).await;
    assert_eq!((jsonl.status, jsonl.header("content-type")), (200, Some("application/x-ndjson")));
    assert!(
        jsonl.text().starts_with("{\"id\":1,\"name\":\"Ann \\\"A\\\"\",\"height\":1.5}\n{\"id\":2,"),
        "{}",
        jsonl.text()
    );

    let response = server.respond(post("/query", r#"{"statement":"NONE","format":"parquet"}"#)).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.content_type(), Some("application/parquet"));
    let bytes = response.into_body().into_vec().await.unwrap();
    assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
}

#[tokio::test]
async fn other_formats_fail_with_a_status_before_the_first_row() {
    let server = Server::start().await;
    for (format, content_type) in
        [("csv", "text/csv"), ("jsonl", "application/x-ndjson"), ("parquet", "application/parquet")]
    {
        let run = |statement: &str| format!(r#"{{"statement":"{statement}","format":"{format}"}}"#);
        for (statement, text) in [("oops", "Parser Error: oops"), ("FIRST", "Conversion Error: first")] {
            let answer = server.post("/query", run(statement)).await;
            assert_eq!((answer.status, answer.text()), (500, text), "{format}");
            assert_eq!(answer.header("content-type"), Some(content_type));
        }
        let forbidden = server.post("/query", run("FORBIDDEN")).await;
        assert_eq!((forbidden.status, forbidden.text()), (403, "reading only"));
        let late = server.post("/query", run("LATE")).await;
        assert_eq!((late.status, late.text), (200, None), "{format}: a late failure must cut the transfer off");
    }
}

#[tokio::test]
async fn bad_requests_are_400_with_the_place() {
    let server = Server::start().await;
    for (body, told) in [
        (r#"{"statement":"ROWS","format":"xml"}"#, "Unsupported query format: xml"),
        ("{\n  \"statement\": SELECT\n}", "line 2 column 16"),
        (r#"{"sql":"SELECT 1"}"#, "missing field `statement`"),
        (r#"{"statement":null}"#, "line 1 column 17"),
        (r#"{"statement":"ROWS","offset":9223372036854775808}"#, "at most 9223372036854775807"),
        (r#"{"statement":"ROWS","limit":-1}"#, "`limit` in the request body cannot be read"),
        (r#"{"statement":"ROWS","format":5}"#, "`format` in the request body cannot be read"),
        (r#"["ROWS"]"#, "send a JSON object"),
        (r#""ROWS""#, "the request body is a JSON string; send a JSON object"),
        ("", "the request body is empty"),
    ] {
        let answer = server.post("/query", body).await;
        assert_eq!(answer.status, 400, "{body}");
        assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
        assert!(answer.text().contains(told), "{body}: {}", answer.text());
    }
    let large = format!(r#"{{"statement":"{}"}}"#, "x".repeat(1024 * 1024));
    let answer = server.post("/query", large).await;
    assert_eq!((answer.status, answer.text().contains("1048576 bytes")), (413, true));
}

#[tokio::test]
async fn any_content_type_will_do() {
    let server = Server::start().await;
    for content_type in ["application/x-www-form-urlencoded", "text/plain", "application/json; charset=utf-8"] {
        let mut request = post("/query", r#"{"statement":"NONE"}"#);
        request.headers_mut().insert("content-type", content_type.parse().unwrap());
        assert_eq!(server.send(request).await.status, 200, "{content_type}");
    }
}

#[tokio::test]
async fn one_npm_client_gets_names_for_columns() {
    let server = Server::start().await;
    let mut request = post("/query", r#"{"statement":"NONE"}"#);
    request.headers_mut().insert("user-agent", "altertable-lakehouse-js/0.2.2".parse().unwrap());
    let answer = server.send(request).await;
    assert_eq!(lines(&answer)[1], r#"["id","name","height"]"#);
}

#[tokio::test]
async fn the_metadata_line_leaves_before_the_statement_is_planned() {
    let server = Server::start().await;
    let response = server.respond(post("/query", r#"{"statement":"PLANNING"}"#)).await;
    let mut chunks = Box::pin(response.into_body().into_bytes_stream());
    let first = chunks.next().await.unwrap().unwrap();
    assert!(first.starts_with(b"{\"statement\":\"PLANNING\"") && first.ends_with(b"}\n"));
    let more = tokio::time::timeout(Duration::from_millis(50), chunks.next()).await;
    assert!(more.is_err(), "nothing else is known yet");
}

#[tokio::test]
async fn a_caller_who_goes_away_stops_the_query() {
    let server = Server::start().await;
    for format in ["default", "csv"] {
        let body = format!(r#"{{"statement":"ENDLESS","format":"{format}"}}"#);
        let response = server.respond(post("/query", body)).await;
        let mut chunks = Box::pin(response.into_body().into_bytes_stream());
        let mut seen = Vec::new();
        while !String::from_utf8_lossy(&seen).contains("2.25") {
            seen.extend(chunks.next().await.unwrap().unwrap());
        }
        assert_eq!(server.engine.endless.load(Ordering::SeqCst), 1);
        drop(chunks);
        while server.engine.endless.load(Ordering::SeqCst) > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}
