//! Appends over the end of a server, and a journal that was damaged meanwhile.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::process::Server;

/// Nothing is committed unless somebody waits for it.
const PATIENT: &[&str] = &["--append-window", "60000"];

fn segments(dir: &TempDir) -> Vec<PathBuf> {
    let files = fs::read_dir(dir.path().join("data/journal")).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|it| it == "segment")).collect()
}

async fn appended(server: &Server, table: &str, rows: Value) -> Value {
    server.append_with(table, false, rows).await["task_id"].clone()
}

#[tokio::test]
async fn a_stopped_server_has_committed_what_it_accepted() {
    let server = Server::start_in(tempfile::tempdir().unwrap(), PATIENT);
    let tasks = [
        appended(&server, "t", json!({"n": 1})).await,
        appended(&server, "t", json!([{"n": 2, "word": "x"}])).await,
        appended(&server, "u", json!({"day": "2026-01-02"})).await,
    ];
    let dir = server.stop().await;
    assert_eq!(segments(&dir), Vec::<PathBuf>::new(), "a journal that is done with takes no room");
    let server = Server::start_in(dir, &[]);
    assert_eq!(server.rows("SELECT n, word FROM t ORDER BY n").await, json!([[1, null], [2, "x"]]));
    assert_eq!(server.rows("SELECT day FROM u").await, json!([["2026-01-02"]]));
    for task in &tasks {
        assert_eq!(server.task(task).await, json!({"task_id": task, "status": "completed"}));
    }
    let log = server.log();
    assert!(!log.contains("ERROR") && !log.contains("WARN"), "{log}");
}

#[tokio::test]
async fn what_a_killed_server_accepted_is_there_when_the_next_one_answers() {
    let mut server = Server::start_in(tempfile::tempdir().unwrap(), PATIENT);
    let mut tasks = Vec::new();
    for round in 0..3 {
        for n in 0..5 {
            tasks.push(appended(&server, "t", json!({"n": n, "round": round})).await);
        }
        assert_eq!(server.task(tasks.last().unwrap()).await["status"], "pending");
        server = Server::start_in(server.kill(), PATIENT);
        let rows = server.rows("SELECT count(*), count(DISTINCT n * 10 + round) FROM t").await;
        assert_eq!(rows, json!([[5 * (round + 1), 5 * (round + 1)]]));
        for task in &tasks {
            assert_eq!(server.task(task).await["status"], "completed");
        }
    }
    assert!(!server.log().contains("ERROR"), "{}", server.log());
}

#[tokio::test]
async fn a_damaged_segment_is_reported_with_its_path_and_costs_nothing_else() {
    let server = Server::start_in(tempfile::tempdir().unwrap(), PATIENT);
    appended(&server, "t", json!({"word": "before"})).await;
    appended(&server, "t", json!({"word": "damaged"})).await;
    appended(&server, "t", json!({"word": "after"})).await;
    appended(&server, "u", json!({"word": "other"})).await;
    let dir = server.kill();
    let [segment] = &segments(&dir)[..] else { panic!("one segment") };
    let mut bytes = fs::read(segment).unwrap();
    let at = bytes.windows(7).position(|window| window == b"damaged").unwrap();
    bytes[at] ^= 0x20;
    fs::write(segment, &bytes).unwrap();

    let server = Server::start_in(dir, &[]);
    assert_eq!(server.rows("SELECT word FROM t ORDER BY word").await, json!([["after"], ["before"]]));
    assert_eq!(server.rows("SELECT word FROM u").await, json!([["other"]]));
    let log = server.log();
    let line = log.lines().find(|line| line.contains("ERROR")).expect("the damage is an error in the log");
    assert!(line.contains(segment.file_name().unwrap().to_str().unwrap()), "{line}");
    assert!(line.contains(", byte ") && line.contains("append that again"), "{line}");
    assert_eq!(server.append_with("t", true, json!({"word": "again"})).await["ok"], json!(true));
    let dir = server.stop().await;
    assert_eq!(fs::read(segment.with_extension("segment.damaged")).unwrap(), bytes);
    fs::write(dir.path().join("log"), "").unwrap();
    let server = Server::start_in(dir, &[]);
    assert_eq!(server.rows("SELECT count(*) FROM t").await, json!([[3]]));
    assert!(!server.log().contains("ERROR"), "{}", server.log());
}

#[tokio::test]
async fn a_missing_segment_is_reported_and_done_when_it_is_back() {
    let server = Server::start_in(tempfile::tempdir().unwrap(), PATIENT);
    server.load("t", "create", "n\n0\n").await;
    let lost = appended(&server, "t", json!({"n": 1})).await;
    let dir = server.kill();
    let [segment] = &segments(&dir)[..] else { panic!("one segment") };
    let elsewhere = dir.path().join("elsewhere");
    fs::rename(segment, &elsewhere).unwrap();

    let server = Server::start_in(dir, &[]);
    let log = server.log();
    let line = log.lines().find(|line| line.contains("ERROR")).expect("a missing segment is an error in the log");
    assert!(line.contains(segment.to_str().unwrap()) && line.contains("put the file back"), "{line}");
    assert_eq!(server.append_with("t", true, json!({"n": 2})).await["ok"], json!(true));
    assert_eq!(server.rows("SELECT n FROM t ORDER BY n").await, json!([[0], [2]]));
    let dir = server.stop().await;
    fs::rename(&elsewhere, segment).unwrap();
    let server = Server::start_in(dir, &[]);
    assert_eq!(server.rows("SELECT n FROM t ORDER BY n").await, json!([[0], [1], [2]]));
    assert_eq!(server.task(&lost).await["status"], "completed");
}
