//! Requests with JSON, and answers that are JSON.

use model::Access;
use poem::Request;
use poem::http::Method;
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::server::{Answer, Server};

/// A server with an admin `root` of the password `rootpass`, and users who signed up with the password `test123`.
pub async fn start(users: &[&str]) -> Server {
    let server = Server::start().await;
    server.services.accounts.create("root", &SecretString::from("rootpass"), Access::Admin).await.unwrap();
    for name in users {
        sign_up(&server, name).await;
    }
    server
}

pub async fn sign_up(server: &Server, name: &str) {
    let body = json!({"email_address": format!("{name}@example.org"), "password": "test123", "username": name});
    assert_eq!(told(server, "", "POST", "/api/users", body).await, (200, json!({})));
}

/// A session of this user.
pub async fn login(server: &Server, name: &str) -> String {
    let password = if name == "root" { "rootpass" } else { "test123" };
    let (status, body) = told(server, "", "POST", "/api/login", json!({"username": name, "password": password})).await;
    assert_eq!(status, 200, "{body}");
    body["sessionToken"].as_str().unwrap().to_owned()
}

/// A request with a token after `Bearer`, unless it is empty, and a body, unless it is null.
pub fn request(token: &str, method: &str, path: &str, body: Value) -> Request {
    let request = Request::builder().method(Method::from_bytes(method.as_bytes()).unwrap()).uri_str(path);
    let request = if token.is_empty() { request } else { request.header("authorization", format!("Bearer {token}")) };
    match body {
        Value::Null => request.finish(),
        body => request.content_type("application/json").body(body.to_string()),
    }
}

pub async fn send(server: &Server, token: &str, method: &str, path: &str, body: Value) -> Answer {
    server.send(request(token, method, path, body)).await
}

/// Status and body of the answer.
pub async fn told(server: &Server, token: &str, method: &str, path: &str, body: Value) -> (u16, Value) {
    let answer = send(server, token, method, path, body).await;
    let body = serde_json::from_str(answer.text()).unwrap_or_else(|_| panic!("{path}: {}", answer.text()));
    (answer.status, body)
}

/// The status of the answer; a refusal has Airsequel's shape.
pub async fn status(server: &Server, token: &str, method: &str, path: &str, body: Value) -> u16 {
    let (status, body) = told(server, token, method, path, body).await;
    if status >= 400 {
        assert!(body["errors"][0]["message"].as_str().is_some_and(|text| !text.is_empty()), "{body}");
    }
    status
}
