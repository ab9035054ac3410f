//! Edits of definitions.

use model::{ColumnDraft, ErrorKind, TableEdit, Value};

use super::super::Limits;
use super::super::definition::definition;
use super::super::edit::edit;
use super::{assert_sound, change, column, database, everything, refused, rows};

/// Declarations of every kind, each of a table `t` with rows and a column `c` of texts, and what refers to it.
const DECLARATIONS: [&str; 12] = [
    "CREATE TABLE t(a, c TEXT); INSERT INTO t VALUES (1, 'x'), (2, 'y')",
    "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, c TEXT); INSERT INTO t VALUES (5, 'x'), (90, 'y'); DELETE FROM t WHERE id = 90",
    "CREATE TABLE t(k TEXT, l INT, c TEXT COLLATE NOCASE, PRIMARY KEY (l, k)) WITHOUT ROWID; INSERT INTO t VALUES ('a', 1, 'x')",
    "CREATE TABLE t(a INT NOT NULL, c TEXT, twice INT GENERATED ALWAYS AS (a * 2) STORED, thrice INT AS (a * 3)) STRICT;
     INSERT INTO t VALUES (1, 'x'), (2, NULL)",
    "CREATE TABLE t(\"a b\" TEXT DEFAULT 'it''s, )(', c TEXT, [select] INT, `q\"q` REAL); INSERT INTO t VALUES ('1', 'x', 2, 3.5)",
    "CREATE TABLE t(a INT, c TEXT); CREATE INDEX by_a ON t(a) WHERE a > 0; CREATE INDEX by_both ON t(a DESC, lower(a)); INSERT INTO t VALUES (1, 'x')",
    "CREATE TABLE log(what); CREATE TABLE t(a INT, c TEXT);
     CREATE TRIGGER t_added AFTER INSERT ON t BEGIN INSERT INTO log VALUES (new.a); END;
     CREATE TRIGGER log_added AFTER INSERT ON log WHEN new.what = 7 BEGIN UPDATE t SET a = 8; END;
     INSERT INTO t VALUES (1, 'x')",
    "CREATE TABLE t(a INT, c TEXT); CREATE VIEW v AS SELECT a FROM t; CREATE VIEW w(n) AS SELECT count(*) FROM v; INSERT INTO t VALUES (1, 'x')",
    "CREATE TABLE parent(id INTEGER PRIMARY KEY, n TEXT UNIQUE); INSERT INTO parent VALUES (1, 'p');
     CREATE TABLE t(id INTEGER PRIMARY KEY, c TEXT, p INT REFERENCES parent ON DELETE CASCADE, up INT REFERENCES t(id));
     CREATE TABLE child(x INT REFERENCES t(id) ON DELETE CASCADE); INSERT INTO t VALUES (1, 'x', 1, NULL), (2, 'y', 1, 1); INSERT INTO child VALUES (1), (2), (2)",
    "CREATE TABLE t(a INT, c TEXT CHECK (length(c) < 9), d TEXT CHECK (d IN ('r', 'g')), CONSTRAINT small CHECK (a < 100)); INSERT INTO t VALUES (1, 'x', 'r')",
    "CREATE TABLE t(a -- a comment, with ( in it
       INT DEFAULT (1 + 2), c TEXT /* here, too */ , at TEXT DEFAULT CURRENT_TIMESTAMP); INSERT INTO t(c) VALUES ('x')",
    "CREATE TABLE t(a INT UNIQUE ON CONFLICT REPLACE, c TEXT, UNIQUE (a, c) ON CONFLICT IGNORE); INSERT INTO t VALUES (1, 'x'), (2, 'y')",
];

/// Rows by number where there are numbers.
fn content(connection: &rusqlite::Connection) -> Vec<String> {
    let table = definition(connection, "t").unwrap();
    let columns: Vec<String> = table
        .columns
        .iter()
        .filter(|c| !["c", "renamed"].contains(&c.name.as_str()))
        .map(|c| super::super::names::quote(&c.name))
        .collect();
    let number = table.row_id.map_or_else(String::new, |name| format!("{name}, "));
    rows(connection, &format!("SELECT {number}{} FROM t", columns.join(", ")))
}

