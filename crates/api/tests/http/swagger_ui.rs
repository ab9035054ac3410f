//! `/docs/`

use api::{Product, document};
use poem::Request;

use crate::server::{Answer, Server};

async fn get(server: &Server, path: &str) -> Answer {
    server.send(Request::builder().uri_str(path).finish()).await
}

/// What stands behind `before` and ahead of the next quote, each time.
fn quoted<'a>(text: &'a str, before: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(before).skip(1).map(|rest| rest.split('"').next().unwrap())
}

#[tokio::test]
async fn the_page_and_its_files_come_out_of_the_binary() {
    let server = Server::start().await;
    let redirect = get(&server, "/docs").await;
    assert_eq!((redirect.status, redirect.header("location")), (308, Some("docs/")));
    for path in ["/docs/", "/docs/index.html"] {
        let page = get(&server, path).await;
        assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")), "{path}");
        assert!(page.text().contains("<title>Boathouse"), "{path}");
        let files = quoted(page.text(), "src=\"").chain(quoted(page.text(), "href=\""));
        for target in files.filter(|target| !target.starts_with("../")) {
            let file = get(&server, &format!("/docs/{target}")).await;
            assert_eq!(file.status, 200, "{target}");
            assert_ne!(file.header("content-type"), Some("application/octet-stream"), "{target}");
        }
    }
    for absent in ["/docs/nope.js", "/docs/mark.svg/", "/docs//mark.svg"] {
        assert_eq!(get(&server, absent).await.status, 404, "{absent}");
    }
}

#[tokio::test]
async fn it_names_every_document_the_merged_one_first() {
    let server = Server::start().await;
    let page = get(&server, "/docs/").await;
    let links: Vec<&str> = page.text().lines().filter(|line| line.contains("rel=\"service-desc\"")).collect();
    let named: Vec<String> = links.iter().map(|link| quoted(link, "href=\"../").next().unwrap().to_owned()).collect();
    let products = Product::ALL.iter().map(|product| format!("openapi/{product}.json"));
    assert_eq!(named, std::iter::once("openapi.json".to_owned()).chain(products).collect::<Vec<_>>());
    let documents = std::iter::once(None).chain(Product::ALL.iter().copied().map(Some));
    for (path, product) in named.iter().zip(documents) {
        assert!(get(&server, &format!("/{path}")).await.text() == document(product).to_json(), "{path}");
    }
}

#[tokio::test]
async fn a_browser_loads_from_this_server_alone() {
    let server = Server::start().await;
    let page = get(&server, "/docs/").await;
    let policy = page.header("content-security-policy").unwrap();
    let allowed: Vec<(&str, Vec<&str>)> = policy
        .split(';')
        .map(|rule| {
            let mut words = rule.split_whitespace();
            (words.next().unwrap(), words.collect())
        })
        .collect();
    assert_eq!(allowed[0], ("default-src", vec!["'none'"]));
    for (directive, sources) in &allowed {
        let local = sources.iter().all(|source| matches!(*source, "'none'" | "'self'" | "data:" | "blob:"));
        assert!(local, "{directive} {sources:?}");
    }
    for directive in ["script-src", "style-src", "connect-src"] {
        assert!(allowed.contains(&(directive, vec!["'self'"])), "{policy}");
    }
    for refused in ["<style", " style=", " onload=", "https:", "http:"] {
        assert!(!page.text().contains(refused), "{refused}");
    }
    // Swagger UI would send the document to a validator of its makers.
    assert!(get(&server, "/docs/swagger-initializer.js").await.text().contains("validatorUrl: null"));
}

#[tokio::test]
async fn a_file_that_is_known_is_not_sent_again() {
    let server = Server::start().await;
    let first = get(&server, "/docs/swagger-ui-bundle.js").await;
    let tag = first.header("etag").unwrap().to_owned();
    let request = |tag: &str| Request::builder().uri_str("/docs/swagger-ui-bundle.js").header("if-none-match", tag);
    let again = server.send(request(&format!("\"other\", {tag}")).finish()).await;
    assert_eq!((again.status, again.text(), again.header("etag")), (304, "", Some(tag.as_str())));
    assert_eq!(server.send(request("\"other\"").finish()).await.status, 200);
}
