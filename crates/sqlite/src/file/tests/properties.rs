//! Random tables and edits: one that fails changes nothing, one that succeeds keeps what it does not speak of.

use model::{ColumnDraft, TableEdit};
use proptest::prelude::*;

use super::super::definition::definition;
use super::super::names::quote;
use super::{assert_sound, change, column, database, everything, rows};

fn a_column(at: usize) -> impl Strategy<Value = String> {
    let types = prop::sample::select(vec!["", "INTEGER", "TEXT", "REAL", "BLOB", "NUMERIC(4, 2)", "VARCHAR(9)"]);
    let clause = prop::sample::select(vec![
        "",
        "NOT NULL",
        "UNIQUE",
        "DEFAULT 1",
        "DEFAULT 'a,b'",
        "COLLATE NOCASE",
        "CHECK (c0 IS NOT 'never')",
        "CONSTRAINT \"n n\" UNIQUE ON CONFLICT REPLACE",
        "DEFAULT (1 + 1) NOT NULL",
        "REFERENCES p(k)",
        "GENERATED ALWAYS AS (c0) STORED",
        "AS (c0) VIRTUAL",
        "CHECK (c0 IN ('a', 'b', 1, 2, NULL) OR 1)",
    ]);
    (types, clause).prop_map(move |(declared, clause)| {
        let clause = if at == 0 && (clause.contains("AS (") || clause.contains("REFERENCES")) { "" } else { clause };
        format!("c{at} {declared} {clause}")
    })
}

fn a_table() -> impl Strategy<Value = String> {
    let columns = (1_usize..5).prop_flat_map(|count| (0..count).map(a_column).collect::<Vec<_>>());
    let constraint = prop::sample::select(vec!["", ", PRIMARY KEY (c0)", ", UNIQUE (c0)", ", CHECK (c0 <> 'zzz')"]);
    let more = prop::sample::select(vec![
        "",
        "CREATE INDEX i ON t(c0);",
        "CREATE UNIQUE INDEX i ON t(c0);",
        "CREATE VIEW v AS SELECT c0 FROM t;",
        "CREATE TRIGGER g AFTER UPDATE OF c0 ON t BEGIN SELECT new.c0; END;",
        "CREATE TABLE child(x REFERENCES t(c0)); INSERT INTO child VALUES (NULL);",
    ]);
    (columns, constraint, more).prop_map(|(columns, constraint, more)| {
        format!(
            "CREATE TABLE p(k UNIQUE); INSERT INTO p VALUES (1), ('a'), ('a,b'), (2);
             CREATE TABLE t({}{constraint}); {more}",
            columns.join(", ")
        )
    })
}

fn a_draft() -> impl Strategy<Value = ColumnDraft> {
    let flag = || prop::option::of(any::<bool>());
    let default = prop::sample::select(vec!["1", "'a'", "(2 + 2)", "CURRENT_TIMESTAMP", "oops(", "c1"]);
    let declared = prop::sample::select(vec!["INTEGER", "TEXT", "", "DECIMAL(3)", "not a type ("]);
    (
        prop::option::of("[a-d]{1,2}"),
        prop::option::of(declared),
        flag(),
        flag(),
        prop::option::of(prop::option::of(default)),
        prop::option::of(prop::option::of(Just(vec!["a".to_owned(), "1".to_owned()]))),
    )
        .prop_map(|(name, declared, not_null, unique, default, one_of)| ColumnDraft {
            name,
            declared_type: declared.map(str::to_owned),
            not_null,
            unique,
            default: default.map(|default| default.map(str::to_owned)),
            one_of,
        })
}

fn an_edit() -> impl Strategy<Value = TableEdit> {
    let name = || (0_usize..5).prop_map(|at| format!("C{at}"));
    prop_oneof![
        4 => (name(), a_draft()).prop_map(|(name, draft)| TableEdit::ChangeColumn { name, draft }),
        2 => name().prop_map(|name| TableEdit::DropColumn { name }),
        2 => a_draft().prop_map(|draft| TableEdit::AddColumn(ColumnDraft { name: draft.name.or(Some("e".into())), ..draft })),
        1 => prop::sample::select(vec!["t", "T", "p", "u u", "i"]).prop_map(|to| TableEdit::Rename { to: to.to_owned() }),
        1 => Just(TableEdit::Drop),
        1 => Just(TableEdit::Create { columns: vec![column("a")] }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn an_edit_is_done_or_leaves_everything(
        table in a_table(), values in prop::collection::vec(prop::sample::select(vec!["1", "2", "'a'", "NULL", "'a,b'", "2.5"]), 0..6), edit in an_edit()
    ) {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        prop_assume!(connection.execute_batch(&table).is_ok());
        let connection = database(&table);
        for value in values {
            let _rows_that_break_a_constraint = connection.execute(&format!("INSERT INTO t(c0) VALUES ({value})"), []);
        }
        prop_assume!(rows(&connection, "PRAGMA foreign_key_check").is_empty());
        let before = everything(&connection);
        let (old, new) = spoken_of(&edit);
        // An edit may take the primary key away, and with it the difference between a key and a number.
        let numbered = definition(&connection, "t").unwrap().primary_key().is_empty();
        let kept = others(&connection, &old, numbered);
        let outcome = change(&connection, "T", &edit);
        assert_sound(&connection);
        match (&outcome, &edit) {
            (Err(error), _) => {
                prop_assert!(error.kind() != model::ErrorKind::Internal, "{:?}", error);
                prop_assert!(!error.message().contains("boathouse_new"), "{}", error);
                prop_assert_eq!(everything(&connection), before);
            }
            (Ok(()), TableEdit::Drop) => prop_assert!(definition(&connection, "t").is_err()),
            (Ok(()), TableEdit::Rename { .. }) => {}
            (Ok(()), _) => prop_assert_eq!(others(&connection, &new, numbered), kept),
        }
    }
}

/// The column that an edit speaks of, by its name before and after.
fn spoken_of(edit: &TableEdit) -> (String, String) {
    match edit {
        TableEdit::ChangeColumn { name, draft } => (name.clone(), draft.name.clone().unwrap_or_else(|| name.clone())),
        TableEdit::DropColumn { name } => (name.clone(), name.clone()),
        TableEdit::AddColumn(draft) => (String::new(), draft.name.clone().unwrap_or_default()),
        _ => (String::new(), String::new()),
    }
}

/// The rows of `t` without one column and those that are computed, with their numbers where no column can be the number.
fn others(connection: &rusqlite::Connection, but: &str, numbered: bool) -> Vec<String> {
    let table = definition(connection, "t").unwrap();
    let kept = table.columns.iter().filter(|column| !column.generated && !column.name.eq_ignore_ascii_case(but));
    let mut names: Vec<String> = kept.map(|column| quote(&column.name)).collect();
    if numbered {
        names.extend(table.row_id);
    }
    names.push("1".to_owned());
    let mut all = rows(connection, &format!("SELECT {} FROM t", names.join(", ")));
    all.sort();
    all
}
