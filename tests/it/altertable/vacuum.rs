//! Vacuum: what goes, and what stays.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde_json::json;

use super::table_care::directory;
use crate::process::Server;

const DAY: Duration = Duration::from_secs(24 * 3600);

fn server(retention: &str) -> Server {
    let flags = ["--table-care", "off", "--file-retention", retention];
    Server::start_in(tempfile::tempdir().unwrap(), &flags)
}

fn parquet_files(table: &Path) -> Vec<PathBuf> {
    let paths = std::fs::read_dir(table).unwrap().map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "parquet")).collect()
}

/// Makes a file seem as if it had been written so long ago.
fn age(path: &Path, age: Duration) {
    File::options().write(true).open(path).unwrap().set_modified(SystemTime::now() - age).unwrap();
}

/// A table whose first two versions have files that the newest does not use.
async fn rewritten(server: &Server) {
    server.rows("CREATE TABLE t AS SELECT 1::BIGINT AS id").await;
    server.rows("INSERT INTO t VALUES (2)").await;
    server.rows("OPTIMIZE t").await;
}

#[tokio::test]
async fn files_stay_while_a_version_within_the_retention_names_them() {
    let server = server("7d");
    rewritten(&server).await;
    let done = server.rows("VACUUM t").await;
    assert_eq!((&done[0][1], &done[0][2]), (&json!(3), &json!(3)));
    // However old the files are: what counts is since when they are not used.
    parquet_files(&directory(&server)).iter().for_each(|path| age(path, 30 * DAY));
    let done = server.rows("VACUUM t").await;
    assert_eq!((&done[0][1], &done[0][2]), (&json!(3), &json!(3)));
    assert_eq!(server.rows("SELECT id FROM t AT (VERSION => 0)").await, json!([[1]]));
}

#[tokio::test]
async fn what_was_deleted_is_refused_with_a_message() {
    let server = server("0s");
    rewritten(&server).await;
    assert_eq!(server.rows("SELECT count(*) FROM t AT (VERSION => 1)").await, json!([[2]]));
    let done = server.rows("VACUUM t").await;
    assert_eq!((&done[0][0], &done[0][1], &done[0][2]), (&json!("vacuum"), &json!(3), &json!(1)));
    assert_eq!(parquet_files(&directory(&server)).len(), 1);
    assert_eq!(server.rows("SELECT id FROM t ORDER BY id").await, json!([[1], [2]]));
    for statement in ["SELECT * FROM t AT (VERSION => 1)", "RESTORE TABLE t TO VERSION 1"] {
        let message = server.ask(statement).await.error.unwrap();
        assert!(message.contains("version 1") && message.contains("VACUUM"), "{message}");
    }
    assert_eq!(server.rows("SELECT id FROM t ORDER BY id").await, json!([[1], [2]]));
    assert_eq!(server.rows("SELECT count(*) FROM table_history('t')").await, json!([[3]]));
}

#[tokio::test]
async fn a_tables_own_retention_goes_before_the_servers() {
    let server = server("0s");
    rewritten(&server).await;
    let table = directory(&server);
    // As another program writes it: the metadata with one more setting.
    let first = std::fs::read_to_string(table.join("_delta_log/00000000000000000000.json")).unwrap();
    let line = first.lines().find(|line| line.starts_with("{\"metaData\"")).unwrap();
    let mut metadata: serde_json::Value = serde_json::from_str(line).unwrap();
    metadata["metaData"]["configuration"]["delta.deletedFileRetentionDuration"] = json!("interval 2 days");
    std::fs::write(table.join("_delta_log/00000000000000000003.json"), metadata.to_string()).unwrap();
    let done = server.rows("VACUUM t").await;
    assert_eq!((&done[0][1], &done[0][2]), (&json!(3), &json!(3)));
}

#[tokio::test]
async fn leftovers_go_after_a_day_and_what_is_not_ours_stays() {
    let server = server("7d");
    rewritten(&server).await;
    let table = directory(&server);
    let made = |name: &str, old: Duration| {
        let path = table.join(name);
        std::fs::write(&path, b"left by a kill").unwrap();
        age(&path, old);
        path
    };
    let young = made("part-young.parquet", DAY - Duration::from_secs(600));
    let old = made("part-old.parquet", DAY + Duration::from_secs(600));
    std::fs::create_dir(table.join("_change_data")).unwrap();
    let hidden = made("_change_data/cdc.parquet", 90 * DAY);
    let log = made("_delta_log/something.tmp", 90 * DAY);
    server.rows("VACUUM t").await;
    assert!(young.exists(), "a write may be about to name it");
    assert!(!old.exists());
    assert!(hidden.exists() && log.exists(), "hidden files are not data");
    assert_eq!(server.rows("SELECT id FROM t ORDER BY id").await, json!([[1], [2]]));
    let listed = server.rows("SELECT what, asked_for, files_before - files_after FROM boathouse_table_care()").await;
    assert_eq!(listed[0], json!(["vacuum", true, 1]));
}