fn dependents(connection: &rusqlite::Connection) -> Vec<String> {
    let mut all = rows(connection, "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name <> 't'");
    all.sort();
    all
}

#[test]
fn a_rebuild_keeps_rows_and_what_refers_to_them() {
    for script in DECLARATIONS {
        let connection = database(script);
        let (before, others) = (content(&connection), dependents(&connection));
        let texts = rows(&connection, "SELECT c FROM t");
        let draft = ColumnDraft {
            declared_type: Some("VARCHAR(20)".into()),
            default: Some(Some("'none'".into())),
            ..ColumnDraft::default()
        };
        let strict = script.contains("STRICT");
        let draft = if strict { ColumnDraft { declared_type: Some("ANY".into()), ..draft } } else { draft };
        change(&connection, "T", &TableEdit::ChangeColumn { name: "C".into(), draft })
            .unwrap_or_else(|error| panic!("{script}: {error}"));
        assert_eq!(content(&connection), before, "{script}");
        assert_eq!(dependents(&connection), others, "{script}");
        assert_eq!(rows(&connection, "SELECT c FROM t"), texts, "{script}");
        let declared = rows(&connection, "SELECT type, dflt_value FROM pragma_table_xinfo('t') WHERE name = 'c'");
        assert_eq!(declared, [if strict { "'ANY'|''none''" } else { "'VARCHAR(20)'|''none''" }], "{script}");
        assert_sound(&connection);
    }
}

#[test]
fn a_new_column_comes_last_by_alter_and_by_rebuild() {
    for script in DECLARATIONS {
        for unique in [false, true] {
            let connection = database(script);
            let (before, others) = (everything(&connection).len(), dependents(&connection));
            let draft = ColumnDraft { unique: Some(unique), ..column("new \"one\", 🦀") };
            change(&connection, "t", &TableEdit::AddColumn(draft)).unwrap_or_else(|error| panic!("{script}: {error}"));
            let table = definition(&connection, "t").unwrap();
            let last = table.columns.last().unwrap();
            assert_eq!(
                (last.name.as_str(), last.declared_type.as_str(), last.unique),
                ("new \"one\", 🦀", "TEXT", unique)
            );
            let kept: Vec<String> =
                dependents(&connection).into_iter().filter(|one| !one.contains("autoindex")).collect();
            let others: Vec<String> = others.into_iter().filter(|one| !one.contains("autoindex")).collect();
            assert_eq!(kept, others, "{script}");
            assert_eq!(everything(&connection).len(), before + usize::from(unique), "{script}");
            assert_sound(&connection);
        }
    }
}

#[test]
fn every_table_and_column_can_be_renamed() {
    for script in DECLARATIONS {
        let connection = database(script);
        let before = content(&connection);
        let draft = ColumnDraft { name: Some("renamed".into()), not_null: Some(false), ..ColumnDraft::default() };
        change(&connection, "t", &TableEdit::ChangeColumn { name: "c".into(), draft })
            .unwrap_or_else(|error| panic!("{script}: {error}"));
        for to in ["A \"new\" name; --", "T"] {
            let from = if to == "T" { "a \"NEW\" name; --" } else { "t" };
            change(&connection, from, &TableEdit::Rename { to: to.into() })
                .unwrap_or_else(|error| panic!("{script}: {error}"));
            assert_eq!(definition(&connection, to).unwrap().name, to);
        }
        change(&connection, "T", &TableEdit::Rename { to: "t".into() }).unwrap();
        assert_eq!(rows(&connection, "SELECT name FROM sqlite_schema WHERE name = 't' COLLATE NOCASE"), ["'t'"]);
        assert_eq!(content(&connection), before, "{script}");
        assert_sound(&connection);
    }
}

