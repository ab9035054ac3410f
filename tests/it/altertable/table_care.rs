//! Compaction: by itself and by hand, beside readers and writers.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Value, json};

use crate::process::{Server, until};

/// A server whose tables are cared for only when it is asked.
fn careless() -> Server {
    Server::start_in(tempfile::tempdir().unwrap(), &["--table-care", "off"])
}

/// How many files the newest version of a table has.
async fn files(server: &Server, table: &str) -> u64 {
    let sums = format!("SELECT (sum(files_added) - sum(files_removed))::BIGINT FROM table_history('{table}')");
    server.rows(&sums).await[0][0].as_u64().unwrap()
}

/// The directory of the one table of this server.
pub fn directory(server: &Server) -> PathBuf {
    let schema = Path::new(&server.data_dir()).join("lakehouse/lakehouse/main");
    let mut tables = std::fs::read_dir(schema).unwrap().map(|entry| entry.unwrap().path());
    let table = tables.next().unwrap();
    assert!(tables.next().is_none(), "there is one table");
    table
}

#[tokio::test]
async fn small_files_become_one_by_themselves() {
    let server = Server::start();
    server.rows("CREATE TABLE t (id BIGINT, name VARCHAR)").await;
    for id in 0..40 {
        server.rows(&format!("INSERT INTO t VALUES ({id}, 'n{id}')")).await;
    }
    until("the table has few files", async || files(&server, "t").await <= 7).await;
    let sums = "SELECT count(*), sum(id)::BIGINT, count(DISTINCT name) FROM t";
    assert_eq!(server.rows(sums).await, json!([[40, 780, 40]]));
    let jobs = "SELECT database_name, schema_name, table_name, what, asked_for, error, files_after < files_before \
                FROM boathouse_table_care() WHERE what = 'compact' LIMIT 1";
    let expected = json!([["lakehouse", "main", "t", "compact", false, null, true]]);
    // The commit is seen before the job is over.
    until("the job is listed", async || server.rows(jobs).await == expected).await;
    let metrics = server.get("/metrics").send().await.unwrap().text().await.unwrap();
    let counted = metrics.lines().find(|line| line.contains(r#"outcome="finished",what="compact""#)).unwrap();
    assert_ne!(counted.split(' ').next_back(), Some("0"), "{counted}");
    assert!(server.log().contains("table care"), "the log says what was done");
    // Older versions are there as before. The table was made without rows, so the ninth write is the eighth row.
    let ninth = "SELECT version FROM table_history('t') WHERE operation = 'WRITE' ORDER BY version LIMIT 1 OFFSET 8";
    let version = server.rows(ninth).await[0][0].as_u64().unwrap();
    assert_eq!(server.rows(&format!("SELECT count(*) FROM t AT (VERSION => {version})")).await, json!([[8]]));
}

#[tokio::test]
async fn nothing_happens_by_itself_where_it_is_turned_off() {
    let server = careless();
    server.rows("CREATE TABLE t (id BIGINT)").await;
    for id in 0..12 {
        server.rows(&format!("INSERT INTO t VALUES ({id})")).await;
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(files(&server, "t").await, 12);
    let done = server.rows("OPTIMIZE t").await;
    assert_eq!((&done[0][0], &done[0][1], &done[0][2]), (&json!("compact"), &json!(12), &json!(1)));
    assert_eq!(server.rows("SELECT sum(id)::BIGINT FROM t").await, json!([[66]]));
    let again = server.rows("OPTIMIZE t").await;
    assert_eq!((&again[0][1], &again[0][2]), (&json!(1), &json!(1)));
    assert_eq!(files(&server, "t").await, 1);
    server.rows("CHECKPOINT t").await;
    assert!(directory(&server).join("_delta_log/_last_checkpoint").exists());
    assert_eq!(server.rows("CHECKPOINT").await, json!([]));
}

#[tokio::test]
async fn rows_are_kept_in_the_order_of_the_table() {
    let server = careless();
    server.rows("CREATE TABLE t (id BIGINT, name VARCHAR)").await;
    for part in [[7, 1], [9, 3], [2, 8]] {
        server.rows(&format!("INSERT INTO t VALUES ({}, 'a'), ({}, NULL)", part[0], part[1])).await;
    }
    server.rows("ALTER TABLE t SET SORTED BY (ID)").await;
    server.rows("OPTIMIZE t").await;
    assert_eq!(server.rows("SELECT id FROM t").await, json!([[1], [2], [3], [7], [8], [9]]));
    server.rows("ALTER TABLE t SET SORTED BY (name, id)").await;
    server.rows("OPTIMIZE t").await;
    assert_eq!(server.rows("SELECT id FROM t").await, json!([[2], [7], [9], [1], [3], [8]]));
    for (statement, part) in [
        ("ALTER TABLE t SET SORTED BY (nothing)", "no column \"nothing\""),
        ("ALTER TABLE nowhere SET SORTED BY (id)", "does not exist"),
        ("OPTIMIZE nowhere", "does not exist"),
        ("OPTIMIZE", "takes the name of one table"),
        ("CALL no_such_thing('t')", "no procedure"),
    ] {
        let message = server.ask(statement).await.error.unwrap();
        assert!(message.contains(part), "{statement}: {message}");
    }
    server.rows("ALTER TABLE t RESET SORTED BY").await;
    server.rows("INSERT INTO t VALUES (0, 'z')").await;
    server.rows("OPTIMIZE t").await;
    assert_eq!(server.rows("SELECT sum(id)::BIGINT, count(*) FROM t").await, json!([[30, 7]]));
}

#[tokio::test]
async fn a_large_table_is_sorted_within_its_memory() {
    let server = careless();
    server
        .rows("CREATE TABLE t AS SELECT (i * 7919) % 3000000 AS id, 'some text ' || i AS name FROM range(3000000) r(i)")
        .await;
    server.rows("ALTER TABLE t SET SORTED BY (id)").await;
    server.rows("OPTIMIZE t").await;
    let ordered = "SELECT count(*), sum(CASE WHEN id = n - 1 THEN 0 ELSE 1 END)::BIGINT \
                   FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM t)";
    assert_eq!(server.rows(ordered).await, json!([[3_000_000, 0]]));
    assert_eq!(ids_as_stored(&directory(&server)), (0..3_000_000).collect::<Vec<i64>>());
}

/// The column `id` of every file of a table that is sorted by it, in the order of the rows; the files by their first.
/// Those that were written unsorted stay for time travel.
fn ids_as_stored(table: &Path) -> Vec<i64> {
    let paths = std::fs::read_dir(table).unwrap().map(|entry| entry.unwrap().path());
    let files = paths.filter(|path| path.extension().is_some_and(|extension| extension == "parquet"));
    let mut parts: Vec<Vec<i64>> = files
        .map(|path| {
            let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap().build().unwrap();
            let ids = reader.map(|batch| batch.unwrap().column_by_name("id").unwrap().clone());
            ids.flat_map(|ids| ids.as_primitive::<Int64Type>().values().to_vec()).collect()
        })
        .collect();
    parts.retain(|part| part.is_sorted());
    parts.sort();
    parts.concat()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_and_readers_never_notice() {
    let server = std::sync::Arc::new(Server::start());
    server.rows("CREATE TABLE t (id BIGINT, n BIGINT)").await;
    let mut writers = Vec::new();
    for writer in 0..4 {
        let server = server.clone();
        writers.push(tokio::spawn(async move {
            for n in 0..30 {
                server.rows(&format!("INSERT INTO t VALUES ({writer}, {n})")).await;
            }
        }));
    }
    let changing = server.clone();
    writers.push(tokio::spawn(async move {
        for _ in 0..20 {
            // Conflicts among changes of rows are theirs; appends and compaction are no reason for one.
            changing.rows("UPDATE t SET n = n + 1000 WHERE n < 1000 AND id = 0").await;
        }
    }));
    let reading = server.clone();
    let reader = tokio::spawn(async move {
        for _ in 0..20 {
            let seen: Value = reading.rows("SELECT count(*) - count(DISTINCT (id, n % 1000)) FROM t").await;
            assert_eq!(seen, json!([[0]]), "no row is there twice");
            reading.rows("OPTIMIZE t").await;
        }
    });
    for task in writers {
        task.await.unwrap();
    }
    reader.await.unwrap();
    let sums = "SELECT count(*), count(DISTINCT (id, n % 1000)), sum(n % 1000)::BIGINT FROM t";
    assert_eq!(server.rows(sums).await, json!([[120, 120, 4 * 435]]));
}
