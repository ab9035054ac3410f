//! The other subcommands, beside a running server.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::process::{Server, program, until};

fn output(command: &mut Command) -> (bool, String, String) {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.success(), text(output.stdout), text(output.stderr))
}

#[tokio::test]
async fn a_generated_password_is_printed_and_works_at_once() {
    let server = Server::start();
    let (created, password, _) = output(&mut server.command(&["user", "create", "ann", "--access", "read"]));
    assert!(created);
    let request = server.client.post(format!("{}/query", server.base)).basic_auth("ann", Some(password.trim_end()));
    assert!(request.body("{\"statement\":\"SELECT 1\"}").send().await.unwrap().status().is_success());
    let (again, _, told) = output(&mut server.command(&["user", "create", "ann"]));
    assert!(!again && told.contains("already exists"), "{told}");
    let (listed, users, _) = output(&mut server.command(&["user", "list"]));
    assert!(listed && users.contains("ann") && users.contains("testuser") && users.contains("enabled"), "{users}");
    assert!(output(&mut server.command(&["user", "disable", "ann"])).0);
    assert!(output(&mut server.command(&["user", "list"])).1.contains("disabled"));
    let (disabled, _, told) = output(&mut server.command(&["user", "disable", "nobody"]));
    assert!(!disabled && told.contains("nobody"), "{told}");
}

#[tokio::test]
async fn a_database_is_there_for_the_running_server() {
    let server = Server::start();
    assert!(output(&mut server.command(&["database", "create", "Shop", "--storage", "lakehouse"])).0);
    until("the server sees it", async || server.ask("CREATE TABLE shop.main.t (n BIGINT)").await.error.is_none()).await;
    let (listed, databases, _) = output(&mut server.command(&["database", "list"]));
    assert!(listed && databases.contains("Shop") && databases.contains("lakehouse"), "{databases}");
    let (again, _, told) = output(&mut server.command(&["database", "create", "shop"]));
    assert!(!again && told.contains("already exists"), "{told}");
    assert!(output(&mut server.command(&["database", "create", "app", "--storage", "sqlite"])).0);
    until("the server sees it", async || server.ask("CREATE TABLE app.main.t (n BIGINT)").await.error.is_none()).await;
    assert_eq!(server.rows("SELECT count(*) FROM shop.main.t").await, json!([[0]]));
}

#[tokio::test]
async fn a_second_server_on_the_directory_says_so() {
    let server = Server::start();
    let (started, _, told) = output(&mut server.command(&["serve", "--listen", "127.0.0.1:0", "--log", "off"]));
    assert!(!started && told.contains("another server"), "{told}");
    let dir = server.kill();
    Server::start_in(dir, &[]);
}

#[tokio::test]
async fn an_address_in_use_is_named() {
    let server = Server::start();
    let address = server.base.strip_prefix("http://").unwrap();
    let other = tempfile::tempdir().unwrap();
    let (started, printed, told) =
        output(program().args(["serve", "--listen", address, "--log", "off", "--data-dir"]).arg(other.path()));
    assert!(!started && told.contains(address), "{told}");
    assert_eq!(printed, "");
}

#[tokio::test]
async fn documents_are_printed_without_a_data_directory() {
    let empty = tempfile::tempdir().unwrap();
    let (printed, json, _) = output(program().arg("openapi").current_dir(empty.path()));
    let document: Value = serde_json::from_str(&json).unwrap();
    assert!(printed && document["paths"]["/query"]["post"].is_object());
    let (printed, yaml, _) =
        output(program().args(["openapi", "--product", "altertable", "--format", "yaml"]).current_dir(empty.path()));
    assert!(printed && yaml.starts_with("openapi: "), "{yaml}");
    let (unknown, _, told) = output(program().args(["openapi", "--product", "nope"]));
    assert!(!unknown && told.contains("nope"), "{told}");
    assert_eq!(std::fs::read_dir(empty.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn listing_makes_no_directory() {
    let empty = tempfile::tempdir().unwrap();
    for command in [["user", "list"], ["database", "list"]] {
        let (listed, _, told) = output(program().args(command).arg("--data-dir").arg(empty.path().join("typo")));
        assert!(!listed && told.contains("typo"), "{told}");
    }
    assert_eq!(std::fs::read_dir(empty.path()).unwrap().count(), 0);
}
