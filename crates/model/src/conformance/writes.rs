//! Write modes, matching by name, failures, scans.

use std::sync::Arc;

use arrow_array::{ArrayRef, Int32Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use futures::stream;

use super::{assert_kind, people, people_schema, read, rows_of, table};
use crate::{Database, Error, ErrorKind, Filter, Operator, Rows, Scan, Value, WriteMode};

pub async fn modes(database: &dyn Database) {
    let name = table("modes");
    let write = |mode, rows| database.write(&name, mode, rows);
    assert_kind(write(WriteMode::Append, people(&[(1, None)])).await, ErrorKind::NotFound, "append to nothing");
    let written = write(WriteMode::Create, people(&[(1, None), (2, Some("b"))])).await.expect("create");
    assert_eq!(written.rows, 2, "rows that were added");
    assert_kind(write(WriteMode::Create, people(&[(9, None)])).await, ErrorKind::Conflict, "create what exists");
    write(WriteMode::Append, people(&[(3, None)])).await.expect("append");
    write(WriteMode::CreateAppend, people(&[(4, None)])).await.expect("create_append to a table that exists");
    let ids: Vec<i64> = read(database, &name).await.iter().map(|row| row.0).collect();
    assert_eq!(ids, [1, 2, 3, 4]);
    write(WriteMode::Overwrite, people(&[(5, Some("e"))])).await.expect("overwrite");
    assert_eq!(read(database, &name).await, [(5, Some("e".into()))]);
    let made = table("made");
    database.write(&made, WriteMode::CreateAppend, people(&[(1, None)])).await.expect("create_append creates");
    assert_eq!(read(database, &made).await.len(), 1);
    let other = Arc::new(Schema::new(vec![Field::new("only", DataType::Utf8, true)]));
    let values: ArrayRef = Arc::new(StringArray::from(vec!["x"]));
    let batch = RecordBatch::try_new(other.clone(), vec![values]).expect("one column");
    write(WriteMode::Overwrite, Rows::from_batches(other, vec![batch])).await.expect("overwrite with other columns");
    let columns = database.columns(&name).await.expect("columns");
    assert_eq!(columns.field(0).name(), "only", "overwrite brings its own columns");
    let none = write(WriteMode::Overwrite, Rows::empty(people_schema())).await.expect("overwrite with no rows");
    assert_eq!(none.rows, 0);
    assert!(read(database, &name).await.is_empty());
}

pub async fn matching_by_name(database: &dyn Database) {
    let name = table("by_name");
    database.write(&name, WriteMode::Create, people(&[(1, Some("Ann"))])).await.expect("create");
    let schema =
        Arc::new(Schema::new(vec![Field::new("NAME", DataType::Utf8, true), Field::new("Id", DataType::Int32, true)]));
    let names: ArrayRef = Arc::new(StringArray::from(vec!["Bob"]));
    let batch =
        RecordBatch::try_new(schema.clone(), vec![names, Arc::new(Int32Array::from(vec![2]))]).expect("a batch");
    database
        .write(&name, WriteMode::Append, Rows::from_batches(schema, vec![batch]))
        .await
        .expect("another order and type");
    let ids = Arc::new(Schema::new(vec![Field::new("id", DataType::Int32, true)]));
    let batch = RecordBatch::try_new(ids.clone(), vec![Arc::new(Int32Array::from(vec![3]))]).expect("a batch");
    database.write(&name, WriteMode::Append, Rows::from_batches(ids, vec![batch])).await.expect("fewer columns");
    let expected = [(1, Some("Ann".to_owned())), (2, Some("Bob".to_owned())), (3, None)];
    assert_eq!(read(database, &name).await, expected);
    let unknown = Arc::new(Schema::new(vec![Field::new("nickname", DataType::Utf8, true)]));
    let outcome = database.write(&name, WriteMode::Append, Rows::empty(unknown)).await;
    assert_kind(outcome, ErrorKind::Invalid, "a column that the table lacks");
    assert_eq!(read(database, &name).await, expected, "a refused write changes nothing");
}

pub async fn failures_change_nothing(database: &dyn Database) {
    let name = table("failures");
    let broken = || {
        let (schema, batches) = people(&[(1, Some("lost"))]).into_parts();
        let failure = stream::once(async { Err(Error::invalid("line 2 is malformed")) });
        Rows::new(schema, futures::StreamExt::chain(batches, failure))
    };
    assert_kind(database.write(&name, WriteMode::Create, broken()).await, ErrorKind::Invalid, "rows that fail");
    assert_kind(database.columns(&name).await, ErrorKind::NotFound, "a failed create leaves no table");
    database.write(&name, WriteMode::Create, people(&[(7, Some("kept"))])).await.expect("create after a failure");
    for mode in [WriteMode::Append, WriteMode::CreateAppend, WriteMode::Overwrite] {
        assert_kind(database.write(&name, mode, broken()).await, ErrorKind::Invalid, "rows that fail");
        assert_eq!(read(database, &name).await, [(7, Some("kept".into()))], "{mode:?} that fails changes nothing");
    }
    let text = Arc::new(Schema::new(vec![Field::new("id", DataType::Utf8, true)]));
    let values: ArrayRef = Arc::new(StringArray::from(vec!["seven"]));
    let batch = RecordBatch::try_new(text.clone(), vec![values]).expect("a batch");
    let outcome = database.write(&name, WriteMode::Append, Rows::from_batches(text, vec![batch])).await;
    let error = outcome.expect_err("a value that does not fit is refused");
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.message().contains("id") && error.message().contains("seven"), "names column and value: {error}");
}

