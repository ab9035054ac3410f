//! Bodies under types that an operation does not take, and under those that it reads all the same.

use super::site::{BASIC, Site};

/// No operation takes any of these.
const FOREIGN: [&str; 9] = [
    "image/png",
    "video/mp4",
    "audio/mpeg",
    "font/woff2",
    "multipart/form-data; boundary=x",
    "application/pdf",
    "text/html; charset=utf-8",
    "no media type",
    "application/json, image/png",
];

#[tokio::test]
async fn a_foreign_type_is_415_with_what_would_do() {
    let site = Site::open().await;
    let with_body: Vec<_> = site.operations.iter().filter(|operation| operation.takes_body()).collect();
    assert!(!with_body.is_empty());
    for operation in with_body {
        let message = operation.message().without("Content-Type").header("Authorization", BASIC);
        let takes = operation.media_types();
        for foreign in FOREIGN.into_iter().filter(|one| !takes.iter().any(|taken| one.starts_with(taken))) {
            let reply = site.send(&message.clone().header("Content-Type", foreign)).await;
            reply.judged(operation, 415, foreign);
            let told = String::from_utf8_lossy(&reply.body).replace("\\\"", "\"");
            assert!(told.contains(&format!("\"{foreign}\"")) && told.contains("send"), "{foreign}: {told}");
            let wanted = &operation.media_types()[0];
            assert!(
                reply.list("accept").contains(&wanted.as_str()),
                "{}: {:?}",
                operation.label,
                reply.header("accept")
            );
        }
        let media_type = &operation.media_types()[0];
        let twice = message.clone().header("Content-Type", media_type).header("Content-Type", media_type);
        site.send(&twice).await.judged(operation, 415, "two types");
    }
    site.is_as_before().await;
}

/// Known clients send JSON like this. The body is no JSON, so that what is read of it is an error about JSON.
#[tokio::test]
async fn a_type_that_says_nothing_is_read_as_json() {
    let site = Site::open().await;
    for operation in site.operations.iter().filter(|operation| operation.takes_json()) {
        let message = operation.message().without("Content-Type").header("Authorization", BASIC).body("{\"a\": oops}");
        site.send(&message).await.judged(operation, 400, "no type");
        for media_type in [
            "",
            "application/json",
            "APPLICATION/JSON;charset=utf-8",
            "application/problem+json",
            "application/x-www-form-urlencoded",
            "text/plain;charset=UTF-8",
            "application/octet-stream",
        ] {
            let reply = site.send(&message.clone().header("Content-Type", media_type)).await;
            reply.judged(operation, 400, media_type);
            assert!(reply.text().contains("JSON"), "{media_type}: {}", reply.text());
        }
    }
    site.is_as_before().await;
}

#[tokio::test]
async fn compressed_json_is_refused_by_its_coding() {
    let site = Site::open().await;
    for operation in site.operations.iter().filter(|operation| operation.takes_json()) {
        let message = operation.message().header("Authorization", BASIC).body("{\"a\": oops}");
        let plain = site.send(&message.clone().header("Content-Encoding", "identity")).await;
        plain.judged(operation, 400, "identity");
        assert!(!plain.text().contains("Content-Encoding"), "{}", plain.text());
        let reply = site.send(&message.header("Content-Encoding", "gzip")).await;
        reply.judged(operation, 400, "gzip");
        assert!(reply.text().contains("send the JSON uncompressed"), "{}", reply.text());
    }
    site.is_as_before().await;
}
