//! `POST /append` and `GET /tasks/{task_id}`: values, tables that are made and widened, refusals, tasks.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::process::{PASSWORD, Server, USER, told, until};

fn done() -> Value {
    json!({"ok": true, "error_code": null, "error_message": null, "task_id": null})
}

/// An append that must be refused although it was understood; its code and message.
async fn unfit(server: &Server, table: &str, rows: Value) -> (String, String) {
    let answer = server.append_with(table, false, rows).await;
    assert_eq!((&answer["ok"], &answer["task_id"]), (&json!(false), &Value::Null), "{answer}");
    let text = |key: &str| answer[key].as_str().unwrap().to_owned();
    (text("error_code"), text("error_message"))
}

#[tokio::test]
async fn a_row_with_sync_is_in_the_table_when_it_is_answered() {
    let server = Server::start();
    server.load("people", "create", "id,name\n1,Ann\n").await;
    for (id, spelling) in [(2, "true"), (3, "True"), (4, "TRUE"), (5, "1")] {
        let query = [("catalog", "lakehouse"), ("schema", "main"), ("table", "PEOPLE"), ("sync", spelling)];
        let request = server.post("/append").query(&query).json(&json!({"ID": id, "name": "x"}));
        let (status, text) = told(request).await;
        assert_eq!((status, serde_json::from_str::<Value>(&text).unwrap()), (StatusCode::OK, done()));
        assert_eq!(server.rows("SELECT count(*) FROM people").await, json!([[id]]));
    }
    let rows = json!([{"id": 6}, {"name": "Eve"}, {}]);
    assert_eq!(server.append_with("people", true, rows).await, done());
    let found = server.rows("SELECT id, name FROM people WHERE id IS NULL OR name IS NULL ORDER BY id, name").await;
    assert_eq!(found, json!([[6, null], [null, "Eve"], [null, null]]));
}

#[tokio::test]
async fn a_table_is_made_of_what_comes_and_grows_with_it() {
    let server = Server::start();
    // As text: the columns are in the order of the keys.
    let first = r#"{"id": 1, "price": 2.5, "day": "2026-01-02", "at": "2026-01-02T03:04:05Z", "yes": true,
        "text": "a\"b", "tags": ["x", "y"], "who": {"name": "Ann"}, "none": null}"#;
    assert_eq!(told(server.append("events", true).body(first)).await.0, StatusCode::OK);
    let answer = server.ask("SELECT * FROM events").await;
    assert_eq!(
        answer.columns,
        "[{\"name\":\"id\",\"type\":\"BIGINT\"},{\"name\":\"price\",\"type\":\"DOUBLE\"},{\"name\":\"day\",\"type\":\"DATE\"},\
         {\"name\":\"at\",\"type\":\"TIMESTAMP WITH TIME ZONE\"},{\"name\":\"yes\",\"type\":\"BOOLEAN\"},\
         {\"name\":\"text\",\"type\":\"VARCHAR\"},{\"name\":\"tags\",\"type\":\"VARCHAR[]\"},\
         {\"name\":\"who\",\"type\":\"STRUCT(name VARCHAR)\"}]"
    );
    let expected = json!([
        1,
        2.5,
        "2026-01-02",
        "2026-01-02T03:04:05+00:00",
        true,
        "a\"b",
        ["x", "y"],
        {"name": "Ann"}
    ]);
    assert_eq!(answer.rows, [expected]);
    // Both wait together: the second is checked against what the first will have made of the table.
    let task = server.append_with("events", false, json!([{"id": 2, "size": 7}, {"id": 3, "none": "now"}])).await;
    assert_eq!((&task["ok"], &task["error_code"]), (&json!(true), &Value::Null));
    let (code, message) = unfit(&server, "events", json!({"id": 4, "size": "large"})).await;
    assert_eq!(code, "incompatible-schema");
    assert_eq!(message, "row 1, column \"size\": \"large\" is not a BIGINT, which is the type of the table's column");
    assert_eq!(server.append_with("events", true, json!({"id": 4, "size": 8.0})).await, done());
    let found = server.rows("SELECT id, size, \"none\", price FROM events ORDER BY id").await;
    assert_eq!(found, json!([[1, null, null, 2.5], [2, 7, null, null], [3, null, "now", null], [4, 8, null, null]]));
}

