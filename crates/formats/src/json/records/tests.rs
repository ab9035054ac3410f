//! Bodies against columns.

use arrow_array::Int64Array;
use arrow_array::cast::AsArray;
use arrow_schema::TimeUnit;

use super::*;

fn reader(fields: Vec<Field>) -> JsonRecords {
    JsonRecords::new(Arc::new(Schema::new(fields)))
}

fn table() -> JsonRecords {
    reader(vec![Field::new("id", DataType::Int64, true), Field::new("Name", DataType::Utf8, true)])
}

fn types(checked: &Checked) -> Vec<(&str, DataType)> {
    checked.added.iter().map(|field| (field.name().as_str(), field.data_type().clone())).collect()
}

#[test]
fn one_object_and_an_array_are_rows() {
    let mut table = table();
    for (body, rows) in [
        (r#"{"id": 1, "name": "x"}"#, 1),
        (r#" [{"id": 1}, {"name": "y"}, {}] "#, 3),
        ("[]", 0),
        ("\u{feff}{}", 1),
        (r#"{"ID": "7", "unknown": null}"#, 1),
    ] {
        assert_eq!(table.check(body.as_bytes()), Ok(Checked { rows, added: vec![] }), "{body}");
    }
}

#[test]
fn keys_without_a_column_become_columns_that_the_next_body_is_read_with() {
    let mut table = table();
    let body = r#"[{"id":1,"x":1},{"x":2.5,"at":"2026-01-02T03:04:05Z","tags":["a"],"none":null},{"who":{"a":true}}]"#;
    let checked = table.check(body.as_bytes()).unwrap();
    let utc = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    let tags = DataType::List(Arc::new(Field::new("item", DataType::Utf8, true)));
    let who = DataType::Struct(vec![Field::new("a", DataType::Boolean, true)].into());
    assert_eq!(types(&checked), [("x", DataType::Float64), ("at", utc), ("tags", tags), ("who", who)]);
    assert_eq!(table.columns().fields().len(), 6);
    let Err(Unfit::Schema(told)) = table.check(br#"[{"x":3},{"X":"high"}]"#) else { panic!("x is a number") };
    assert_eq!(told, r#"row 2, column "x": "high" is not a DOUBLE, which is the type of the table's column"#);
    let Err(Unfit::Schema(told)) = table.check(br#"{"who":{"b":1}}"#) else { panic!("who has no b") };
    assert!(told.starts_with(r#"row 1, column "who.b": the table's column has no such field for 1"#), "{told}");
}

#[test]
fn a_body_that_is_refused_adds_nothing() {
    let mut table = table();
    let deep = format!("{{\"x\":{}1{}}}", "[".repeat(17), "]".repeat(17));
    for body in [
        &deep,
        r#"{"x":{"a":1,"A":2}}"#,
        r#"{"x":[{"":1}]}"#,
        r#"[{"x":1},{"id":"one"}]"#,
        r#"{"a":1,"A":2}"#,
        r#"{"":1}"#,
        r#"{"x":1,"id":1,"id":2}"#,
    ] {
        assert!(table.check(body.as_bytes()).is_err(), "{body}");
        assert_eq!(table.columns().fields().len(), 2, "{body}");
    }
    assert_eq!(table.check(br#"{"x":"text"}"#).unwrap().added[0].data_type(), &DataType::Utf8);
}

#[test]
fn what_is_wrong_is_told_by_kind() {
    let mut table = reader(vec![Field::new("id", DataType::Int64, false), Field::new("raw", DataType::Binary, true)]);
    let mut told = |body: &str| table.check(body.as_bytes()).unwrap_err();
    for body in ["", " ", "{", "{]", "{'a':1}", "{} {}", "[{},]", "nul", "{\"id\":01}"] {
        assert!(matches!(told(body), Unfit::Body(_)), "{body}");
    }
    assert_eq!(told("[1]"), Unfit::Body("row 1: 1 is not a JSON object with a key for each column".into()));
    assert_eq!(told("\"x\""), Unfit::Body("row 1: \"x\" is not a JSON object with a key for each column".into()));
    assert_eq!(told("{\"id\":\n oops}"), Unfit::Body("line 2, column 2: malformed JSON: expected value".into()));
    assert_eq!(told(r#"{"id":1,"id":1}"#), Unfit::Data("row 1, column \"id\": the key is twice in one object".into()));
    let missing = "row 2, column \"id\": there is no value, and the column is NOT NULL";
    assert_eq!(told(r#"[{"id":1},{"raw":null}]"#), Unfit::Data(missing.into()));
    assert!(matches!(told(r#"{"id":1,"raw":"x"}"#), Unfit::Schema(text) if text.contains("BLOB")));
    assert!(matches!(told(r#"{"id":1.5}"#), Unfit::Schema(text) if text.contains("1.5 is not a BIGINT")));
    assert!(matches!(table.check(b"{\"a\":\"\xff\"}"), Err(Unfit::Body(text)) if text.contains("byte 7 is not UTF-8")));
}

#[test]
fn what_was_checked_is_read() {
    let mut table = table();
    let bodies = [r#"{"id":1}"#, r#"[{"id":2,"x":true},{"name":"n"}]"#];
    for body in bodies {
        table.check(body.as_bytes()).unwrap();
    }
    for body in bodies {
        assert_eq!(table.read(body.as_bytes()), Ok(Read::Rows));
    }
    assert_eq!(table.read(br#"{"y":1}"#), Ok(Read::Lacks(vec![Field::new("y", DataType::Int64, true)])));
    let mut table = JsonRecords::new(table.columns().clone());
    for body in bodies {
        table.read(body.as_bytes()).unwrap();
    }
    let batch = table.batch().unwrap();
    assert_eq!((batch.num_rows(), batch.num_columns(), table.rows()), (3, 3, 0));
    assert_eq!(batch.column(0).as_primitive(), &Int64Array::from(vec![Some(1), Some(2), None]));
    assert!(batch.column(2).as_boolean().is_null(0) && batch.column(2).as_boolean().value(1));
}
