//! What a browser is told when a page of another origin calls.

use super::document::Operation;
use super::site::{BASIC, Site};
use super::wire::{Message, Reply};
use crate::process::program;

const APP: &str = "https://app.example.com";
const FLAGS: [&str; 4] = ["--cors-origin", "https://APP.example.com:443", "--cors-origin", "http://localhost:3000"];

/// The question that a browser asks before it sends the request.
fn preflight(operation: &Operation, origin: &str) -> Message {
    Message::new("OPTIONS", &operation.target(&operation.required()))
        .header("Origin", origin)
        .header("Access-Control-Request-Method", &operation.method)
        .header("Access-Control-Request-Headers", "authorization,content-type")
}

/// Whether a browser would let a page of `origin` read this.
fn readable(reply: &Reply, origin: &str) -> bool {
    reply.header("access-control-allow-origin").is_some_and(|allowed| allowed == "*" || allowed == origin)
}

fn has_none(reply: &Reply) -> bool {
    reply.headers.iter().all(|(name, _)| !name.starts_with("access-control-"))
}

#[tokio::test]
async fn an_allowed_page_asks_sends_and_reads() {
    let site = Site::with(&FLAGS).await;
    for (operation, origin) in
        site.operations.iter().flat_map(|operation| [(operation, APP), (operation, "http://localhost:3000")])
    {
        let asked = site.send(&preflight(operation, origin)).await;
        assert_eq!((asked.status, asked.header("vary")), (204, Some("origin")), "{}", operation.label);
        assert!(asked.body.is_empty() && readable(&asked, origin), "{asked:?}");
        assert!(asked.list("access-control-allow-methods").contains(&operation.method.as_str()), "{asked:?}");
        assert_eq!(asked.list("access-control-allow-methods"), asked.list("allow"));
        assert_eq!(asked.header("access-control-allow-headers"), Some("authorization,content-type"));
        assert!(asked.header("access-control-max-age").unwrap().parse::<u32>().unwrap() > 0);
        assert_eq!(asked.header("access-control-allow-credentials"), None, "what the browser keeps is not for pages");
        let unnamed = site.send(&preflight(operation, origin).without("Access-Control-Request-Headers")).await;
        let headers = unnamed.list("access-control-allow-headers");
        assert!(headers.contains(&"authorization") && headers.contains(&"content-type"), "{headers:?}");

        // 401, 404, 405, 415 and, where nothing is changed, success.
        let message = operation.message().header("Origin", origin);
        let signed = message.clone().header("Authorization", BASIC);
        let nowhere = message.target(&format!("{}/no/such/path", operation.path));
        let mut replies = vec![site.send(&message).await, site.send(&nowhere).await];
        replies.push(site.send(&message.method("BREW")).await);
        let foreign = signed.without("Content-Type").header("Content-Type", "image/png");
        replies.push(site.send(&foreign).await);
        for reply in &replies {
            assert!(readable(reply, origin), "{}: {reply:?}", operation.label);
            assert_eq!(reply.header("vary"), Some("origin"));
            let exposed = reply.list("access-control-expose-headers");
            for name in ["x-request-id", "allow", "www-authenticate", "content-type"] {
                let sent = reply.header(name).is_some();
                assert_eq!(exposed.contains(&name), sent, "{name} in {reply:?}");
            }
        }
    }
    site.is_as_before().await;
}

#[tokio::test]
async fn a_streamed_answer_can_be_read() {
    let site = Site::with(&FLAGS).await;
    let statement = "{\"statement\":\"SELECT i FROM range(100000) t(i)\"}";
    let message = Message::new("POST", "/query").header("Authorization", BASIC).header("Origin", APP).body(statement);
    let reply = site.send(&message).await;
    assert!(reply.status == 200 && readable(&reply, APP));
    assert_eq!(reply.text().lines().count(), 100_002);
}

#[tokio::test]
async fn other_pages_and_programs_see_no_difference() {
    let site = Site::with(&FLAGS).await;
    for operation in &site.operations {
        for origin in [
            "https://evil.example.com",
            "https://app.example.com.evil.example",
            "http://app.example.com",
            "https://app.example.com:8443",
            "HTTPS://APP.EXAMPLE.COM",
            "null",
            "*",
            "",
        ] {
            let asked = site.send(&preflight(operation, origin)).await;
            assert!(asked.status == 204 && has_none(&asked), "{origin}: {asked:?}");
            let refused = site.send(&operation.message().header("Origin", origin)).await;
            assert!(has_none(&refused), "{origin}: {refused:?}");
            assert_eq!(refused.header("vary"), Some("origin"), "a cache must not give it to an allowed page");
        }
        let program = site.send(&operation.message()).await;
        assert!(has_none(&program) && program.header("vary") == Some("origin"), "{program:?}");
    }
    site.is_as_before().await;
}

#[tokio::test]
async fn without_configuration_no_page_is_let_in() {
    let site = Site::open().await;
    for operation in &site.operations {
        for message in [preflight(operation, APP), operation.message().header("Origin", APP)] {
            let reply = site.send(&message).await;
            assert!(has_none(&reply) && reply.header("vary").is_none(), "{reply:?}");
        }
    }
}

#[tokio::test]
async fn a_star_lets_every_page_in() {
    let site = Site::with(&["--cors-origin", "*"]).await;
    for operation in &site.operations {
        for origin in [APP, "null"] {
            let asked = site.send(&preflight(operation, origin)).await;
            assert!(asked.status == 204 && readable(&asked, origin), "{asked:?}");
            let reply = site.send(&operation.message().header("Origin", origin)).await;
            assert!(readable(&reply, origin), "{reply:?}");
        }
    }
}

#[tokio::test]
async fn origins_come_from_the_environment_and_bad_ones_stop_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let start = |origins: &str| {
        let mut command = program();
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(folder.path().join("data"));
        command.env("BOATHOUSE_CORS_ORIGIN", origins).output().unwrap()
    };
    for (origins, told) in [
        ("example.com", "\"example.com\" cannot be read"),
        (
            "https://a.example,https://b.example/",
            "\"https://b.example/\" is more than scheme, host and port; write it as https://b.example",
        ),
        ("*,https://a.example", "give * alone"),
        ("https://*.example.com", "has a * in it"),
    ] {
        let ended = start(origins);
        let text = String::from_utf8(ended.stderr).unwrap();
        assert!(!ended.status.success() && text.contains(told) && text.contains("CORS"), "{origins}: {text}");
        assert!(ended.stdout.is_empty(), "it never listened");
    }
}
