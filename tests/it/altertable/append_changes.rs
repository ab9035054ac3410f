//! Tables that change or go while rows wait for them.

use serde_json::json;

use crate::process::{Server, told, until};

/// A server where nothing is committed unless somebody waits for it.
fn patient() -> Server {
    Server::start_in(tempfile::tempdir().unwrap(), &["--append-window", "3000"])
}

async fn completed(server: &Server, task: &serde_json::Value) {
    let is_done = async || server.task(&task["task_id"]).await["status"] == "completed";
    until("the task is completed", is_done).await;
}

#[tokio::test]
async fn rows_that_wait_go_with_their_table() {
    let server = patient();
    server.load("dropped", "create", "n\n1\n").await;
    server.load("overwritten", "create", "n\n1\n").await;
    let dropped = server.append_with("dropped", false, json!({"n": 2})).await;
    let overwritten = server.append_with("overwritten", false, json!({"n": 2})).await;
    server.rows("DROP TABLE dropped").await;
    server.load("overwritten", "overwrite", "n\n3\n").await;
    completed(&server, &dropped).await;
    completed(&server, &overwritten).await;
    assert!(server.ask("SELECT * FROM dropped").await.error.is_some());
    // An overwritten table is the same one: what was acknowledged before joins the new rows.
    assert_eq!(server.rows("SELECT n FROM overwritten ORDER BY n").await, json!([[2], [3]]));
    // A table of the name is made anew by what comes later.
    server.append_with("dropped", true, json!({"word": "again"})).await;
    assert_eq!(server.rows("SELECT * FROM dropped").await, json!([["again"]]));
    assert!(!server.log().contains("ERROR"), "{}", server.log());
}

#[tokio::test]
async fn rows_that_wait_follow_a_table_to_its_new_name() {
    let server = patient();
    server.load("old", "create", "n\n1\n").await;
    let task = server.append_with("old", false, json!({"n": 2, "extra": "x"})).await;
    server.rows("ALTER TABLE old RENAME TO \"new\"").await;
    completed(&server, &task).await;
    assert_eq!(server.rows("SELECT n, extra FROM \"new\" ORDER BY n").await, json!([[1, null], [2, "x"]]));
    assert!(server.ask("SELECT * FROM old").await.error.is_some());
}

#[tokio::test]
async fn rows_that_do_not_fit_any_more_are_kept_until_they_do() {
    let server = patient();
    server.load("t", "create", "id,word\n1,one\n").await;
    server.load("other", "create", "n\n1\n").await;
    let task = server.append_with("t", false, json!({"id": 2, "word": "two"})).await;
    server.rows("ALTER TABLE t DROP COLUMN word").await;
    server.rows("ALTER TABLE t ADD COLUMN word BIGINT").await;
    until("the log says so", async || server.log().contains("accepted rows do not fit their table any more")).await;
    assert!(server.log().contains("is not a BIGINT"), "{}", server.log());
    assert_eq!(server.task(&task["task_id"]).await["status"], "pending");
    // Others wait behind them and are told so; other tables do not.
    let (status, text) = told(server.append("t", false).json(&json!({"id": 3}))).await;
    assert!(status == 503 && text.contains("\"two\" is not a BIGINT"), "{status}: {text}");
    assert_eq!(server.append_with("other", true, json!({"n": 2})).await["ok"], json!(true));
    let metrics = server.get("/metrics").send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains("boathouse_append_tables_stuck 1"), "{metrics}");

    let server = Server::start_in(server.kill(), &[]);
    assert_eq!(server.task(&task["task_id"]).await["status"], "pending");
    server.rows("ALTER TABLE t ALTER COLUMN word TYPE VARCHAR").await;
    completed(&server, &task).await;
    assert_eq!(server.rows("SELECT id, word FROM t ORDER BY id").await, json!([[1, null], [2, "two"]]));
    assert_eq!(server.append_with("t", true, json!({"id": 3})).await["ok"], json!(true));
}

#[tokio::test]
async fn a_column_that_went_comes_back_with_rows_that_have_it() {
    let server = patient();
    server.load("t", "create", "id,word\n1,one\n").await;
    let task = server.append_with("t", false, json!({"id": 2, "word": "two"})).await;
    server.rows("ALTER TABLE t DROP COLUMN word").await;
    completed(&server, &task).await;
    assert_eq!(server.rows("SELECT id, word FROM t ORDER BY id").await, json!([[1, null], [2, "two"]]));
}

#[tokio::test]
async fn too_much_that_waits_is_refused_for_the_moment() {
    let flags = ["--append-window", "60000", "--append-memory", "8KiB"];
    let server = Server::start_in(tempfile::tempdir().unwrap(), &flags);
    server.load("t", "create", "n\n0\n").await;
    let mut accepted = 0;
    let refusal = loop {
        let (status, text) = told(server.append("t", false).json(&json!({"n": 1}))).await;
        if status != 200 {
            break (status.as_u16(), text);
        }
        accepted += 1;
    };
    assert!(accepted > 10, "{accepted}");
    assert!(refusal.0 == 503 && refusal.1.contains("try again"), "{refusal:?}");
    let server = Server::start_in(server.stop().await, &[]);
    assert_eq!(server.rows("SELECT count(*) FROM t").await, json!([[accepted + 1]]));
}
