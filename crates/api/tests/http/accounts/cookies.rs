//! Logins and logouts.

use serde_json::{Value, json};

use super::caller::{login, request, send, start, status, told};

#[tokio::test]
async fn a_login_gives_token_name_and_teams() {
    let server = start(&["john"]).await;
    let body = json!({"username": "john@example.org", "password": "test123"});
    let (status, told) = told(&server, "", "POST", "/api/login", body).await;
    let token = told["sessionToken"].as_str().unwrap();
    assert!(token.len() == 32 && token.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{token}");
    let teams = json!([{"name": "john", "numberOfDatabases": 0, "billing": null}]);
    assert_eq!((status, &told), (200, &json!({"sessionToken": token, "username": "john", "teams": teams})));
}

#[tokio::test]
async fn wrong_names_and_passwords_get_one_answer() {
    let server = start(&["john"]).await;
    let mut answers = Vec::new();
    for (name, password) in [("john", "wrong"), ("nobody", "test123"), ("nobody@example.org", "test123")] {
        let body = json!({"username": name, "password": password});
        answers.push(told(&server, "", "POST", "/api/login", body).await);
    }
    assert_eq!(answers[0].0, 401);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    for body in [json!({}), json!({"username": "john"}), json!({"username": "john", "password": 5})] {
        assert_eq!(status(&server, "", "POST", "/api/login", body).await, 400);
    }
}

#[tokio::test]
async fn a_logout_ends_the_session_and_may_be_repeated() {
    let server = start(&["john"]).await;
    let (token, other) = (login(&server, "john").await, login(&server, "john").await);
    assert_eq!(status(&server, &token, "GET", "/api/users/john", Value::Null).await, 200);
    for body in [json!({}), Value::Null, json!({})] {
        assert_eq!(told(&server, &token, "POST", "/api/logout", body).await, (200, json!({})));
        assert_eq!(status(&server, &token, "GET", "/api/users/john", Value::Null).await, 401);
    }
    assert_eq!(status(&server, &other, "GET", "/api/users/john", Value::Null).await, 200);
    assert_eq!(status(&server, "", "POST", "/api/logout", json!({})).await, 401);
    assert_eq!(status(&server, &"A".repeat(32), "POST", "/api/logout", json!({})).await, 401);
    assert_eq!(status(&server, &other, "POST", "/api/logout", json!([])).await, 400);
    assert_eq!(status(&server, &other, "GET", "/api/users/john", Value::Null).await, 200);
}

#[tokio::test]
async fn browsers_get_a_cookie_that_scripts_cannot_read() {
    let server = start(&["john"]).await;
    let body = json!({"username": "john", "password": "test123"});
    let answer = send(&server, "", "POST", "/api/login", body.clone()).await;
    let cookie = answer.header("set-cookie").unwrap();
    let token = serde_json::from_str::<Value>(answer.text()).unwrap()["sessionToken"].as_str().unwrap().to_owned();
    assert_eq!(cookie, format!("sessionToken={token}; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax"));
    let mut by_proxy = request("", "POST", "/api/login", body);
    by_proxy.headers_mut().insert("x-forwarded-proto", "https".parse().unwrap());
    assert!(server.send(by_proxy).await.header("set-cookie").unwrap().ends_with("; Secure"));

    let mut with_cookie = request("", "GET", "/api/users/john", Value::Null);
    with_cookie.headers_mut().insert("cookie", format!("a=b; sessionToken={token}").parse().unwrap());
    assert_eq!(server.send(with_cookie).await.status, 200);
    let mut leaving = request("", "POST", "/api/logout", json!({}));
    leaving.headers_mut().insert("cookie", format!("sessionToken={token}").parse().unwrap());
    let left = server.send(leaving).await;
    assert_eq!(left.status, 200);
    assert!(left.header("set-cookie").unwrap().starts_with("sessionToken=; Path=/; Max-Age=0;"));
    assert_eq!(status(&server, &token, "GET", "/api/users/john", Value::Null).await, 401);
}

#[tokio::test]
async fn many_wrong_passwords_are_429_with_the_time_to_wait() {
    let server = start(&["john"]).await;
    let mut last = None;
    for _ in 0..11 {
        last = Some(send(&server, "", "POST", "/api/login", json!({"username": "john", "password": "wrong!"})).await);
    }
    let last = last.unwrap();
    assert_eq!(last.status, 429, "{}", last.text());
    let seconds: u64 = last.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=31).contains(&seconds), "{seconds}");
    assert_eq!(
        status(&server, "", "POST", "/api/login", json!({"username": "john", "password": "test123"})).await,
        429
    );
    login(&server, "root").await;
}
