//! `GET /query/{query_id}` and `boathouse_queries()`: what is remembered of queries.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::altertable::cancel::cancel;
use crate::process::{PASSWORD, Server, USER, told, until};

async fn entry(server: &Server, query_id: &str) -> Value {
    let request = server.get(&format!("/query/{query_id}")).basic_auth(USER, Some(PASSWORD));
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK, "{query_id}");
    response.json().await.unwrap()
}

/// Runs a statement under an id of its own, which is answered.
async fn run(server: &Server, statement: &str) -> String {
    let answer = server.ask(statement).await;
    answer.metadata["query_id"].as_str().unwrap().to_owned()
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn an_entry_has_all_that_clients_decode() {
    let server = Server::start();
    let (query, session) = (Uuid::now_v7().to_string(), Uuid::now_v7().to_string());
    let body =
        json!({ "statement": "SELECT 1 AS n", "query_id": query, "session_id": session, "requested_by": "a report" });
    let request = server.post("/query").header("user-agent", "altertable-lakehouse-python/0.5.1").json(&body);
    request.send().await.unwrap().text().await.unwrap();
    let entry = entry(&server, &query).await;
    let expected = [
        "client_interface",
        "duration_ms",
        "end_time",
        "error",
        "progress",
        "query",
        "requested_by",
        "session_id",
        "start_time",
        "stats",
        "user_agent",
        "uuid",
        "visible",
    ];
    assert_eq!(keys(&entry), expected);
    assert_eq!(keys(&entry["stats"]), ["caching", "memory", "scan"]);
    let caching = [
        "data_bytes_hits",
        "data_bytes_misses",
        "data_hits",
        "data_misses",
        "filehandle_hits",
        "filehandle_misses",
        "metadata_hits",
        "metadata_misses",
    ];
    assert_eq!(keys(&entry["stats"]["caching"]), caching);
    assert_eq!(keys(&entry["stats"]["memory"]), ["total_usage_bytes"]);
    assert_eq!(keys(&entry["stats"]["scan"]), ["estimated_result_rows", "estimated_scanned_rows"]);
    assert_eq!(keys(&entry["progress"]), ["percentage", "rows_processed", "total_rows"]);
    assert_eq!((&entry["uuid"], &entry["session_id"]), (&json!(query), &json!(session)));
    assert_eq!(entry["query"], "SELECT 1 AS n");
    assert_eq!(entry["client_interface"], "HttpQuery");
    assert_eq!(entry["user_agent"], "altertable-lakehouse-python/0.5.1");
    assert_eq!((&entry["requested_by"], &entry["visible"]), (&json!("a report"), &json!(true)));
    assert_eq!((&entry["error"], &entry["progress"]["percentage"]), (&Value::Null, &json!(100.0)));
    for time in ["start_time", "end_time"] {
        let time = entry[time].as_str().unwrap();
        assert!(time.len() == 32 && time.ends_with("+00:00"), "{time}");
    }
    assert!(entry["start_time"].as_str() <= entry["end_time"].as_str());
    assert!(entry["duration_ms"].as_u64().unwrap() < 60_000);
}

#[tokio::test]
async fn a_query_is_found_the_moment_it_has_ended_and_after_a_kill() {
    let server = Server::start();
    let mut ids = Vec::new();
    for number in 0..50 {
        let id = run(&server, &format!("SELECT {number} AS n")).await;
        assert_eq!(entry(&server, &id).await["query"], format!("SELECT {number} AS n"));
        ids.push(id);
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let server = Server::start_in(server.kill(), &[]);
    for (number, id) in ids.iter().enumerate() {
        assert_eq!(entry(&server, id).await["query"], format!("SELECT {number} AS n"), "after a kill");
    }
}

#[tokio::test]
async fn figures_are_those_of_the_files() {
    let server = Server::start();
    let rows: String = (0..5000).map(|n| format!("{n},{}\n", n % 7)).collect();
    server.load("t", "create", format!("id,k\n{rows}")).await;
    let first = entry(&server, &run(&server, "SELECT k, count(*) FROM t GROUP BY k").await).await;
    let caching = &first["stats"]["caching"];
    assert!(caching["data_bytes_misses"].as_u64().unwrap() > 0, "{caching}");
    assert!(caching["data_misses"].as_u64().unwrap() > 0 && caching["filehandle_misses"].as_u64().unwrap() > 0);
    assert!(caching["metadata_misses"].as_u64().unwrap() > 0, "{caching}");
    assert!(first["stats"]["memory"]["total_usage_bytes"].as_u64().unwrap() > 0);
    assert_eq!(first["stats"]["scan"]["estimated_scanned_rows"], 5000);
    assert_eq!(first["progress"], json!({ "percentage": 100.0, "rows_processed": 5000, "total_rows": 5000 }));
    let again = entry(&server, &run(&server, "SELECT k, count(*) FROM t GROUP BY k").await).await;
    assert_eq!(again["stats"]["caching"]["metadata_misses"], 0, "the footer is in memory by now");
    assert!(again["stats"]["caching"]["metadata_hits"].as_u64().unwrap() > 0);
    let both = entry(&server, &run(&server, "SELECT sum(id) FROM t; SELECT sum(k) FROM t").await).await;
    assert_eq!(both["progress"]["rows_processed"], 10_000, "statements before the last count, too");
}

#[tokio::test]
async fn progress_is_seen_while_a_query_runs() {
    let server = Server::start();
    let rows: String = (0..300_000).map(|n| format!("{n}\n")).collect();
    server.load("t", "create", format!("id\n{rows}")).await;
    let (query, session) = (Uuid::now_v7().to_string(), Uuid::now_v7().to_string());
    let statement = "SELECT count(*) FROM t a JOIN t b ON a.id % 3 = b.id % 3 AND a.id < b.id";
    let body = json!({ "statement": statement, "query_id": query, "session_id": session });
    let request = server.post("/query").json(&body);
    let running = tokio::spawn(async move { request.send().await.unwrap().text().await.unwrap() });
    until("rows are processed", async || {
        let request = server.get(&format!("/query/{query}")).basic_auth(USER, Some(PASSWORD));
        let response = request.send().await.unwrap();
        if response.status() != StatusCode::OK {
            return false;
        }
        let entry: Value = response.json().await.unwrap();
        entry["progress"]["rows_processed"].as_u64().unwrap() > 0
    })
    .await;
    let entry_now = entry(&server, &query).await;
    assert_eq!((&entry_now["end_time"], &entry_now["duration_ms"]), (&Value::Null, &Value::Null));
    assert_eq!(entry_now["progress"]["total_rows"], 600_000);
    let percentage = entry_now["progress"]["percentage"].as_f64().unwrap();
    assert!(percentage > 0.0 && percentage < 100.0, "{percentage}");
    cancel(&server, &query, &session).await;
    running.await.unwrap();
    let ended = entry(&server, &query).await;
    assert_eq!(ended["error"], "the query was cancelled");
    assert!(ended["duration_ms"].is_u64() && ended["end_time"].is_string());
}

#[tokio::test]
async fn an_error_is_remembered() {
    let server = Server::start();
    let failed = entry(&server, &run(&server, "SELECT * FROM nowhere").await).await;
    assert!(failed["error"].as_str().unwrap().starts_with("Catalog Error: "), "{failed}");
    assert!(failed["end_time"].is_string());
}

#[tokio::test]
async fn unknown_queries_and_those_of_others_are_not_found() {
    let server = Server::start();
    let user = server.command(&["user", "create", "ann", "--access", "write", "--password-stdin"]);
    feed(user, "annpass");
    let ann = |request: reqwest::RequestBuilder| request.basic_auth("ann", Some("annpass"));
    let own = server.client.post(format!("{}/query", server.base));
    let text = ann(own).json(&json!({ "statement": "SELECT 7 AS anns" })).send().await.unwrap().text().await.unwrap();
    let anns = crate::answer::Answer::read(&text).metadata["query_id"].as_str().unwrap().to_owned();
    let admins = run(&server, "SELECT 8 AS admins").await;

    assert_eq!(entry(&server, &anns).await["query"], "SELECT 7 AS anns", "an admin sees everybody's");
    assert_eq!(told(ann(server.get(&format!("/query/{anns}")))).await.0, StatusCode::OK);
    let (status, text) = told(ann(server.get(&format!("/query/{admins}")))).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "{text}");
    let signed = |path: &str| server.get(path).basic_auth(USER, Some(PASSWORD));
    assert_eq!(told(signed(&format!("/query/{}", Uuid::now_v7()))).await.0, StatusCode::NOT_FOUND);
    let (status, text) = told(signed("/query/last")).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(text.contains("UUID"), "{text}");

    let listed = server.client.post(format!("{}/query", server.base));
    let list = json!({ "statement": "SELECT DISTINCT user_name FROM boathouse_queries()" });
    let text = ann(listed).json(&list).send().await.unwrap().text().await.unwrap();
    assert_eq!(crate::answer::Answer::read(&text).rows, [json!(["ann"])]);
}

#[tokio::test]
async fn the_log_is_a_table() {
    let server = Server::start();
    run(&server, "SELECT 1 AS one").await;
    run(&server, "SELECT * FROM nowhere").await;
    server.post("/validate").json(&json!({ "statement": "SELECT 2" })).send().await.unwrap();
    server.post("/explain").json(&json!({ "statement": "SELECT 3" })).send().await.unwrap();
    let hidden = json!({ "statement": "SELECT 4 AS hidden", "visible": false });
    let text = server.query_with(hidden).await.text().await.unwrap();
    let hidden = crate::answer::Answer::read(&text).metadata["query_id"].as_str().unwrap().to_owned();
    let rows = server
        .rows(
            "SELECT statement, client_interface, status, user_name, rows FROM boathouse_queries() \
             WHERE status <> 'running' ORDER BY start_time",
        )
        .await;
    let expected = json!([
        ["SELECT 1 AS one", "HttpQuery", "finished", USER, 1],
        ["SELECT * FROM nowhere", "HttpQuery", "failed", USER, 0],
        ["SELECT 2", "HttpValidate", "finished", USER, 0],
        ["SELECT 3", "HttpExplain", "finished", USER, 0],
    ]);
    assert_eq!(rows, expected);
    assert_eq!(entry(&server, &hidden).await["visible"], false, "found by its id all the same");
    let running = server.rows("SELECT count(*), min(end_time) FROM boathouse_queries() WHERE status = 'running'").await;
    assert_eq!(running, json!([[1, null]]), "the one that asks");
    let told = server.ask("SELECT * FROM boathouse_queries(1)").await.error.unwrap();
    assert!(told.contains("takes no arguments"), "{told}");
}

#[tokio::test]
async fn the_log_keeps_what_it_is_told_to() {
    let server = Server::start_in(tempfile::tempdir().unwrap(), &["--query-log-size", "1MiB"]);
    let long = "x".repeat(60_000);
    for _ in 0..40 {
        server.rows(&format!("SELECT length('{long}')")).await;
    }
    let last = run(&server, "SELECT 'last'").await;
    until("the oldest are gone", async || {
        let kept = server.rows("SELECT count(*) FROM boathouse_queries()").await;
        kept[0][0].as_u64().unwrap() < 30
    })
    .await;
    assert_eq!(entry(&server, &last).await["query"], "SELECT 'last'");
}

/// Runs a command that reads a password.
fn feed(mut command: std::process::Command, input: &str) {
    use std::io::Write;
    use std::process::Stdio;
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
}
