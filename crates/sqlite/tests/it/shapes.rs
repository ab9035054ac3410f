//! Statements that share a plan answer as those that have one of their own.

use model::{Database, Datum, Statement};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::{database, storage};

/// Indexes that a plan may only use for some constants, and cells of every kind.
const TABLE: &str = r#"
    CREATE TABLE t (a, b TEXT COLLATE NOCASE, c INTEGER, d REAL, j TEXT);
    CREATE INDEX partial ON t (a) WHERE c = 3;
    CREATE INDEX partial_text ON t (c) WHERE b = 'x';
    CREATE INDEX compared ON t (c = 1);
    CREATE INDEX member ON t (j ->> 'k');
    CREATE INDEX b ON t (b);
    INSERT INTO t VALUES (1, 'x', 3, 1.5, '{"k": 1}'), ('1', 'X', 3, 1.0, '{"k": "1"}'), (1.0, 'it''s', 1, NULL, '{}'),
      (NULL, NULL, NULL, 0.1, NULL), (x'31', '1', 2, -1.0, '[1]'), ('x', '', 1, 3.0, '{"k": {"k": 2}}'), (3, 'y', 0, 9e18, '{}');
    ANALYZE;
"#;

fn constant() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "0",
        "1",
        "2",
        "3",
        "'1'",
        "'x'",
        "'X'",
        "'it''s'",
        "''",
        "1.0",
        "1.5",
        "-1",
        "NULL",
        "x'31'",
        "0x1",
        "\"x\"",
        "9223372036854775807",
        "9223372036854775808",
        "'{\"k\": 1}'",
        "'k'",
    ])
}

fn operand() -> impl Strategy<Value = String> {
    let column = prop::sample::select(vec![
        "a",
        "b",
        "c",
        "d",
        "j",
        "t.c",
        "rowid",
        "lower(b)",
        "j ->> 'k'",
        "typeof(a)",
        "c = 1",
        "c >> 1",
    ]);
    prop_oneof![4 => column.prop_map(str::to_owned), 1 => constant().prop_map(str::to_owned)]
}

fn condition() -> impl Strategy<Value = String> {
    let operator = prop::sample::select(vec!["=", "==", "<>", "!=", "<", "<=", ">", ">=", " IS ", "->>", ">>", "||"]);
    let after = prop::sample::select(vec!["", "", "", " COLLATE BINARY", " + 1", " || ''", " = 1", "5", "'a'"]);
    let simple = (operand(), operator, constant(), after)
        .prop_map(|(left, operator, right, after)| format!("{left}{operator}{right}{after}"));
    simple.prop_recursive(3, 8, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(left, right)| format!("{left} AND {right}")),
            (inner.clone(), inner.clone()).prop_map(|(left, right)| format!("({left}) OR {right}")),
            inner.clone().prop_map(|inner| format!("NOT ({inner})")),
            (inner, constant()).prop_map(|(inner, constant)| format!("{inner} = {constant}")),
        ]
    })
}

fn statement() -> impl Strategy<Value = String> {
    let result = prop::sample::select(vec![
        "rowid, a, b",
        "c = 1, d",
        "count(*)",
        "c = 1 AS \"=\", max(d)",
        "'x' AS 'where'",
        "*",
    ]);
    let tail = prop::sample::select(vec![
        "",
        "",
        " ORDER BY c = 1, rowid",
        " GROUP BY c = 1",
        " GROUP BY c HAVING c = 1",
        " LIMIT 2",
        " ORDER BY 1 LIMIT 1 OFFSET 1",
        " UNION SELECT 1",
        " AND EXISTS (SELECT 1 FROM t AS u WHERE u.c = t.c)",
        " -- = 1",
        ";",
        "; SELECT 1",
    ]);
    (result, condition(), tail)
        .prop_map(|(result, condition, tail)| format!("SELECT {result} FROM t WHERE {condition}{tail}"))
}

type Table = (Vec<String>, Vec<Vec<Datum>>);

async fn served(db: &dyn Database, sql: &str) -> Option<Table> {
    let executed = db.execute(Statement::new(sql)).await.ok()?;
    let few = executed.rows.into_few().expect("a table of a few rows");
    Some((few.columns().to_vec(), few.rows().map(<[Datum]>::to_vec).collect()))
}

fn read(connection: &Connection, sql: &str) -> Option<Table> {
    let mut prepared = connection.prepare(sql).ok()?;
    let names: Vec<String> = prepared.column_names().into_iter().map(str::to_owned).collect();
    let mut rows = prepared.query([]).ok()?;
    let mut table = Vec::new();
    while let Some(row) = rows.next().ok()? {
        let cell = |at| match row.get_ref(at).unwrap() {
            ValueRef::Null => Datum::Null,
            ValueRef::Integer(value) => Datum::Integer(value),
            ValueRef::Real(value) => Datum::Real(value),
            ValueRef::Text(text) => Datum::Text(String::from_utf8(text.to_vec()).unwrap()),
            ValueRef::Blob(bytes) => Datum::Blob(bytes.to_vec()),
        };
        table.push((0..names.len()).map(cell).collect());
    }
    Some((names, table))
}

#[test]
fn constants_mean_the_same_in_a_shared_plan() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (storage, directory) = storage();
    let db = runtime.block_on(database(&storage, "d"));
    let file = directory.path().join("databases/d/main.sqlite");
    let independent = Connection::open(file).unwrap();
    independent.pragma_update(None, "case_sensitive_like", true).unwrap();
    independent.execute_batch(TABLE).unwrap();
    let mut runner = TestRunner::new(Config { cases: 4_000, failure_persistence: None, ..Config::default() });
    let answered = std::cell::Cell::new(0);
    runner
        .run(&statement(), |sql| {
            let expected = read(&independent, &sql);
            answered.set(answered.get() + usize::from(expected.is_some()));
            prop_assert_eq!(runtime.block_on(served(db.as_ref(), &sql)), expected, "{}", sql);
            Ok(())
        })
        .unwrap();
    assert!(answered.get() > 1_000, "{answered:?}");
}
