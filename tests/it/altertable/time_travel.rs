//! Older versions of a table: read, listed, and restored.

use std::io::Write;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::process::Server;

/// A table of four versions: empty, one row, two rows, and one of them changed.
async fn versions() -> Server {
    let server = Server::start_in(tempfile::tempdir().unwrap(), &["--table-care", "off"]);
    server.rows("CREATE TABLE t (id BIGINT, name VARCHAR)").await;
    server.rows("INSERT INTO t VALUES (1, 'Ann')").await;
    server.rows("INSERT INTO t VALUES (2, 'Bob')").await;
    server.rows("UPDATE t SET name = 'Eve' WHERE id = 2").await;
    server
}

async fn error(server: &Server, statement: &str) -> String {
    server.ask(statement).await.error.unwrap_or_else(|| panic!("{statement} succeeded"))
}

#[tokio::test]
async fn a_version_is_read_by_its_number() {
    let server = versions().await;
    for (from, expected) in [
        ("t AT (VERSION => 0)", json!([])),
        ("t AT (VERSION => 1)", json!([[1, "Ann"]])),
        ("main.t AT (version => 1 + 1)", json!([[1, "Ann"], [2, "Bob"]])),
        ("lakehouse.main.t VERSION AS OF 2", json!([[1, "Ann"], [2, "Bob"]])),
        ("T AT (VERSION => 3)", json!([[1, "Ann"], [2, "Eve"]])),
    ] {
        assert_eq!(server.rows(&format!("SELECT * FROM {from} ORDER BY id")).await, expected, "{from}");
    }
    assert_eq!(server.rows("SELECT t.name FROM t AT (VERSION => 2) WHERE t.id = 2").await, json!([["Bob"]]));
    let pruned = "SELECT count(*) FROM t AT (VERSION => 2) WHERE id > 1";
    assert_eq!(server.rows(pruned).await, json!([[1]]));
}

#[tokio::test]
async fn several_versions_stand_in_one_statement() {
    let server = versions().await;
    let joined =
        "SELECT old.name, new.name FROM t AT (VERSION => 2) AS old JOIN t new ON old.id = new.id ORDER BY old.id";
    assert_eq!(server.rows(joined).await, json!([["Ann", "Ann"], ["Bob", "Eve"]]));
    let added =
        "SELECT id FROM t AT (VERSION => 2) b WHERE NOT EXISTS (SELECT 1 FROM t AT (VERSION => 1) a WHERE a.id = b.id)";
    assert_eq!(server.rows(added).await, json!([[2]]));
    let both = "SELECT * FROM t AT (VERSION => 2) EXCEPT SELECT * FROM t";
    assert_eq!(server.rows(both).await, json!([[2, "Bob"]]));
    server.rows("CREATE VIEW past AS SELECT p.name FROM t AT (VERSION => 2) AS p WHERE p.id = 2").await;
    server.rows("CREATE VIEW named (n) AS SELECT p.name FROM t AT (VERSION => 2) p WHERE p.id = 2").await;
    assert_eq!(server.rows("SELECT * FROM past, named").await, json!([["Bob", "Bob"]]));
    server.rows("INSERT INTO t SELECT id + 10, name FROM t AT (VERSION => 2)").await;
    assert_eq!(server.rows("SELECT count(*) FROM t").await, json!([[4]]));
}

#[tokio::test]
async fn a_version_is_read_by_its_time() {
    let server = versions().await;
    let history = server.rows("SELECT version, time FROM table_history('t') ORDER BY version").await;
    for row in history.as_array().unwrap() {
        let counted = |from: String| format!("SELECT count(*) FROM t {from}");
        let time = row[1].as_str().unwrap();
        let by_time = server.rows(&counted(format!("AT (TIMESTAMP => '{time}')"))).await;
        assert_eq!(by_time, server.rows(&counted(format!("AT (VERSION => {})", row[0]))).await, "{row}");
    }
    tokio::time::sleep(Duration::from_millis(1100)).await;
    server.rows("INSERT INTO t VALUES (3, 'Zoe')").await;
    let before = "SELECT count(*) FROM t TIMESTAMP AS OF now() - INTERVAL '1 second'";
    assert_eq!(server.rows(before).await, json!([[2]]));
    let standard = "SELECT count(*) FROM t FOR SYSTEM_TIME AS OF TIMESTAMP '2100-01-01 00:00:00'";
    assert_eq!(server.rows(standard).await, json!([[3]]));
    let early = error(&server, "SELECT * FROM t AT (TIMESTAMP => '2001-01-01 00:00:00')").await;
    assert!(early.contains("version 0, the oldest that is kept"), "{early}");
}

