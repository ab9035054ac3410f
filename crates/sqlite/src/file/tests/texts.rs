//! The text of definitions.

use super::super::text::{Scanned, WrittenTable, one_of, statements};
use model::Value;

#[test]
fn a_table_is_taken_apart() {
    let cases: &[(&str, &[&str], usize)] = &[
        ("CREATE TABLE t(a, b)", &["a", "b"], 0),
        ("create table \"a \"\"b\"(\"x y\" INT, [z w] TEXT, `q``r`)", &["x y", "z w", "q`r"], 0),
        (
            "CREATE TABLE t(a INTEGER PRIMARY KEY AUTOINCREMENT, b VARCHAR(10, 2) NOT NULL DEFAULT 'x,)y')",
            &["a", "b"],
            0,
        ),
        ("CREATE TABLE t(a -- one, (\n, b /* two ) */ TEXT)", &["a", "b"], 0),
        ("CREATE TABLE t(a INT, b INT, CONSTRAINT k PRIMARY KEY (a, b DESC) ON CONFLICT REPLACE)", &["a", "b"], 1),
        (
            "CREATE TABLE t(a INT CHECK (a IN (1,2)), b, UNIQUE (a) CHECK (b > a) FOREIGN KEY (b) REFERENCES u)",
            &["a", "b"],
            3,
        ),
        (
            "CREATE TABLE t(a INT DEFAULT -1 NOT NULL, b DEFAULT (1+(2)) UNIQUE, c DEFAULT x'00' COLLATE NOCASE)",
            &["a", "b", "c"],
            0,
        ),
        ("CREATE TABLE t(a INT GENERATED ALWAYS AS (1) STORED, b AS (a+1) VIRTUAL NOT NULL)", &["a", "b"], 0),
        (
            "CREATE TABLE t(a REFERENCES u(x) ON DELETE SET NULL ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED)",
            &["a"],
            0,
        ),
        ("CREATE TABLE t(a REFERENCES u ON DELETE SET DEFAULT NOT DEFERRABLE, b NOT NULL)", &["a", "b"], 0),
        ("CREATE TABLE IF NOT EXISTS main.t(a DOUBLE PRECISION, 'b' TEXT) WITHOUT ROWID, STRICT", &["a", "b"], 0),
        ("CREATE TABLE t(\"CHECK\" TEXT, \"primary\" INT, 🦀 TEXT)", &["CHECK", "primary", "🦀"], 0),
    ];
    for (sql, columns, constraints) in cases {
        let table = WrittenTable::new(sql).unwrap_or_else(|| panic!("{sql}"));
        let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, *columns, "{sql}");
        assert_eq!(table.constraints.len(), *constraints, "{sql}");
    }
    for other in ["CREATE VIEW t AS SELECT 1", "CREATE VIRTUAL TABLE t USING fts5(a)", "CREATE TABLE t(a", "SELECT 1"] {
        assert!(WrittenTable::new(other).is_none(), "{other}");
    }
}

#[test]
fn lists_of_values_are_read() {
    let texts = |values: &[&str]| values.iter().map(|value| Value::Text((*value).to_owned())).collect::<Vec<_>>();
    let cases = [
        ("c IN ('a','b')", Some(("c", texts(&["a", "b"])))),
        ("(\"c d\" in ('it''s', \"x\"))", Some(("c d", texts(&["it's", "x"])))),
        ("c IS NULL OR c IN ('a')", Some(("c", texts(&["a"])))),
        (
            "c IN (1, -2, 0x10, 1.5)",
            Some(("c", vec![Value::Integer(1), Value::Integer(-2), Value::Integer(16), Value::Float(1.5)])),
        ),
        ("c NOT IN ('a')", None),
        ("c IN ('a') OR c > 5", None),
        ("c IN (SELECT 1)", None),
        ("c IN (a + 1)", None),
        ("lower(c) IN ('a')", None),
        ("d IS NULL OR c IN ('a')", None),
    ];
    for (condition, expected) in cases {
        let tokens = Scanned::new(condition).unwrap();
        let expected = expected.map(|(column, values)| (column.to_owned(), values));
        assert_eq!(one_of(&tokens, 0..tokens.len()), expected, "{condition}");
    }
}

#[test]
fn a_script_is_taken_apart_as_the_shell_does() {
    let script = "SELECT ';'; -- one;\n/* two; */ CREATE TRIGGER t AFTER INSERT ON u BEGIN\n SELECT 1; \
                  SELECT CASE WHEN 1 THEN 2 END; END;\n\n;;SELECT 3";
    let pieces: Vec<(usize, &str)> =
        statements(script).unwrap().into_iter().map(|piece| (piece.line, &piece.sql[..8])).collect();
    assert_eq!(pieces, [(1, "SELECT '"), (2, "CREATE T"), (5, "SELECT 3")]);
    assert_eq!(statements("SELECT 1;\nSELECT 'x"), Err(2));
    assert_eq!(statements(" -- nothing\n").unwrap(), []);
}
