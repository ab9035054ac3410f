//! What is remembered of queries.

use std::time::Duration;

use futures::{StreamExt, TryStreamExt};
use model::{Access, Principal, Query, Rights};
use services::{Outcome, Parts, QueryLog, QueryLogLimits, RunQuery, Services, UNKNOWN_QUERY};

use crate::memory::{LIMITS, caller, restart, world};

fn named(statement: &str, id: &str) -> RunQuery {
    let mut run = RunQuery::new(Query::new(statement));
    run.query_id = Some(id.to_owned());
    run
}

async fn finished(services: &Services, principal: &Principal, statement: &str, id: &str) {
    let running = services.queries.run(principal, named(statement, id)).await.unwrap();
    running.rows.try_for_each(|_| async { Ok(()) }).await.unwrap();
}

#[tokio::test]
async fn a_query_is_found_while_it_runs_just_after_and_after_a_restart() {
    let world = world().await;
    let (queries, ann) = (&world.services.queries, caller(Access::Read));
    let mut running = queries.run(&ann, named("three batches", "q")).await.unwrap();
    running.rows.next().await.unwrap().unwrap();
    let found = queries.get(&ann, "q").await.unwrap();
    assert_eq!((found.status(), found.rows, found.statement.as_str()), ("running", 2, "three batches"));
    running.rows.try_for_each(|_| async { Ok(()) }).await.unwrap();
    let ended = queries.get(&ann, "q").await.unwrap();
    assert_eq!((ended.status(), ended.rows), ("finished", 6));
    queries.flush_log().await;
    let written = queries.get(&ann, "q").await.unwrap();
    assert_eq!(
        written.end,
        ended.end.map(|mut end| {
            // The file keeps microseconds.
            end.duration = Duration::from_micros(u64::try_from(end.duration.as_micros()).unwrap());
            end
        })
    );
    let world = restart(world.dir, world.storage);
    assert_eq!(world.services.queries.get(&ann, "q").await.unwrap().rows, 6);
}

#[tokio::test]
async fn endings_are_told_apart() {
    let world = world().await;
    let (queries, ann) = (&world.services.queries, caller(Access::Read));
    assert!(queries.run(&ann, named("selec", "wrong")).await.is_err());
    drop(queries.run(&ann, named("endless", "dropped")).await.unwrap());
    let _read = queries.run(&ann, named("endless", "stopped")).await.unwrap();
    queries.cancel_all();
    for (id, outcome, error) in [
        ("wrong", Outcome::Failed, "Parser Error: selec"),
        ("dropped", Outcome::Cancelled, "the caller went away before the answer was whole"),
        ("stopped", Outcome::Cancelled, "the query was cancelled"),
    ] {
        let end = queries.get(&ann, id).await.unwrap().end.unwrap();
        assert_eq!((end.outcome, end.error.as_deref()), (outcome, Some(error)), "{id}");
    }
    let usage = &world.services.usage;
    assert_eq!((usage.queries(Outcome::Failed), usage.queries(Outcome::Cancelled)), (1, 2));
}

#[tokio::test]
async fn others_queries_are_unknown_but_to_an_admin() {
    let world = world().await;
    let ann = caller(Access::Write);
    finished(&world.services, &ann, "three batches", "q").await;
    let bob = Principal::user("bob", Rights::up_to(Access::Write), Vec::new());
    let admin = Principal::user("root", Rights::up_to(Access::Admin), Vec::new());
    for flushed in [false, true] {
        assert_eq!(world.services.queries.get(&bob, "q").await.unwrap_err().code(), UNKNOWN_QUERY, "{flushed}");
        assert_eq!(world.services.queries.get(&admin, "q").await.unwrap().principal, "ann", "{flushed}");
        world.services.queries.flush_log().await;
    }
}

#[tokio::test]
async fn the_newest_of_an_id_is_found() {
    let world = world().await;
    let (queries, ann) = (&world.services.queries, caller(Access::Read));
    finished(&world.services, &ann, "three batches", "q").await;
    queries.flush_log().await;
    assert!(queries.run(&ann, named("selec", "q")).await.is_err());
    assert_eq!(queries.get(&ann, "q").await.unwrap().statement, "selec");
    queries.flush_log().await;
    assert_eq!(queries.get(&ann, "q").await.unwrap().statement, "selec");
}

#[tokio::test]
async fn limits_are_kept() {
    let world = world().await;
    let path = world.dir.path().join("small.sqlite");
    let open = |limits| {
        Services::new(Parts {
            metadata: crate::memory::metadata(&world.dir),
            query_log: QueryLog::open(&path, limits).unwrap(),
            storages: vec![world.storage.clone()],
            engine: world.engine.clone(),
            workers: formats::Workers::new(tokio::runtime::Handle::current(), 2),
            scratch: world.dir.path().to_owned(),
            default_database: model::DatabaseName::new("lakehouse").unwrap(),
            appends: services::AppendConfig::new(world.dir.path().join("journal")),
            secret_key: services::SecretKey::new([7; services::SecretKey::BYTES]),
            rules: services::DatabaseRules::default(),
            accounts: services::AccountsConfig::default(),
        })
    };
    let small = open(QueryLogLimits { bytes: 256 << 10, ..LIMITS });
    let ann = caller(Access::Read);
    for number in 0..200 {
        let statement = format!("selec {}", "x".repeat(10_000));
        assert!(small.queries.run(&ann, named(&statement, &number.to_string())).await.is_err());
    }
    small.queries.flush_log().await;
    // The writer tells that it has written before it cuts the log; a second time it has done both.
    assert!(small.queries.run(&ann, named("selec", "200")).await.is_err());
    small.queries.flush_log().await;
    assert_eq!(small.queries.get(&ann, "0").await.unwrap_err().code(), UNKNOWN_QUERY, "the oldest is gone");
    assert_eq!(small.queries.get(&ann, "200").await.unwrap().statement, "selec");
    drop(small);
    let forgetful = open(QueryLogLimits { age: Duration::ZERO, ..LIMITS });
    forgetful.queries.flush_log().await;
    forgetful.queries.flush_log().await;
    assert_eq!(forgetful.queries.get(&ann, "200").await.unwrap_err().code(), UNKNOWN_QUERY, "all are too old");
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let world = world().await;
    let mode = std::fs::metadata(world.dir.path().join("queries.sqlite")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_file_that_is_no_log_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("queries.sqlite");
    std::fs::write(&path, "not a database, and long enough to be read as the header of one that is broken ".repeat(20))
        .unwrap();
    let error = QueryLog::open(&path, LIMITS).err().unwrap();
    assert!(error.message().contains("queries.sqlite") && error.message().contains("move the file away"), "{error}");
}
