//! Documents, request ids, and what paths answer to methods that they do not serve.

use api::{Product, document};
use poem::Request;
use poem::http::Method;

use crate::server::{Server, signed};

fn request(method: &str, path: &str) -> Request {
    Request::builder().method(Method::from_bytes(method.as_bytes()).unwrap()).uri_str(path).finish()
}

#[tokio::test]
async fn documents_are_served_as_they_are_committed() {
    let server = Server::start().await;
    let altertable = document(Some(Product::Altertable));
    for (path, content_type, text) in [
        ("/openapi.json", "application/json", document(None).to_json()),
        ("/openapi.yaml", "application/yaml", document(None).to_yaml()),
        ("/openapi/altertable.json", "application/json", altertable.to_json()),
        ("/openapi/altertable.yaml", "application/yaml", altertable.to_yaml()),
    ] {
        let answer = server.send(request("GET", path)).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(content_type)), "{path}");
        assert!(answer.text() == text, "{path}");
        let head = server.send(request("HEAD", path)).await;
        assert_eq!((head.status, head.text()), (200, ""), "{path}");
    }
}

#[tokio::test]
async fn other_methods_are_405_and_options_lists_them() {
    let server = Server::start().await;
    for (path, allow) in [
        ("/query", "OPTIONS, POST"),
        ("/validate", "OPTIONS, POST"),
        ("/upload", "OPTIONS, POST"),
        ("/openapi.json", "GET, HEAD, OPTIONS"),
        ("/docs/", "GET, HEAD, OPTIONS"),
        ("/", "GET, HEAD, OPTIONS"),
    ] {
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "QUERY", "CONNECT"] {
            if allow.split(", ").any(|allowed| allowed == method) {
                continue;
            }
            let answer = server.send(request(method, path)).await;
            assert_eq!((answer.status, answer.header("allow")), (405, Some(allow)), "{method} {path}");
        }
        let options = server.send(request("OPTIONS", path)).await;
        assert_eq!((options.status, options.header("allow")), (204, Some(allow)), "{path}");
    }
}

#[tokio::test]
async fn unknown_paths_are_404_in_plain_text() {
    let server = Server::start().await;
    for path in ["//", "//nope", "/nope", "/query/", "/openapi/nope.json", "/docs/../etc/passwd"] {
        let answer = server.send(signed(request("GET", path), "Basic", "testuser:testpass")).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"), "{path}");
    }
}

#[tokio::test]
async fn every_answer_has_a_request_id() {
    let server = Server::start().await;
    for (given, kept) in [(Some("abc-123"), true), (Some("with space"), false), (Some(""), false), (None, false)] {
        let mut request = request("GET", "/nope");
        if let Some(given) = given {
            request.headers_mut().insert("x-request-id", given.parse().unwrap());
        }
        let answer = server.send(request).await;
        let id = answer.header("x-request-id").unwrap();
        assert_eq!(Some(id) == given, kept, "{given:?} became {id}");
        assert!(kept || id.len() == 36, "{id}");
    }
    let mut long = request("GET", "/openapi.json");
    long.headers_mut().insert("x-request-id", "x".repeat(129).parse().unwrap());
    assert_eq!(server.send(long).await.header("x-request-id").unwrap().len(), 36);
}
