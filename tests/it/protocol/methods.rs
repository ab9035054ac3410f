//! Methods that a path does not serve, and those that every path does.

use super::document::Operation;
use super::site::{BASIC, Site};
use super::wire::{Message, Reply};

/// Those of the standard, a newer one, and some that no one knows.
const METHODS: [&str; 13] =
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY", "PROPFIND", "BREW", "get", "-"];

/// What a path serves beside its operations: `HEAD` where there is `GET`, and `OPTIONS`.
fn allowed(operation: &Operation) -> Vec<&str> {
    let documented = operation.path_methods.iter().map(String::as_str);
    let head = documented.clone().filter(|method| *method == "GET").map(|_| "HEAD");
    let mut allowed: Vec<&str> = documented.clone().chain(head).chain(["OPTIONS"]).collect();
    allowed.sort_unstable();
    allowed.dedup();
    allowed
}

#[tokio::test]
async fn what_a_path_does_not_serve_is_405_with_what_it_does() {
    let site = Site::open().await;
    for operation in &site.operations {
        let allowed = allowed(operation);
        for method in METHODS.into_iter().filter(|method| !allowed.contains(method)) {
            let bare = Message::new(method, &operation.path);
            for message in [bare.clone(), bare.header("Authorization", BASIC), operation.message().method(method)] {
                let reply = site.send(&message).await;
                assert_eq!(
                    (reply.status, reply.list("allow")),
                    (405, allowed.clone()),
                    "{}, {method}",
                    operation.label
                );
                if method != "HEAD" {
                    reply.judged(operation, 405, method);
                }
            }
        }
    }
    site.is_as_before().await;
}

#[tokio::test]
async fn options_lists_them_to_everybody() {
    let site = Site::open().await;
    for operation in &site.operations {
        for target in [operation.path.clone(), operation.target(&operation.required())] {
            let reply = site.send(&Message::new("OPTIONS", &target)).await;
            assert_eq!((reply.status, reply.list("allow")), (204, allowed(operation)), "{}", operation.label);
            assert!(reply.body.is_empty() && reply.header("x-request-id").is_some());
        }
    }
    site.is_as_before().await;
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let site = Site::open().await;
    for operation in site.operations.iter().filter(|operation| operation.method == "GET") {
        for message in [operation.message().header("Authorization", BASIC), operation.message()] {
            let get = site.send(&message).await;
            let head = site.send(&message.method("HEAD")).await;
            assert_eq!(compared(&get), compared(&head), "{}", operation.label);
        }
    }
}

/// Status and headers, without those that differ from one request to the next.
pub fn compared(reply: &Reply) -> (u16, Vec<(String, String)>) {
    let lasting =
        |(name, _): &&(String, String)| !matches!(name.as_str(), "date" | "x-request-id" | "transfer-encoding");
    let mut headers: Vec<_> = reply.headers.iter().filter(lasting).cloned().collect();
    headers.sort();
    (reply.status, headers)
}