#[tokio::test]
async fn schemas_are_made_and_catalogs_are_not() {
    let server = Server::start();
    let query = [("catalog", "lakehouse"), ("schema", "new \"schema\""), ("table", "t/1"), ("sync", "1")];
    let (status, text) = told(server.post("/append").query(&query).json(&json!({"n": 1}))).await;
    assert_eq!((status, serde_json::from_str::<Value>(&text).unwrap()), (StatusCode::OK, done()));
    assert_eq!(server.rows("SELECT n FROM lakehouse.\"new \"\"schema\"\"\".\"t/1\"").await, json!([[1]]));
    let query = [("catalog", "nowhere"), ("schema", "main"), ("table", "t")];
    let refused = told(server.post("/append").query(&query).json(&json!({"n": 1}))).await;
    assert_eq!(refused, (StatusCode::BAD_REQUEST, "Catalog \"nowhere\" does not exist".to_owned()));
}

#[tokio::test]
async fn what_cannot_go_into_the_table_changes_nothing_and_is_named() {
    let server = Server::start();
    assert_eq!(server.rows("CREATE TABLE t (id INTEGER NOT NULL, day DATE, raw BLOB)").await, json!([]));
    for (rows, code, message) in [
        (json!([{"id": 1}, {"id": 1.5}]), "incompatible-schema", "row 2, column \"id\": 1.5 is not a INTEGER"),
        (json!({"id": 3_000_000_000_u64}), "incompatible-schema", "row 1, column \"id\": 3000000000 is not a INTEGER"),
        (json!({"id": 1, "day": "soon"}), "incompatible-schema", "row 1, column \"day\": \"soon\" is not a DATE"),
        (json!({"id": 1, "raw": "x"}), "incompatible-schema", "row 1, column \"raw\": a value of type BLOB"),
        (json!([{"id": 1}, {"day": "2026-01-02"}]), "invalid-data", "row 2, column \"id\": there is no value"),
        (json!({"id": null}), "invalid-data", "row 1, column \"id\": there is no value"),
        (json!({"id": 1, "ID": 2}), "invalid-data", "row 1, column \"id\": the key is twice"),
        (json!({"id": 1, "a": 1, "A": 2}), "invalid-data", "differ in letter case alone"),
    ] {
        let (found, text) = unfit(&server, "t", rows).await;
        assert!(found == code && text.contains(message), "{found}: {text}");
    }
    let (code, message) = unfit(&server, "fresh", json!([{"a": null}, {}])).await;
    assert!(code == "invalid-data" && message.contains("\"main.fresh\" does not exist"), "{code}: {message}");
    server.rows("CREATE VIEW v AS SELECT 1 AS one").await;
    assert_eq!(unfit(&server, "v", json!({"one": 1})).await.0, "incompatible-schema");
    let query = [("catalog", "lakehouse"), ("schema", "information_schema"), ("table", "t")];
    let text = told(server.post("/append").query(&query).json(&json!({"n": 1}))).await.1;
    assert!(text.contains("incompatible-schema") && text.contains("kept for the system's own tables"), "{text}");
    for table in ["t", "fresh"] {
        assert_eq!(server.append_with(table, false, json!([])).await, done());
    }
    assert_eq!(server.rows("SELECT count(*) FROM t").await, json!([[0]]));
    assert!(server.ask("SELECT * FROM fresh").await.error.is_some());
}

