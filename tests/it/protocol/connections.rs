//! What HTTP/1.1 and HTTP/1.0 ask of a connection.

use super::document::Operation;
use super::site::{BASIC, Site};
use super::wire::{Message, Wire};

fn health() -> Message {
    Message::new("GET", "/healthz")
}

/// A request that streams its answer.
fn query(statement: &str) -> Message {
    Message::new("POST", "/query").header("Authorization", BASIC).body(format!("{{\"statement\":\"{statement}\"}}"))
}

/// Requests of every operation that are refused before their body was read, with the status.
fn refused_early(operation: &Operation) -> Vec<(u16, Message)> {
    let body = "x".repeat(300_000);
    let mut messages = vec![
        (404, Message::new("POST", &format!("{}/no/such/path", operation.path)).body(body.clone())),
        (405, Message::new("PROPFIND", &operation.path).body(body.clone())),
    ];
    if operation.secured() && operation.takes_body() {
        messages.push((401, operation.message().body(body.clone())));
        let signed = operation.message().header("Authorization", BASIC);
        let foreign = signed.without("Content-Type").header("Content-Type", "image/png");
        messages.push((415, foreign.body(body)));
    }
    messages
}

#[tokio::test]
async fn a_connection_outlives_refusals_with_unread_bodies() {
    let site = Site::open().await;
    for operation in &site.operations {
        let mut wire = Wire::open(&site.server.base).await;
        for (status, message) in refused_early(operation) {
            let reply = wire.exchange(&message).await;
            assert_eq!(reply.status, status, "{}", operation.label);
            assert_eq!(reply.header("connection"), None, "{}", operation.label);
        }
        assert_eq!(wire.exchange(&health()).await.text(), "ok\n", "{}", operation.label);
    }
    site.is_as_before().await;
}

#[tokio::test]
async fn requests_that_are_sent_together_are_answered_in_order() {
    let site = Site::open().await;
    let mut wire = Wire::open(&site.server.base).await;
    let messages = [query("SELECT 41"), Message::new("GET", "/nope"), health(), query("SELECT 42"), health()];
    wire.write(&messages.iter().flat_map(Message::bytes).collect::<Vec<u8>>()).await;
    let mut replies = Vec::new();
    for message in &messages {
        replies.push(wire.read(&message.method).await);
    }
    assert_eq!(replies.iter().map(|reply| reply.status).collect::<Vec<_>>(), [200, 404, 200, 200, 200]);
    assert!(replies[0].text().ends_with("\n[41]\n") && replies[3].text().ends_with("\n[42]\n"));
}

/// Some answers are longer than what waits to be sent with others, and the caller reads none before all are asked for.
#[tokio::test]
async fn short_and_long_answers_keep_their_order() {
    const ROWS: usize = 200_000;
    let site = Site::open().await;
    let mut wire = Wire::open(&site.server.base).await;
    let long = query(&format!("SELECT range FROM range({ROWS})"));
    let messages: Vec<Message> = (0..8).flat_map(|_| [health(), query("SELECT 42"), long.clone()]).collect();
    wire.write(&messages.iter().flat_map(Message::bytes).collect::<Vec<u8>>()).await;
    for three in messages.chunks(3) {
        assert_eq!(wire.read(&three[0].method).await.text(), "ok\n");
        assert!(wire.read(&three[1].method).await.text().ends_with("\n[42]\n"));
        let rows = wire.read(&three[2].method).await;
        assert_eq!(
            rows.text().lines().count(),
            ROWS + 2,
            "a line about the query and one of names stand before the rows"
        );
        assert!(rows.text().ends_with(&format!("\n[{}]\n", ROWS - 1)));
    }
}