#[tokio::test]
async fn what_is_no_version_says_so() {
    let server = versions().await;
    server.rows("CREATE VIEW v AS SELECT * FROM t").await;
    for (statement, part) in [
        ("SELECT * FROM t AT (VERSION => 4)", "version 4 does not exist; the newest is 3"),
        ("SELECT * FROM t AT (VERSION => -1)", "-1 is not a version"),
        ("SELECT * FROM t AT (VERSION => 'x')", "is not a version"),
        ("SELECT * FROM t AT (VERSION => id)", "id"),
        ("SELECT * FROM t AT (TIMESTAMP => 'soon')", "'soon' is not a timestamp"),
        ("SELECT * FROM t AT (COMMIT => 1)", "write AT (VERSION => 3)"),
        ("SELECT * FROM t AT (VERSION => 1, TIMESTAMP => 'x')", "write AT (VERSION => 3)"),
        ("SELECT * FROM t BEFORE (VERSION => 1)", "BEFORE"),
        ("SELECT * FROM v AT (VERSION => 1)", "is a view"),
        ("SELECT * FROM nowhere AT (VERSION => 1)", "does not exist"),
        ("DELETE FROM t AT (VERSION => 1) WHERE id = 1", "AT"),
        ("RESTORE TABLE t TO VERSION 9", "version 9 does not exist"),
        ("RESTORE TABLE nowhere TO VERSION 1", "does not exist"),
        ("SELECT * FROM table_history('nowhere')", "does not exist"),
        ("SELECT * FROM table_history()", "table_history('t')"),
    ] {
        let message = error(&server, statement).await;
        assert!(message.contains(part), "{statement}: {message}");
    }
    assert_eq!(server.rows("SELECT count(*) FROM t").await, json!([[2]]));
    // A word is still a name where no version is meant.
    assert_eq!(server.rows("SELECT at.id FROM t at ORDER BY 1").await, json!([[1], [2]]));
    assert_eq!(server.rows("SELECT version.id FROM t version ORDER BY 1").await, json!([[1], [2]]));
}

#[tokio::test]
async fn the_history_tells_what_each_version_did() {
    let server = versions().await;
    let columns = "version, operation, files_added, files_removed, rows_added, rows_removed";
    let history = server.rows(&format!("SELECT {columns} FROM table_history('main.t')")).await;
    let last: &Value = &history[0];
    assert_eq!((&last[0], &last[1]), (&json!(3), &json!("UPDATE")));
    assert_eq!(
        &history.as_array().unwrap()[1..],
        [json!([2, "WRITE", 1, 0, 1, 0]), json!([1, "WRITE", 1, 0, 1, 0]), json!([0, "WRITE", 0, 0, 0, 0]),]
    );
}

#[tokio::test]
async fn restoring_is_a_version_of_its_own() {
    let server = versions().await;
    server.rows("ALTER TABLE t ADD COLUMN age INTEGER").await;
    server.rows("INSERT INTO t VALUES (3, 'Zoe', 30)").await;
    assert_eq!(server.rows("RESTORE TABLE t TO VERSION 2").await, json!([[6]]));
    assert_eq!(server.rows("SELECT * FROM t ORDER BY id").await, json!([[1, "Ann"], [2, "Bob"]]));
    assert_eq!(server.rows("RESTORE TABLE t TO VERSION 2").await, json!([[6]]), "nothing to do");
    assert_eq!(server.rows("CALL restore_table('t', version => 5)").await, json!([[7]]), "and back");
    let expected = json!([[1, "Ann", null], [2, "Eve", null], [3, "Zoe", 30]]);
    assert_eq!(server.rows("SELECT * FROM t ORDER BY id").await, expected);
    let time = server.rows("SELECT time FROM table_history('t') WHERE version = 1").await;
    server.rows(&format!("RESTORE TABLE t TO TIMESTAMP '{}'", time[0][0].as_str().unwrap())).await;
    assert_eq!(server.rows("SELECT * FROM t").await, json!([[1, "Ann"]]));
    server.rows("INSERT INTO t VALUES (4, 'new')").await;
    assert_eq!(server.rows("SELECT count(*) FROM t").await, json!([[2]]));
}

#[tokio::test]
async fn readers_may_look_back_and_not_restore() {
    let server = versions().await;
    let mut create = server.command(&["user", "create", "reader", "--access", "read", "--password-stdin"]);
    let mut process = create.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    process.stdin.take().unwrap().write_all(b"reader-password\n").unwrap();
    assert!(process.wait().unwrap().success());
    let ask = async |statement: &str| {
        let request =
            server.client.post(format!("{}/query", server.base)).basic_auth("reader", Some("reader-password"));
        let response = request.json(&json!({ "statement": statement })).send().await.unwrap();
        Answer::read(&response.text().await.unwrap())
    };
    assert_eq!(ask("SELECT count(*) FROM t AT (VERSION => 1)").await.rows, [json!([1])]);
    for statement in ["RESTORE TABLE t TO VERSION 1", "OPTIMIZE t", "VACUUM t", "CHECKPOINT t"] {
        let message = ask(statement).await.error.unwrap();
        assert!(message.contains("access"), "{statement}: {message}");
    }
}
