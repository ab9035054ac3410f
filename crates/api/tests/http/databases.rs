//! SQLite databases as a whole.

use poem::Request;
use poem::http::header;
use rusqlite::Connection;
use serde_json::{Value, json};
use services::DatabaseRules;

use crate::server::{Answer, Server, form, json as request, signed};

const SCRIPT: &str = "CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1), (2); CREATE VIEW v AS SELECT a FROM t";

async fn create(server: &Server, name: &str) -> String {
    let made = server.json("POST", "/api/dbs", json!({"name": name, "query": SCRIPT})).await;
    assert_eq!(made.status, 200, "{}", made.text());
    made.json()["id"].as_str().unwrap().to_owned()
}

async fn anonymous(server: &Server, method: &str, uri: &str) -> Answer {
    server.send(Request::builder().method(method.parse().unwrap()).uri_str(uri).finish()).await
}

#[tokio::test]
async fn a_database_is_made_described_changed_and_removed() {
    let server = Server::start().await;
    let made = server.json("POST", "/api/dbs", json!({"name": "Shop", "query": SCRIPT, "team": null})).await;
    assert_eq!((made.status, &made.json()["ownerName"]), (200, &json!("testuser")), "{}", made.text());
    let keys: Vec<String> = made.json().as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["id", "ownerName", "ownershipUtc"]);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let uri = format!("/api/dbs/{id}");
    let described = server.json("GET", &uri, Value::Null).await.json();
    for (key, value) in [
        ("name", json!("Shop")),
        ("owner", json!("testuser")),
        ("visibility", json!("private")),
        ("fileFormat", json!("sqlite")),
        ("description", Value::Null),
        ("location", Value::Null),
        ("auditing", json!(false)),
    ] {
        assert_eq!(described[key], value, "{key}");
    }
    assert_eq!(described["readonlyId"].as_str().map(str::len), Some(16));
    let tables = described["tables"].as_array().unwrap();
    let shown: Vec<_> = tables.iter().map(|it| (it["name"].as_str(), it["object_type"].as_str())).collect();
    assert_eq!(shown, [(Some("t"), Some("Table")), (Some("v"), Some("View"))]);
    assert_eq!((&tables[0]["sql"], &tables[0]["rootpage"]), (&json!("CREATE TABLE t (a INTEGER)"), &json!(2)));
    // A view may take as long as any statement.
    assert_eq!((&tables[0]["numberOfRows"], &tables[1]["numberOfRows"]), (&json!(2), &Value::Null));
    for (patch, description) in [
        (json!({"description": "All of it"}), json!("All of it")),
        (json!({"name": "Store"}), json!("All of it")),
        (json!({"description": {"tag": "TextNull"}}), Value::Null),
    ] {
        let changed = server.json("PATCH", &uri, patch).await;
        assert_eq!((changed.status, changed.json()), (200, json!({})));
        assert_eq!(server.json("GET", &uri, Value::Null).await.json()["description"], description);
    }
    let listed = server.json("GET", "/api/dbs", Value::Null).await.json();
    let names: Vec<_> = listed["databases"].as_array().unwrap().iter().map(|it| it["name"].clone()).collect();
    assert_eq!((names, &listed["numberOfDatabases"]), (vec![json!("lakehouse"), json!("Store")], &json!(2)));
    let page = server.json("GET", &format!("/dbs/{id}"), Value::Null).await;
    assert!(page.text().contains("<h1>Store</h1>") && page.text().contains("<code>v</code>"), "{}", page.text());
    let vacuumed = server.json("POST", &format!("{uri}/vacuum"), Value::Null).await;
    assert_eq!((vacuumed.status, vacuumed.json()), (200, json!({})));
    let removed = server.json("DELETE", &uri, Value::Null).await;
    assert_eq!((removed.status, removed.json()), (200, json!({})));
    let gone = server.json("GET", &uri, Value::Null).await;
    assert_eq!((gone.status, gone.told()), (404, format!("Database \"{id}\" does not exist")));
    assert!(server.database_ids().is_empty());
}

