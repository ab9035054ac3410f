//! Any name is a name, and any value comes back as it was given.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, BinaryArray, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{Field, Schema};
use model::{Database, Filter, Missing, Operator, Rows, Scan, SchemaChange, Statement, TableName, Value, WriteMode};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::{database, storage};

#[derive(Clone, Debug)]
struct Row {
    whole: Option<i64>,
    real: Option<f64>,
    truth: Option<bool>,
    text: Option<String>,
    blob: Option<Vec<u8>>,
}

fn row() -> impl Strategy<Value = Row> {
    // NaN is the one number that SQLite has not: it is NULL there. And its zero has no sign.
    let real = any::<f64>().prop_filter("a number", |number| !number.is_nan()).prop_map(|number| number + 0.0);
    (
        any::<Option<i64>>(),
        prop::option::of(real),
        any::<Option<bool>>(),
        prop::option::of(".{0,40}"),
        prop::option::of(prop::collection::vec(any::<u8>(), 0..40)),
    )
        .prop_map(|(whole, real, truth, text, blob)| Row { whole, real, truth, text, blob })
}

fn name() -> impl Strategy<Value = String> {
    let taken = |name: &String| !name.to_lowercase().starts_with("sqlite_") && model::check_name("table", name).is_ok();
    prop_oneof!["[a-zA-Z \"'`\\[\\].;%_-]{1,20}", "\\PC{1,30}"].prop_filter("a name", taken)
}

fn batch(columns: &[String], rows: &[Row]) -> RecordBatch {
    let values: Vec<ArrayRef> = vec![
        Arc::new(rows.iter().map(|row| row.whole).collect::<Int64Array>()),
        Arc::new(rows.iter().map(|row| row.real).collect::<Float64Array>()),
        Arc::new(rows.iter().map(|row| row.truth).collect::<BooleanArray>()),
        Arc::new(rows.iter().map(|row| row.text.as_deref()).collect::<StringArray>()),
        Arc::new(rows.iter().map(|row| row.blob.as_deref()).collect::<BinaryArray>()),
    ];
    let fields: Vec<Field> =
        columns.iter().zip(&values).map(|(name, values)| Field::new(name, values.data_type().clone(), true)).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), values).unwrap()
}

#[test]
fn names_and_values_come_back() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (storage, _directory) = storage();
    let db = runtime.block_on(database(&storage, "d"));
    let columns = prop::collection::vec(name(), 5).prop_filter("five different names", |names| {
        names.iter().map(|name| name.to_lowercase()).collect::<std::collections::HashSet<_>>().len() == 5
    });
    let cases = (name(), columns, prop::collection::vec(row(), 1..20));
    let mut runner = TestRunner::new(Config { cases: 48, failure_persistence: None, ..Config::default() });
    runner
        .run(&cases, |(table, columns, rows)| {
            runtime.block_on(round_trip(db.as_ref(), &table, &columns, &rows));
            Ok(())
        })
        .unwrap();
}

async fn round_trip(db: &dyn Database, table: &str, columns: &[String], rows: &[Row]) {
    let name = TableName::new("main", table).unwrap();
    let given = batch(columns, rows);
    db.write(&name, WriteMode::Create, Rows::from_batches(given.schema(), vec![given.clone()])).await.unwrap();
    let listed = db.tables().await.unwrap();
    assert!(listed.iter().any(|listed| listed.name.table == table), "{table:?} is listed as it was spelled");
    let read = db.scan(Scan::all(name.clone())).await.unwrap().collect().await.unwrap();
    assert_eq!(read.len(), 1);
    assert_eq!(read[0].columns(), given.columns(), "the rows of {table:?}");
    let spelled: Vec<String> = read[0].schema().fields().iter().map(|field| field.name().clone()).collect();
    assert_eq!(spelled, columns);
    // A filter finds what it names, also where SQLite's own comparison would convert.
    for row in rows.iter().take(3) {
        let (column, value, found) = match (&row.text, row.whole) {
            (Some(text), _) => (
                &columns[3],
                Value::Text(text.clone()),
                rows.iter().filter(|row| row.text.as_ref() == Some(text)).count(),
            ),
            (None, Some(whole)) => {
                (&columns[0], Value::Integer(whole), rows.iter().filter(|row| row.whole == Some(whole)).count())
            }
            (None, None) => continue,
        };
        let filters = vec![Filter { column: column.clone(), operator: Operator::Equal(value) }];
        let read = db.scan(Scan { filters, ..Scan::all(name.clone()) }).await.unwrap().collect().await.unwrap();
        assert_eq!(read.iter().map(RecordBatch::num_rows).sum::<usize>(), found);
    }
    in_its_own_dialect(db, table, columns, rows).await;
    db.change(SchemaChange::DropTable { name, missing: Missing::Fail }).await.unwrap();
}

/// Read by a statement a cell has the type that SQLite stored it with.
async fn in_its_own_dialect(db: &dyn Database, table: &str, columns: &[String], rows: &[Row]) {
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    for (place, row) in (1..).zip(rows) {
        let list: Vec<String> = columns.iter().map(|column| quoted(column)).collect();
        let sql = format!("SELECT {} FROM {} WHERE rowid = ?1", list.join(", "), quoted(table));
        let executed = db.execute(Statement::new(sql).with(vec![Value::Integer(place)])).await.unwrap();
        let read = executed.rows.collect().await.unwrap();
        let cell = |column: usize| -> &ArrayRef { read[0].column(column) };
        match row.whole {
            Some(whole) => assert_eq!(cell(0).as_primitive::<Int64Type>().value(0), whole),
            None => assert_eq!(cell(0).logical_null_count(), 1),
        }
        match row.real {
            Some(real) => assert_eq!(cell(1).as_primitive::<Float64Type>().value(0), real),
            None => assert_eq!(cell(1).logical_null_count(), 1),
        }
        match row.truth {
            Some(truth) => assert_eq!(cell(2).as_primitive::<Int64Type>().value(0), i64::from(truth)),
            None => assert_eq!(cell(2).logical_null_count(), 1),
        }
        match &row.text {
            Some(text) => assert_eq!(cell(3).as_string::<i32>().value(0), text),
            None => assert_eq!(cell(3).logical_null_count(), 1),
        }
        match &row.blob {
            Some(blob) => assert_eq!(cell(4).as_binary::<i32>().value(0), blob.as_slice()),
            None => assert_eq!(cell(4).logical_null_count(), 1),
        }
    }
}
