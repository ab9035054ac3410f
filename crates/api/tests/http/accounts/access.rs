//! What roles and tokens may do in a team's database.

use serde_json::{Value, json};

use super::caller::{login, start, status, told};
use crate::server::Server;

/// A database `shop` of john's team, with a table of one row; its id.
async fn shop(server: &Server, john: &str) -> String {
    let (status, made) = told(server, john, "POST", "/api/dbs", json!({"name": "shop"})).await;
    assert_eq!((status, &made["ownerName"]), (200, &json!("john")), "{made}");
    let id = made["id"].as_str().unwrap().to_owned();
    for query in ["CREATE TABLE t (n INTEGER)", "INSERT INTO t VALUES (7)"] {
        assert!(runs(server, john, &id, query).await, "{query}");
    }
    id
}

/// Whether a statement goes through.
async fn runs(server: &Server, token: &str, id: &str, query: &str) -> bool {
    let (status, told) = told(server, token, "POST", &format!("/dbs/{id}/sql"), json!({"query": query})).await;
    status == 200 && told["errors"] == json!([])
}

/// `[may read, may change, may describe]`.
async fn rights(server: &Server, token: &str, id: &str) -> [bool; 3] {
    let change = json!({"description": "wares"});
    [
        runs(server, token, id, "SELECT n FROM t").await,
        runs(server, token, id, "UPDATE t SET n = 9").await,
        told(server, token, "PATCH", &format!("/api/dbs/{id}"), change).await.0 == 200,
    ]
}

#[tokio::test]
async fn a_role_counts_from_the_next_request_on() {
    let server = start(&["john", "jane"]).await;
    let (john, jane) = (login(&server, "john").await, login(&server, "jane").await);
    let id = shop(&server, &john).await;
    let path = format!("/api/dbs/{id}");
    assert_eq!(rights(&server, &john, &id).await, [true, true, true]);
    assert_eq!(status(&server, &jane, "GET", &path, Value::Null).await, 404, "she may not know of it");
    assert_eq!(status(&server, "", "GET", &path, Value::Null).await, 401);
    let member = "/api/teams/john/members/jane";
    for (role, expected) in
        [("Viewer", [true, false, false]), ("Editor", [true, true, false]), ("Admin", [true, true, true])]
    {
        assert_eq!(status(&server, &john, "PATCH", member, json!({"roles": [role]})).await, 200);
        assert_eq!(rights(&server, &jane, &id).await, expected, "{role}");
    }
    assert_eq!(status(&server, &john, "PATCH", member, json!({"roles": ["Viewer"]})).await, 200);
    assert_eq!(rights(&server, &jane, &id).await, [true, false, false]);
    assert_eq!(status(&server, &jane, "PATCH", &path, json!({"description": "x"})).await, 403);
    let (_, team) = told(&server, &jane, "GET", "/api/teams/john", Value::Null).await;
    assert_eq!((&team["databases"][0]["id"], &team["databases"][0]["name"]), (&json!(id), &json!("shop")));
    assert_eq!(told(&server, &jane, "GET", "/api/users/jane", Value::Null).await.1["teams"][1]["numberOfDatabases"], 1);
    assert_eq!(status(&server, &john, "DELETE", member, Value::Null).await, 200);
    assert_eq!(status(&server, &jane, "GET", &path, Value::Null).await, 404);
    let root = login(&server, "root").await;
    assert_eq!(rights(&server, &root, &id).await, [true, true, true], "an admin of the server");
}

#[tokio::test]
async fn a_token_may_what_its_permissions_say() {
    let server = start(&["john"]).await;
    let john = login(&server, "john").await;
    let id = shop(&server, &john).await;
    let path = format!("/api/dbs/{id}");
    for (names, expected, seen) in [
        (&["read"][..], [true, false, false], 200),
        (&["write"], [false, true, false], 403),
        (&["read", "write"], [true, true, false], 200),
        (&["insert"], [false, false, false], 403),
        (&[], [false, false, false], 404),
    ] {
        let permissions: Vec<Value> = names.iter().map(|name| json!({"db_id": id, "name": name})).collect();
        let new = json!({"name": "t", "permissions": permissions, "team_name": "john"});
        let (made, token) = told(&server, &john, "POST", "/api/tokens", new).await;
        assert_eq!(made, 200, "{token}");
        let secret = token["body"].as_str().unwrap();
        assert_eq!(rights(&server, secret, &id).await, expected, "{names:?}");
        assert_eq!(status(&server, secret, "GET", &path, Value::Null).await, seen, "{names:?}");
        let mut granted: Vec<&str> =
            token["permissions"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
        granted.sort_unstable();
        assert_eq!(granted, names);
        assert!(token["permissions"].as_array().unwrap().iter().all(|it| it["db_name"] == "shop"), "{token}");
        let emptied =
            told(&server, &john, "PATCH", &format!("/api/tokens/{}", token["id"]), json!({"permissions": []})).await;
        assert_eq!((emptied.0, &emptied.1["permissions"]), (200, &json!([])));
        assert_eq!(rights(&server, secret, &id).await, [false, false, false], "{names:?}");
    }
}

/// A token follows its database when that has another id, and loses it when it has another owner.
#[tokio::test]
async fn a_token_and_its_database_part_with_the_owner() {
    let server = start(&["john"]).await;
    let john = login(&server, "john").await;
    let old = shop(&server, &john).await;
    for team in ["one", "two"] {
        assert_eq!(status(&server, &john, "POST", "/api/teams", json!({"name": team})).await, 200);
    }
    assert_eq!(status(&server, &john, "PATCH", &format!("/api/dbs/{old}"), json!({"owner": "one"})).await, 200);
    let new = json!({"name": "t", "permissions": [{"db_id": old, "name": "read"}], "team_name": "one"});
    let (_, token) = told(&server, &john, "POST", "/api/tokens", new).await;
    let secret = token["body"].as_str().unwrap();
    assert_eq!(rights(&server, secret, &old).await, [true, false, false]);
    let (renewed, body) = told(&server, &john, "POST", &format!("/dbs/{old}/regenerate-db-id"), json!({})).await;
    assert_eq!(renewed, 200, "{body}");
    let id = body["id"].as_str().unwrap();
    assert_eq!(rights(&server, secret, id).await, [true, false, false]);
    assert_eq!(status(&server, secret, "GET", &format!("/api/dbs/{old}"), Value::Null).await, 404);

    assert_eq!(status(&server, &john, "DELETE", "/api/teams/one", Value::Null).await, 409, "it owns a database");
    let two = json!({"owner": {"tag": "TextValue", "contents": "two"}});
    assert_eq!(status(&server, &john, "PATCH", &format!("/api/dbs/{id}"), two).await, 200);
    assert_eq!(rights(&server, secret, id).await, [false, false, false], "at once");
    assert_eq!(status(&server, &john, "DELETE", "/api/teams/one", Value::Null).await, 200);
    assert_eq!(
        status(&server, secret, "GET", &format!("/api/dbs/{id}"), Value::Null).await,
        401,
        "it went with its team"
    );
    assert_eq!(rights(&server, &john, id).await, [true, true, true]);
}