/// HTTP/1.0 knows no chunks: the end of the connection is the end of the answer.
#[tokio::test]
async fn old_clients_get_an_answer_that_ends_with_the_connection() {
    let site = Site::open().await;
    for (framing, message) in [("", query("SELECT 42")), ("Connection: keep-alive\r\n", query("SELECT 42"))] {
        let mut wire = Wire::open(&site.server.base).await;
        let length = format!("Content-Length: {}\r\n{framing}", message.body.len());
        let head = message.head(&length).replace("HTTP/1.1", "HTTP/1.0");
        wire.write(&[head.as_bytes(), &message.body].concat()).await;
        let answer = String::from_utf8(wire.rest().await).unwrap();
        assert!(answer.starts_with("HTTP/1.0 200 OK\r\n") || answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(!answer.to_ascii_lowercase().contains("transfer-encoding"), "{answer}");
        assert!(answer.ends_with("\n[42]\n"), "{answer}");
    }
    let mut wire = Wire::open(&site.server.base).await;
    wire.write(b"GET /healthz HTTP/1.0\r\n\r\n").await;
    let answer = String::from_utf8(wire.rest().await).unwrap();
    assert!(answer.ends_with("\r\n\r\nok\n"), "a request without Host is fine here: {answer}");
}

/// Two readers of these bytes could find different requests in them. One is answered, at most, and the rest is not read.
#[tokio::test]
async fn a_request_cannot_be_hidden_in_another() {
    let site = Site::open().await;
    let hidden = "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let start = format!("POST /query HTTP/1.1\r\nHost: localhost\r\nAuthorization: {BASIC}\r\n");
    for (framing, statuses) in [
        ("Content-Length: 4\r\nContent-Length: 5\r\n", &[400][..]),
        ("Content-Length: 4, 5\r\n", &[400]),
        ("Content-Length: +4\r\n", &[400]),
        ("Content-Length: -1\r\n", &[400]),
        ("Content-Length: 0x4\r\n", &[400]),
        ("Content-Length: 99999999999999999999\r\n", &[400, 413]),
        ("Transfer-Encoding: identity\r\n", &[400]),
        ("Transfer-Encoding: chunked, identity\r\n", &[400]),
        ("Transfer-Encoding: xchunked\r\n", &[400]),
        ("Transfer-Encoding : chunked\r\n", &[400]),
        ("Content-Length : 4\r\n", &[400]),
        (" Content-Length: 4\r\n", &[400]),
        ("X: a\r\n Content-Length: 4\r\n", &[400]),
        ("X: \0\r\n", &[400]),
        ("Content Length: 4\r\n", &[400]),
    ] {
        let mut wire = Wire::open(&site.server.base).await;
        wire.write(format!("{start}{framing}\r\n0\r\n\r\n{hidden}").as_bytes()).await;
        let reply = wire.read("POST").await;
        assert!(statuses.contains(&reply.status), "{framing:?}: {reply:?}");
        let rest = String::from_utf8_lossy(&wire.rest().await).into_owned();
        assert!(rest.is_empty(), "{framing:?}: the connection goes on with {rest:.200}");
    }
    for line in ["GET /healthz", "GET  /healthz HTTP/1.1", "GET /healthz HTTP/3.0", "GET /he althz HTTP/1.1", "\u{1}"] {
        let mut wire = Wire::open(&site.server.base).await;
        wire.write(format!("{line}\r\nHost: localhost\r\n\r\n").as_bytes()).await;
        let reply = wire.read("GET").await;
        assert!((400..=505).contains(&reply.status) && reply.status != 500, "{line:?}: {reply:?}");
        assert!(wire.rest().await.is_empty(), "{line:?}");
    }
    site.is_as_before().await;
}

/// Of two lengths the chunks count, as RFC 9112 has it, and whatever follows them is not taken for a request.
#[tokio::test]
async fn a_request_with_two_lengths_is_the_last_of_its_connection() {
    let site = Site::open().await;
    let hidden = "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let message = query("SELECT 42");
    for framing in
        ["Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n"]
    {
        let mut wire = Wire::open(&site.server.base).await;
        let chunks =
            format!("{:x}\r\n{}\r\n0\r\n\r\n{hidden}", message.body.len(), String::from_utf8_lossy(&message.body));
        wire.write([message.head(framing).as_bytes(), chunks.as_bytes()].concat().as_slice()).await;
        let reply = wire.read("POST").await;
        assert!(reply.status == 200 && reply.text().ends_with("\n[42]\n"), "{framing:?}: {reply:?}");
        assert!(wire.rest().await.is_empty(), "{framing:?}");
    }
    site.is_as_before().await;
}

#[tokio::test]
async fn one_host_is_named() {
    let site = Site::open().await;
    for (lines, status) in
        [("", 400), ("Host: a\r\nHost: b\r\n", 400), ("Host:\r\n", 200), ("Host: example.com\r\n", 200)]
    {
        let mut wire = Wire::open(&site.server.base).await;
        wire.write(format!("GET /healthz HTTP/1.1\r\n{lines}\r\n").as_bytes()).await;
        let reply = wire.read("GET").await;
        assert_eq!(reply.status, status, "{lines:?}");
        assert!(!reply.body.is_empty());
    }
    let mut wire = Wire::open(&site.server.base).await;
    wire.write(b"GET http://example.com/healthz HTTP/1.1\r\nHost: example.com\r\n\r\n").await;
    assert_eq!(wire.read("GET").await.status, 200, "a whole URL is a target, too");
}

/// Answers come whole and in one form: a part or another form that a client asks for is not refused, and not served.
#[tokio::test]
async fn ranges_and_forms_that_are_not_served_are_not_looked_at() {
    let site = Site::open().await;
    let plain = site.send(&Message::new("GET", "/openapi.json")).await;
    for (name, value) in [
        ("Range", "bytes=0-9"),
        ("Range", "bytes=99999999-"),
        ("Accept", "image/png"),
        ("Accept", "nonsense"),
        ("Accept-Language", "tlh"),
        ("Accept-Charset", "utf-16"),
        ("TE", "gzip"),
        ("Upgrade", "h2c"),
    ] {
        let reply = site.send(&Message::new("GET", "/openapi.json").header(name, value)).await;
        assert_eq!((reply.status, &reply.body), (200, &plain.body), "{name}: {value}");
        let answer = site.send(&query("SELECT 42").header(name, value)).await;
        assert_eq!(answer.header("content-type"), Some("application/x-ndjson"), "{name}: {value}");
        assert!(answer.text().ends_with("\n[42]\n"), "{name}: {value}");
    }
}

#[tokio::test]
async fn the_server_as_a_whole_has_options() {
    let site = Site::open().await;
    let reply = site.send(&Message::new("OPTIONS", "*")).await;
    assert_eq!(reply.status, 204);
    assert!(reply.body.is_empty() && reply.header("x-request-id").is_some());
}