#[tokio::test]
async fn a_body_that_is_no_rows_is_400_with_the_same_shape() {
    let server = Server::start();
    for (body, message) in [
        ("", "the body is empty"),
        ("{\"a\": oops}", "line 1, column 7: malformed JSON"),
        ("[{\"a\":1}", "malformed JSON"),
        ("{\"a\":1} {\"a\":2}", "malformed JSON: trailing characters"),
        ("5", "row 1: 5 is not a JSON object"),
        ("[{\"a\":1}, 5]", "row 2: 5 is not a JSON object"),
    ] {
        for content_type in ["application/json", "text/csv", "text/plain"] {
            let request = server.append("t", true).header("Content-Type", content_type).body(body);
            let (status, text) = told(request).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{text}");
            let answer: Value = serde_json::from_str(&text).unwrap();
            let keys: Vec<&String> = answer.as_object().unwrap().keys().collect();
            assert_eq!(keys, ["error_code", "error_message", "ok", "task_id"]);
            assert_eq!((&answer["ok"], &answer["error_code"]), (&json!(false), &json!("invalid-data")));
            assert!(answer["error_message"].as_str().unwrap().contains(message), "{body}: {text}");
        }
    }
    let large = server.append("t", true).body(" ".repeat((16 << 20) + 1));
    assert_eq!(told(large).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    let request = server.append("t", true).header("Content-Type", "text/csv").body("{\"n\":1}");
    assert_eq!(told(request).await.0, StatusCode::OK);
    assert_eq!(server.rows("SELECT n FROM t").await, json!([[1]]));
}

#[tokio::test]
async fn appending_takes_write_access_before_anything_is_looked_at() {
    let server = Server::start();
    let created = server.command(&["user", "create", "reader", "--access", "read"]).output().unwrap();
    let password = String::from_utf8(created.stdout).unwrap().trim().to_owned();
    let query = [("catalog", "lakehouse"), ("schema", "main"), ("table", "t")];
    for body in ["{\"n\":1}", "oops"] {
        let request = server.client.post(format!("{}/append", server.base)).query(&query).body(body);
        let refused = told(request.basic_auth("reader", Some(&password))).await;
        let message = "user \"reader\" has read access; this takes write access".to_owned();
        assert_eq!(refused, (StatusCode::FORBIDDEN, message));
    }
    let anonymous = server.client.post(format!("{}/append", server.base)).query(&query).body("{\"n\":1}");
    assert_eq!(told(anonymous).await.0, StatusCode::UNAUTHORIZED);
    assert!(server.ask("SELECT * FROM t").await.error.is_some());
    assert_eq!(told(server.post("/append").query(&query).query(&[("sync", "maybe")])).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_task_is_pending_until_its_rows_are_in_the_table() {
    let server = Server::start_in(tempfile::tempdir().unwrap(), &["--append-window", "1500"]);
    server.load("t", "create", "n\n0\n").await;
    let answer = server.append_with("t", false, json!({"n": 1})).await;
    let id = answer["task_id"].clone();
    assert_eq!(server.task(&id).await, json!({"task_id": id, "status": "pending"}));
    assert_eq!(server.rows("SELECT count(*) FROM t").await, json!([[1]]));
    let is_done = async || server.task(&id).await["status"] == "completed";
    until("the task is completed", is_done).await;
    assert_eq!(server.rows("SELECT count(*) FROM t").await, json!([[2]]));

    // Whoever waits takes along what came before.
    let before = server.append_with("t", false, json!({"n": 2})).await;
    assert_eq!(server.append_with("t", true, json!({"n": 3})).await, done());
    assert_eq!(server.task(&before["task_id"]).await["status"], "completed");

    for (unknown, message) in [
        ("yesterday", "\"yesterday\" is not a task"),
        ("019f1d9b-6a4c-7d31-9c55-3f2f6c1f0b1e", "Task \"019f1d9b-6a4c-7d31-9c55-3f2f6c1f0b1e\" does not exist"),
    ] {
        let request = server.get(&format!("/tasks/{unknown}")).basic_auth(USER, Some(PASSWORD));
        let (status, text) = told(request).await;
        assert!(status == StatusCode::BAD_REQUEST && text.contains(message), "{status}: {text}");
    }
    assert_eq!(told(server.get("/tasks/yesterday")).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn many_small_appends_are_few_commits() {
    let server = Server::start();
    server.load("t", "create", "n,who\n0,0\n").await;
    let writer = async |who: u64| {
        for n in 1..=100 {
            let answer = server.append_with("t", false, json!({"n": n, "who": who})).await;
            assert_eq!(answer["ok"], json!(true));
        }
    };
    futures::future::join_all((1..=8).map(writer)).await;
    assert_eq!(server.append_with("t", true, json!({"n": 0, "who": 0})).await, done());
    let rows = server.rows("SELECT count(*), count(DISTINCT n * 10 + who), sum(n)::BIGINT FROM t").await;
    assert_eq!(rows, json!([[802, 801, 8 * 5050]]));
    let log = walk(&server.dir().join("data/lakehouse"));
    assert!(log < 60, "801 appends made {log} versions");
    assert!(!server.log().contains("ERROR"), "{}", server.log());
}

/// How many commits all tables have.
fn walk(directory: &std::path::Path) -> usize {
    let mut count = 0;
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let is_commit =
            path.parent().unwrap().ends_with("_delta_log") && path.extension().is_some_and(|it| it == "json");
        count += if path.is_dir() { walk(&path) } else { usize::from(is_commit) };
    }
    count
}
