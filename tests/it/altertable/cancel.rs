//! `DELETE /query/{query_id}`: what it answers, and that the work stops.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::answer::Answer;
use crate::process::{PASSWORD, Server, USER, told, until};

/// What a query may still use of the processor after it was cancelled: a tenth of a second on each of the two threads of
/// the test's server, what answering the requests of the test takes, and as much again for a machine that is busy.
const AFTERWARDS: Duration = Duration::from_millis(600);

/// What a server without queries uses in half a second, at the most.
const AT_REST: Duration = Duration::from_millis(100);

/// What a statement must have used before it is cancelled, to be in the middle of its work.
const UNDER_WAY: Duration = Duration::from_millis(500);

pub async fn cancel(server: &Server, query_id: &str, session_id: &str) -> Value {
    let path = format!("{}/query/{query_id}?session_id={session_id}", server.base);
    let response = server.client.delete(path).basic_auth(USER, Some(PASSWORD)).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    response.json().await.unwrap()
}

fn cancelled() -> Value {
    json!({ "cancelled": true, "message": "Query cancelled" })
}

fn head(statement: &str) -> &str {
    &statement[..statement.len().min(200)]
}

/// Runs a statement in the background.
fn started(server: &Server, statement: &str, query_id: &str, session_id: &str) -> JoinHandle<String> {
    let body = json!({ "statement": statement, "query_id": query_id, "session_id": session_id });
    let request = server.post("/query").json(&body);
    tokio::spawn(async move { request.send().await.unwrap().text().await.unwrap() })
}

/// Cancels a statement in the middle of its work, and looks at what the processor does afterwards.
async fn stops(server: &Server, statement: &str) {
    let (query, session) = (Uuid::now_v7().to_string(), Uuid::now_v7().to_string());
    let before = server.cpu_time();
    let running = started(server, statement, &query, &session);
    until("the statement is under way", async || {
        assert!(!running.is_finished(), "{} is too short", head(statement));
        server.cpu_time() - before > UNDER_WAY
    })
    .await;
    let before = server.cpu_time();
    assert_eq!(cancel(server, &query, &session).await, cancelled());
    tokio::time::sleep(Duration::from_secs(1)).await;
    let used = server.cpu_time() - before;
    assert!(used < AFTERWARDS, "{used:?} after it was cancelled: {}", head(statement));
    let before = server.cpu_time();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let used = server.cpu_time() - before;
    assert!(used < AT_REST, "{used:?} a second after it was cancelled: {}", head(statement));
    let answer = Answer::read(&running.await.unwrap());
    assert_eq!(answer.error.as_deref(), Some("the query was cancelled"), "{}", head(statement));
}

#[tokio::test]
async fn joins_stop() {
    let server = Server::start();
    for statement in [
        "SELECT count(*) FROM range(10000000) a(value), range(1000000) b(value)",
        "SELECT count(*) FROM range(1000000) a(value) JOIN range(1000000) b(value) ON a.value % 7 = b.value % 7 AND a.value + b.value < 0",
        "SELECT count(*) FROM range(1000000) a(value) JOIN range(1000000) b(value) ON a.value < b.value - 999999",
        "SELECT count(*) FROM range(3000000) a(value) WHERE EXISTS (SELECT 1 FROM range(3000000) b(value) WHERE b.value % 5 = a.value % 5 AND b.value < a.value - 2999999)",
    ] {
        stops(&server, statement).await;
    }
}

#[tokio::test]
async fn aggregates_stop() {
    let server = Server::start();
    for statement in [
        "SELECT count(*) FROM (SELECT value % 30000000 AS k, sum(value) AS s FROM range(400000000) r(value) GROUP BY 1)",
        "SELECT count(DISTINCT md5(value::VARCHAR)) FROM range(400000000) r(value)",
        "SELECT k, string_agg(v, ',') FROM (SELECT value % 100 AS k, value::VARCHAR AS v FROM range(400000000) r(value)) GROUP BY k",
    ] {
        stops(&server, statement).await;
    }
}

#[tokio::test]
async fn sorts_that_spill_stop() {
    let server = Server::start();
    for statement in [
        "SELECT md5(value::VARCHAR) AS m FROM range(40000000) r(value) ORDER BY m OFFSET 39999999",
        "SELECT sum(n) FROM (SELECT row_number() OVER (ORDER BY sin(value)) AS n FROM range(60000000) r(value))",
    ] {
        stops(&server, statement).await;
    }
}

