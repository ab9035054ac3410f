//! The first start of a data directory.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use serde_json::json;

use crate::process::{Server, USER, program, told};

#[tokio::test]
async fn credentials_are_generated_and_printed_once() {
    let dir = tempfile::tempdir().unwrap();
    let start = || {
        let mut command = program();
        command.args(["serve", "--listen", "127.0.0.1:0", "--log", "off", "--data-dir"]).arg(dir.path().join("data"));
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let mut process = start();
    let mut output = BufReader::new(process.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    let base = line.trim().strip_prefix("listening on ").unwrap().to_owned();
    let mut errors = BufReader::new(process.stderr.take().unwrap());
    let (mut name, mut password) = (String::new(), String::new());
    while password.is_empty() {
        let mut line = String::new();
        assert!(errors.read_line(&mut line).unwrap() > 0, "no credentials were printed");
        if let Some(value) = line.trim().strip_prefix("username: ") {
            name = value.to_owned();
        }
        if let Some(value) = line.trim().strip_prefix("password: ") {
            password = value.to_owned();
        }
    }
    assert_eq!((name.as_str(), password.len()), ("admin", 24));
    let request = reqwest::Client::builder().no_proxy().build().unwrap().post(format!("{base}/query"));
    let request = request.basic_auth(&name, Some(&password)).body("{\"statement\":\"SELECT 7::BIGINT\"}");
    let (status, text) = told(request).await;
    assert!(status.is_success() && text.ends_with("[7]\n"), "{text}");
    process.kill().unwrap();
    process.wait().unwrap();
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "", "standard output has one line");

    let mut again = start();
    let mut line = String::new();
    BufReader::new(again.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("listening on "));
    again.kill().unwrap();
    let mut errors = String::new();
    again.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
    again.wait().unwrap();
    assert!(!errors.contains("password"), "{errors}");
}

#[tokio::test]
async fn given_credentials_are_taken_and_not_printed() {
    let server = Server::start();
    assert_eq!(server.rows("SELECT 7::BIGINT").await, json!([[7]]));
    let log = server.log();
    assert!(log.contains(&format!("username: {USER}")) && !log.contains("testpass"), "{log}");
}

#[tokio::test]
async fn a_fresh_server_has_the_database_lakehouse_with_the_schema_main() {
    let server = Server::start();
    let schemata = "SELECT catalog_name, schema_name FROM information_schema.schemata \
                    WHERE schema_name <> 'information_schema' ORDER BY 1, 2";
    assert_eq!(server.rows(schemata).await, json!([["lakehouse", "main"]]));
    assert_eq!(server.rows("SELECT current_database(), current_schema()").await, json!([["lakehouse", "main"]]));
}

#[tokio::test]
async fn what_was_stored_is_there_after_a_restart() {
    let server = Server::start();
    server.load("t", "create", "n\n1\n2\n").await;
    server.rows("CREATE DATABASE shop; CREATE TABLE shop.main.u AS SELECT 3::BIGINT AS n").await;
    let dir = server.stop().await;
    let again = Server::start_in(dir, &[]);
    assert_eq!(
        again.rows("SELECT n FROM t UNION ALL SELECT n FROM shop.main.u ORDER BY n").await,
        json!([[1], [2], [3]])
    );
}

#[tokio::test]
async fn a_server_that_lost_its_own_files_finds_the_tables_again() {
    let server = Server::start();
    server.load("t", "create", "n\n1\n2\n").await;
    let data = std::path::PathBuf::from(server.data_dir());
    let dir = server.stop().await;
    for file in ["metadata.sqlite", "metadata.sqlite-wal", "metadata.sqlite-shm"] {
        let _ = std::fs::remove_file(data.join(file));
    }
    let again = Server::start_in(dir, &[]);
    assert_eq!(again.rows("SELECT n FROM t ORDER BY n").await, json!([[1], [2]]));
}

#[tokio::test]
async fn the_default_database_can_be_another() {
    let server = Server::start_in(tempfile::tempdir().unwrap(), &["--default-database", "memory"]);
    assert_eq!(server.rows("SELECT current_database()").await, json!([["memory"]]));
    let (status, _) = told(server.upload("t", "create").body("n\n1\n")).await;
    assert_eq!(status.as_u16(), 400, "lakehouse was not made");
}
