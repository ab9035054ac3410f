//! One durable commit for many requests.

use std::time::Instant;

use rusqlite::Connection;

use super::{BESIDE_OTHERS, Job, Ran, Uncommitted};
use crate::connection::Guarded;

type Jobs = Vec<Box<dyn Job>>;
type Committed = Result<(), Uncommitted>;

/// What a transaction came to.
enum End {
    /// So many requests, from the first on, are durable; for the others it was too late.
    Committed(usize),
    /// SQLite gave the transaction up because of this request, which knows its own failure.
    GivenUp(usize),
    /// This request takes too long beside others.
    TooLong(usize),
    /// Nothing was committed.
    Failed(Uncommitted),
}

/// Runs requests, each in a savepoint of its own, and commits once where that can be; answers with what came of each.
pub fn together(connection: &Guarded, mut crowd: Jobs) -> Vec<(Box<dyn Job>, Committed)> {
    let mut answers = Vec::with_capacity(crowd.len());
    let mut apart = Jobs::new();
    while !crowd.is_empty() {
        match transact(connection, &mut crowd) {
            End::Committed(count) => answers.extend(crowd.drain(..count).map(|job| (job, Ok(())))),
            End::GivenUp(place) => answers.push((crowd.remove(place), Ok(()))),
            End::TooLong(place) => apart.push(crowd.remove(place)),
            // A constraint that is looked at last: whose change it was comes out one by one.
            End::Failed(cause) if cause.constraint && crowd.len() > 1 => apart.append(&mut crowd),
            End::Failed(cause) => answers.extend(crowd.drain(..).map(|job| (job, Err(cause.clone())))),
        }
        if crowd.is_empty() && !apart.is_empty() {
            crowd.push(apart.remove(0));
        }
    }
    answers
}

fn transact(connection: &Guarded, jobs: &mut Jobs) -> End {
    let sqlite = &connection.sqlite;
    let within = (jobs.len() > 1).then_some(BESIDE_OTHERS);
    if let Err(cause) = run(sqlite, "BEGIN IMMEDIATE") {
        return End::Failed(cause.into());
    }
    let start = Instant::now();
    let mut count = 0;
    for job in jobs.iter_mut() {
        // Whoever came first has waited long enough.
        if within.is_some_and(|within| start.elapsed() > within) {
            break;
        }
        if let Err(cause) = run(sqlite, "SAVEPOINT request") {
            return failed(sqlite, cause);
        }
        let ran = job.run(connection, within);
        let outcome = match (ran, sqlite.is_autocommit()) {
            (Ran::TooLong, _) => {
                let _ = rolled_back(sqlite);
                return End::TooLong(count);
            }
            (Ran::Undone, true) => return End::GivenUp(count),
            (Ran::Undone, false) => run(sqlite, "ROLLBACK TO request").and_then(|()| run(sqlite, "RELEASE request")),
            (Ran::Kept, _) => run(sqlite, "RELEASE request"),
        };
        if let Err(cause) = outcome {
            return failed(sqlite, cause);
        }
        count += 1;
    }
    match run(sqlite, "COMMIT") {
        Ok(()) => End::Committed(count),
        Err(cause) => failed(sqlite, cause),
    }
}

fn failed(sqlite: &Connection, cause: rusqlite::Error) -> End {
    let _ = rolled_back(sqlite);
    End::Failed(cause.into())
}

fn run(sqlite: &Connection, sql: &str) -> rusqlite::Result<()> {
    sqlite.prepare_cached(sql)?.raw_execute().map(drop)
}

/// Undoes what is not committed.
pub fn rolled_back(sqlite: &Connection) -> rusqlite::Result<()> {
    if sqlite.is_autocommit() { Ok(()) } else { sqlite.execute_batch("ROLLBACK") }
}
