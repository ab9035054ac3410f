//! Who may call.

use std::process::Stdio;
use std::time::Duration;

use serde_json::json;

use crate::process::{PASSWORD, Server, USER, told, until};

/// base64 of `testuser:testpass`.
const ENCODED: &str = "dGVzdHVzZXI6dGVzdHBhc3M=";

#[tokio::test]
async fn missing_and_wrong_credentials_are_401() {
    let server = Server::start();
    for path in ["/query", "/validate", "/upload?catalog=lakehouse&schema=main&table=t&mode=create"] {
        let url = format!("{}{path}", server.base);
        let request = || server.client.post(&url).body("{\"statement\":\"SELECT 1\"}");
        let missing = request().send().await.unwrap();
        assert_eq!(missing.status().as_u16(), 401, "{path}");
        assert!(missing.headers().contains_key("www-authenticate"), "{path}");
        for wrong in [
            request().basic_auth(USER, Some("wrong")),
            request().basic_auth("nobody", Some(PASSWORD)),
            request().basic_auth("", Some("")),
            request().bearer_auth("dGVzdHVzZXI6d3Jvbmc="),
            request().bearer_auth("not base64!"),
            request().header("authorization", "Basic"),
            request().header("authorization", "Digest x"),
            request().header("authorization", format!("Basic {}", "A".repeat(6000))),
        ] {
            assert_eq!(told(wrong).await.0.as_u16(), 401, "{path}");
        }
    }
    assert!(server.ask("SELECT * FROM t").await.error.is_some());
}

#[tokio::test]
async fn basic_and_bearer_carry_the_same_credential() {
    let server = Server::start();
    for scheme in ["Basic", "Bearer", "basic", "BEARER"] {
        let request = server.client.post(format!("{}/query", server.base)).body("{\"statement\":\"SELECT 1\"}");
        let (status, _) = told(request.header("authorization", format!("{scheme} {ENCODED}"))).await;
        assert_eq!(status.as_u16(), 200, "{scheme}");
    }
}

fn create(server: &Server, name: &str, access: &str, password: &str) {
    let mut command = server.command(&["user", "create", name, "--access", access, "--password-stdin"]);
    let mut process = command.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    std::io::Write::write_all(process.stdin.as_mut().unwrap(), format!("{password}\n").as_bytes()).unwrap();
    assert!(process.wait().unwrap().success());
}

#[tokio::test]
async fn access_is_enforced() {
    let server = Server::start();
    server.load("t", "create", "n\n1\n").await;
    create(&server, "reader", "read", "pa:ss wörd");
    create(&server, "writer", "write", "writes");
    let query = async |user: &str, password: &str, statement: &str| {
        let request = server.client.post(format!("{}/query", server.base)).basic_auth(user, Some(password));
        told(request.json(&json!({ "statement": statement }))).await.1
    };
    let upload = async |user: &str, password: &str| {
        let url = format!("{}/upload?catalog=lakehouse&schema=main&table=t&mode=append", server.base);
        told(server.client.post(url).basic_auth(user, Some(password)).body("n\n2\n")).await.0.as_u16()
    };
    assert!(query("reader", "pa:ss wörd", "SELECT n FROM t").await.ends_with("[1]\n"));
    for statement in [
        "INSERT INTO t VALUES (2)",
        "DELETE FROM t",
        "UPDATE t SET n = 2",
        "DROP TABLE t",
        "CREATE TABLE u (a BIGINT)",
        "CREATE SCHEMA s",
        "CREATE VIEW v AS SELECT 1",
        "ALTER TABLE t ADD COLUMN b BIGINT",
        "MERGE INTO t USING (SELECT 1 AS n) s ON t.n = s.n WHEN MATCHED THEN DELETE",
        "COMMENT ON TABLE t IS 'x'",
        "BEGIN; SELECT 1; INSERT INTO t VALUES (2); COMMIT",
        "TRUNCATE t",
        "CREATE DATABASE d",
        "SELECT 1; DROP TABLE t",
    ] {
        let told = query("reader", "pa:ss wörd", statement).await;
        assert!(told.lines().last().unwrap().starts_with("{\"error\""), "{statement}: {told}");
    }
    assert_eq!(upload("reader", "pa:ss wörd").await, 403);
    assert_eq!(upload("writer", "writes").await, 200);
    assert!(query("writer", "writes", "INSERT INTO t VALUES (3)").await.ends_with("[1]\n"));
    let created = query("writer", "writes", "CREATE DATABASE d").await;
    assert!(created.contains("admin access"), "{created}");
    assert_eq!(server.rows("SELECT n FROM t ORDER BY n").await, json!([[1], [2], [3]]));
}

#[tokio::test]
async fn a_disabled_user_is_out_within_seconds() {
    let server = Server::start();
    create(&server, "ann", "read", "secret");
    let status = async || {
        let request = server.client.post(format!("{}/query", server.base)).basic_auth("ann", Some("secret"));
        told(request.body("{\"statement\":\"SELECT 1\"}")).await.0.as_u16()
    };
    assert_eq!(status().await, 200);
    assert!(server.command(&["user", "disable", "ann"]).status().unwrap().success());
    until("ann is out", async || status().await == 401).await;
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert_eq!(status().await, 401, "and stays out");
}

#[tokio::test]
async fn no_password_is_in_the_log_or_the_data() {
    let server = Server::start();
    create(&server, "ann", "read", "findmeplease");
    let request = server.client.post(format!("{}/query", server.base)).basic_auth("ann", Some("findmeplease"));
    assert_eq!(told(request.body("{\"statement\":\"SELECT 1\"}")).await.0.as_u16(), 200);
    let log = server.log();
    assert!(log.contains("answered"), "requests are logged: {log}");
    for secret in ["findmeplease", PASSWORD, ENCODED] {
        assert!(!log.contains(secret));
    }
}
