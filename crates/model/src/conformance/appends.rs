//! Appends: creation, marks, repetition, new columns, failures, many at once.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, NullArray, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use futures::future::join_all;
use futures::stream;

use super::{assert_kind, has_schemas, people, people_schema, read, table};
use crate::{Appended, Database, Error, ErrorKind, Exists, Mark, Rows, SchemaChange, TableName, WriteMode};

fn at(position: u64) -> Mark {
    Mark { writer: "a writer".into(), position }
}

fn columns(columns: Vec<(&str, ArrayRef)>) -> Rows {
    let fields: Vec<Field> =
        columns.iter().map(|(name, values)| Field::new(*name, values.data_type().clone(), true)).collect();
    let schema = Arc::new(Schema::new(fields));
    let values = columns.into_iter().map(|(_, values)| values).collect();
    Rows::from_batches(schema.clone(), vec![RecordBatch::try_new(schema, values).expect("columns of equal length")])
}

pub async fn create_and_mark(database: &dyn Database) {
    let schema = if has_schemas(database).await { "incoming" } else { "main" };
    let name = TableName::new(schema, "events").expect("a plain name");
    assert_eq!(database.mark(&name, "a writer").await.expect("mark"), None, "a table that does not exist has no marks");
    let added = database.append(&name, people(&[(1, Some("Ann")), (2, None)]), at(10)).await.expect("append");
    assert!(added.applied && added.rows == 2, "the rows and the table are new: {added:?}");
    assert_eq!(read(database, &name).await, [(1, Some("Ann".into())), (2, None)]);
    assert_eq!(database.mark(&name, "a writer").await.expect("mark"), Some(10));
    assert_eq!(database.mark(&name, "another").await.expect("mark"), None, "each writer has a mark of its own");
    database.append(&name, people(&[(3, None)]), at(11)).await.expect("append");
    assert_eq!(database.mark(&name, "a writer").await.expect("mark"), Some(11));
    let other = Mark { writer: "another".into(), position: 0 };
    database.append(&name, people(&[(4, None)]), other).await.expect("the first position may be zero");
    assert_eq!(database.mark(&name, "another").await.expect("mark"), Some(0));
    database.write(&name, WriteMode::Append, people(&[(5, None)])).await.expect("write");
    assert_eq!(database.mark(&name, "a writer").await.expect("mark"), Some(11), "other writes leave marks alone");
    assert_eq!(read(database, &name).await.len(), 5);
    let view = SchemaChange::CreateView { name: table("a_view"), definition: "SELECT 1".into(), exists: Exists::Fail };
    database.change(view).await.expect("create a view");
    let outcome = database.append(&table("a_view"), people(&[(1, None)]), at(1)).await;
    assert_kind(outcome, ErrorKind::Invalid, "append to a view");
}

pub async fn repeated(database: &dyn Database) {
    let name = table("repeated");
    for _ in 0..3 {
        database.append(&name, people(&[(1, None)]), at(7)).await.expect("append");
    }
    let late = database.append(&name, people(&[(2, None)]), at(6)).await.expect("an append that came before");
    assert_eq!(late, Appended { rows: 0, bytes: 0, applied: false });
    assert_eq!(read(database, &name).await, [(1, None)], "an append that is repeated is applied once");
    let empty = database.append(&name, Rows::empty(people_schema()), at(9)).await.expect("append of no rows");
    assert!(empty.applied && empty.rows == 0);
    assert_eq!(database.mark(&name, "a writer").await.expect("mark"), Some(9), "no rows move the mark, too");
}

pub async fn widen(database: &dyn Database) {
    let name = table("widened");
    database.append(&name, people(&[(1, Some("Ann"))]), at(1)).await.expect("append");
    let wider = columns(vec![
        ("Score", Arc::new(Float64Array::from(vec![0.5])) as ArrayRef),
        ("ID", Arc::new(StringArray::from(vec!["2"])) as ArrayRef),
        ("nothing", Arc::new(NullArray::new(1)) as ArrayRef),
    ]);
    database.append(&name, wider, at(2)).await.expect("append with a new column, another type and another order");
    let schema = database.columns(&name).await.expect("columns");
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    assert_eq!(names, ["id", "name", "Score"], "a new column stands at the end; one of type NULL adds nothing");
    assert_eq!(*schema.field(2).data_type(), DataType::Float64);
    assert_eq!(read(database, &name).await, [(1, Some("Ann".into())), (2, None)]);
    let narrower = columns(vec![("id", Arc::new(Int64Array::from(vec![3])) as ArrayRef)]);
    database.append(&name, narrower, at(3)).await.expect("append with fewer columns");
    assert_eq!(read(database, &name).await.len(), 3);
}

pub async fn failures_change_nothing(database: &dyn Database) {
    let name = table("broken");
    let broken = || {
        let (schema, batches) = people(&[(1, Some("lost"))]).into_parts();
        let failure = stream::once(async { Err(Error::invalid("line 2 is malformed")) });
        Rows::new(schema, futures::StreamExt::chain(batches, failure))
    };
    assert_kind(database.append(&name, broken(), at(1)).await, ErrorKind::Invalid, "rows that fail");
    assert_kind(database.columns(&name).await, ErrorKind::NotFound, "a failed append leaves no table");
    database.append(&name, people(&[(1, None)]), at(1)).await.expect("append after a failure");
    let outcome = database.append(&name, broken(), at(2)).await;
    assert_kind(outcome, ErrorKind::Invalid, "rows that fail");
    let wrong = columns(vec![
        ("id", Arc::new(StringArray::from(vec!["seven"])) as ArrayRef),
        ("more", Arc::new(Int64Array::from(vec![1])) as ArrayRef),
    ]);
    let error = database.append(&name, wrong, at(2)).await.expect_err("a value that does not fit");
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.message().contains("id") && error.message().contains("seven"), "names column and value: {error}");
    assert_eq!(database.mark(&name, "a writer").await.expect("mark"), Some(1), "a failed append moves no mark");
    assert_eq!(database.columns(&name).await.expect("columns").fields().len(), 2, "a failed append adds no column");
    assert_eq!(read(database, &name).await, [(1, None)]);
}

pub async fn at_once(database: &Arc<dyn Database>) {
    let name = table("at_once");
    let one = async |writer: i64| {
        for position in 0..4 {
            let mark = Mark { writer: format!("writer {writer}"), position };
            let id = writer * 10 + i64::try_from(position).expect("a small number");
            let added = database.append(&name, people(&[(id, None)]), mark).await.expect("append beside others");
            assert!(added.applied);
        }
    };
    join_all((0..4).map(one)).await;
    let ids: Vec<i64> = read(database.as_ref(), &name).await.iter().map(|row| row.0).collect();
    let expected: Vec<i64> = (0..4).flat_map(|writer| (0..4).map(move |position| writer * 10 + position)).collect();
    assert_eq!(ids, expected, "every row of every writer, once");
}