pub async fn scans(database: &dyn Database) {
    let name = table("scans");
    let rows: Vec<(i64, Option<&str>)> = (0..100).map(|id| (id, if id % 10 == 0 { None } else { Some("x") })).collect();
    database.write(&name, WriteMode::Create, people(&rows)).await.expect("create");
    let filtered = |operator| Scan {
        projection: Some(vec!["ID".into(), "name".into()]),
        filters: vec![Filter { column: "id".into(), operator }],
        ..Scan::all(name.clone())
    };
    let count = async |scan| rows_of(database.scan(scan).await.expect("scan")).await.len();
    assert_eq!(count(filtered(Operator::Equal(Value::Integer(5)))).await, 1);
    assert_eq!(count(filtered(Operator::Less(Value::Integer(5)))).await, 5);
    assert_eq!(count(filtered(Operator::GreaterOrEqual(Value::Integer(90)))).await, 10);
    assert_eq!(count(filtered(Operator::In(vec![Value::Integer(1), Value::Integer(200)]))).await, 1);
    let null = Filter { column: "name".into(), operator: Operator::Null };
    assert_eq!(count(Scan { filters: vec![null], ..filtered(Operator::NotNull) }).await, 10);
    assert_eq!(count(Scan { limit: Some(7), filters: Vec::new(), ..filtered(Operator::NotNull) }).await, 7);
    let unknown = Scan { projection: Some(vec!["nothing".into()]), ..Scan::all(name.clone()) };
    assert_kind(database.scan(unknown).await, ErrorKind::Invalid, "a column that does not exist");
    let senseless = filtered(Operator::Equal(Value::Text("five".into())));
    assert_kind(database.scan(senseless).await, ErrorKind::Invalid, "a value that cannot be compared");
    assert_kind(database.scan(Scan::all(table("nowhere"))).await, ErrorKind::NotFound, "a table that does not exist");
}

pub async fn readers_keep_their_version(database: &dyn Database) {
    let name = table("versions");
    database.write(&name, WriteMode::Create, people(&[(1, Some("old"))])).await.expect("create");
    let scan = Scan { projection: Some(vec!["id".into(), "name".into()]), ..Scan::all(name.clone()) };
    let reading = database.scan(scan).await.expect("scan");
    database.write(&name, WriteMode::Overwrite, people(&[(2, Some("new"))])).await.expect("overwrite");
    assert_eq!(rows_of(reading).await, [(1, Some("old".into()))], "a reader keeps the version it began with");
    assert_eq!(read(database, &name).await, [(2, Some("new".into()))]);
}
