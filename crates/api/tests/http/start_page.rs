//! `GET /`

use api::{Product, document};
use poem::Request;
use poem::http::Method;
use serde_json::{Map, Value};

use crate::server::{Answer, Server};

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

async fn page(headers: &[(&str, &str)]) -> Answer {
    let server = Server::start().await;
    let request = Request::builder().method(Method::GET).uri_str("/");
    server.send(headers.iter().fold(request, |it, (name, value)| it.header(*name, *value)).finish()).await
}

/// As HTML writes it, for the characters that documents have.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\'', "&#39;").replace('"', "&quot;")
}

/// Backticks become elements; this compares words.
fn words(text: &str) -> String {
    text.replace("<code>", "").replace("</code>", "").replace('`', "")
}

#[tokio::test]
async fn every_operation_of_every_product_is_listed() {
    let answer = page(&[("accept", "text/html")]).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let text = words(answer.text());
    let mut listed = 0;
    for &product in Product::ALL {
        let document: Value = serde_json::from_str(document(Some(product)).to_json()).unwrap();
        let section = text.split(&format!("id=\"{product}\"")).nth(1).unwrap().split("</section>").next().unwrap();
        assert!(section.contains(&format!(">{}</h2>", product.title())));
        for file in [format!("openapi/{product}.json"), format!("openapi/{product}.yaml")] {
            assert!(section.contains(&format!("href=\"{file}\"")), "{file}");
        }
        for (path, entries) in document["paths"].as_object().unwrap() {
            let operations = METHODS.iter().filter_map(|method| Some((method, entries.get(method)?.as_object()?)));
            for (method, operation) in operations {
                assert_listed(section, method, path, operation);
                listed += 1;
            }
        }
        for tag in document["tags"].as_array().unwrap() {
            let described = words(&escaped(tag["description"].as_str().unwrap()));
            assert!(section.contains(&described), "{described}");
        }
    }
    assert_eq!(text.matches("<span class=\"id\">").count(), listed);
    assert!(text.contains(env!("CARGO_PKG_VERSION")));
}

fn assert_listed(section: &str, method: &str, path: &str, operation: &Map<String, Value>) {
    let written = |key: &str| words(&escaped(operation[key].as_str().unwrap()));
    let id = written("operationId");
    let entries = section.split("<li>").filter(|entry| entry.contains(&format!(">{id}</span>")));
    let [entry] = entries.collect::<Vec<_>>()[..] else { panic!("{id} stands there once") };
    assert!(entry.contains(&format!(">{}</span>", method.to_uppercase())), "{entry}");
    assert!(entry.contains(&format!(">{}</span>", escaped(path))), "{entry}");
    assert!(entry.contains(&format!(">{}</span>", written("summary"))), "{entry}");
    assert!(entry.contains("href=\"docs/?urls.primaryName=") && entry.contains(&format!("/{id}\"")), "{entry}");
}

#[tokio::test]
async fn nothing_is_loaded_from_elsewhere_and_nothing_runs() {
    let answer = page(&[]).await;
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none';") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(!policy.contains("script-src") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    let text = answer.text();
    for refused in ["<script", "<style", " style=", " onclick=", "javascript:", "href=\"http", "src=\"http", "\"//"] {
        assert!(!text.contains(refused), "{refused}");
    }
}

#[tokio::test]
async fn its_links_lead_somewhere() {
    let server = Server::start().await;
    let root = server.send(Request::builder().uri_str("/").finish()).await;
    let targets = ["href=\"", "src=\""].into_iter().flat_map(|quote| root.text().split(quote).skip(1));
    let mut files = 0;
    for target in targets.map(|rest| rest.split(['"', '#', '?']).next().unwrap()).filter(|target| !target.is_empty()) {
        assert!(!target.starts_with('/'), "{target} would leave the prefix of a proxy");
        let found = server.send(Request::builder().uri_str(format!("/{target}")).finish()).await;
        assert_eq!(found.status, 200, "{target}");
        files += 1;
    }
    assert!(files > 5);
    for anchor in root.text().split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(root.text().contains(&format!(" id=\"{anchor}\"")), "#{anchor}");
    }
}

#[tokio::test]
async fn the_lines_to_copy_have_the_readers_address_and_no_secret() {
    let plain = page(&[("host", "data.example:8080")]).await;
    assert!(plain.text().contains("curl -u NAME http://data.example:8080/query "), "{}", plain.text());
    let proxied = [("host", "10.0.0.1"), ("x-forwarded-proto", "https"), ("x-forwarded-host", "data.example")];
    let proxied = page(&[&proxied[..], &[("x-forwarded-prefix", "/boathouse")]].concat()).await;
    assert!(proxied.text().contains("'https://data.example/boathouse/upload?"), "{}", proxied.text());
    for hostile in ["<script>alert(1)</script>", "a\"b", "a'b;reboot", "$(reboot)", "a b"] {
        let answer = page(&[("host", "safe.example"), ("x-forwarded-host", hostile)]).await;
        assert!(!answer.text().contains(hostile), "{hostile}");
        assert!(answer.text().contains("http://safe.example/query"), "{hostile}");
    }
}

#[tokio::test]
async fn a_page_that_is_known_is_not_sent_again() {
    let first = page(&[("host", "a.example")]).await;
    let tag = first.header("etag").unwrap();
    assert_eq!(first.header("cache-control"), Some("no-cache"));
    let again = page(&[("host", "a.example"), ("if-none-match", tag)]).await;
    assert_eq!((again.status, again.text()), (304, ""));
    let elsewhere = page(&[("host", "b.example"), ("if-none-match", tag)]).await;
    assert_eq!(elsewhere.status, 200);
}

#[tokio::test]
async fn head_is_answered_without_a_body() {
    let server = Server::start().await;
    let answer = server.send(Request::builder().method(Method::HEAD).uri_str("/").finish()).await;
    assert_eq!((answer.status, answer.text()), (200, ""));
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
}