#[tokio::test]
async fn window_functions_stop() {
    let server = Server::start();
    for statement in [
        "SELECT sum(s) FROM (SELECT sum(value) OVER (ORDER BY value ROWS BETWEEN 1000 PRECEDING AND CURRENT ROW) AS s FROM range(20000000) r(value))",
        "SELECT sum(s) FROM (SELECT max(value % 97) OVER (ORDER BY value ROWS BETWEEN 500 PRECEDING AND 500 FOLLOWING) AS s FROM range(5000000) r(value))",
        "SELECT sum(s) FROM (SELECT count(value) OVER (PARTITION BY value % 3) AS s FROM range(60000000) r(value))",
    ] {
        stops(&server, statement).await;
    }
}

#[tokio::test]
async fn recursion_stops() {
    let server = Server::start();
    for statement in [
        "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t",
        "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t, range(3) r(value)) SELECT count(*) FROM t",
    ] {
        stops(&server, statement).await;
    }
}

#[tokio::test]
async fn statements_that_write_stop_and_leave_nothing() {
    let server = Server::start();
    server.rows("CREATE TABLE kept AS SELECT 1::BIGINT AS a, 'x' AS b").await;
    let rows = "SELECT value AS a, md5(value::VARCHAR) AS b FROM range(400000000) r(value)";
    for statement in [format!("CREATE TABLE made AS {rows}"), format!("INSERT INTO kept {rows}")] {
        stops(&server, &statement).await;
    }
    assert_eq!(server.rows("SELECT count(*) FROM kept").await, json!([[1]]));
    assert!(server.ask("SELECT * FROM made").await.error.is_some());
}

#[tokio::test]
async fn planning_stops() {
    let server = Server::start();
    let tables: Vec<String> = (0..120).map(|n| format!("range(10) t{n}(value)")).collect();
    let conditions: Vec<String> = (1..120).map(|n| format!("t{n}.value = t{}.value + {n}", n - 1)).collect();
    let joined = format!("SELECT count(*) FROM {} WHERE {}", tables.join(", "), conditions.join(" AND "));
    stops(&server, &vec![joined; 4].join(" UNION ALL ")).await;
}

#[tokio::test]
async fn a_query_that_runs_twice_is_stopped_twice() {
    let server = Server::start();
    let (query, session) = (Uuid::now_v7().to_string(), Uuid::now_v7().to_string());
    let statement = "SELECT count(*) FROM range(10000000) a(value), range(1000000) b(value)";
    let both = [started(&server, statement, &query, &session), started(&server, statement, &query, &session)];
    until("both run", async || server.metric("boathouse_queries_running").await == 2.0).await;
    assert_eq!(cancel(&server, &query, &session).await, cancelled());
    for running in both {
        let answer = Answer::read(&running.await.unwrap());
        assert_eq!(answer.error.as_deref(), Some("the query was cancelled"));
    }
    assert_eq!(server.metric("boathouse_queries_cancelled_total").await, 2.0);
}

#[tokio::test]
async fn another_session_does_not_stop_a_query() {
    let server = Server::start();
    let (query, session) = (Uuid::now_v7().to_string(), Uuid::now_v7().to_string());
    let running =
        started(&server, "SELECT count(*) FROM range(10000000) a(value), range(1000000) b(value)", &query, &session);
    until("it runs", async || server.metric("boathouse_queries_running").await == 1.0).await;
    let other = json!({ "cancelled": false, "message": "Session ID does not match" });
    assert_eq!(cancel(&server, &query, &Uuid::now_v7().to_string()).await, other);
    assert!(!running.is_finished());
    assert_eq!(cancel(&server, &query, &session).await, cancelled());
    running.await.unwrap();
    assert_eq!(cancel(&server, &query, &Uuid::now_v7().to_string()).await, other, "of one that has ended, too");
}

#[tokio::test]
async fn a_query_that_has_ended_counts_as_cancelled() {
    let server = Server::start();
    let answer = server.ask("SELECT 1").await;
    let id = |name: &str| answer.metadata[name].as_str().unwrap().to_owned();
    assert_eq!(cancel(&server, &id("query_id"), &id("session_id")).await, cancelled());
}

#[tokio::test]
async fn what_cannot_be_cancelled_is_refused() {
    let server = Server::start();
    let delete = |path: &str| server.client.delete(format!("{}{path}", server.base)).basic_auth(USER, Some(PASSWORD));
    let query = Uuid::now_v7().to_string();
    let (status, text) = told(delete(&format!("/query/{query}"))).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(text.contains("`session_id`"), "{text}");
    let (status, text) = told(delete(&format!("/query/{query}?session_id=a"))).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(text.contains(&query), "{text}");
    let (status, text) = told(delete("/query/mine?session_id=a")).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(text.contains("`query_id`") && text.contains("UUID"), "{text}");
}
