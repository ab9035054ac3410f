//! SIGKILL at random moments, fifty times on one data directory, while eight writers mix appends, uploads and upserts and
//! the tables are put together and vacuumed all the while. What was acknowledged is there once with the value that it was
//! given last; what was under way is there wholly or not at all; nothing else is.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::process::{PASSWORD, Server, USER};

const ROUNDS: u32 = 50;
const WRITERS: u64 = 8;
const TABLES: [&str; 2] = ["a", "b"];
/// A round lasts from the first to the second of these, in milliseconds.
const ROUND: (u64, u64) = (150, 1_600);
/// What newer versions do not use is deleted at once, so that care has all that it can do wrong before it.
const FLAGS: [&str; 4] = ["--append-window", "20", "--file-retention", "0s"];

type Row = (&'static str, u64);

fn random(below: u64) -> u64 {
    RandomState::new().build_hasher().finish() % below
}

/// What one writer knows of its rows. No two writers have a row in common.
struct Writer {
    number: u64,
    sent: u64,
    /// The value that each acknowledged row has.
    rows: HashMap<Row, u64>,
    /// Those that are in their table, and not only in the journal: an upsert of the others would not find them.
    committed: Vec<Row>,
    /// The request that was not answered.
    open: Option<Sent>,
    counts: Counts,
}

/// One request's rows, all of which get one value.
struct Sent {
    rows: Vec<Row>,
    value: u64,
}

#[derive(Default)]
struct Counts {
    appends: u64,
    uploads: u64,
    upserts: u64,
    conflicts: u64,
}

/// Where the server of a round is.
#[derive(Clone)]
struct Place {
    client: Client,
    base: String,
}

impl Place {
    fn post(&self, path: &str, table: &str) -> RequestBuilder {
        let query = [("catalog", "lakehouse"), ("schema", "main"), ("table", table)];
        self.client.post(format!("{}{path}", self.base)).query(&query).basic_auth(USER, Some(PASSWORD))
    }
}

impl Writer {
    fn new(number: u64) -> Self {
        let (rows, committed, counts) = (HashMap::new(), Vec::new(), Counts::default());
        Self { number, sent: 0, rows, committed, open: None, counts }
    }

    /// New rows of a table.
    fn fresh(&mut self, table: &'static str, count: u64) -> Vec<Row> {
        let first = self.sent;
        self.sent += count;
        (first..self.sent).map(|n| (table, n * WRITERS + self.number)).collect()
    }

    /// Sends requests until the server is gone.
    async fn write(mut self, place: Place) -> Self {
        loop {
            let table = TABLES[random(2) as usize];
            let value = self.sent * WRITERS + self.number;
            let answered = match random(4) {
                0 | 1 => self.append(&place, table, value).await,
                2 => self.upload(&place, table, value).await,
                _ => self.upsert(&place, table, value).await,
            };
            if !answered {
                return self;
            }
        }
    }

    async fn append(&mut self, place: &Place, table: &'static str, value: u64) -> bool {
        let rows = self.fresh(table, 1 + random(3));
        let sync = random(4) == 0;
        let body: Vec<Value> = rows.iter().map(|(_, id)| json!({"id": id, "value": value})).collect();
        let request = place.post("/append", table).query(&[("sync", sync)]).json(&body);
        self.counts.appends += 1;
        self.send(request, Sent { rows, value }, sync).await
    }

    async fn upload(&mut self, place: &Place, table: &'static str, value: u64) -> bool {
        let rows = self.fresh(table, 1 + random(5));
        let request = place.post("/upload", table).query(&[("mode", "create_append")]).body(csv(&rows, value));
        self.counts.uploads += 1;
        self.send(request, Sent { rows, value }, true).await
    }

    /// Rows that are there and some that are not, in one request.
    async fn upsert(&mut self, place: &Place, table: &'static str, value: u64) -> bool {
        let mut rows = self.fresh(table, 1 + random(2));
        let there: Vec<Row> = self.committed.iter().filter(|row| row.0 == table).copied().collect();
        let some = (0..if there.is_empty() { 0 } else { 6 }).map(|_| there[random(there.len() as u64) as usize]);
        rows.extend(some.collect::<HashSet<Row>>());
        let request = place.post("/upsert", table).query(&[("primary_key", "id")]).body(csv(&rows, value));
        self.counts.upserts += 1;
        self.send(request, Sent { rows, value }, true).await
    }

    /// Whether the server still answers.
    async fn send(&mut self, request: RequestBuilder, sent: Sent, commits: bool) -> bool {
        let answer = match request.send().await {
            Ok(answer) => (answer.status(), answer.text().await),
            Err(_) => {
                self.open = Some(sent);
                return false;
            }
        };
        match answer {
            (StatusCode::OK, Ok(text)) if !text.contains("\"ok\":false") => self.settle(sent, commits),
            // Refused because of other writers: nothing was done.
            (StatusCode::CONFLICT, Ok(_)) => self.counts.conflicts += 1,
            // The status had come, and the rest not.
            (_, Err(_)) => {
                self.open = Some(sent);
                return false;
            }
            (status, Ok(text)) => panic!("{status}: {text}"),
        }
        true
    }

    fn settle(&mut self, sent: Sent, committed: bool) {
        for row in sent.rows {
            if self.rows.insert(row, sent.value).is_none() && committed {
                self.committed.push(row);
            }
        }
    }

    /// Compares with what is there after a restart, when everything acknowledged is in its table.
    fn check(&mut self, found: &HashMap<Row, Vec<(u64, u64)>>) -> Result<(), String> {
        let once = |row: &Row, value: u64| found.get(row).is_some_and(|there| *there == [(value, 1)]);
        if let Some(sent) = self.open.take() {
            let before = |row: &Row| match self.rows.get(row) {
                Some(value) => once(row, *value),
                None => !found.contains_key(row),
            };
            if sent.rows.iter().all(|row| once(row, sent.value)) {
                self.settle(sent, true);
            } else if !sent.rows.iter().all(before) {
                let seen: Vec<_> = sent.rows.iter().map(|row| (row, self.rows.get(row), found.get(row))).collect();
                return Err(format!("a request of value {} is there in part: {seen:?}", sent.value));
            }
        }
        match self.rows.iter().find(|(row, value)| !once(row, **value)) {
            Some((row, value)) => Err(format!("{row:?} was given {value}, and is there as {:?}", found.get(row))),
            None => {
                self.committed = self.rows.keys().copied().collect();
                Ok(())
            }
        }
    }
}

fn csv(rows: &[Row], value: u64) -> String {
    let lines: String = rows.iter().map(|(_, id)| format!("{id},{value}\n")).collect();
    format!("id,value\n{lines}")
}

/// Takes care of the tables by hand, without a pause worth the name, until the server is gone; how often it was done.
async fn care(place: Place) -> u64 {
    let mut done = 0;
    loop {
        let table = TABLES[random(2) as usize];
        let what = ["OPTIMIZE", "OPTIMIZE", "CHECKPOINT", "VACUUM"][random(4) as usize];
        let request = place.client.post(format!("{}/query", place.base)).basic_auth(USER, Some(PASSWORD));
        let Ok(answer) = request.json(&json!({"statement": format!("{what} {table}")})).send().await else {
            return done;
        };
        // The table may not be there yet.
        done += u64::from(answer.text().await.is_ok_and(|text| !text.contains("\"error\"")));
        tokio::time::sleep(Duration::from_millis(20 + random(80))).await;
    }
}

/// Every row that is there: its values, and how often it has each of them.
async fn found(server: &Server) -> HashMap<Row, Vec<(u64, u64)>> {
    let mut found: HashMap<Row, Vec<(u64, u64)>> = HashMap::new();
    for table in TABLES {
        let answer = server.ask(&format!("SELECT id, value, count(*) FROM {table} GROUP BY id, value")).await;
        if let Some(error) = answer.error {
            assert!(error.to_string().contains("does not exist"), "{table} cannot be read: {error}");
        }
        for row in answer.rows {
            let number = |column: usize| row[column].as_u64().unwrap();
            found.entry((table, number(0))).or_default().push((number(1), number(2)));
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_rows_are_there_once_after_fifty_kills_amid_every_kind_of_writing() {
    let mut server = Server::start_in(tempfile::tempdir().unwrap(), &FLAGS);
    let mut writers: Vec<Writer> = (0..WRITERS).map(Writer::new).collect();
    let mut cared = 0;
    for round in 0..ROUNDS {
        let place = Place { client: server.client.clone(), base: server.base.clone() };
        let carer = tokio::spawn(care(place.clone()));
        let writing: Vec<_> = writers.drain(..).map(|writer| tokio::spawn(writer.write(place.clone()))).collect();
        tokio::time::sleep(Duration::from_millis(ROUND.0 + random(ROUND.1 - ROUND.0))).await;
        let dir = server.kill();
        for writer in writing {
            writers.push(writer.await.unwrap());
        }
        cared += carer.await.unwrap();
        server = Server::start_in(dir, &FLAGS);
        let found = found(&server).await;
        for writer in &mut writers {
            writer.check(&found).unwrap_or_else(|fault| panic!("round {round}: {fault}; log: {}", server.log()));
        }
        let foreign = found.keys().find(|row| !writers.iter().any(|writer| writer.rows.contains_key(row)));
        assert_eq!(foreign, None, "round {round}: a row that was never acknowledged, or refused, is there");
    }
    let of = |count: fn(&Counts) -> u64| writers.iter().map(|writer| count(&writer.counts)).sum::<u64>();
    let rows: usize = writers.iter().map(|writer| writer.rows.len()).sum();
    let (appends, uploads, upserts) = (of(|it| it.appends), of(|it| it.uploads), of(|it| it.upserts));
    println!(
        "{ROUNDS} kills: {rows} rows through {appends} appends, {uploads} uploads and {upserts} upserts, of which {} were \
         refused as conflicts; {cared} times care",
        of(|it| it.conflicts)
    );
    assert!(appends > 500 && uploads > 250 && upserts > 250 && cared > 50, "too little was going on to find anything");
    for table in TABLES {
        let optimised = format!("SELECT count(*) > 0 FROM table_history('{table}') WHERE operation = 'OPTIMIZE'");
        assert_eq!(server.rows(&optimised).await, json!([[true]]));
    }
    assert!(!server.log().contains("ERROR"), "{}", server.log());
}