#[test]
fn a_column_goes_with_the_constraints_that_are_its_own() {
    for script in DECLARATIONS {
        if script.contains("UNIQUE (a, c)") {
            continue;
        }
        let connection = database(script);
        let (before, others) = (content(&connection), dependents(&connection));
        change(&connection, "t", &TableEdit::DropColumn { name: "C".into() })
            .unwrap_or_else(|error| panic!("{script}: {error}"));
        assert_eq!(content(&connection), before, "{script}");
        assert_eq!(dependents(&connection), others, "{script}");
        assert!(definition(&connection, "t").unwrap().columns.iter().all(|column| column.name != "c"));
        assert_sound(&connection);
    }
    let connection = database(
        "CREATE TABLE t(a, u TEXT UNIQUE, k INT, CHECK (k > 0), PRIMARY KEY (k)); INSERT INTO t VALUES (1, 'u', 7)",
    );
    for name in ["u", "k"] {
        change(&connection, "t", &TableEdit::DropColumn { name: name.into() }).unwrap();
    }
    assert_eq!(rows(&connection, "SELECT * FROM t"), ["1"]);
    assert_eq!(rows(&connection, "SELECT name FROM sqlite_schema"), ["'t'"]);
}

#[test]
fn a_column_that_others_need_stays() {
    let connection = database(
        "CREATE TABLE t(a INT, b INT, c INT, d INT, e INT, f TEXT UNIQUE, g INT, h INT, i AS (g + 1), j, UNIQUE (a, b), CHECK (c < 9 OR d < 9));
         CREATE INDEX by_e ON t(\"e\"); CREATE VIEW v AS SELECT \"h\" FROM t;
         CREATE TABLE child(x TEXT REFERENCES t(f));
         CREATE TABLE log(x); CREATE TRIGGER g AFTER DELETE ON log BEGIN DELETE FROM t WHERE t.j = old.x; END;
         INSERT INTO t(a, b, c, d, e, f, g, h) VALUES (1, 1, 1, 1, 1, 'f', 1, 1); INSERT INTO child VALUES ('f')",
    );
    let before = everything(&connection);
    let cases = [
        ("a", "UNIQUE (a, b)"),
        ("d", "CHECK (c < 9 OR d < 9)"),
        ("e", "index \"by_e\""),
        ("f", "foreign key of table \"child\""),
        ("g", "no such column: g"),
        ("h", "view \"v\""),
        ("j", "trigger on \"log\""),
    ];
    for (name, part) in cases {
        let dropped = change(&connection, "t", &TableEdit::DropColumn { name: name.into() });
        refused(dropped, ErrorKind::Invalid, &[part, &format!("column \"{name}\" of table \"t\"")]);
    }
    assert_eq!(everything(&connection), before);
    assert_sound(&connection);
    let connection = database("CREATE TABLE t(a)");
    refused(
        change(&connection, "t", &TableEdit::DropColumn { name: "a".into() }),
        ErrorKind::Invalid,
        &["its only one"],
    );
}

#[test]
fn constraints_come_and_go() {
    let connection = database(
        "CREATE TABLE t(a TEXT, u TEXT, l TEXT DEFAULT 'x', CONSTRAINT one UNIQUE (u), CHECK (l IN ('x', 'y')));
         CREATE UNIQUE INDEX by_a ON t(a); INSERT INTO t VALUES ('1', 'u', 'y'), ('2', NULL, 'x')",
    );
    let set = |name: &str, draft: ColumnDraft| {
        change(&connection, "t", &TableEdit::ChangeColumn { name: name.into(), draft })
    };
    let found = |name: &str| {
        let table = definition(&connection, "t").unwrap();
        table.columns.into_iter().find(|column| column.name == name).unwrap()
    };
    let texts = |values: &[&str]| Some(values.iter().map(|value| Value::Text((*value).into())).collect::<Vec<_>>());
    assert!(found("a").unique && found("u").unique);
    for name in ["a", "u"] {
        set(name, ColumnDraft { unique: Some(false), ..ColumnDraft::default() }).unwrap();
        assert!(!found(name).unique);
        set(name, ColumnDraft { unique: Some(true), ..ColumnDraft::default() }).unwrap();
        set(name, ColumnDraft { unique: Some(true), ..ColumnDraft::default() }).unwrap();
        assert!(found(name).unique);
    }
    assert_eq!(rows(&connection, "SELECT count(*) FROM pragma_index_list('t')"), ["2"]);
    assert_eq!(found("l").one_of, texts(&["x", "y"]));
    let values = vec!["y".to_owned(), "it's".to_owned(), "x".to_owned()];
    set("l", ColumnDraft { one_of: Some(Some(values)), ..ColumnDraft::default() }).unwrap();
    assert_eq!(found("l").one_of, texts(&["y", "it's", "x"]));
    assert_eq!(definition(&connection, "t").unwrap().checks.len(), 1, "the old list is gone");
    set("l", ColumnDraft { one_of: Some(None), default: Some(None), not_null: Some(true), ..ColumnDraft::default() })
        .unwrap();
    let column = found("l");
    assert_eq!((column.one_of, column.default, column.not_null), (None, None, true));
    set("l", ColumnDraft { not_null: Some(false), default: Some(Some("(1 + 1)".into())), ..ColumnDraft::default() })
        .unwrap();
    assert_eq!((found("l").default.as_deref(), found("l").not_null), (Some("1 + 1"), false));
    assert_eq!(rows(&connection, "SELECT * FROM t"), ["'1'|'u'|'y'", "'2'|NULL|'x'"]);
    assert_sound(&connection);
}

#[test]
fn values_are_converted_as_the_affinity_says() {
    let connection = database("CREATE TABLE t(a TEXT); INSERT INTO t VALUES ('1'), ('1.5'), ('x'), (x'31'), (NULL)");
    let set = |to: &str| {
        let draft = ColumnDraft { declared_type: Some(to.into()), ..ColumnDraft::default() };
        change(&connection, "t", &TableEdit::ChangeColumn { name: "a".into(), draft }).unwrap();
        rows(&connection, "SELECT a FROM t")
    };
    assert_eq!(set("INTEGER"), ["1", "1.5", "'x'", "[31]", "NULL"]);
    assert_eq!(set("REAL"), ["1.0", "1.5", "'x'", "[31]", "NULL"]);
    assert_eq!(set("TEXT"), ["'1.0'", "'1.5'", "'x'", "[31]", "NULL"]);
    assert_eq!(set(""), ["'1.0'", "'1.5'", "'x'", "[31]", "NULL"]);
}

#[test]
fn rows_that_break_a_new_constraint_refuse_it() {
    let connection = database(
        "CREATE TABLE t(a TEXT, k INT UNIQUE, PRIMARY KEY (a)); CREATE TABLE child(x REFERENCES t(k));
         INSERT INTO t VALUES ('1', 1), ('01', 2); INSERT INTO child VALUES (2); CREATE TABLE n(a); INSERT INTO n VALUES (NULL), (1), (1);
         CREATE TABLE strict_one(a TEXT) STRICT; INSERT INTO strict_one VALUES ('x')",
    );
    let before = everything(&connection);
    let none = ColumnDraft::default;
    let cases = [
        ("t", "a", ColumnDraft { declared_type: Some("INTEGER".into()), ..none() }, "UNIQUE constraint failed: t.a"),
        ("t", "k", ColumnDraft { unique: Some(false), ..none() }, "foreign key mismatch"),
        ("t", "a", ColumnDraft { unique: Some(false), ..none() }, "primary key"),
        ("n", "a", ColumnDraft { not_null: Some(true), ..none() }, "NOT NULL constraint failed: n.a"),
        ("n", "a", ColumnDraft { unique: Some(true), ..none() }, "UNIQUE constraint failed: n.a"),
        ("n", "a", ColumnDraft { one_of: Some(Some(vec!["x".into()])), ..none() }, "CHECK constraint failed"),
        ("n", "a", ColumnDraft { one_of: Some(Some(vec![])), ..none() }, "empty"),
        ("strict_one", "a", ColumnDraft { declared_type: Some("INT".into()), ..none() }, "cannot store TEXT"),
        ("strict_one", "a", ColumnDraft { declared_type: Some("FANCY".into()), ..none() }, "FANCY"),
        ("n", "a", ColumnDraft { declared_type: Some("INT); DROP TABLE n; --".into()), ..none() }, "no type"),
        ("n", "a", ColumnDraft { declared_type: Some("INT NOT NULL".into()), ..none() }, "no type"),
        ("n", "a", ColumnDraft { default: Some(Some("1); DROP TABLE n; --".into())), ..none() }, "no default"),
        ("n", "a", ColumnDraft { default: Some(Some("'open".into())), ..none() }, "no default"),
        ("n", "a", ColumnDraft { default: Some(Some("(1) NOT NULL".into())), ..none() }, "no default"),
        ("n", "a", ColumnDraft { default: Some(Some("(SELECT 1)".into())), ..none() }, "near \"SELECT\""),
        ("n", "a", ColumnDraft { name: Some(String::new()), ..none() }, "empty"),
    ];
    for (table, name, draft, part) in cases {
        let changed = change(&connection, table, &TableEdit::ChangeColumn { name: name.into(), draft });
        refused(changed, ErrorKind::Invalid, &[part]);
        assert_eq!(everything(&connection), before, "{part}");
    }
    let add = |draft| change(&connection, "n", &TableEdit::AddColumn(draft));
    refused(add(ColumnDraft { not_null: Some(true), ..column("b") }), ErrorKind::Invalid, &["NOT NULL", "\"b\""]);
    refused(add(column("A")), ErrorKind::Conflict, &["\"A\"", "\"n\""]);
    refused(add(ColumnDraft::default()), ErrorKind::Invalid, &["name"]);
    assert_eq!(everything(&connection), before);
    add(ColumnDraft { not_null: Some(true), default: Some(Some("(1 + a)".into())), ..column("b") })
        .expect_err("no column");
    add(ColumnDraft { not_null: Some(true), default: Some(Some("(abs(-7))".into())), ..column("b") }).unwrap();
    assert_eq!(rows(&connection, "SELECT b FROM n"), ["'7'", "'7'", "'7'"]);
    assert_sound(&connection);
}

#[test]
fn tables_come_and_go_within_limits() {
    let connection = database("CREATE TABLE t(a); CREATE VIEW v AS SELECT 1 AS one; CREATE INDEX i ON t(a)");
    let create = |table: &str, columns: Vec<ColumnDraft>| change(&connection, table, &TableEdit::Create { columns });
    let all = vec![
        ColumnDraft { declared_type: Some("INTEGER".into()), not_null: Some(true), unique: Some(true), ..column("id") },
        ColumnDraft {
            default: Some(Some("'x'".into())),
            one_of: Some(Some(vec!["x".into(), "y".into()])),
            ..column("select")
        },
        ColumnDraft { declared_type: Some(String::new()), ..column("a\"b") },
    ];
    create("wei rd\"; DROP TABLE t; --", all).unwrap();
    let made = definition(&connection, "WEI RD\"; drop table T; --").unwrap();
    assert_eq!(made.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>(), ["id", "select", "a\"b"]);
    assert_eq!((made.columns[0].not_null, made.columns[0].unique), (true, true));
    assert_eq!(made.columns[1].default.as_deref(), Some("'x'"));
    for taken in ["T", "V", "i"] {
        refused(create(taken, vec![column("a")]), ErrorKind::Conflict, &[taken]);
    }
    for (name, columns, part) in [
        ("sqlite_x", vec![column("a")], "sqlite_"),
        ("", vec![column("a")], "empty"),
        ("n", vec![], "at least one column"),
        ("n", vec![column("a"), column("A")], "two columns"),
        ("n", (0..501).map(|at| column(&format!("c{at}"))).collect(), "501 columns; at most 500"),
    ] {
        refused(create(name, columns), ErrorKind::Invalid, &[part]);
    }
    create("wide", (0..500).map(|at| column(&format!("c{at}"))).collect()).unwrap();
    refused(change(&connection, "wide", &TableEdit::AddColumn(column("more"))), ErrorKind::Invalid, &["at most 500"]);
    let few = Limits { tables: 3, ..Limits::default() };
    refused(
        edit(&connection, "fourth", &TableEdit::Create { columns: vec![column("a")] }, &few),
        ErrorKind::Invalid,
        &["at most 3"],
    );
    for name in ["v", "WIDE", "wei rd\"; DROP TABLE t; --"] {
        change(&connection, name, &TableEdit::Drop).unwrap();
    }
    refused(change(&connection, "wide", &TableEdit::Drop), ErrorKind::NotFound, &["wide"]);
    assert_eq!(rows(&connection, "SELECT name FROM sqlite_schema"), ["'t'", "'i'"]);
}

#[test]
fn what_others_refer_to_is_not_dropped() {
    let connection = database(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, up REFERENCES t); CREATE TABLE child(x REFERENCES t);
         CREATE TABLE u(a); CREATE VIEW v AS SELECT * FROM u; CREATE VIEW w AS SELECT * FROM v; CREATE TABLE alone(a REFERENCES alone)",
    );
    for (name, part) in [("t", "\"child\""), ("u", "view \"v\""), ("v", "view \"w\"")] {
        refused(change(&connection, name, &TableEdit::Drop), ErrorKind::Conflict, &[part]);
    }
    for name in ["w", "v", "u", "child", "t", "alone"] {
        change(&connection, name, &TableEdit::Drop).unwrap();
    }
}

