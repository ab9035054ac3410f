//! Query strings that are missing something, say it twice, or are far too long.

use super::document::Operation;
use super::site::{BASIC, Site};
use super::wire::{Message, Reply};

async fn send(site: &Site, operation: &Operation, target: &str) -> Reply {
    site.send(&operation.message().target(target).header("Authorization", BASIC)).await
}

#[tokio::test]
async fn a_parameter_that_is_missing_or_cannot_be_read_is_named() {
    let site = Site::open().await;
    let mut tried = 0;
    for operation in &site.operations {
        let required = operation.required();
        for (name, value) in operation.single() {
            let others: Vec<_> = required.iter().filter(|(other, _)| *other != name).cloned().collect();
            let mut cases = vec![];
            if others.len() < required.len() {
                cases.push(operation.target(&others));
            }
            let with = |pairs: &[(&str, &str)]| {
                let own = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
                operation.target(&others.iter().cloned().chain(own).collect::<Vec<_>>())
            };
            cases.push(with(&[(&name, &value), (&name, &value)]));
            cases.push(with(&[(&name, &value), (&name, "other")]));
            let separator = if others.is_empty() { '?' } else { '&' };
            cases.push(format!("{}{separator}{name}=%ff%fe", operation.target(&others)));
            for target in cases {
                let reply = send(&site, operation, &target).await;
                reply.judged(operation, 400, &target);
                let told = String::from_utf8_lossy(&reply.body);
                assert!(told.contains(&format!("`{name}`")), "{target}: {told}");
                tried += 1;
            }
        }
    }
    assert!(tried > 0);
    site.is_as_before().await;
}

/// Clients add parameters of their own, and later versions of a product as well: the answer is that without them. The body
/// is empty or is not asked for, so that nothing is changed.
#[tokio::test]
async fn parameters_that_no_one_knows_do_not_matter() {
    let site = Site::open().await;
    let in_need: Vec<_> = site.operations.iter().filter(|operation| operation.needs_body()).collect();
    assert!(!in_need.is_empty());
    for operation in in_need {
        let message = operation.message().header("Authorization", BASIC).body("");
        let plain = site.send(&message).await;
        plain.refused(operation, "an empty body");
        let separator = if message.target.contains('?') { '&' } else { '?' };
        for more in ["nope=1", "nope=1&nope=2", "nope", "&&&", "=", "%", "%zz=%", "nope=%ff", "a[]=1", "%00=%00", "?"] {
            let target = format!("{}{separator}{more}", message.target);
            let reply = site.send(&message.target(&target)).await;
            assert_eq!((reply.status, reply.text()), (plain.status, plain.text()), "{target}");
        }
    }
    site.is_as_before().await;
}

#[tokio::test]
async fn a_head_that_is_too_long_is_told_so() {
    let site = Site::open().await;
    for operation in &site.operations {
        // Up to here the request is read, and refused for what it lacks.
        let long = format!("{}?nope={}", operation.path, "x".repeat(60_000));
        let reply = site.send(&Message::new(&operation.method, &long)).await;
        if operation.secured() {
            reply.judged(operation, 401, "a URL of 60,000 characters");
        }
        let longer = format!("{}?nope={}", operation.path, "x".repeat(70_000));
        assert_eq!(site.send(&Message::new(&operation.method, &longer)).await.status, 414);
        let message = Message::new(&operation.method, &operation.path);
        assert_eq!(site.send(&message.clone().header("X-Long", &"x".repeat(1 << 20))).await.status, 431);
        let many = (0..1000).fold(message, |message, number| message.header(&format!("X-{number}"), "x"));
        assert_eq!(site.send(&many).await.status, 431);
    }
    site.is_as_before().await;
}
