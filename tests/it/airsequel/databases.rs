//! SQLite databases on the real program: made, asked, uploaded, downloaded, renamed, and there after a restart.

use std::process::Command;

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::process::{PASSWORD, Server, USER, until};

async fn send(server: &Server, method: Method, path: &str, body: Value) -> Response {
    let mut request = server.client.request(method, format!("{}{path}", server.base));
    if !body.is_null() {
        request = request.json(&body);
    }
    request.basic_auth(USER, Some(PASSWORD)).send().await.unwrap()
}

async fn call(server: &Server, method: Method, path: &str, body: Value) -> (u16, Value) {
    let response = send(server, method, path, body).await;
    (response.status().as_u16(), response.json().await.unwrap())
}

/// A form with one file.
async fn upload(server: &Server, method: Method, path: &str, name: &str, bytes: &[u8]) -> (u16, Value) {
    let head = format!("--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
    let body = [head.as_bytes(), bytes, b"\r\n--xyz--\r\n"].concat();
    let request = server.client.request(method, format!("{}{path}", server.base)).body(body);
    let request = request.header("content-type", "multipart/form-data; boundary=xyz");
    let response = request.basic_auth(USER, Some(PASSWORD)).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

fn id(made: &(u16, Value)) -> String {
    assert_eq!(made.0, 200, "{}", made.1);
    made.1["id"].as_str().unwrap().to_owned()
}

/// What Python's SQLite, which is not ours, says of a file.
fn read_by_python(path: &std::path::Path, sql: &str) -> String {
    let script = "import sqlite3, sys; print(*sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone(), sep='|')";
    let output = Command::new("python3").args(["-c", script]).arg(path).arg(sql).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

#[tokio::test]
async fn a_database_is_a_catalog_of_its_name_and_stays_over_a_restart() {
    let server = Server::start();
    let script = "CREATE TABLE t (a INTEGER, b TEXT); INSERT INTO t VALUES (1, 'one'), (2, 'two')";
    let made = call(&server, Method::POST, "/api/dbs", json!({"name": "shop", "query": script})).await;
    let id = id(&made);
    assert_eq!(made.1["ownerName"], USER);
    assert_eq!(server.rows("SELECT a, b FROM shop.main.t ORDER BY a").await, json!([[1, "one"], [2, "two"]]));
    server.rows("INSERT INTO shop.main.t VALUES (3, 'three')").await;
    let uri = format!("/api/dbs/{id}");
    let variable = json!({"name": "KEY", "value": "s3cret"});
    assert_eq!(call(&server, Method::POST, &format!("{uri}/env"), variable).await.0, 200);
    assert_eq!(call(&server, Method::PATCH, &uri, json!({"name": "store"})).await, (200, json!({})));
    assert_eq!(server.rows("SELECT count(*) FROM store.main.t").await, json!([[3]]));
    let renewed = call(&server, Method::POST, &format!("/dbs/{id}/regenerate-db-id"), Value::Null).await;
    let new = self::id(&renewed);
    assert_eq!(call(&server, Method::GET, &uri, Value::Null).await.0, 404);
    let dir = server.stop().await;
    let metadata = std::fs::read(dir.path().join("data/metadata.sqlite")).unwrap();
    assert!(!metadata.windows(6).any(|bytes| bytes == b"s3cret"));
    let server = Server::start_in(dir, &[]);
    let described = call(&server, Method::GET, &format!("/api/dbs/{new}"), Value::Null).await.1;
    assert_eq!((&described["name"], &described["tables"][0]["name"]), (&json!("store"), &json!("t")));
    let variables = call(&server, Method::GET, &format!("/api/dbs/{new}/env"), Value::Null).await.1;
    assert_eq!(variables["envVars"][0]["value"], "s3cret");
    assert_eq!(server.rows("SELECT sum(a) FROM store.main.t").await, json!([[6]]));
}

#[tokio::test]
async fn files_come_back_as_they_went_in() {
    let server = Server::start();
    let path = server.dir().join("given.sqlite");
    let sql = "CREATE TABLE cities (name TEXT, height REAL)";
    let script = "import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); d.execute(sys.argv[2]); \
                  d.executemany('INSERT INTO cities VALUES (?, ?)', [(f'city {n}', n / 4) for n in range(5000)]); d.commit()";
    assert!(Command::new("python3").args(["-c", script]).arg(&path).arg(sql).status().unwrap().success());
    let bytes = std::fs::read(&path).unwrap();
    let given = id(&upload(&server, Method::POST, "/dbs", "given.sqlite", &bytes).await);
    let kept = std::fs::read(server.dir().join("data/databases").join(&given).join("main.sqlite")).unwrap();
    // The first hundred bytes say how the file is written (with a log beside it) and by which SQLite; the rest is as it came.
    assert!(kept.len() == bytes.len() && kept[100..] == bytes[100..], "it is kept as it came");
    let download = send(&server, Method::GET, &format!("/dbs/{given}/download"), Value::Null).await;
    assert_eq!(
        download.headers()["content-disposition"].to_str().unwrap().split(';').nth(1),
        Some(" filename=\"given.sqlite\"")
    );
    let copy = server.dir().join("copy.sqlite");
    std::fs::write(&copy, download.bytes().await.unwrap()).unwrap();
    assert_eq!(read_by_python(&copy, "SELECT count(*), sum(height) FROM cities"), "5000|3124375.0");
    let csv = "name,height,capital,founded\nSeattle,56,false,1851-11-13\nDenver,1609.3,true,1858-11-22\n";
    let cities = id(&upload(&server, Method::POST, "/dbs", "us cities.csv", csv.as_bytes()).await);
    let file = server.dir().join("data/databases").join(&cities).join("main.sqlite");
    let sql = "SELECT count(*), sum(height), max(capital), min(founded) FROM \"us cities\"";
    assert_eq!(read_by_python(&file, sql), "2|1665.3|1|1851-11-13");
    let replaced = upload(&server, Method::PUT, &format!("/dbs/{cities}"), "given.sqlite", &bytes).await;
    assert_eq!(id(&replaced), cities);
    let described = call(&server, Method::GET, &format!("/api/dbs/{cities}"), Value::Null).await.1;
    assert_eq!(described["tables"][0]["sql"], "CREATE TABLE cities (name TEXT, height REAL)");
}

#[tokio::test]
async fn a_download_is_one_state_while_others_write() {
    let server = Server::start();
    let script = "CREATE TABLE a (n INTEGER); CREATE TABLE b (n INTEGER)";
    let made = call(&server, Method::POST, "/api/dbs", json!({"name": "pair", "query": script})).await;
    let id = id(&made);
    let writing = async {
        for n in 0..30 {
            server.rows(&format!("INSERT INTO pair.main.a VALUES ({n})")).await;
            server.rows(&format!("INSERT INTO pair.main.b VALUES ({n})")).await;
        }
    };
    let copying = async {
        let mut copies = Vec::new();
        for number in 0..5 {
            let download = send(&server, Method::GET, &format!("/dbs/{id}/download"), Value::Null).await;
            let path = server.dir().join(format!("copy {number}"));
            std::fs::write(&path, download.bytes().await.unwrap()).unwrap();
            copies.push(path);
        }
        copies
    };
    let ((), copies) = tokio::join!(writing, copying);
    for path in copies {
        let sql = "SELECT (SELECT count(*) FROM a) - (SELECT count(*) FROM b) IN (0, 1), (SELECT * FROM pragma_integrity_check)";
        assert_eq!(read_by_python(&path, sql), "1|ok");
    }
}

#[tokio::test]
async fn an_upload_that_is_killed_leaves_nothing_half_done() {
    let server = Server::start();
    let mut csv = String::from("n,word\n");
    (0..1_000_000).for_each(|n| csv.push_str(&format!("{n},word {n}\n")));
    let form = format!(
        "--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"big.csv\"\r\n\r\n{csv}\r\n--xyz--\r\n"
    );
    let request = server.client.post(format!("{}/dbs", server.base)).body(form);
    let request = request.header("content-type", "multipart/form-data; boundary=xyz").basic_auth(USER, Some(PASSWORD));
    let sent = tokio::spawn(request.send());
    let databases = server.dir().join("data/databases");
    let count = || std::fs::read_dir(&databases).map_or(0, Iterator::count);
    until("a database is being made", async || count() > 0).await;
    let dir = server.kill();
    let _ = sent.await;
    let server = Server::start_in(dir, &[]);
    let databases = server.dir().join("data/databases");
    let kept: Vec<_> = std::fs::read_dir(databases).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    let listed = call(&server, Method::GET, "/api/dbs", Value::Null).await.1;
    assert_eq!(
        listed["numberOfDatabases"],
        1 + kept.len(),
        "the lakehouse, and an upload that was done before the kill"
    );
    for id in kept {
        let path = format!("/dbs/{}/sql", id.to_string_lossy());
        let counted = json!({"query": "SELECT count(*) AS n FROM big"});
        assert_eq!(call(&server, Method::POST, &path, counted).await.1["rows"], json!([{"n": 1_000_000}]));
    }
}

#[tokio::test]
async fn databases_without_an_owner_are_made_where_the_server_allows_it() {
    let body = json!({"name": "notes", "query": "CREATE TABLE t (a)"});
    let server = Server::start();
    let refused = server.client.post(format!("{}/api/dbs", server.base)).json(&body).send().await.unwrap();
    assert_eq!(refused.status(), 401);
    let server = Server::start_in(server.stop().await, &["--anonymous-databases"]);
    let made = server.client.post(format!("{}/api/dbs", server.base)).json(&body).send().await.unwrap();
    assert_eq!(made.status(), 200);
    let made: Value = made.json().await.unwrap();
    let uri = format!("{}/api/dbs/{}", server.base, made["id"].as_str().unwrap());
    let described: Value = server.client.get(uri).send().await.unwrap().json().await.unwrap();
    assert_eq!((&described["visibility"], &described["owner"]), (&json!("public"), &Value::Null));
}
