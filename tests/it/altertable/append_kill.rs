//! SIGKILL at random moments under eight writers: what was acknowledged is there once, whatever else at most once.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use crate::process::{PASSWORD, Server, USER};

const ROUNDS: u64 = 12;
const WRITERS: u64 = 8;
const TABLES: [&str; 2] = ["a", "b"];

/// What became of one row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sent {
    Acknowledged,
    Unknown,
}

type Rows = HashMap<(&'static str, u64), Sent>;

fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// Sends rows until the server is gone: one at a time or a few, with and without waiting for the commit.
async fn write(client: Client, base: String, next: Arc<AtomicU64>) -> Rows {
    let mut rows = Rows::new();
    loop {
        let table = TABLES[(random() % 2) as usize];
        let count = 1 + random() % 3;
        let first = next.fetch_add(count, Ordering::Relaxed);
        let sync = random().is_multiple_of(8);
        // A few bring a column along.
        let row = |n: u64| match n % 50 {
            0 => json!({"n": n, format!("extra{}", n / 50 % 20): n}),
            _ => json!({"n": n}),
        };
        let body: Vec<Value> = (first..first + count).map(row).collect();
        let query = [("catalog", "lakehouse"), ("schema", "main"), ("table", table)];
        let request = client.post(format!("{base}/append")).query(&query).query(&[("sync", sync)]);
        let answer = request.basic_auth(USER, Some(PASSWORD)).json(&body).send().await;
        let acknowledged = match answer {
            Ok(answer) => {
                assert_eq!(answer.status(), StatusCode::OK);
                answer.json::<Value>().await.is_ok_and(|answer| answer["ok"] == true)
            }
            Err(_) => false,
        };
        let sent = if acknowledged { Sent::Acknowledged } else { Sent::Unknown };
        rows.extend((first..first + count).map(|n| ((table, n), sent)));
        if !acknowledged {
            return rows;
        }
    }
}

/// Every row that is there, with how often.
async fn found(server: &Server) -> HashMap<(&'static str, u64), u64> {
    let mut found = HashMap::new();
    for table in TABLES {
        let answer = server.ask(&format!("SELECT n, count(*) FROM {table} GROUP BY n")).await;
        for row in answer.rows {
            found.insert((table, row[0].as_u64().unwrap()), row[1].as_u64().unwrap());
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_rows_survive_kills_exactly_once() {
    let mut server = Server::start_in(tempfile::tempdir().unwrap(), &["--append-window", "20"]);
    let next = Arc::new(AtomicU64::new(0));
    let mut sent = Rows::new();
    for round in 0..ROUNDS {
        let writers: Vec<_> = (0..WRITERS)
            .map(|_| tokio::spawn(write(server.client.clone(), server.base.clone(), Arc::clone(&next))))
            .collect();
        tokio::time::sleep(Duration::from_millis(20 + random() % 250)).await;
        let dir = server.kill();
        for writer in writers {
            sent.extend(writer.await.unwrap());
        }
        server = Server::start_in(dir, &["--append-window", "20"]);
        let found = found(&server).await;
        for (row, state) in &sent {
            let count = found.get(row).copied().unwrap_or(0);
            let fits = count == 1 || (count == 0 && *state == Sent::Unknown);
            assert!(fits, "round {round}: {row:?} is there {count} times; log: {}", server.log());
        }
        assert!(found.keys().all(|row| sent.contains_key(row)), "round {round}: rows that nobody sent");
    }
    let acknowledged = sent.values().filter(|state| **state == Sent::Acknowledged).count();
    println!("{acknowledged} rows acknowledged over {ROUNDS} kills, {} not", sent.len() - acknowledged);
    assert!(acknowledged > 500, "{acknowledged}");
    assert!(!server.log().contains("ERROR"), "{}", server.log());
}
