//! What roles and tokens may do in a team's database, asked through the other product: one account, one namespace.

use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::process::{Server, told};

/// A caller's credential.
#[derive(Clone)]
enum Who {
    User(&'static str),
    Token(String),
}

impl Who {
    fn on(&self, request: RequestBuilder) -> RequestBuilder {
        match self {
            Self::User(name) => request.basic_auth(name, Some("test123")),
            Self::Token(token) => request.bearer_auth(token),
        }
    }
}

async fn send(server: &Server, who: &Who, method: &str, path: &str, body: Value) -> (u16, Value) {
    let request = server.client.request(method.parse().unwrap(), format!("{}{path}", server.base));
    let (status, text) = told(who.on(request).json(&body)).await;
    (status.as_u16(), serde_json::from_str(&text).unwrap_or_else(|_| panic!("{path}: {text}")))
}

/// What a statement of Altertable's API comes to: whether it went through.
async fn runs(server: &Server, who: &Who, statement: &str) -> bool {
    let request = who.on(server.client.post(format!("{}/query", server.base)));
    let (status, text) = told(request.json(&json!({"statement": statement}))).await;
    assert_eq!(status.as_u16(), 200, "{text}");
    Answer::read(&text).error.is_none()
}

/// `[may read, may insert, may change]`.
async fn rights(server: &Server, who: &Who, table: &str) -> [bool; 3] {
    [
        runs(server, who, &format!("SELECT n FROM {table}")).await,
        runs(server, who, &format!("INSERT INTO {table} VALUES (1)")).await,
        runs(server, who, &format!("UPDATE {table} SET n = 2 WHERE n = 1")).await,
    ]
}

/// A server with the users `john`, `jane`, and john's database; its id.
async fn start() -> (Server, String) {
    let server = Server::start();
    for name in ["john", "jane"] {
        let user = json!({"username": name, "email_address": format!("{name}@example.org"), "password": "test123"});
        let request = server.client.post(format!("{}/api/users", server.base)).json(&user);
        assert_eq!(told(request).await.0.as_u16(), 200);
    }
    let (status, made) = send(&server, &Who::User("john"), "POST", "/api/dbs", json!({"name": "shop"})).await;
    assert_eq!((status, &made["ownerName"]), (200, &json!("john")), "{made}");
    for statement in ["CREATE TABLE shop.main.t (n BIGINT)", "INSERT INTO shop.main.t VALUES (7)"] {
        assert!(runs(&server, &Who::User("john"), statement).await, "{statement}");
    }
    let id = made["id"].as_str().unwrap().to_owned();
    (server, id)
}

#[tokio::test]
async fn roles_are_rights_in_every_product() {
    let (server, id) = start().await;
    let (john, jane) = (Who::User("john"), Who::User("jane"));
    assert_eq!(rights(&server, &john, "shop.main.t").await, [true, true, true]);
    assert_eq!(rights(&server, &jane, "shop.main.t").await, [false, false, false]);
    let path = format!("/api/dbs/{id}");
    assert_eq!(send(&server, &jane, "GET", &path, Value::Null).await.0, 404);
    for (role, expected, described) in
        [("Viewer", [true, false, false], 403), ("Editor", [true, true, true], 403), ("Admin", [true, true, true], 200)]
    {
        let set = send(&server, &john, "PATCH", "/api/teams/john/members/jane", json!({"roles": [role]})).await;
        assert_eq!(set, (200, json!({})));
        assert_eq!(rights(&server, &jane, "shop.main.t").await, expected, "{role}");
        let change = send(&server, &jane, "PATCH", &path, json!({"description": "wares"})).await;
        assert_eq!(change.0, described, "{role}");
    }
    let (_, team) = send(&server, &jane, "GET", "/api/teams/john", Value::Null).await;
    assert_eq!((&team["databases"][0]["id"], &team["databases"][0]["name"]), (&json!(id), &json!("shop")));
    let (_, jane_s) = send(&server, &jane, "GET", "/api/users/jane", Value::Null).await;
    let counts = json!([{"name": "jane", "numberOfDatabases": 0, "billing": null}, {"name": "john", "numberOfDatabases": 1, "billing": null}]);
    assert_eq!(jane_s["teams"], counts);
    assert_eq!(send(&server, &john, "DELETE", "/api/teams/john/members/jane", Value::Null).await.0, 200);
    assert_eq!(rights(&server, &jane, "shop.main.t").await, [false, false, false], "at once");
}

#[tokio::test]
async fn a_token_may_what_its_permissions_say() {
    let (server, id) = start().await;
    let john = Who::User("john");
    for (names, expected) in
        [(&["read"][..], [true, false, false]), (&["read", "write"], [true, true, true]), (&[], [false, false, false])]
    {
        let permissions: Vec<Value> = names.iter().map(|name| json!({"db_id": id, "name": name})).collect();
        let new = json!({"name": "t", "permissions": permissions, "team_name": "john"});
        let (status, token) = send(&server, &john, "POST", "/api/tokens", new).await;
        assert_eq!(status, 200, "{token}");
        let who = Who::Token(token["body"].as_str().unwrap().to_owned());
        assert_eq!(rights(&server, &who, "shop.main.t").await, expected, "{names:?}");
        let path = format!("/api/tokens/{}", token["id"]);
        let revoked = json!({"permissions": []});
        assert_eq!(send(&server, &john, "PATCH", &path, revoked).await.1["permissions"], json!([]));
        assert_eq!(rights(&server, &who, "shop.main.t").await, [false, false, false], "{names:?}");
    }
    let foreign = json!({"name": "t", "permissions": [{"db_id": "lakehouse", "name": "read"}], "team_name": "john"});
    assert_eq!(send(&server, &john, "POST", "/api/tokens", foreign).await.0, 400);
}

#[tokio::test]
async fn a_team_with_databases_stays_and_a_database_that_moves_leaves_its_tokens() {
    let (server, id) = start().await;
    let john = Who::User("john");
    let path = format!("/api/dbs/{id}");
    for team in ["one", "two"] {
        assert_eq!(send(&server, &john, "POST", "/api/teams", json!({"name": team})).await.0, 200);
    }
    assert_eq!(send(&server, &john, "PATCH", &path, json!({"owner": "one"})).await.0, 200);
    let new = json!({"name": "t", "permissions": [{"db_id": id, "name": "read"}], "team_name": "one"});
    let (_, token) = send(&server, &john, "POST", "/api/tokens", new).await;
    let who = Who::Token(token["body"].as_str().unwrap().to_owned());
    assert_eq!(rights(&server, &who, "shop.main.t").await, [true, false, false]);
    assert_eq!(send(&server, &john, "DELETE", "/api/teams/one", Value::Null).await.0, 409);
    assert_eq!(
        send(&server, &john, "PATCH", &path, json!({"owner": {"tag": "TextValue", "contents": "two"}})).await.0,
        200
    );
    assert_eq!(rights(&server, &who, "shop.main.t").await, [false, false, false], "at once");
    assert_eq!(send(&server, &john, "DELETE", "/api/teams/one", Value::Null).await, (200, json!({})));
    assert_eq!(send(&server, &who, "GET", &path, Value::Null).await.0, 401, "its tokens went with the team");
}
