//! API tokens.

use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::caller::{login, send, start, status, told};

#[tokio::test]
async fn a_token_s_life() {
    let server = start(&["john", "jane"]).await;
    let (john, jane) = (login(&server, "john").await, login(&server, "jane").await);
    let new = json!({"name": "for cool app", "description": "why", "expiration_utc": "2999-01-01T00:00:00Z",
        "permissions": [], "team_name": "john"});
    let (made, token) = told(&server, &john, "POST", "/api/tokens", new.clone()).await;
    assert_eq!(made, 200, "{token}");
    let body = token["body"].as_str().unwrap().to_owned();
    assert!(body.starts_with("ast_") && body.len() == 44, "{body}");
    let created = token["created_utc"].as_str().unwrap();
    assert!(created.len() == 20 && created.ends_with('Z'), "seconds: {created}");
    let masked = json!({"id": token["id"], "name": "for cool app", "description": "why", "created_utc": created,
        "expiration_utc": "2999-01-01T00:00:00Z", "permissions": [], "body": format!("{}…", &body[..12])});
    let path = format!("/api/tokens/{}", token["id"]);
    assert_eq!(told(&server, &john, "GET", &path, Value::Null).await, (200, masked.clone()));
    let listed = told(&server, &john, "GET", "/api/teams/john/tokens", Value::Null).await;
    assert_eq!(listed, (200, json!({"tokens": [masked]})));

    assert_eq!(status(&server, &body, "GET", "/api/teams/john", Value::Null).await, 403, "a token is for databases");
    assert_eq!(status(&server, &body, "POST", "/api/logout", json!({})).await, 400);
    for (method, sent) in [("GET", Value::Null), ("PATCH", json!({"name": "x"})), ("DELETE", Value::Null)] {
        assert_eq!(status(&server, &jane, method, &path, sent).await, 403, "{method}");
    }
    assert_eq!(status(&server, &jane, "POST", "/api/tokens", new).await, 403);
    assert_eq!(status(&server, &jane, "GET", "/api/teams/john/tokens", Value::Null).await, 403);
    assert_eq!(status(&server, &john, "GET", "/api/tokens/999", Value::Null).await, 404);
    assert_eq!(status(&server, &john, "GET", "/api/tokens/one", Value::Null).await, 400);

    let change = json!({"description": {"tag": "TextValue", "contents": "because"}, "expiration_utc": {"tag": "TextNull"},
        "name": "renamed"});
    let (changed, token) = told(&server, &john, "PATCH", &path, change).await;
    assert_eq!((changed, &token["name"], &token["description"]), (200, &json!("renamed"), &json!("because")));
    assert_eq!(token["expiration_utc"], Value::Null);
    let change = json!({"description": null, "expiration_utc": "2998-01-01T00:00:00Z"});
    let (_, token) = told(&server, &john, "PATCH", &path, change).await;
    assert_eq!((&token["description"], &token["expiration_utc"]), (&Value::Null, &json!("2998-01-01T00:00:00Z")));
    assert_eq!(status(&server, &john, "PATCH", &path, json!({"team_name": "jane"})).await, 403);
    assert_eq!(status(&server, &john, "PATCH", &path, json!({"expiration_utc": "2020-01-01T00:00:00Z"})).await, 400);

    assert_eq!(told(&server, &john, "DELETE", &path, Value::Null).await, (200, json!({})));
    assert_eq!(status(&server, &body, "GET", "/api/teams/john", Value::Null).await, 401, "it is over at once");
    assert_eq!(status(&server, &john, "DELETE", &path, Value::Null).await, 404);
}

/// A token does for Altertable's API as well.
#[tokio::test]
async fn a_token_is_one_of_every_product() {
    let server = start(&["john"]).await;
    let (_, user_token) = server.services.accounts.create_user_token("testuser", "ci", None).await.unwrap();
    let run = async |token: &str, path: &str, body: Value| send(&server, token, "POST", path, body).await.status;
    let statement = json!({"statement": "ROWS"});
    assert_eq!(run(user_token.expose_secret(), "/validate", statement.clone()).await, 200);
    let upload = "/upload?catalog=lakehouse&schema=main&table=t&mode=create&format=json";
    assert_eq!(run(user_token.expose_secret(), upload, json!([{"n": 1}])).await, 200);
    let john = login(&server, "john").await;
    let new = json!({"name": "t", "permissions": [], "team_name": "john"});
    let (_, token) = told(&server, &john, "POST", "/api/tokens", new).await;
    let token = token["body"].as_str().unwrap();
    assert_eq!(run(token, "/validate", statement.clone()).await, 200);
    assert_eq!(run(token, upload, json!([{"n": 1}])).await, 400, "it may not know of the database");
    assert_eq!(run(&token[..40], "/validate", statement).await, 401);
}

#[tokio::test]
async fn what_cannot_be_a_token_is_400() {
    let server = start(&["john"]).await;
    let john = login(&server, "john").await;
    let new = |key: &str, value: Value| {
        let mut new = json!({"name": "t", "permissions": [], "team_name": "john"});
        new[key] = value;
        new
    };
    for (body, expected) in [
        (new("expiration_utc", json!("2020-01-01T00:00:00Z")), 400),
        (new("expiration_utc", json!("soon")), 400),
        (new("permissions", json!([{"db_id": "nope", "name": "read"}])), 400),
        (new("permissions", json!([{"db_id": "nope", "name": "admin"}])), 400),
        (new("name", json!("")), 400),
        (new("team_name", json!("nope")), 404),
        (new("description", Value::Null), 200),
    ] {
        assert_eq!(status(&server, &john, "POST", "/api/tokens", body.clone()).await, expected, "{body}");
    }
}
