//! How a server ends.

use std::time::Duration;

use bytes::Bytes;
use futures::{StreamExt, stream};
use reqwest::Body;
use serde_json::json;

use crate::process::{Server, told};

#[tokio::test]
async fn an_idle_server_ends_at_once_on_either_signal() {
    for signal in ["TERM", "INT"] {
        let mut server = Server::start();
        // A connection that is kept open for the next request does not keep the server.
        assert_eq!(server.rows("SELECT 1::BIGINT").await, json!([[1]]));
        server.signal(signal);
        assert!(server.ended().await.success(), "{signal}");
    }
}

#[tokio::test]
async fn a_running_upload_is_finished_and_new_connections_are_not_taken() {
    let mut server = Server::start();
    let slow = stream::iter((0..20).map(|n| Bytes::from(if n == 0 { "n\n".to_owned() } else { format!("{n}\n") })))
        .then(|chunk| async move {
            tokio::time::sleep(Duration::from_millis(100)).await;
            Ok::<_, std::io::Error>(chunk)
        });
    let upload = tokio::spawn(told(server.upload("t", "create").body(Body::wrap_stream(slow))));
    tokio::time::sleep(Duration::from_millis(500)).await;
    server.signal("TERM");
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(server.get("/healthz").send().await.is_err(), "no new connections");
    let (status, text) = upload.await.unwrap();
    assert_eq!((status.as_u16(), text.as_str()), (200, ""));
    assert!(server.ended().await.success());
    let dir = server.kill();
    let again = Server::start_in(dir, &[]);
    assert_eq!(again.rows("SELECT count(*), sum(n)::BIGINT FROM t").await, json!([[19, 190]]));
}

#[tokio::test]
async fn the_grace_period_is_bounded_and_work_is_cancelled() {
    let mut server = Server::start_in(tempfile::tempdir().unwrap(), &["--shutdown-grace", "1"]);
    let statement = "SELECT sum(i) FROM range(1000000000000) t(i)";
    let mut response = server.query_with(json!({ "statement": statement })).await;
    response.chunk().await.unwrap().unwrap();
    server.signal("TERM");
    assert!(server.ended().await.success());
    let mut whole = true;
    while whole {
        match response.chunk().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("half an answer must not look whole"),
            Err(_) => whole = false,
        }
    }
}