#[test]
fn views_are_renamed_with_their_triggers() {
    let connection = database(
        "CREATE TABLE t(a); CREATE VIEW /* the */ \"v 1\"(x) AS SELECT a FROM t WHERE a <> 'v 1';
         CREATE TRIGGER \"on\" INSTEAD OF INSERT ON \"v 1\" BEGIN INSERT INTO t VALUES (new.x); END;
         CREATE TRIGGER upd INSTEAD OF UPDATE OF x ON [v 1] BEGIN UPDATE t SET a = new.x; END;
         INSERT INTO \"v 1\" VALUES ('one')",
    );
    change(&connection, "V 1", &TableEdit::Rename { to: "v\"2".into() }).unwrap();
    connection.execute_batch("INSERT INTO \"v\"\"2\" VALUES ('two'); UPDATE \"v\"\"2\" SET x = 'three';").unwrap();
    assert_eq!(rows(&connection, "SELECT * FROM \"v\"\"2\""), ["'three'", "'three'"]);
    assert_eq!(rows(&connection, "SELECT name FROM sqlite_schema WHERE type = 'view'"), ["'v\"2'"]);
    refused(change(&connection, "v\"2", &TableEdit::Rename { to: "T".into() }), ErrorKind::Conflict, &["T"]);
    connection.execute_batch("CREATE VIEW w AS SELECT * FROM \"v\"\"2\"").unwrap();
    refused(change(&connection, "v\"2", &TableEdit::Rename { to: "x".into() }), ErrorKind::Invalid, &["view \"w\""]);
    for edit in [TableEdit::AddColumn(column("n")), TableEdit::DropColumn { name: "x".into() }] {
        refused(change(&connection, "w", &edit), ErrorKind::Invalid, &["is a view"]);
    }
}

