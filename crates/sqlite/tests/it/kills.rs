//! A process that writes is killed at moments that nobody chose: what it acknowledged is there, once, and the file is sound.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arrow_array::{Int64Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use model::{Database, DatabaseId, Mark, Rows, Statement, Storage, TableName};
use sqlite::{SqliteConfig, SqliteStorage};

/// Rounds in a run of the tests; more with this in the environment.
const ROUNDS: usize = 50;
const MORE: &str = "BOATHOUSE_KILL_ROUNDS";
const DIRECTORY: &str = "BOATHOUSE_KILLED_DIRECTORY";
const INSERTERS: i64 = 6;
const APPENDERS: i64 = 2;

#[test]
fn leave_a_sound_file_and_everything_that_was_acknowledged() {
    let directory = tempfile::tempdir().unwrap();
    let rounds = std::env::var(MORE).ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(ROUNDS);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let db = open(directory.path(), true).await;
        run(db.as_ref(), "CREATE TABLE inserted (id INTEGER PRIMARY KEY, writer INTEGER, filler TEXT)").await;
    });
    let mut inserted: Vec<i64> = Vec::new();
    let mut appended = [-1_i64; APPENDERS as usize];
    for round in 0..rounds {
        // Lengths that follow no pattern, the same in each run.
        let life = Duration::from_millis(20 + (round as u64 * 7919) % 180);
        for line in acknowledged(directory.path(), life) {
            let (kind, number) = line.split_once(' ').expect("a kind and a number");
            let number: i64 = number.parse().expect("a number");
            match kind {
                "inserted" => inserted.push(number),
                _ => {
                    let (writer, position) = (number % APPENDERS, number / APPENDERS);
                    appended[writer as usize] = appended[writer as usize].max(position);
                }
            }
        }
        look(directory.path(), &inserted, round);
        runtime.block_on(look_at_appends(directory.path(), &appended, round));
    }
    assert!(inserted.len() > rounds, "the writers came to write: {} rows", inserted.len());
    assert!(appended.iter().all(|position| *position >= 0), "the appenders came to append: {appended:?}");
}

/// Starts a process that writes, kills it, and answers with what it acknowledged until then.
fn acknowledged(directory: &Path, life: Duration) -> Vec<String> {
    let mut child: Child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kills::writes_until_it_is_killed", "--ignored", "--nocapture"])
        .env(DIRECTORY, directory)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut told = Vec::new();
    let is_told = |line: &String| line.starts_with("inserted ") || line.starts_with("appended ");
    // From the first acknowledgement on, so that it is killed while it writes.
    for line in lines.by_ref() {
        let line = line.unwrap();
        if is_told(&line) {
            told.push(line);
            break;
        }
    }
    let rest = std::thread::spawn(move || lines.map_while(Result::ok).collect::<Vec<_>>());
    std::thread::sleep(life);
    child.kill().unwrap();
    child.wait().unwrap();
    // A line that was cut off by the kill was not told.
    told.extend(rest.join().unwrap().into_iter().filter(|line| is_told(line) && line.ends_with(".")));
    told.iter().map(|line| line.trim_end_matches('.').to_owned()).collect()
}

fn look(directory: &Path, inserted: &[i64], round: usize) {
    let file = directory.join("databases/killed/main.sqlite");
    let outside = rusqlite::Connection::open(file).unwrap();
    let check: String = outside.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok", "after round {round}");
    let mut find = outside.prepare("SELECT EXISTS (SELECT 1 FROM inserted WHERE id = ?1)").unwrap();
    for id in inserted {
        assert!(find.query_row([id], |row| row.get::<_, bool>(0)).unwrap(), "row {id} is lost after round {round}");
    }
}

/// Every appender's rows are 0 to its mark, each once, and the mark is where it was told to be or beyond.
async fn look_at_appends(directory: &Path, told: &[i64], round: usize) {
    let db = open(directory, false).await;
    for (writer, told) in (0..).zip(told) {
        let mark = db.mark(&appended(), &format!("writer {writer}")).await.unwrap();
        let mark = mark.map_or(-1, |mark| i64::try_from(mark).unwrap());
        assert!(mark >= *told, "round {round}: writer {writer} was told {told} and its mark is {mark}");
        if mark < 0 {
            continue;
        }
        let file = rusqlite::Connection::open(directory.join("databases/killed/main.sqlite")).unwrap();
        let sql = "SELECT count(*), count(DISTINCT position), max(position) FROM appended WHERE writer = ?1";
        let found: (i64, i64, i64) =
            file.query_row(sql, [writer], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
        assert_eq!(found, (mark + 1, mark + 1, mark), "round {round}: each row of writer {writer} once");
    }
}

fn appended() -> TableName {
    TableName::new("main", "appended").unwrap()
}

async fn open(directory: &Path, create: bool) -> Arc<dyn Database> {
    let storage = SqliteStorage::open(SqliteConfig::new(directory.join("databases"), directory)).unwrap();
    let id = DatabaseId::new("killed").unwrap();
    if create {
        storage.create(&id).await.unwrap();
    }
    storage.open(&id).await.unwrap()
}

async fn run(db: &dyn Database, sql: &str) {
    db.execute(Statement::new(sql)).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// What the killed process does; nothing where it was not started for that.
#[test]
#[ignore = "a part of the test above"]
fn writes_until_it_is_killed() {
    let Some(directory) = std::env::var_os(DIRECTORY) else { return };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let db = open(Path::new(&directory), false).await;
        let out = Arc::new(Mutex::new(std::io::stdout()));
        let tell = move |line: String| {
            let mut out = out.lock().unwrap();
            out.write_all(line.as_bytes()).unwrap();
            out.flush().unwrap();
        };
        let inserters = (0..INSERTERS).map(|writer| {
            let (db, tell) = (Arc::clone(&db), tell.clone());
            tokio::spawn(async move {
                loop {
                    let sql = format!(
                        "INSERT INTO inserted (writer, filler) VALUES ({writer}, hex(randomblob(200))) RETURNING id"
                    );
                    let rows = db.execute(Statement::new(sql)).await.unwrap().rows.collect().await.unwrap();
                    let ids = rows[0].column(0).as_any().downcast_ref::<Int64Array>().unwrap().clone();
                    tell(format!("inserted {}.\n", ids.value(0)));
                }
            })
        });
        let appenders = (0..APPENDERS).map(|writer| {
            let (db, tell) = (Arc::clone(&db), tell.clone());
            tokio::spawn(async move {
                let name = format!("writer {writer}");
                let mark = db.mark(&appended(), &name).await.unwrap();
                for position in mark.map_or(0, |mark| mark + 1).. {
                    let mark = Mark { writer: name.clone(), position };
                    let done = db.append(&appended(), one(writer, position), mark).await.unwrap();
                    assert!(done.applied);
                    tell(format!("appended {}.\n", i64::try_from(position).unwrap() * APPENDERS + writer));
                }
            })
        });
        let all: Vec<_> = inserters.chain(appenders).collect();
        futures::future::join_all(all).await;
    });
}

fn one(writer: i64, position: u64) -> Rows {
    let number = |name: &str| Field::new(name, DataType::Int64, true);
    let schema = Arc::new(Schema::new(vec![number("writer"), number("position")]));
    let columns: Vec<arrow_array::ArrayRef> = vec![
        Arc::new(Int64Array::from(vec![writer])),
        Arc::new(Int64Array::from(vec![i64::try_from(position).unwrap()])),
    ];
    Rows::from_batches(schema.clone(), vec![RecordBatch::try_new(schema, columns).unwrap()])
}
