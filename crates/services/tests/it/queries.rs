//! Running, watching and stopping queries.

use std::sync::atomic::Ordering;
use std::time::Duration;

use futures::StreamExt;
use model::{Access, ErrorKind, Query};
use services::{Cancelling, RunQuery, UNKNOWN_QUERY};

use crate::memory::{caller, world};

fn statement(text: &str) -> RunQuery {
    RunQuery::new(Query::new(text))
}

#[tokio::test]
async fn a_query_is_listed_for_as_long_as_it_runs() {
    let world = world().await;
    let queries = &world.services.queries;
    let ann = caller(Access::Read);
    let mut run = statement("three batches");
    run.query_id = Some("q1".to_owned());
    run.session_id = Some("s1".to_owned());
    let mut running = queries.run(&ann, run).await.unwrap();
    assert_eq!((running.query_id.as_str(), running.session_id.as_str()), ("q1", "s1"));
    let listed = queries.running();
    assert_eq!((listed[0].query_id.as_str(), listed[0].principal.as_str()), ("q1", "ann"));
    let mut rows = 0;
    while let Some(batch) = running.rows.next().await {
        rows += batch.unwrap().num_rows();
    }
    assert_eq!(rows, 6);
    assert_eq!(queries.running_count(), 0, "it leaves at the end of its rows, before they are dropped");
    assert_eq!(world.services.usage.answered_rows(), 6);
}

#[tokio::test]
async fn ids_are_made_where_none_are_given() {
    let world = world().await;
    let one = world.services.queries.run(&caller(Access::Read), statement("endless")).await.unwrap();
    let other = world.services.queries.run(&caller(Access::Read), statement("endless")).await.unwrap();
    assert_eq!(one.query_id.len(), 36);
    assert_ne!(one.query_id, other.query_id);
    assert_ne!(one.session_id, other.session_id);
}

#[tokio::test]
async fn dropping_the_rows_stops_the_work() {
    let world = world().await;
    let mut running = world.services.queries.run(&caller(Access::Read), statement("endless")).await.unwrap();
    running.rows.next().await.unwrap().unwrap();
    assert_eq!(world.services.queries.running_count(), 1);
    assert!(!world.engine.stopped.load(Ordering::SeqCst));
    drop(running);
    assert!(world.engine.stopped.load(Ordering::SeqCst));
    assert_eq!(world.services.queries.running_count(), 0);
}

#[tokio::test]
async fn a_cancelled_query_ends_with_an_error() {
    let world = world().await;
    let queries = &world.services.queries;
    let mut run = statement("endless");
    run.query_id = Some("mine".to_owned());
    run.session_id = Some("s".to_owned());
    let mut first = queries.run(&caller(Access::Read), run.clone()).await.unwrap();
    let mut second = queries.run(&caller(Access::Read), run).await.unwrap();
    let mut stranger = caller(Access::Write);
    stranger.name = "bob".into();
    assert_eq!(queries.cancel(&stranger, "mine", "s").await.unwrap_err().code(), UNKNOWN_QUERY, "not bob's");
    assert_eq!(queries.cancel(&caller(Access::Read), "another", "s").await.unwrap_err().code(), UNKNOWN_QUERY);
    assert_eq!(queries.cancel(&caller(Access::Read), "mine", "t").await.unwrap(), Cancelling::OtherSession);
    assert_eq!(queries.running_count(), 2);
    assert_eq!(queries.cancel(&caller(Access::Read), "mine", "s").await.unwrap(), Cancelling::Over);
    assert_eq!(queries.running_count(), 0, "both that run under the id");
    assert!(world.engine.stopped.load(Ordering::SeqCst), "although nobody read");
    for running in [&mut first, &mut second] {
        assert_eq!(running.rows.next().await.unwrap().unwrap_err().kind(), ErrorKind::Cancelled);
        assert!(running.rows.next().await.is_none());
    }
    assert_eq!(queries.running_count(), 0);
}

#[tokio::test]
async fn a_query_is_cancelled_while_it_is_planned() {
    let world = world().await;
    let queries = world.services.queries.clone();
    let planning = tokio::spawn(async move { queries.run(&caller(Access::Read), statement("slow plan")).await });
    while world.services.queries.running_count() == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    world.services.queries.cancel_all();
    assert_eq!(planning.await.unwrap().unwrap_err().kind(), ErrorKind::Cancelled);
    assert!(world.engine.stopped.load(Ordering::SeqCst));
    assert_eq!(world.services.queries.running_count(), 0);
}

#[tokio::test]
async fn sql_reaches_what_the_caller_may() {
    let world = world().await;
    let queries = &world.services.queries;
    let refused = queries.run(&caller(Access::Write), statement("create database shop")).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Forbidden);
    queries.run(&caller(Access::Admin), statement("create database shop")).await.unwrap();
    world.services.databases.open(&caller(Access::Read), "shop", Access::Read).await.unwrap();
    queries.run(&caller(Access::Admin), statement("drop database shop")).await.unwrap();
    let wrong = queries.run(&caller(Access::Admin), statement("selec")).await.unwrap_err();
    assert_eq!(wrong.message(), "Parser Error: selec");
    assert_eq!(queries.running_count(), 0);
    assert!(queries.validate(&caller(Access::Read), statement("three batches")).await.is_ok());
    assert!(queries.validate(&caller(Access::Read), statement("selec")).await.is_err());
}
