//! What only a socket shows: answers that break off, callers who go away, and the end of the server.

use std::sync::atomic::Ordering;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::server::Server;

/// A server on a free port, how to end it, and when it has ended.
async fn listening(server: &mut Server) -> (std::net::SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (end, ended) = oneshot::channel();
    let endpoint = server.take_endpoint();
    let running = tokio::spawn(async move {
        let end = async { ended.await.unwrap() };
        api::serve(listener, endpoint, end, Duration::from_secs(10)).await.unwrap();
    });
    (address, end, running)
}

async fn query(address: std::net::SocketAddr, body: &str) -> TcpStream {
    let credentials = BASE64_STANDARD.encode("testuser:testpass");
    let mut socket = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /query HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {credentials}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    socket.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    socket
}

/// Reads until `wanted` was seen.
async fn read_until(socket: &mut TcpStream, wanted: &str) {
    let mut seen = Vec::new();
    while !String::from_utf8_lossy(&seen).contains(wanted) {
        assert_ne!(socket.read_buf(&mut seen).await.unwrap(), 0, "{}", String::from_utf8_lossy(&seen));
    }
}

#[tokio::test]
async fn an_answer_that_fails_half_way_is_not_ended_properly() {
    let mut server = Server::start().await;
    let (address, _end, _running) = listening(&mut server).await;
    let mut text = String::new();
    query(address, r#"{"statement":"LATE","format":"csv"}"#).await.read_to_string(&mut text).await.unwrap();
    assert!(text.contains("2.25"), "what came before the failure is there: {text}");
    assert!(!text.contains("\r\n0\r\n"), "the last chunk would say that the answer is whole: {text}");
    let mut whole = query(address, r#"{"statement":"ROWS","format":"csv"}"#).await;
    read_until(&mut whole, "\r\n0\r\n\r\n").await;
}

#[tokio::test]
async fn a_query_ends_when_its_caller_hangs_up() {
    let mut server = Server::start().await;
    let (address, _end, _running) = listening(&mut server).await;
    let mut socket = query(address, r#"{"statement":"ENDLESS"}"#).await;
    read_until(&mut socket, "2.25").await;
    assert_eq!(server.engine.endless.load(Ordering::SeqCst), 1);
    drop(socket);
    while server.engine.endless.load(Ordering::SeqCst) > 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn the_end_lets_running_requests_finish_and_accepts_no_more() {
    let mut server = Server::start().await;
    let (address, end, running) = listening(&mut server).await;
    let mut busy = query(address, r#"{"statement":"ENDLESS"}"#).await;
    read_until(&mut busy, "2.25").await;
    end.send(()).unwrap();
    while TcpStream::connect(address).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(!running.is_finished(), "a request is running");
    drop(busy);
    running.await.unwrap();
    assert_eq!(server.engine.endless.load(Ordering::SeqCst), 0);
}

/// A client that sends everything before it reads must see why it was refused, and not a broken connection.
#[tokio::test]
async fn a_refused_body_is_read_to_its_end() {
    let mut server = Server::start().await;
    let (address, _end, _running) = listening(&mut server).await;
    let body = vec![b'1'; 32 * 1024 * 1024];
    for (path, credentials, status) in [
        ("/upload?catalog=lakehouse&schema=main&table=t", "testuser:testpass", "400 Bad Request"),
        ("/upload?catalog=lakehouse&schema=main&table=t", "testuser:wrong", "401 Unauthorized"),
        ("/query", "testuser:testpass", "413 Payload Too Large"),
    ] {
        let credentials = BASE64_STANDARD.encode(credentials);
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {credentials}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let mut socket = TcpStream::connect(address).await.unwrap();
        socket.write_all(head.as_bytes()).await.unwrap();
        socket.write_all(&body).await.unwrap();
        read_until(&mut socket, status).await;
    }
}
