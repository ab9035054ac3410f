//! Upserts: keys, cursors, subsets of columns, creation, failures.

use std::sync::Arc;

use arrow_array::{ArrayRef, Int32Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use futures::stream;

use super::{assert_kind, has_schemas, people, people_schema, read, rows_of, table};
use crate::{Database, Error, ErrorKind, Filter, Operator, Rows, Scan, TableName, Upsert, Upserted, Value, WriteMode};

fn by(key: &[&str], cursor: &[&str]) -> Upsert {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Upsert { key: names(key), cursor: names(cursor) }
}

fn named(rows: &[(i64, &str)]) -> Vec<(i64, Option<String>)> {
    rows.iter().map(|(id, name)| (*id, Some((*name).to_owned()))).collect()
}

pub async fn keys(database: &dyn Database) {
    let schema = if has_schemas(database).await { "merged" } else { "main" };
    let name = TableName::new(schema, "people").expect("a plain name");
    let rows = people(&[(2, Some("first")), (1, Some("Ann")), (2, Some("last"))]);
    let made = database.upsert(&name, by(&["id"], &[]), rows).await.expect("upsert into nothing");
    assert_eq!((made.inserted, made.updated), (2, 0), "the table is made of one row a key");
    assert_eq!(read(database, &name).await, named(&[(1, "Ann"), (2, "last")]), "the last row of a key counts");
    let rows = people(&[(3, Some("new")), (1, None)]);
    let done = database.upsert(&name, by(&["ID"], &[]), rows).await.expect("upsert");
    assert_eq!((done.inserted, done.updated), (1, 1), "one key was there");
    let expected = vec![(1, None), (2, Some("last".to_owned())), (3, Some("new".to_owned()))];
    assert_eq!(read(database, &name).await, expected);
    let none = database.upsert(&name, by(&["id"], &[]), Rows::empty(people_schema())).await.expect("no rows");
    assert_eq!(none, Upserted { inserted: 0, updated: 0, bytes: 0 });
    assert_eq!(read(database, &name).await, expected);
    let both = table("both");
    database.upsert(&both, by(&["id", "name"], &[]), people(&[(1, Some("a")), (1, Some("b"))])).await.expect("upsert");
    let done = database.upsert(&both, by(&["name", "id"], &[]), people(&[(1, Some("b")), (2, Some("b"))])).await;
    let done = done.expect("upsert of nothing but keys");
    assert_eq!((done.inserted, done.updated), (1, 0), "a key that is there has nothing to update");
    assert_eq!(read(database, &both).await, named(&[(1, "a"), (1, "b"), (2, "b")]));
    let many: Vec<(i64, Option<&str>)> = (0..20_000).map(|id| (id, Some("old"))).collect();
    let large = table("large");
    database.write(&large, WriteMode::Create, people(&many)).await.expect("create");
    let half: Vec<(i64, Option<&str>)> = (0..20_000).map(|number| (number * 2 + 1, Some("new"))).collect();
    for _ in 0..2 {
        database.upsert(&large, by(&["id"], &[]), people(&half)).await.expect("upsert of many");
    }
    let all = read(database, &large).await;
    assert_eq!(all.len(), 30_000, "10,000 of 20,000 keys were there, and no key stands twice");
    let new = all.iter().filter(|row| row.1.as_deref() == Some("new"));
    assert!(all.iter().map(|row| row.0).eq((0..20_000).chain((20_001..40_000).step_by(2))), "every key is there");
    assert_eq!(new.count(), 20_000);
    let count = async |column: &str, operator, limit| {
        let filters = vec![Filter { column: column.into(), operator }];
        let projection = Some(vec!["id".into(), "name".into()]);
        let scan = Scan { filters, projection, limit, ..Scan::all(large.clone()) };
        rows_of(database.scan(scan).await.expect("scan")).await.len()
    };
    assert_eq!(count("name", Operator::Equal(Value::Text("old".into())), None).await, 10_000, "no row comes back");
    assert_eq!(count("id", Operator::Less(Value::Integer(100)), None).await, 100);
    assert_eq!(count("id", Operator::Equal(Value::Integer(39_999)), None).await, 1);
    assert_eq!(count("name", Operator::Null, None).await, 0);
    assert_eq!(count("id", Operator::NotNull, Some(17)).await, 17);
}

/// Rows of `id`, `first` and `second`, all nullable numbers, and a text.
fn versions(rows: &[(i64, Option<i64>, Option<i64>, &str)]) -> Rows {
    let number = |name: &str| Field::new(name, DataType::Int64, true);
    let text = Field::new("name", DataType::Utf8, true);
    let schema = Arc::new(Schema::new(vec![number("id"), number("first"), number("second"), text]));
    let columns: Vec<ArrayRef> = vec![
        Arc::new(rows.iter().map(|row| Some(row.0)).collect::<Int64Array>()),
        Arc::new(rows.iter().map(|row| row.1).collect::<Int64Array>()),
        Arc::new(rows.iter().map(|row| row.2).collect::<Int64Array>()),
        Arc::new(rows.iter().map(|row| Some(row.3)).collect::<StringArray>()),
    ];
    let batch = RecordBatch::try_new(schema.clone(), columns).expect("columns of equal length");
    Rows::from_batches(schema, vec![batch])
}

pub async fn cursors(database: &dyn Database) {
    let name = table("cursors");
    let cursor = || by(&["id"], &["first", "second"]);
    let rows = [
        (1, Some(5), Some(1), "highest"),
        (1, Some(4), Some(9), "lower"),
        (2, Some(1), None, "null loses"),
        (2, Some(1), Some(0), "value wins"),
        (3, None, None, "earlier"),
        (3, None, None, "later"),
        (4, None, Some(7), "stored null"),
        (5, Some(2), Some(2), "tie"),
        (6, Some(3), Some(3), "kept"),
    ];
    database.upsert(&name, cursor(), versions(&rows)).await.expect("upsert into nothing");
    let names = [(1, "highest"), (2, "value wins"), (3, "later"), (4, "stored null"), (5, "tie"), (6, "kept")];
    assert_eq!(read(database, &name).await, named(&names), "of equal keys the highest cursor, then the last row");
    let rows = [
        (1, Some(5), Some(2), "second decides"),
        (2, None, Some(100), "null beats nothing"),
        (3, Some(0), None, "value beats null"),
        (4, Some(0), None, "value beats null from the left"),
        (5, Some(2), Some(2), "equal is not greater"),
        (6, Some(2), Some(100), "lower from the left"),
        (7, None, None, "new"),
    ];
    let done = database.upsert(&name, cursor(), versions(&rows)).await.expect("upsert");
    assert_eq!((done.inserted, done.updated), (1, 3));
    let names = [
        (1, "second decides"),
        (2, "value wins"),
        (3, "value beats null"),
        (4, "value beats null from the left"),
        (5, "tie"),
        (6, "kept"),
        (7, "new"),
    ];
    assert_eq!(read(database, &name).await, named(&names), "only what is newer replaces a row");
}

pub async fn subsets(database: &dyn Database) {
    let name = table("subsets");
    database.write(&name, WriteMode::Create, people(&[(1, Some("Ann")), (2, Some("Bob"))])).await.expect("create");
    let ids = Arc::new(Schema::new(vec![Field::new("Id", DataType::Int32, true)]));
    let batch = RecordBatch::try_new(ids.clone(), vec![Arc::new(Int32Array::from(vec![2, 3]))]).expect("a batch");
    database.upsert(&name, by(&["id"], &[]), Rows::from_batches(ids, vec![batch])).await.expect("keys alone");
    let expected = vec![(1, Some("Ann".to_owned())), (2, Some("Bob".to_owned())), (3, None)];
    assert_eq!(read(database, &name).await, expected, "new keys are added, others stay as they are");
    let wide = table("wide");
    let rows = [(1, Some(10), Some(100), "a"), (2, Some(20), Some(200), "b")];
    database.write(&wide, WriteMode::Create, versions(&rows)).await.expect("create");
    let schema = Arc::new(Schema::new(vec![
        Field::new("second", DataType::Int64, true),
        Field::new("id", DataType::Int64, true),
    ]));
    let columns: Vec<ArrayRef> =
        vec![Arc::new(Int64Array::from(vec![201, 301])), Arc::new(Int64Array::from(vec![2, 3]))];
    let batch = RecordBatch::try_new(schema.clone(), columns).expect("a batch");
    database.upsert(&wide, by(&["id"], &[]), Rows::from_batches(schema, vec![batch])).await.expect("upsert");
    let names = vec![(1, Some("a".to_owned())), (2, Some("b".to_owned())), (3, None)];
    assert_eq!(read(database, &wide).await, names, "columns that the rows lack keep their values");
    let scan = Scan { projection: Some(vec!["second".into(), "name".into()]), ..Scan::all(wide.clone()) };
    let second = rows_of(database.scan(scan).await.expect("scan")).await;
    assert_eq!(second, [(100, Some("a".into())), (201, Some("b".into())), (301, None)]);
}

pub async fn failures_change_nothing(database: &dyn Database) {
    let name = table("unmerged");
    let broken = || {
        let (schema, batches) = people(&[(1, Some("lost"))]).into_parts();
        let failure = stream::once(async { Err(Error::invalid("line 2 is malformed")) });
        Rows::new(schema, futures::StreamExt::chain(batches, failure))
    };
    let upsert = |rows| database.upsert(&name, by(&["id"], &[]), rows);
    assert_kind(upsert(broken()).await, ErrorKind::Invalid, "rows that fail");
    assert_kind(database.columns(&name).await, ErrorKind::NotFound, "a failed upsert leaves no table");
    upsert(people(&[(7, Some("kept"))])).await.expect("upsert after a failure");
    assert_kind(upsert(broken()).await, ErrorKind::Invalid, "rows that fail");
    let ids = |values: Vec<Option<&str>>| {
        let schema = Arc::new(Schema::new(vec![Field::new("id", DataType::Utf8, true)]));
        let batch = RecordBatch::try_new(schema.clone(), vec![Arc::new(StringArray::from(values)) as ArrayRef]);
        Rows::from_batches(schema, vec![batch.expect("a batch")])
    };
    let error = upsert(ids(vec![Some("8"), None])).await.expect_err("a key that is NULL");
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.message().contains("row 2") && error.message().contains("\"id\""), "names row and column: {error}");
    let error = upsert(ids(vec![Some("eight")])).await.expect_err("a value that does not fit");
    assert!(error.message().contains("id") && error.message().contains("eight"), "names column and value: {error}");
    let unknown = database.upsert(&name, by(&["nickname"], &[]), people(&[(1, None)])).await;
    assert_kind(unknown, ErrorKind::Invalid, "a key that the rows lack");
    let unknown = database.upsert(&name, by(&["id"], &["age"]), people(&[(1, None)])).await;
    assert_kind(unknown, ErrorKind::Invalid, "a cursor that the rows lack");
    let unknown =
        Arc::new(Schema::new(vec![Field::new("id", DataType::Int64, true), Field::new("x", DataType::Utf8, true)]));
    assert_kind(upsert(Rows::empty(unknown)).await, ErrorKind::Invalid, "a column that the table lacks");
    assert_eq!(read(database, &name).await, [(7, Some("kept".into()))], "an upsert that fails changes nothing");
}

pub async fn at_once(database: &Arc<dyn Database>) {
    let name = table("merged_at_once");
    database.write(&name, WriteMode::Create, people(&[(0, Some("old"))])).await.expect("create");
    let one = async |writer: i64| {
        for round in 0..3 {
            let rows = people(&[(0, Some("new")), (writer * 10 + round, Some("own"))]);
            database.upsert(&name, by(&["id"], &[]), rows).await.expect("upsert beside others");
            let rows = people(&[(writer * 10 + round + 5, Some("appended"))]);
            database.write(&name, WriteMode::Append, rows).await.expect("append beside upserts");
        }
    };
    futures::future::join_all((1..4).map(one)).await;
    let ids: Vec<i64> = read(database.as_ref(), &name).await.iter().map(|row| row.0).collect();
    let own = |writer: i64| [0, 1, 2, 5, 6, 7].map(|number| writer * 10 + number);
    let expected: Vec<i64> = [0].into_iter().chain((1..4).flat_map(own)).collect();
    assert_eq!(ids, expected, "every key once, whoever wrote it");
}
