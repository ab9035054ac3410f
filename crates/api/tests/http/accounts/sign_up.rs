//! New users.

use poem::Request;
use poem::http::Method;
use serde_json::{Value, json};

use super::caller::{login, sign_up, start, status, told};
use crate::server::{post, signed};

#[tokio::test]
async fn a_user_is_told_of_itself() {
    let server = start(&["john", "jane"]).await;
    let john = login(&server, "john").await;
    let teams = json!([{"name": "john", "numberOfDatabases": 0, "billing": null}]);
    let expected = json!({"username": "john", "serverRoles": [], "teams": teams});
    assert_eq!(told(&server, &john, "GET", "/api/users/john", Value::Null).await, (200, expected));
    assert_eq!(status(&server, &john, "GET", "/api/users/jane", Value::Null).await, 403);
    assert_eq!(status(&server, "", "GET", "/api/users/john", Value::Null).await, 401);
    let root = login(&server, "root").await;
    let admin = told(&server, &root, "GET", "/api/users/root", Value::Null).await;
    assert_eq!((admin.0, &admin.1["serverRoles"]), (200, &json!(["admin"])));
    assert_eq!(status(&server, &root, "GET", "/api/users/john", Value::Null).await, 200);
    assert_eq!(status(&server, &root, "GET", "/api/users/nobody", Value::Null).await, 404);
}

#[tokio::test]
async fn what_is_wrong_is_400_and_what_is_taken_409() {
    let server = start(&["john"]).await;
    let user = |name: &str, email: &str, password: &str| json!({"username": name, "email_address": email, "password": password});
    for (body, expected) in [
        (user("john", "other@example.org", "test123"), 409),
        (user("other", "john@example.org", "test123"), 409),
        (user("other", "no address", "test123"), 400),
        (user("other", "other@example.org", "short"), 400),
        (user("", "other@example.org", "test123"), 400),
        (json!({"username": "other"}), 400),
        (user("other", "other@example.org", "test123"), 200),
    ] {
        assert_eq!(status(&server, "", "POST", "/api/users", body.clone()).await, expected, "{body}");
    }
}

/// The accounts are those of every product: name and password of whoever signed up with Airsequel's API do for
/// Altertable's, where such a user finds no database of the server's own.
#[tokio::test]
async fn a_user_of_airsequel_is_one_of_altertable() {
    let server = start(&["john"]).await;
    let validate = || post("/validate", r#"{"statement":"ROWS"}"#);
    assert_eq!(server.send(signed(validate(), "Basic", "john:test123")).await.status, 200);
    assert_eq!(server.send(signed(validate(), "Basic", "john:wrong!")).await.status, 401);
    let upload = "/upload?catalog=lakehouse&schema=main&table=t&mode=create";
    let refused = server.send(signed(post(upload, "a\n1\n"), "Basic", "john:test123")).await;
    assert!(refused.status == 400 && refused.text().contains("does not exist"), "{}", refused.text());
    let get = |name: &str| {
        let request = Request::builder().method(Method::GET).uri_str(format!("/api/users/{name}")).finish();
        signed(request, "Basic", &format!("{name}:test123"))
    };
    assert_eq!(server.send(get("john")).await.status, 200);
}

#[tokio::test]
async fn a_user_made_beside_the_server_has_a_team_and_signs_in() {
    let server = start(&[]).await;
    let body = json!({"username": "testuser", "password": "testpass"});
    let (status, told) = told(&server, "", "POST", "/api/login", body).await;
    assert_eq!((status, &told["teams"][0]["name"]), (200, &json!("testuser")));
}

#[tokio::test]
async fn a_sign_up_ends_nobody_s_session() {
    let server = start(&["john"]).await;
    let john = login(&server, "john").await;
    sign_up(&server, "jane").await;
    assert_eq!(status(&server, &john, "GET", "/api/users/john", Value::Null).await, 200);
}
