//! Settings, variables and the audit.

use model::Access;
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::server::{Answer, Server, json as request};

/// A server with an admin, `boss:testpass`.
async fn server() -> Server {
    let server = Server::start().await;
    server.services.accounts.create("boss", &SecretString::from("testpass"), Access::Admin).await.unwrap();
    server
}

async fn as_boss(server: &Server, method: &str, uri: &str, body: Value) -> Answer {
    server.send(request(method, uri, body, "boss:testpass")).await
}

#[tokio::test]
async fn variables_are_kept_by_name() {
    let server = server().await;
    let made = server.json("POST", "/api/dbs", json!({"name": "Shop"})).await.json();
    for root in [format!("/api/dbs/{}/env", made["id"].as_str().unwrap()), "/api/settings/env".to_owned()] {
        let boss = |method: &'static str, path: &str, body| {
            let uri = format!("{root}{path}");
            let server = &server;
            async move { as_boss(server, method, &uri, body).await }
        };
        let made = boss("POST", "", json!({"name": "B", "value": "s3cret"})).await;
        assert_eq!((made.status, &made.json()["value"]), (200, &json!("s3cret")), "{}", made.text());
        assert!(made.json()["created_utc"].as_str().unwrap().ends_with('Z'));
        assert_eq!(boss("POST", "", json!({"name": "B", "value": "x"})).await.status, 409);
        assert_eq!(boss("POST", "", json!({"name": "A B", "value": "x"})).await.status, 400);
        assert_eq!(boss("POST", "", json!({"name": "A", "value": "x"})).await.status, 200);
        let changed = boss("PATCH", "/B", json!({"name": "C", "value": "y"})).await;
        assert_eq!((changed.status, changed.json()), (200, json!({})));
        let listed = boss("GET", "", Value::Null).await.json();
        let found = listed["envVars"].as_array().unwrap().iter().map(|it| (it["name"].clone(), it["value"].clone()));
        let expected = [(json!("A"), json!("x")), (json!("C"), json!("y"))];
        assert_eq!(found.collect::<Vec<_>>(), expected);
        let removed = boss("DELETE", "/A", Value::Null).await;
        assert_eq!((removed.status, removed.json()), (200, json!({})));
        assert_eq!(boss("DELETE", "/A", Value::Null).await.status, 404);
        let reader = server.send(request("GET", &root, Value::Null, "reader:testpass")).await;
        assert!([403, 404].contains(&reader.status), "{root}: {}", reader.status);
    }
}

#[tokio::test]
async fn settings_change_as_they_are_named() {
    let server = server().await;
    let made = server.json("POST", "/api/dbs", json!({"name": "Shop"})).await.json();
    let uri = format!("/api/dbs/{}/settings", made["id"].as_str().unwrap());
    let first = json!({"auditing": false, "environment": null, "envVars": [], "schemaLocked": false, "viewsTab": false,
        "visibility": "private"});
    assert_eq!(server.json("GET", &uri, Value::Null).await.json(), first);
    let patch = json!({"auditing": true, "environment": "production", "envVars": [{"name": "KEY", "value": "v"}],
        "schemaLocked": true, "viewsTab": true, "visibility": "public"});
    let changed = server.json("PATCH", &uri, patch.clone()).await;
    assert_eq!((changed.status, changed.json()), (200, json!({})), "{}", changed.text());
    assert_eq!(server.json("GET", &uri, Value::Null).await.json(), patch);
    assert_eq!(server.json("PATCH", &uri, json!({"environment": {"tag": "TextNull"}})).await.status, 200);
    let unchanged = server.json("GET", &uri, Value::Null).await.json();
    assert_eq!((&unchanged["environment"], &unchanged["viewsTab"]), (&Value::Null, &json!(true)));
    for (patch, told) in [
        (json!({"visibility": "secret"}), "use public or private"),
        (json!({"environment": "two\nlines"}), "`environment` is a label"),
        (json!({"auditing": "yes"}), "`auditing`"),
        (json!({"envVars": [{"name": "A-B", "value": ""}]}), "\"A-B\" cannot be the name of a variable"),
    ] {
        let refused = server.json("PATCH", &uri, patch).await;
        assert_eq!(refused.status, 400);
        assert!(refused.told().contains(told), "{}", refused.text());
    }
}

#[tokio::test]
async fn settings_of_the_server_are_for_its_admins() {
    let server = server().await;
    let uri = "/api/settings";
    assert_eq!(as_boss(&server, "GET", uri, Value::Null).await.json(), json!({"allowedHosts": [], "envVars": []}));
    let patch = json!({"allowedHosts": ["example.com", "[::1]:80"], "envVars": [{"name": "KEY", "value": "v"}]});
    assert_eq!(as_boss(&server, "PATCH", uri, patch.clone()).await.json(), json!({}));
    assert_eq!(as_boss(&server, "GET", uri, Value::Null).await.json(), patch);
    let wrong = json!({"allowedHosts": ["http://example.com"], "envVars": [{"name": "KEY", "value": "w"}]});
    assert_eq!(as_boss(&server, "PATCH", uri, wrong).await.status, 400);
    assert_eq!(as_boss(&server, "GET", uri, Value::Null).await.json(), patch);
    for (method, body) in [("GET", Value::Null), ("PATCH", json!({}))] {
        assert_eq!(server.json(method, uri, body).await.status, 403, "{method}");
    }
}

#[tokio::test]
async fn the_audit_is_read_newest_first() {
    let server = server().await;
    let path = server.folder.path().join("empty.sqlite");
    rusqlite::Connection::open(&path).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let made = server.json("POST", "/api/dbs", json!({"name": "Shop"})).await.json();
    let id = made["id"].as_str().unwrap();
    let put = || crate::server::form("PUT", &format!("/dbs/{id}"), &[("file", Some("x"), &bytes)]);
    assert_eq!(server.send(put()).await.status, 200);
    let settings = format!("/api/dbs/{id}/settings");
    assert_eq!(server.json("PATCH", &settings, json!({"auditing": true})).await.status, 200);
    assert_eq!(server.send(put()).await.status, 200);
    let audit = format!("/api/dbs/{id}/audit");
    let entries = server.json("GET", &audit, Value::Null).await.json();
    assert_eq!(entries["entries"].as_array().map(Vec::len), Some(1), "{entries}");
    let entry = &entries["entries"][0];
    assert_eq!((&entry["actor"], &entry["operation"]), (&json!("testuser"), &json!("replace_database")));
    let none = server.json("GET", &format!("{audit}?before={}", entry["id"]), Value::Null).await.json();
    assert_eq!(none, json!({"entries": []}));
    assert_eq!(server.json("GET", &format!("{audit}?limit=0"), Value::Null).await.status, 400);
}
