//! Paths that nothing is served at.

use super::document::Operation;
use super::site::{BASIC, Site};
use super::wire::Message;

/// Paths around that of an operation. What they have in common is that no document has them.
fn around(site: &Site, operation: &Operation) -> Vec<String> {
    let path = &operation.path;
    let name = path.trim_start_matches('/');
    let first = name.split('/').next().unwrap();
    let candidates = [
        format!("{path}/no/such/path"),
        format!("{path}x"),
        format!("{path}/"),
        format!("{path}//"),
        format!("/{path}"),
        format!("/no-such-path{path}"),
        format!("/no-such-path/..{path}"),
        format!("/.{path}"),
        format!("{path}/."),
        format!("{path}/..{path}"),
        format!("/%2e%2e{path}"),
        format!("/%2F{name}"),
        format!("{path}%2F"),
        format!("{path}%00"),
        format!("{path}%ff"),
        format!("{path};x=1"),
        path.replacen(first, &first.to_uppercase(), 1),
        format!("/openapi{path}"),
        format!("/healthz{path}"),
    ];
    let unknown = |path: &String| site.operations.iter().all(|operation| !matches(&operation.template, path));
    candidates.into_iter().filter(unknown).collect()
}

/// Whether a path has the template's segments. Encoded ones stand for themselves here.
fn matches(template: &str, path: &str) -> bool {
    let (wanted, given): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    let fits = |(wanted, given): (&&str, &&str)| wanted == given || (wanted.starts_with('{') && !given.is_empty());
    wanted.len() == given.len() && wanted.iter().zip(&given).all(fits)
}

#[tokio::test]
async fn what_is_not_in_the_document_is_404() {
    let site = Site::open().await;
    for operation in &site.operations {
        let paths = around(&site, operation);
        assert!(paths.len() >= 13, "{paths:?}");
        for path in &paths {
            // Each product answers for what is below its own paths.
            let is_below = path.split('/').nth(1) == operation.path.split('/').nth(1);
            for method in ["GET", "POST", operation.method.as_str()] {
                let bare = Message::new(method, path);
                for message in [bare.clone(), bare.header("Authorization", BASIC).body("{}")] {
                    let reply = site.send(&message).await;
                    if is_below {
                        reply.judged(operation, 404, &format!("{method} {path}"));
                    }
                    assert!(reply.status == 404 && !reply.body.is_empty(), "{method} {path}: {reply:?}");
                }
            }
            let head = site.send(&Message::new("HEAD", path)).await;
            assert_eq!(head.status, 404, "HEAD {path}");
            let options = site.send(&Message::new("OPTIONS", path)).await;
            assert_eq!(options.status, 404, "OPTIONS {path}");
        }
    }
    site.is_as_before().await;
}

/// A letter may be written as its code: the path stays the same, and an answer must not depend on how it was written.
#[tokio::test]
async fn an_encoded_letter_is_the_letter_or_nothing() {
    let site = Site::open().await;
    for operation in &site.operations {
        let (start, rest) = operation.path.split_at(2);
        let encoded = format!("/%{:02x}{rest}", start.as_bytes()[1]);
        let status = site.send(&Message::new(&operation.method, &encoded)).await.status;
        let plain = site.send(&Message::new(&operation.method, &operation.path)).await.status;
        assert!(status == 404 || status == plain, "{encoded}: {status}, {}: {plain}", operation.path);
    }
    site.is_as_before().await;
}
