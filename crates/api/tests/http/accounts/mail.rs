//! What is mailed, and the pages that links lead to; this server sends no mail.

use std::time::{Duration, Instant};

use poem::Request;
use poem::http::Method;
use serde_json::{Value, json};

use super::caller::{login, send, start, status, told};
use crate::server::{Answer, Server};

/// The path of the newest link for an address.
async fn link(server: &Server, purpose: &str, email: &str) -> String {
    let root = login(server, "root").await;
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let (status, told) = told(server, &root, "GET", "/api/mail-links", Value::Null).await;
        assert_eq!(status, 200);
        let links = told["links"].as_array().unwrap();
        let found = links.iter().rev().find(|link| link["purpose"] == purpose && link["email_address"] == email);
        if let Some(link) = found {
            return link["url"].as_str().unwrap().to_owned();
        }
        assert!(Instant::now() < deadline, "no link to {purpose}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn page(server: &Server, path: &str) -> Answer {
    let answer = send(server, "", "GET", path, Value::Null).await;
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"), "{path}");
    for (header, value) in [("cache-control", "no-store"), ("referrer-policy", "no-referrer")] {
        assert_eq!(answer.header(header), Some(value), "{path}");
    }
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("script"), "{policy}");
    assert!(!answer.text().contains("<script") && !answer.text().contains(" style="), "{path}");
    answer
}

async fn submit(server: &Server, path: &str, form: &str) -> Answer {
    let request = Request::builder().method(Method::POST).uri_str(path);
    server.send(request.content_type("application/x-www-form-urlencoded").body(form.to_owned())).await
}

#[tokio::test]
async fn an_address_is_verified_by_its_link() {
    let server = start(&["john"]).await;
    let path = link(&server, "verify", "john@example.org").await;
    assert_eq!(page(&server, &path).await.status, 200);
    let again = page(&server, &path).await;
    assert!(again.status == 404 && again.text().contains("does not work"), "{}", again.text());
    assert_eq!(page(&server, "/verify-email/nope").await.status, 404);
}

#[tokio::test]
async fn a_password_is_reset_with_a_form() {
    let server = start(&["john"]).await;
    let session = login(&server, "john").await;
    let asked = told(&server, "", "POST", "/api/users/reset-password", json!({"email": "john@example.org"})).await;
    assert_eq!(asked, (200, json!({})));
    let path = link(&server, "reset", "john@example.org").await;
    let form = page(&server, &path).await;
    let key = path.rsplit('/').next().unwrap();
    assert!(form.status == 200 && form.text().contains(&format!("value=\"{key}\"")), "{}", form.text());
    assert!(form.text().contains("action=\"../api/users/reset-password/submit\""));
    let target = "/api/users/reset-password/submit";
    let refused = submit(&server, target, &format!("resetKey={key}&password=abc")).await;
    assert!(refused.status == 400 && refused.text().contains("choose a longer one"), "{}", refused.text());
    let set = submit(&server, target, &format!("resetKey={key}&password=brand+n%C3%A9w")).await;
    assert!(set.status == 200 && set.text().contains("Your password is set"), "{}", set.text());
    assert_eq!(set.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(status(&server, &session, "GET", "/api/users/john", Value::Null).await, 401);
    let body = json!({"username": "john", "password": "brand néw"});
    assert_eq!(status(&server, "", "POST", "/api/login", body).await, 200);
    assert_eq!(page(&server, &path).await.status, 404);
    assert_eq!(submit(&server, target, &format!("resetKey={key}&password=again123")).await.status, 400);
}

#[tokio::test]
async fn a_password_is_reset_by_a_program() {
    let server = start(&["john"]).await;
    assert_eq!(
        status(&server, "", "POST", "/api/users/reset-password", json!({"email": "john@example.org"})).await,
        200
    );
    let key = link(&server, "reset", "john@example.org").await.rsplit('/').next().unwrap().to_owned();
    let target = "/api/users/reset-password/submit";
    for (body, expected) in [
        (json!({"password": "donotusethispassword", "resetKey": "unknown"}), 400),
        (json!({"password": "short", "resetKey": key}), 400),
        (json!({"resetKey": key}), 400),
        (json!({"password": "donotusethispassword", "resetKey": key}), 200),
        (json!({"password": "donotusethispassword", "resetKey": key}), 400),
    ] {
        assert_eq!(status(&server, "", "POST", target, body.clone()).await, expected, "{body}");
    }
    // Many clients send JSON under the type of a form.
    let sent = submit(&server, target, r#"{"password": "donotusethispassword", "resetKey": "unknown"}"#).await;
    assert!(sent.status == 400 && sent.text().starts_with("{\"errors\""), "{}", sent.text());
}

#[tokio::test]
async fn an_invitation_leads_to_an_account() {
    let server = start(&["john"]).await;
    let (john, root) = (login(&server, "john").await, login(&server, "root").await);
    let body = json!({"email": "joe@example.com"});
    assert_eq!(status(&server, &john, "POST", "/api/users/invite", body.clone()).await, 403);
    assert_eq!(status(&server, "", "POST", "/api/users/invite", body.clone()).await, 401);
    assert_eq!(status(&server, &root, "POST", "/api/users/invite", json!({"email": "nope"})).await, 400);
    assert_eq!(told(&server, &root, "POST", "/api/users/invite", body).await, (200, json!({})));
    assert_eq!(status(&server, &john, "GET", "/api/mail-links", Value::Null).await, 403);
    let path = link(&server, "invite", "joe@example.com").await;
    let form = page(&server, &path).await;
    assert!(form.status == 200 && form.text().contains("joe@example.com"), "{}", form.text());
    let key = path.rsplit('/').next().unwrap();
    let fields = format!("inviteKey={key}&email_address=joe%40example.com&username=joe&password=test123");
    let made = submit(&server, "/api/users", &fields).await;
    assert!(made.status == 200 && made.text().contains("Your account is ready"), "{}", made.text());
    login(&server, "joe").await;
    assert_eq!(page(&server, &path).await.status, 404);
    let taken = submit(&server, "/api/users", "email_address=x%40example.com&username=joe&password=test123").await;
    assert!(taken.status == 400 && taken.text().contains("already exists"), "{}", taken.text());
}

#[tokio::test]
async fn asking_for_a_reset_tells_nothing_and_is_limited() {
    let server = start(&[]).await;
    let ask =
        async || status(&server, "", "POST", "/api/users/reset-password", json!({"email": "nobody@example.org"})).await;
    for _ in 0..5 {
        assert_eq!(ask().await, 200);
    }
    assert_eq!(ask().await, 429);
}
