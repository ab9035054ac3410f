//! Scripts.

use model::ErrorKind;

use super::super::failure::failure;
use super::super::script::run_script;
use super::{database, rows};

#[test]
fn every_statement_runs() {
    let connection = database("");
    run_script(
        &connection,
        "CREATE TABLE t(a TEXT); CREATE TABLE log(a);\n\
         CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO log VALUES (new.a); SELECT 1; END;\n\
         INSERT INTO t VALUES ('a;b'), ('c') RETURNING a; SELECT * FROM t; -- done;\n;",
        &failure,
        &|| Ok(()),
    )
    .unwrap();
    assert_eq!(rows(&connection, "SELECT a FROM log"), ["'a;b'", "'c'"]);
}

#[test]
fn the_statement_that_fails_is_named() {
    let connection = database("CREATE TABLE t(a INT NOT NULL)");
    let cases = [
        ("SELECT 1;\n\nSELECT\n  missing FROM t;", "statement 2 (line 4): no such column: missing"),
        (
            "INSERT INTO t VALUES (1);\nINSERT INTO t VALUES (NULL);",
            "statement 2 (line 2): NOT NULL constraint failed: t.a",
        ),
        ("SELEC 1", "statement 1 (line 1): near \"SELEC\": syntax error"),
        ("SELECT 1;\n SELECT 'open", "line 2: a quote is opened and never closed"),
        ("SELECT 1\0", "NUL character at line 1, column 9"),
    ];
    for (script, part) in cases {
        let error = run_script(&connection, script, &failure, &|| Ok(())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{script}");
        assert!(error.message().contains(part), "{script}: {error}");
    }
}
