//! SIGKILL at random moments while eight writers append and their files are put together.

use std::collections::HashSet;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;

use crate::process::Server;

const KILLS: u64 = 8;
const WRITERS: u64 = 8;
/// A round lasts no longer than this: time for a look, a compaction, and what comes after.
const ROUND: Duration = Duration::from_millis(2500);

/// Appends one row after the other until the server is gone, and notes what was acknowledged.
async fn write(server: Arc<Server>, round: u64, writer: u64, acknowledged: Arc<Mutex<HashSet<u64>>>) {
    for n in 0..100_000 {
        let id = (round * WRITERS + writer) * 100_000 + n;
        let body = format!("id,text\n{id},row {id}\n");
        match server.upload("t", "create_append").body(body).send().await {
            Ok(response) if response.status().is_success() => drop(acknowledged.lock().unwrap().insert(id)),
            Ok(response) => panic!("an append failed: {}", response.text().await.unwrap()),
            Err(_) => return,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_acknowledged_row_is_there_once_after_kills_amid_compaction() {
    let acknowledged = Arc::new(Mutex::new(HashSet::new()));
    let mut server = Server::start();
    let mut compactions = 0;
    for round in 0..KILLS {
        let running = Arc::new(server);
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| tokio::spawn(write(running.clone(), round, writer, acknowledged.clone())))
            .collect();
        let random = RandomState::new().build_hasher().finish() as f64 / u64::MAX as f64;
        tokio::time::sleep(ROUND.mul_f64(0.3 + 0.7 * random)).await;
        running.signal("KILL");
        for writer in writers {
            writer.await.unwrap();
        }
        let dir = Arc::into_inner(running).unwrap().kill();
        server = Server::start_in(dir, &[]);
        let known = acknowledged.lock().unwrap().len() as u64;
        let found = server.rows("SELECT count(*), count(DISTINCT id) FROM t").await;
        let (rows, distinct) = (found[0][0].as_u64().unwrap(), found[0][1].as_u64().unwrap());
        assert_eq!(rows, distinct, "round {round}: a row is there twice");
        // Each writer may have had one row on its way.
        let most = known + (round + 1) * WRITERS;
        assert!((known..=most).contains(&rows), "round {round}: {rows} rows, {known} acknowledged");
        compactions += server.log().matches("what=\"compact\"").count();
    }
    let rows = server.rows("SELECT id FROM t").await;
    let found: HashSet<u64> = rows.as_array().unwrap().iter().map(|row| row[0].as_u64().unwrap()).collect();
    let lost: Vec<u64> = acknowledged.lock().unwrap().difference(&found).copied().collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    let optimised = "SELECT count(*) > 0 FROM table_history('t') WHERE operation = 'OPTIMIZE'";
    assert_eq!(server.rows(optimised).await, json!([[true]]), "{compactions} compactions were logged");
    println!("{} rows through {KILLS} kills", found.len());
}
