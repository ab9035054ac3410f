//! Scans of tables that applications left: conditions hold of what is read, whatever SQLite itself would compare.

use arrow_cast::display::{ArrayFormatter, FormatOptions};
use model::{Database, Filter, Operator, Scan, Statement, TableName, Value};

use super::{database, storage};

async fn ids(shop: &dyn Database, table: &str, column: &str, operator: Operator) -> Vec<String> {
    let filters = vec![Filter { column: column.into(), operator }];
    cells(shop, table, "id", filters).await
}

/// One column of the rows that satisfy conditions, in the order of their numbers.
async fn cells(shop: &dyn Database, table: &str, column: &str, filters: Vec<Filter>) -> Vec<String> {
    let projection = Some(vec![column.to_owned()]);
    let scan = Scan { projection, filters, ..Scan::all(TableName::new("main", table).unwrap()) };
    let options = FormatOptions::default().with_null("NULL");
    let mut found = Vec::new();
    for batch in shop.scan(scan).await.unwrap().collect().await.unwrap() {
        let formatter = ArrayFormatter::try_new(batch.column(0), &options).unwrap();
        found.extend((0..batch.num_rows()).map(|row| formatter.value(row).to_string()));
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_hold_of_what_is_read() {
    let (storage, _directory) = storage();
    let shop = database(&storage, "shop").await;
    for sql in [
        "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE, loose, flag BOOLEAN, at DATETIME)",
        "INSERT INTO t VALUES (1, 'ann', 1, 1, '2026-01-02'), (2, 'Ann', '1', 'true', 1700000000), \
         (3, 'BOB', 2.5, 0, NULL), (4, NULL, 'x', 'False', 20), (5, 'b', NULL, 2, '2026-03-01')",
    ] {
        shop.execute(Statement::new(sql)).await.unwrap();
    }
    let text = |value: &str| Value::Text(value.to_owned());
    for (column, operator, expected) in [
        ("name", Operator::Equal(text("ann")), &["1"][..]),
        ("name", Operator::Less(text("a")), &["2", "3"]),
        ("name", Operator::In(vec![text("Ann"), text("bob")]), &["2"]),
        ("loose", Operator::Equal(text("1")), &["1", "2"]),
        ("loose", Operator::Less(text("2.6")), &["1", "2", "3"]),
        ("loose", Operator::NotEqual(text("1")), &["3", "4"]),
        ("flag", Operator::Equal(Value::Boolean(true)), &["1", "2", "5"]),
        ("flag", Operator::Equal(Value::Boolean(false)), &["3", "4"]),
        ("at", Operator::Less(text("2")), &["2"]),
        ("at", Operator::GreaterOrEqual(text("20")), &["1", "4", "5"]),
    ] {
        assert_eq!(ids(shop.as_ref(), "t", column, operator.clone()).await, expected, "{column} {operator:?}");
    }
    assert_eq!(cells(shop.as_ref(), "t", "loose", Vec::new()).await, ["1", "1", "2.5", "x", "NULL"]);
    assert_eq!(cells(shop.as_ref(), "t", "flag", Vec::new()).await, ["true", "true", "false", "false", "true"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_rows_is_guessed() {
    let (storage, _directory) = storage();
    let shop = database(&storage, "shop").await;
    for sql in [
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER)",
        "INSERT INTO t (n) WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 500) SELECT n FROM c",
        "CREATE TABLE empty (n INTEGER)",
    ] {
        shop.execute(Statement::new(sql)).await.unwrap();
    }
    let rows = async |table: &str| shop.estimated_rows(&TableName::new("main", table).unwrap()).await.unwrap();
    assert_eq!(rows("t").await, Some(500));
    assert_eq!(rows("empty").await, Some(0));
    assert!(shop.estimated_rows(&TableName::new("main", "none").unwrap()).await.is_err());
}