#[test]
fn references_follow_a_renamed_table() {
    let connection = database(DECLARATIONS[8]);
    change(&connection, "t", &TableEdit::Rename { to: "people".into() }).unwrap();
    assert_eq!(definition(&connection, "child").unwrap().foreign_keys[0].table, "people");
    assert_eq!(definition(&connection, "people").unwrap().foreign_keys[1].table, "people");
    connection.execute("DELETE FROM parent", []).unwrap();
    assert_eq!(rows(&connection, "SELECT count(*) FROM child"), ["0"], "rows go with their parents as before");
}

#[test]
fn numbers_are_not_given_twice_after_a_rebuild() {
    let connection = database(DECLARATIONS[1]);
    change(&connection, "t", &TableEdit::AddColumn(ColumnDraft { unique: Some(true), ..column("n") })).unwrap();
    assert_eq!(rows(&connection, "INSERT INTO t(c) VALUES ('z') RETURNING id"), ["91"]);
}

#[test]
fn an_edit_leaves_a_broken_view_of_others_as_it_was() {
    let connection = database(
        "CREATE TABLE t(a UNIQUE, b); INSERT INTO t VALUES (1, 2); CREATE VIEW broken AS SELECT * FROM missing;
         PRAGMA foreign_keys = OFF; CREATE TABLE orphan(x REFERENCES t(a)); INSERT INTO orphan VALUES (9); PRAGMA foreign_keys = ON",
    );
    let draft = ColumnDraft { declared_type: Some("INT".into()), ..ColumnDraft::default() };
    change(&connection, "t", &TableEdit::ChangeColumn { name: "b".into(), draft }).unwrap();
    assert_eq!(
        rows(&connection, "SELECT name, sql LIKE '%missing' FROM sqlite_schema WHERE type = 'view'"),
        ["'broken'|1"]
    );
}
