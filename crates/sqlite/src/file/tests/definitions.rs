//! Definitions, as SQLite's documentation and its own pragmas have them.

use model::{ErrorKind, TableKind, Value};

use super::super::definition::definition;
use super::{database, rows};

#[test]
fn everything_that_a_table_says_is_found() {
    let connection = database(
        "CREATE TABLE \"par ent\"(k TEXT, l INT, PRIMARY KEY (l, k));
         CREATE TABLE numbered(id INTEGER PRIMARY KEY);
         CREATE TABLE t(
           id INTEGER CONSTRAINT the_key PRIMARY KEY AUTOINCREMENT,
           name VARCHAR(10) NOT NULL DEFAULT 'it''s' COLLATE NOCASE,
           color TEXT CHECK (color IN ('red', 'green')),
           price REAL DEFAULT (1 + 2) CONSTRAINT positive CHECK (price > 0 AND price < 10),
           twice REAL GENERATED ALWAYS AS (price * 2) STORED,
           bare,
           parent_l INT, parent_k TEXT,
           other INTEGER CONSTRAINT to_other REFERENCES numbered ON DELETE CASCADE,
           CONSTRAINT pair UNIQUE (name, color),
           UNIQUE (bare),
           CHECK (length(name) > bare),
           CONSTRAINT to_parent FOREIGN KEY (parent_l, parent_k) REFERENCES \"par ent\"
         );
         CREATE UNIQUE INDEX by_price ON t(price);
         CREATE UNIQUE INDEX part ON t(other) WHERE other > 1;
         CREATE UNIQUE INDEX expression ON t(lower(name));",
    );
    let table = definition(&connection, "T").unwrap();
    assert_eq!((table.name.as_str(), table.kind), ("t", TableKind::Table));
    assert_eq!(table.row_id.as_deref(), Some("rowid"));
    assert_eq!(table.primary_key(), ["id"]);
    assert_eq!(table.primary_key_name.as_deref(), Some("the_key"));
    let shown: Vec<String> = table
        .columns
        .iter()
        .map(|c| {
            format!(
                "{} {:?} {:?} not_null={} unique={} generated={}",
                c.name, c.declared_type, c.default, c.not_null, c.unique, c.generated
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            "id \"INTEGER\" None not_null=false unique=true generated=false",
            "name \"VARCHAR(10)\" Some(\"'it''s'\") not_null=true unique=false generated=false",
            "color \"TEXT\" None not_null=false unique=false generated=false",
            "price \"REAL\" Some(\"1 + 2\") not_null=false unique=true generated=false",
            "twice \"REAL\" None not_null=false unique=false generated=true",
            "bare \"\" None not_null=false unique=true generated=false",
            "parent_l \"INT\" None not_null=false unique=false generated=false",
            "parent_k \"TEXT\" None not_null=false unique=false generated=false",
            "other \"INTEGER\" None not_null=false unique=false generated=false",
        ]
    );
    let listed = table.columns[2].one_of.clone().unwrap();
    assert_eq!(listed, [Value::Text("red".into()), Value::Text("green".into())]);
    let uniques: Vec<(String, Vec<String>, String)> =
        table.uniques.into_iter().map(|key| (key.name, key.columns, key.definition)).collect();
    assert_eq!(
        uniques,
        [
            ("pair".into(), vec!["name".into(), "color".into()], "CONSTRAINT pair UNIQUE (name, color)".into()),
            ("sqlite_autoindex_t_2".into(), vec!["bare".into()], "UNIQUE (bare)".into()),
            ("by_price".into(), vec!["price".into()], "CREATE UNIQUE INDEX by_price ON t(price)".to_string()),
        ]
    );
    let checks: Vec<(Option<String>, Vec<String>, String)> =
        table.checks.into_iter().map(|check| (check.name, check.columns, check.predicate)).collect();
    assert_eq!(
        checks,
        [
            (None, vec!["color".into()], "color IN ('red', 'green')".into()),
            (Some("positive".into()), vec!["price".into()], "price > 0 AND price < 10".into()),
            (None, vec!["name".into(), "bare".into()], "length(name) > bare".to_string()),
        ]
    );
    let keys: Vec<String> = table
        .foreign_keys
        .into_iter()
        .map(|key| format!("{:?} {:?} {} {:?}", key.name, key.columns, key.table, key.references))
        .collect();
    assert_eq!(
        keys,
        [
            "Some(\"to_other\") [\"other\"] numbered [\"id\"]",
            "Some(\"to_parent\") [\"parent_l\", \"parent_k\"] par ent [\"l\", \"k\"]",
        ]
    );
    assert_eq!(
        table.sql,
        Some(rows(&connection, "SELECT sql FROM sqlite_schema WHERE name = 't'")[0].trim_matches('\'').to_owned())
    );
}

#[test]
fn the_number_of_a_row_has_a_name_where_no_column_took_it() {
    let connection = database(
        "CREATE TABLE a(x); CREATE TABLE b(rowid TEXT); CREATE TABLE c(RowId, _rowid_);
         CREATE TABLE d(rowid, _rowid_, oid); CREATE TABLE e(x PRIMARY KEY) WITHOUT ROWID;
         CREATE VIEW v AS SELECT * FROM a;",
    );
    let names = ["a", "b", "c", "d", "e", "v"].map(|table| definition(&connection, table).unwrap().row_id);
    let expected = [Some("rowid"), Some("_rowid_"), Some("oid"), None, None, None];
    assert_eq!(names, expected.map(|name| name.map(str::to_owned)));
}

#[test]
fn views_have_the_types_that_can_be_known() {
    let connection = database(
        "CREATE TABLE t(a INTEGER, b VARCHAR(3));
         CREATE VIEW v AS SELECT a, b AS \"b c\", a + 1 AS s, 'x' AS t, count(*) AS n FROM t;
         CREATE VIEW broken AS SELECT * FROM missing;",
    );
    let view = definition(&connection, "v").unwrap();
    assert_eq!(view.kind, TableKind::View);
    let types: Vec<(&str, &str)> =
        view.columns.iter().map(|column| (column.name.as_str(), column.declared_type.as_str())).collect();
    assert_eq!(types, [("a", "INTEGER"), ("b c", "VARCHAR(3)"), ("s", ""), ("t", ""), ("n", "")]);
    let error = definition(&connection, "broken").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.message().contains("view \"broken\" cannot be read: no such table: main.missing"), "{error}");
}

#[test]
fn what_is_not_there_is_not_found() {
    let connection = database("CREATE TABLE t(a INTEGER PRIMARY KEY AUTOINCREMENT)");
    for name in ["nothing", "sqlite_sequence", "sqlite_schema", "", "t\0", "t'; DROP TABLE t; --"] {
        assert_eq!(definition(&connection, name).unwrap_err().kind(), ErrorKind::NotFound, "{name:?}");
    }
}

#[test]
fn a_statement_that_is_not_understood_leaves_out_only_the_checks() {
    let connection =
        database("CREATE VIRTUAL TABLE docs USING fts5(title, body); CREATE TABLE copy AS SELECT 1 AS a, 'x' AS b");
    let docs = definition(&connection, "docs").unwrap();
    let names: Vec<&str> = docs.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!((names, docs.checks.len()), (vec!["title", "body"], 0));
    assert_eq!(definition(&connection, "copy").unwrap().columns.len(), 2);
}
