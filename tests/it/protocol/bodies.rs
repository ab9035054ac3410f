//! Bodies that cannot be read, and bodies that are too large.

use serde_json::{Map, Value, json};

use super::document::{Operation, resolved};
use super::site::{BASIC, Site};
use super::wire::{Message, Wire};

fn signed(operation: &Operation, body: impl Into<Vec<u8>>) -> Message {
    operation.message().header("Authorization", BASIC).body(body)
}

#[tokio::test]
async fn what_is_no_json_object_is_refused() {
    let site = Site::open().await;
    let objects = site.operations.iter().filter(|operation| operation.takes_object() && operation.needs_body());
    for operation in objects {
        let deep = format!("{{\"a\":{}", "[".repeat(200_000));
        let bodies: [&[u8]; 16] = [
            b"",
            b" \n",
            b"{",
            b"}",
            b"{\"a\":}",
            b"{\"a\":1,}",
            b"{'a':1}",
            b"{} {}",
            b"[]",
            b"[{}]",
            b"\"text\"",
            b"5",
            b"null",
            b"\xff\xfe{}",
            b"{\"a\":\"\xc3\"}",
            deep.as_bytes(),
        ];
        for body in bodies {
            let case = String::from_utf8_lossy(body).chars().take(40).collect::<String>();
            site.send(&signed(operation, body)).await.judged(operation, 400, &case);
        }
    }
    site.is_as_before().await;
}

/// Each property by itself in the wrong type, and each required one left out.
#[tokio::test]
async fn a_property_that_is_missing_or_cannot_be_read_is_named() {
    let site = Site::open().await;
    let mut tried = 0;
    for operation in site.operations.iter().filter(|operation| operation.takes_object()) {
        let media = &resolved(&operation.document, &operation.described["requestBody"])["content"]["application/json"];
        let schema = resolved(&operation.document, &media["schema"]);
        let example: Map<String, Value> = serde_json::from_slice(&operation.message().body).unwrap();
        let required = schema["required"].as_array().into_iter().flatten().map(|name| name.as_str().unwrap());
        let mut cases: Vec<(&str, Map<String, Value>)> = Vec::new();
        for name in required {
            let mut lacking = example.clone();
            lacking.remove(name);
            cases.push((name, lacking));
        }
        for (name, property) in schema["properties"].as_object().unwrap() {
            let wrong = match resolved(&operation.document, property)["type"].as_str() {
                Some("string") => json!({"x": 1}),
                Some(_) => json!("x"),
                None => continue,
            };
            let mut unfit = example.clone();
            unfit.insert(name.clone(), wrong);
            cases.push((name, unfit));
        }
        for (name, body) in cases {
            let body = Value::Object(body).to_string();
            let reply = site.send(&signed(operation, body.clone())).await;
            reply.judged(operation, 400, &body);
            let told = String::from_utf8_lossy(&reply.body);
            assert!(told.contains(&format!("`{name}`")), "{body}: {told}");
            tried += 1;
        }
    }
    assert!(tried > 0);
    site.is_as_before().await;
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_refused() {
    let site = Site::open().await;
    let files = site.operations.iter().filter(|operation| operation.needs_body() && !operation.takes_object());
    for operation in files {
        for media_type in operation.media_types() {
            let message = operation.message().without("Content-Type").header("Content-Type", &media_type);
            let message = message.header("Authorization", BASIC);
            for body in [&b""[..], b"a,b\n1,2\n3\n", b"{\"a\":", b"PAR1PAR1", b"a\n\xff\xfe\n", b"\x1f\x8b\x08\x00"] {
                let reply = site.send(&message.clone().body(body)).await;
                reply.refused(operation, &format!("{media_type}: {}", String::from_utf8_lossy(body)));
            }
        }
    }
    site.is_as_before().await;
}

/// The limit is 1 MiB; however a body comes, it is refused as soon as it is known to be larger.
#[tokio::test]
async fn a_body_over_the_limit_is_413() {
    let site = Site::open().await;
    let bounded: Vec<_> = site.operations.iter().filter(|operation| operation.takes_object()).collect();
    assert!(!bounded.is_empty());
    let large = " ".repeat((1 << 20) + 1);
    for operation in bounded {
        let message = signed(operation, large.clone());
        site.send(&message).await.judged(operation, 413, "with its length");

        let mut wire = Wire::open(&site.server.base).await;
        wire.write(message.head("Transfer-Encoding: chunked\r\n").as_bytes()).await;
        for chunk in large.as_bytes().chunks(100_000) {
            let chunk = [format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat();
            wire.write(&chunk).await;
        }
        wire.write(b"0\r\n\r\n").await;
        wire.read("POST").await.judged(operation, 413, "in chunks");

        // Who asks before sending is told no at once, and not to go on.
        let mut wire = Wire::open(&site.server.base).await;
        let framing = format!("Content-Length: {}\r\nExpect: 100-continue\r\n", large.len());
        wire.write(message.head(&framing).as_bytes()).await;
        wire.read("POST").await.judged(operation, 413, "expecting to be told to go on");

        let fits = signed(operation, format!("{}oops", " ".repeat((1 << 20) - 4)));
        site.send(&fits).await.judged(operation, 400, "as large as may be");
    }
    site.is_as_before().await;
}

/// A chunked body does not say its length: who waits for a word before sending it gets one.
#[tokio::test]
async fn who_expects_to_be_told_to_go_on_is_told() {
    let site = Site::open().await;
    for operation in site.operations.iter().filter(|operation| operation.takes_json()) {
        let message = signed(operation, "");
        let mut wire = Wire::open(&site.server.base).await;
        wire.write(message.head("Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n").as_bytes()).await;
        assert_eq!(wire.read("POST").await.status, 100);
        wire.write(b"4\r\noops\r\n0\r\n\r\n").await;
        wire.read("POST").await.judged(operation, 400, "after 100");
    }
    site.is_as_before().await;
}
