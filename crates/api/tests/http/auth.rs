//! Who may call.

use api::document;
use poem::Request;
use poem::http::Method;
use serde_json::Value;

use crate::server::{Server, json, post, signed};

#[tokio::test]
async fn every_secured_operation_is_401_without_credentials() {
    let server = Server::start().await;
    let found: Value = serde_json::from_str(document(None).to_json()).unwrap();
    let mut tried = 0;
    for (path, methods) in found["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let schemes = operation.get("security").and_then(Value::as_array).into_iter().flatten();
            let schemes: Vec<_> = schemes.map(|scheme| scheme.as_object().unwrap()).collect();
            if schemes.is_empty() || schemes.iter().any(|scheme| scheme.is_empty()) {
                continue;
            }
            let method: Method = method.to_uppercase().parse().unwrap();
            let answer = server.send(Request::builder().method(method).uri_str(path).finish()).await;
            assert_eq!(answer.status, 401, "{path}");
            assert!(answer.header("www-authenticate").unwrap().starts_with("Basic realm="), "{path}");
            let described = operation["responses"]["401"]["content"].as_object().unwrap();
            assert!(described.contains_key(answer.header("content-type").unwrap()), "{path}");
            assert!(!answer.text().is_empty());
            tried += 1;
        }
    }
    assert!(tried >= 3);
}

#[tokio::test]
async fn basic_and_bearer_are_the_same_credentials() {
    let server = Server::start().await;
    for (scheme, credentials, status) in [
        ("Basic", "testuser:testpass", 200),
        ("Bearer", "testuser:testpass", 200),
        ("Basic", "testuser:wrong", 401),
        ("Bearer", "nobody:testpass", 401),
        ("Basic", "testuser", 401),
        ("Digest", "testuser:testpass", 401),
    ] {
        let request = signed(post("/validate", r#"{"statement":"ROWS"}"#), scheme, credentials);
        assert_eq!(server.send(request).await.status, status, "{scheme} {credentials}");
    }
}

#[tokio::test]
async fn many_wrong_credentials_are_429_and_remembered_ones_go_on() {
    let server = Server::start().await;
    let validate = |credentials: &str| signed(post("/validate", r#"{"statement":"ROWS"}"#), "Basic", credentials);
    let list = |credentials: &str| json("GET", "/api/dbs", Value::Null, credentials);
    assert_eq!(server.send(validate("testuser:testpass")).await.status, 200);
    for wrong in 0..10 {
        // Both products, and a login, try the passwords of one account.
        let request = if wrong % 2 == 0 { validate("testuser:wrong") } else { list("testuser:wrong") };
        assert_eq!(server.send(request).await.status, 401, "{wrong}");
    }
    let refused = server.send(validate("testuser:wrong")).await;
    assert_eq!(refused.status, 429, "{}", refused.text());
    let seconds: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=31).contains(&seconds), "{seconds}");
    let refused = server.send(list("testuser:wrong")).await;
    assert_eq!((refused.status, refused.told().contains("too many wrong passwords")), (429, true));
    let login = serde_json::json!({"username": "testuser", "password": "testpass"});
    let mut login = json("POST", "/api/login", login, "x:x");
    login.headers_mut().remove("authorization");
    assert_eq!(server.send(login).await.status, 429);
    for _ in 0..3 {
        assert_eq!(server.send(validate("testuser:testpass")).await.status, 200, "they were right before");
        assert_eq!(server.send(validate("reader:testpass")).await.status, 200, "another's are no matter");
    }
}

/// Two credentials are none, good ones too, whatever else is wrong with the request.
#[tokio::test]
async fn two_credentials_are_401() {
    let server = Server::start().await;
    for first in ["testuser:wrong", "testuser:testpass"] {
        let mut request = signed(post("/query", "not JSON"), "Basic", first);
        let good = "Basic dGVzdHVzZXI6dGVzdHBhc3M=".parse().unwrap();
        request.headers_mut().append("authorization", good);
        assert_eq!(server.send(request).await.status, 401, "{first}");
    }
}

#[tokio::test]
async fn writing_needs_write_access() {
    let server = Server::start().await;
    let request = post("/upload?catalog=lakehouse&schema=main&table=t&mode=create", "a\n1\n");
    let answer = server.send(signed(request, "Basic", "reader:testpass")).await;
    assert_eq!(answer.status, 403);
    assert!(server.storage.tables.lock().unwrap().is_empty());
}
