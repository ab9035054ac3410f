//! Who is not known learns nothing but that, and changes nothing.

use super::document::Operation;
use super::site::{BASIC, Site};
use super::wire::Message;

/// `testuser:wrong`, `nobody:testpass`, `testuser` without a colon.
const WRONG: [&str; 3] = ["dGVzdHVzZXI6d3Jvbmc=", "bm9ib2R5OnRlc3RwYXNz", "dGVzdHVzZXI="];

/// Lists of `Authorization` headers, none of which are credentials.
fn unfit() -> Vec<Vec<String>> {
    let of = |scheme: &str, payload: &str| vec![format!("{scheme} {payload}")];
    let known = BASIC.split_once(' ').unwrap().1;
    let mut lists =
        vec![vec![], of("Digest", known), of("Negotiate", known), of("Token", known), vec![known.to_owned()]];
    lists.extend(
        ["", "Basic", "Bearer", "Basic ", "Basic !!!", "Basic =", "\u{e4}\u{f6}", "Basic  : "]
            .map(|bare| vec![bare.to_owned()]),
    );
    lists.extend(WRONG.iter().flat_map(|payload| [of("Basic", payload), of("Bearer", payload)]));
    let wrong = format!("Basic {}", WRONG[0]);
    lists.extend([[BASIC, BASIC], [BASIC, &wrong], [&wrong, BASIC]].map(|two| two.map(str::to_owned).to_vec()));
    lists.push(of("Basic", &"A".repeat(40_000)));
    lists
}

/// The request as it should be, and wrong in every other way as well.
fn requests(operation: &Operation) -> Vec<Message> {
    let right = operation.message();
    let mut requests = vec![right.clone()];
    requests.push(right.target(&operation.path).body(""));
    requests.push(right.target(&format!("{}?x=1&x=2&%ff=%ff", operation.path)));
    if operation.takes_body() {
        requests.push(right.clone().without("Content-Type").header("Content-Type", "image/png"));
        requests.push(right.clone().body(b"\xff{\"".to_vec()));
        requests.push(right.clone().body(" ".repeat(2 << 20)));
    }
    for (name, value) in operation.single() {
        let mut twice = operation.required();
        twice.extend([(name.clone(), value.clone()), (name, value)]);
        requests.push(right.target(&operation.target(&twice)));
    }
    requests
}

#[tokio::test]
async fn without_credentials_everything_is_401() {
    let site = Site::open().await;
    let secured: Vec<_> = site.operations.iter().filter(|operation| operation.secured()).collect();
    assert!(!secured.is_empty());
    for operation in secured {
        for request in requests(operation) {
            for list in unfit() {
                let message =
                    list.iter().fold(request.clone(), |message, value| message.header("Authorization", value));
                let case = format!("{list:.80?} {:.80}", message.target);
                let reply = site.send(&message).await;
                reply.judged(operation, 401, &case);
                let challenge = reply.header("www-authenticate").unwrap_or_default();
                assert!(challenge.starts_with("Basic realm=\""), "{case}: {challenge}");
            }
        }
    }
    site.is_as_before().await;
}
