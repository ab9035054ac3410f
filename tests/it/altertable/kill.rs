//! SIGKILL at random moments of an upload or upsert: after a restart the table is wholly before or wholly after.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::json;

use crate::process::Server;

const KILLS: u32 = 24;
const ROWS: u64 = 200_000;

/// `ROWS` rows of this value, some 3 MB.
fn rows(value: u64) -> Bytes {
    let line = format!("{value},some text that takes room\n");
    Bytes::from(format!("n,text\n{}", line.repeat(ROWS as usize)))
}

/// A moment within one and a half times what an upload takes: before, inside and after it.
fn random_moment(upload: Duration) -> Duration {
    let random = RandomState::new().build_hasher().finish() as f64 / u64::MAX as f64;
    upload.mul_f64(1.5 * random)
}

/// How many rows the table has, and the sum of their values.
async fn state(server: &Server) -> (u64, u64) {
    let rows = server.rows("SELECT count(*), sum(n)::BIGINT FROM t").await;
    (rows[0][0].as_u64().unwrap(), rows[0][1].as_u64().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_upload_is_wholly_there_or_not_at_all() {
    let mut server = Server::start();
    server.load("t", "create", rows(1)).await;
    let started = Instant::now();
    server.load("t", "append", rows(1)).await;
    let upload = started.elapsed();
    let mut before = (2 * ROWS, 2 * ROWS);
    let mut finished = 0;
    for kill in 0..KILLS {
        // By turns a table that grows and one that is replaced.
        let (mode, value) = if kill % 2 == 0 { ("append", 1) } else { ("overwrite", u64::from(kill)) };
        let after = match mode {
            "append" => (before.0 + ROWS, before.1 + ROWS),
            _ => (ROWS, ROWS * value),
        };
        let request = server.upload("t", mode).body(rows(value));
        let sending = tokio::spawn(request.send());
        let moment = random_moment(upload);
        tokio::time::sleep(moment).await;
        let dir = server.kill();
        let acknowledged = sending.await.unwrap().is_ok_and(|response| response.status().is_success());
        server = Server::start_in(dir, &[]);
        let found = state(&server).await;
        assert!(found == before || found == after, "kill {kill} of {mode} at {moment:?}: {found:?}");
        assert!(!acknowledged || found == after, "kill {kill} of {mode} at {moment:?}: acknowledged and lost");
        finished += u32::from(found == after);
        before = found;
    }
    println!("{finished} of {KILLS} killed uploads were committed; one takes {upload:?}");
    // A table that went through all that is as good as any other.
    server.load("t", "overwrite", "n,text\n5,done\n").await;
    assert_eq!(server.rows("SELECT n, text FROM t").await, json!([[5, "done"]]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_creation_leaves_a_table_or_none() {
    let mut server = Server::start();
    let started = Instant::now();
    server.load("first", "create", rows(1)).await;
    let upload = started.elapsed();
    for kill in 0..8 {
        let table = format!("t{kill}");
        let sending = tokio::spawn(server.upload(&table, "create").body(rows(1)).send());
        tokio::time::sleep(random_moment(upload)).await;
        let dir = server.kill();
        let acknowledged = sending.await.unwrap().is_ok_and(|response| response.status().is_success());
        server = Server::start_in(dir, &[]);
        let answer = server.ask(&format!("SELECT count(*) FROM {table}")).await;
        let expected = if answer.error.is_none() { json!([[ROWS]]) } else { json!([]) };
        assert_eq!(json!(answer.rows), expected);
        assert!(!acknowledged || answer.error.is_none(), "acknowledged and lost");
        if answer.error.is_some() {
            server.load(&table, "create", rows(1)).await;
        }
    }
}

/// Keys that are there get another value; those of one kill in three are new.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_upsert_is_wholly_there_or_not_at_all() {
    const KEYS: u64 = 60_000;
    let body = |first: u64, value: u64| {
        let lines: String = (first..first + KEYS).map(|key| format!("{key},{value}\n")).collect();
        format!("id,n\n{lines}")
    };
    let send = |server: &Server, body: String| {
        let query = [("catalog", "lakehouse"), ("schema", "main"), ("table", "t"), ("primary_key", "id")];
        server.post("/upsert").query(&query).body(body)
    };
    let mut server = Server::start();
    assert!(send(&server, body(0, 1)).send().await.unwrap().status().is_success());
    let started = Instant::now();
    assert!(send(&server, body(0, 1)).send().await.unwrap().status().is_success());
    let upsert = started.elapsed();
    let (mut count, mut values) = (KEYS, vec![1; usize::try_from(KEYS).unwrap()]);
    for kill in 0..16 {
        let (first, value) = (if kill % 3 == 2 { count } else { count - KEYS }, kill + 2);
        let mut after = values.clone();
        after.resize(usize::try_from((first + KEYS).max(count)).unwrap(), 0);
        after[usize::try_from(first).unwrap()..usize::try_from(first + KEYS).unwrap()].fill(value);
        let sending = tokio::spawn(send(&server, body(first, value)).send());
        let moment = random_moment(upsert);
        tokio::time::sleep(moment).await;
        let dir = server.kill();
        let acknowledged = sending.await.unwrap().is_ok_and(|response| response.status().is_success());
        server = Server::start_in(dir, &[]);
        let found = server.rows("SELECT count(*), count(DISTINCT id), sum(n)::BIGINT FROM t").await;
        let of = |values: &[u64]| json!([[values.len(), values.len(), values.iter().sum::<u64>()]]);
        assert!(found == of(&values) || found == of(&after), "kill {kill} at {moment:?}: {found}");
        assert!(!acknowledged || found == of(&after), "kill {kill} at {moment:?}: acknowledged and lost");
        if found == of(&after) {
            values = after;
            count = values.len() as u64;
        }
    }
}
