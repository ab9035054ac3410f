//! `GET /api/docs`

use api::{Product, document};
use poem::Request;
use serde_json::Value;

use crate::server::Server;

#[tokio::test]
async fn every_operation_has_a_section_that_the_contents_lead_to() {
    let server = Server::start().await;
    let answer = server.send(Request::builder().uri_str("/api/docs").finish()).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let page = answer.text();
    let document: Value = serde_json::from_str(document(Some(Product::Airsequel)).to_json()).unwrap();
    let mut count = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for operation in methods.as_object().unwrap().values() {
            let id = operation["operationId"].as_str().unwrap();
            let section = page.split(&format!("<article id=\"{id}\"")).nth(1).unwrap_or_else(|| panic!("{id}"));
            let section = section.split("</article>").next().unwrap();
            assert!(page.contains(&format!("<a href=\"#{id}\">")) && section.contains(&format!(">{path}<")), "{id}");
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let name = parameter["name"].as_str().unwrap();
                assert!(section.contains(&format!("<code>{name}</code>")), "{id}: {name}");
            }
            count += 1;
        }
    }
    assert_eq!(page.matches("<article ").count(), count);
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none';") && !policy.contains("script"), "{policy}");
    for refused in ["<script", "<style", " style=", "javascript:", "href=\"http", "src=\"http", "\"//", "{{"] {
        assert!(!page.contains(refused), "{refused}");
    }
    for target in page.split("href=\"").skip(1).map(|rest| rest.split(['"', '#']).next().unwrap()) {
        let Some(path) = target.strip_prefix("..") else { continue };
        let found = server.send(Request::builder().uri_str(path).finish()).await;
        assert_eq!(found.status, 200, "{path}");
    }
}