#[tokio::test]
async fn the_lakehouse_describes_itself_as_well() {
    let server = Server::start().await;
    let described = server.json("GET", "/api/dbs/lakehouse", Value::Null).await.json();
    assert_eq!((&described["id"], &described["fileFormat"]), (&json!("lakehouse"), &json!("delta")));
    let refused = server.json("GET", "/dbs/lakehouse/download", Value::Null).await;
    assert_eq!((refused.status, refused.told().contains("only SQLite databases")), (501, true));
    let admins = server.json("DELETE", "/api/dbs/lakehouse", Value::Null).await;
    assert_eq!(admins.status, 403);
}

#[tokio::test]
async fn refusals_say_who_may() {
    let server = Server::start().await;
    let id = create(&server, "Shop").await;
    let uri = format!("/api/dbs/{id}");
    for (method, uri, body) in [
        ("GET", uri.clone(), Value::Null),
        ("PATCH", uri.clone(), json!({})),
        ("DELETE", uri.clone(), Value::Null),
        ("POST", format!("{uri}/vacuum"), Value::Null),
        ("GET", format!("/dbs/{id}/download"), Value::Null),
        ("POST", format!("/dbs/{id}/duplicate"), Value::Null),
        ("POST", format!("/dbs/{id}/regenerate-db-id"), Value::Null),
        ("GET", format!("{uri}/settings"), Value::Null),
        ("GET", format!("{uri}/env"), Value::Null),
        ("GET", format!("{uri}/audit"), Value::Null),
    ] {
        let other = server.send(request(method, &uri, body.clone(), "reader:testpass")).await;
        assert_eq!(other.status, 404, "{method} {uri}");
        let mut nobody = request(method, &uri, body, "x:x");
        nobody.headers_mut().remove(header::AUTHORIZATION);
        assert_eq!(server.send(nobody).await.status, 401, "{method} {uri}");
    }
    for (body, status, told) in [
        (json!({"name": ""}), 400, "the database name is empty"),
        (json!({}), 400, "missing field `name`"),
        (json!({"name": "x", "fileFormat": "xlsx"}), 400, "`fileFormat` \"xlsx\" is not one of sqlite, csv"),
        (json!({"name": "x", "query": "CREATE TABLE"}), 400, "incomplete input"),
        (json!({"name": "x", "team": "reader"}), 404, "Team \"reader\" does not exist"),
    ] {
        let refused = server.json("POST", "/api/dbs", body).await;
        assert_eq!(refused.status, status);
        assert!(refused.told().contains(told), "{}", refused.text());
    }
    let nobody = Request::builder().method(poem::http::Method::POST).uri_str("/api/dbs").body(r#"{"name":"x"}"#);
    assert_eq!(server.send(nobody).await.status, 401);
    assert_eq!(server.database_ids(), [id]);
}

#[tokio::test]
async fn nobody_s_databases_are_everybody_s_who_knows_their_id() {
    let server = Server::start_with(DatabaseRules { anonymous: true }, |settings| settings).await;
    let body = json!({"name": "Notes", "query": SCRIPT}).to_string();
    let made = server.send(Request::builder().method(poem::http::Method::POST).uri_str("/api/dbs").body(body)).await;
    assert_eq!((made.status, made.json()["ownerName"].clone()), (200, Value::Null), "{}", made.text());
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let described = anonymous(&server, "GET", &format!("/api/dbs/{id}")).await.json();
    assert_eq!(described["visibility"], "public");
    assert!(described["expirationUtc"].is_string());
    assert_eq!(anonymous(&server, "GET", "/api/dbs").await.json(), json!({"databases": [], "numberOfDatabases": 0}));
    let uri = format!("/api/dbs/{id}");
    assert_eq!(server.json("PATCH", &uri, json!({"owner": "testuser"})).await.status, 200);
    let owned = server.json("GET", &uri, Value::Null).await.json();
    assert_eq!((&owned["owner"], &owned["expirationUtc"]), (&json!("testuser"), &Value::Null));
}

#[tokio::test]
async fn files_are_uploaded_and_come_back_byte_for_byte() {
    let server = Server::start().await;
    let path = server.folder.path().join("shop.sqlite");
    Connection::open(&path).unwrap().execute_batch(SCRIPT).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let parts: &[(&str, Option<&str>, &[u8])] =
        &[("environment", None, b"Testing"), ("upload", Some("shop.sqlite"), &bytes), ("more", None, b"ignored")];
    let made = server.send(form("POST", "/dbs", parts)).await;
    assert_eq!(made.status, 200, "{}", made.text());
    let id = made.json()["id"].as_str().unwrap().to_owned();
    // The first hundred bytes say how the file is written (with a log beside it) and by which SQLite; the rest is as it came.
    let kept = std::fs::read(server.database_file(&id)).unwrap();
    assert!(kept.len() == bytes.len() && kept[100..] == bytes[100..], "the file is not as it came");
    let described = server.json("GET", &format!("/api/dbs/{id}"), Value::Null).await.json();
    assert_eq!((&described["name"], &described["fileName"]), (&json!("shop"), &json!("shop.sqlite")));
    assert_eq!((&described["environment"], &described["size"]), (&json!("Testing"), &json!(bytes.len())));
    let request = request("GET", &format!("/dbs/{id}/download"), Value::Null, "testuser:testpass");
    let response = server.respond(request).await;
    assert_eq!(response.headers()["content-type"], "application/vnd.sqlite3");
    let told = response.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert_eq!(told, "attachment; filename=\"shop.sqlite\"; filename*=UTF-8''shop.sqlite");
    let length: usize = response.headers()["content-length"].to_str().unwrap().parse().unwrap();
    let copy = response.into_body().into_vec().await.unwrap();
    assert_eq!(copy.len(), length);
    std::fs::write(&path, copy).unwrap();
    let sum: i64 = Connection::open(&path).unwrap().query_row("SELECT sum(a) FROM v", [], |row| row.get(0)).unwrap();
    assert_eq!(sum, 3);
    let replaced = server.send(form("PUT", &format!("/dbs/{id}"), &[("file", Some("x"), &bytes)])).await;
    assert_eq!((replaced.status, &replaced.json()["id"]), (200, &json!(id)), "{}", replaced.text());
    assert_eq!(std::fs::read_dir(server.folder.path().join("scratch")).unwrap().count(), 0);
}

#[tokio::test]
async fn a_browser_s_form_leads_to_the_database() {
    let server = Server::start().await;
    let mut sent = form("POST", "/dbs", &[("file", Some("cities.csv"), b"city,height\nSeattle,56\n")]);
    sent.headers_mut().insert(header::ACCEPT, "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8".parse().unwrap());
    let made = server.send(sent).await;
    let id = made.json()["id"].as_str().unwrap().to_owned();
    assert_eq!((made.status, made.header("location")), (303, Some(format!("/dbs/{id}").as_str())));
    let described = server.json("GET", &format!("/api/dbs/{id}"), Value::Null).await.json();
    assert_eq!((&described["tables"][0]["name"], &described["fileFormat"]), (&json!("cities"), &json!("csv")));
}

#[tokio::test]
async fn what_is_no_form_with_a_database_is_refused() {
    let server =
        Server::start_with(DatabaseRules::default(), |settings| api::ApiSettings { upload_limit: 10_000, ..settings })
            .await;
    let csv: &[u8] = b"a,b\n1,2\n";
    let large = vec![b'x'; 10_001];
    let cut = {
        let mut sent = form("POST", "/dbs", &[("file", Some("a.csv"), csv)]);
        let whole = sent.take_body().into_vec().await.unwrap();
        sent.set_body(whole[..whole.len() - 12].to_vec());
        sent
    };
    let long_head = {
        let mut sent = form("POST", "/dbs", &[]);
        sent.set_body([b"--xyz\r\nContent-Disposition: ".as_slice(), &vec![b'x'; 2 << 20]].concat());
        sent
    };
    for (sent, status, told) in [
        (form("POST", "/dbs", &[("name", None, b"x")]), 400, "the form has no file"),
        (form("POST", "/dbs", &[("a", Some("a"), csv), ("b", Some("b"), csv)]), 400, "the form has two files"),
        (form("POST", "/dbs", &[("name", None, b"x"), ("name", None, b"y")]), 400, "two parts `name`"),
        (form("POST", "/dbs", &[("file", Some("a"), b"%PDF-1.7 ...")]), 400, "application/pdf"),
        (form("POST", "/dbs", &[("file", Some("a"), b"a,b\n1,2,3\n")]), 400, "line 2"),
        (form("POST", "/dbs", &[("file", Some("a"), csv), ("team", None, b"nobodys")]), 404, "Team \"nobodys\""),
        (form("POST", "/dbs", &[("file", Some("a"), &large)]), 413, "larger than 10000 bytes"),
        (cut, 400, "the form"),
        (long_head, 413, "larger than"),
    ] {
        let refused = server.send(sent).await;
        assert_eq!(refused.status, status, "{}", refused.text());
        assert!(refused.told().contains(told), "{}", refused.text());
    }
    for content_type in [None, Some("text/csv"), Some("multipart/form-data")] {
        let mut sent = signed(
            Request::builder().method(poem::http::Method::POST).uri_str("/dbs").body(csv),
            "Basic",
            "testuser:testpass",
        );
        if let Some(content_type) = content_type {
            sent.headers_mut().insert(header::CONTENT_TYPE, content_type.parse().unwrap());
        }
        let refused = server.send(sent).await;
        assert_eq!((refused.status, refused.header("accept")), (415, Some("multipart/form-data")), "{content_type:?}");
    }
    assert!(server.database_ids().is_empty());
    assert_eq!(std::fs::read_dir(server.folder.path().join("scratch")).unwrap().count(), 0);
}

#[tokio::test]
async fn links_that_change_something_are_not_followed_from_other_sites() {
    let server = Server::start().await;
    let id = create(&server, "Shop").await;
    let described = server.json("GET", &format!("/api/dbs/{id}"), Value::Null).await.json();
    let link = described["readonlyId"].as_str().unwrap().to_owned();
    for uri in [
        format!("/dbs/{id}/duplicate"),
        format!("/dbs/{id}/regenerate-db-id"),
        format!("/dbs/{id}/regenerate-readonly-id"),
        format!("/readonly/{link}/duplicate"),
    ] {
        for site in ["cross-site", "same-site"] {
            let mut sent = request("GET", &uri, Value::Null, "testuser:testpass");
            sent.headers_mut().insert("sec-fetch-site", site.parse().unwrap());
            assert_eq!(server.send(sent).await.status, 403, "{uri}");
        }
    }
    assert_eq!(server.database_ids(), [id.clone()]);
    let mut sent = request("GET", &format!("/readonly/{link}/duplicate"), Value::Null, "reader:testpass");
    sent.headers_mut().insert("sec-fetch-site", "none".parse().unwrap());
    let copied = server.send(sent).await;
    let copy = copied.json()["id"].as_str().unwrap().to_owned();
    assert_eq!((copied.status, copied.header("location")), (303, Some(format!("/dbs/{copy}").as_str())));
    assert_eq!(copied.json()["ownerName"], "reader");
    let renewed = server.json("POST", &format!("/dbs/{id}/regenerate-db-id"), Value::Null).await;
    let new = renewed.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(server.json("GET", &format!("/api/dbs/{id}"), Value::Null).await.status, 404);
    let visited = server.json("GET", &format!("/dbs/{new}/regenerate-readonly-id"), Value::Null).await;
    assert_eq!((visited.status, visited.header("location")), (303, Some(format!("/dbs/{new}").as_str())));
    let described = server.json("GET", &format!("/api/dbs/{new}"), Value::Null).await.json();
    assert_ne!(described["readonlyId"], json!(link));
    let old = server.json("POST", &format!("/readonly/{link}/duplicate"), Value::Null).await;
    assert_eq!(old.status, 404);
}
