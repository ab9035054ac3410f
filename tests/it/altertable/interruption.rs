//! Clients that go away in the middle.

use std::time::Duration;

use bytes::Bytes;
use futures::{StreamExt, stream};
use reqwest::Body;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::process::{Server, until};

/// Some 2 MB of rows: past what any buffer on the way holds back.
fn rows(header: &str) -> String {
    (0..200_000).fold(header.to_owned(), |body, n| body + &format!("{n},{n}\n"))
}

async fn in_flight(server: &Server) -> bool {
    let page = server.get("/metrics").send().await.unwrap().text().await.unwrap();
    !page.contains("boathouse_http_requests_in_flight 0\n")
}

#[tokio::test]
async fn a_body_that_breaks_off_leaves_the_table_as_it_was() {
    let server = Server::start();
    server.load("t", "create", "id,n\n1,1\n").await;
    for mode in ["append", "overwrite", "create_append"] {
        let breaks = stream::iter([Ok(Bytes::from(rows("id,n\n"))), Err(std::io::Error::other("gone"))]);
        let failed = server.upload("t", mode).body(Body::wrap_stream(breaks)).send().await;
        assert!(failed.is_err() || !failed.unwrap().status().is_success(), "{mode}");
        until("the request has ended", async || !in_flight(&server).await).await;
        assert_eq!(server.rows("SELECT id, n FROM t").await, json!([[1, 1]]), "{mode}");
    }
}

#[tokio::test]
async fn a_promised_length_that_is_not_kept_is_no_upload() {
    let server = Server::start();
    let address = server.base.strip_prefix("http://").unwrap();
    let body = rows("id,n\n");
    for sent in [0, 5, body.len() / 2, body.len() - 1] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!(
            "POST /upload?catalog=lakehouse&schema=main&table=u&mode=create HTTP/1.1\r\nhost: {address}\r\n\
             authorization: Basic dGVzdHVzZXI6dGVzdHBhc3M=\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&body.as_bytes()[..sent]).await.unwrap();
        stream.flush().await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        drop(stream);
        until("the request has ended", async || !in_flight(&server).await).await;
        assert!(server.ask("SELECT * FROM u").await.error.is_some(), "{sent} bytes");
    }
}

#[tokio::test]
async fn a_client_that_stops_waiting_leaves_before_or_after() {
    let server = Server::start();
    server.load("t", "create", "id,n\n0,0\n").await;
    let body = Bytes::from(rows("id,n\n"));
    let mut expected = 1_u64;
    for milliseconds in [1, 5, 20, 50, 100, 200, 400] {
        let upload =
            server.upload("t", "append").timeout(Duration::from_millis(milliseconds)).body(body.clone()).send();
        let acknowledged = upload.await.is_ok_and(|response| response.status().is_success());
        until("the request has ended", async || !in_flight(&server).await).await;
        let counted = server.rows("SELECT count(*) FROM t").await[0][0].as_u64().unwrap();
        assert!(counted == expected + 200_000 || (counted == expected && !acknowledged), "{counted} after {expected}");
        expected = counted;
    }
}

#[tokio::test]
async fn an_endless_body_can_be_given_up() {
    let server = Server::start();
    let endless = stream::once(async { Bytes::from_static(b"n\n") })
        .chain(stream::repeat(Bytes::from("1\n".repeat(50_000))))
        .map(Ok::<_, std::io::Error>);
    let upload = server.upload("t", "create").timeout(Duration::from_secs(1)).body(Body::wrap_stream(endless));
    assert!(upload.send().await.is_err());
    until("the request has ended", async || !in_flight(&server).await).await;
    assert!(server.ask("SELECT * FROM t").await.error.is_some());
    let scratch = std::fs::read_dir(server.dir().join("data/scratch/uploads")).unwrap().count();
    assert_eq!(scratch, 0, "nothing of it is left in the scratch directory");
}
