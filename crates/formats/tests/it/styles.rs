//! The ways of writing rows that differ in more than the type of a cell.

use std::sync::Arc;

use arrow_array::{ArrayRef, BinaryArray, Float64Array, Int64Array, NullArray, RecordBatch, StringArray, UnionArray};
use arrow_buffer::ScalarBuffer;
use arrow_schema::{DataType, Field, Schema, UnionFields};
use formats::{Blobs, JsonCells, ObjectWriter, OutputFormat, encode, encode_inserts};

use crate::bodies::encoded_with;

/// A column as SQLite has it: null, 1, 2.5, `it's "three"` and the bytes 0 and 255.
fn mixed() -> ArrayRef {
    let members: [(ArrayRef, &str, DataType); 5] = [
        (Arc::new(NullArray::new(1)), "null", DataType::Null),
        (Arc::new(Int64Array::from(vec![1])), "integer", DataType::Int64),
        (Arc::new(Float64Array::from(vec![2.5])), "real", DataType::Float64),
        (Arc::new(StringArray::from(vec!["it's \"three\""])), "text", DataType::Utf8),
        (Arc::new(BinaryArray::from_vec(vec![&[0, 255]])), "blob", DataType::Binary),
    ];
    let fields = members.iter().map(|(_, name, data_type)| Field::new(*name, data_type.clone(), true));
    let fields = UnionFields::try_new(0..5, fields).unwrap();
    let children = members.into_iter().map(|(array, ..)| array).collect();
    let ids = ScalarBuffer::from(vec![0_i8, 1, 2, 3, 4]);
    let offsets = ScalarBuffer::from(vec![0_i32; 5]);
    Arc::new(UnionArray::try_new(fields, ids, Some(offsets), children).unwrap())
}

/// Two columns of one name: the mixed one, and numbers beside it.
fn batch() -> RecordBatch {
    let mixed = mixed();
    let schema =
        Schema::new(vec![Field::new("a", mixed.data_type().clone(), true), Field::new("a", DataType::Int64, true)]);
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![Some(i64::MAX), None, Some(-3), Some(4), Some(5)]));
    RecordBatch::try_new(Arc::new(schema), vec![mixed, numbers]).unwrap()
}

fn written(format: OutputFormat, blobs: Blobs) -> String {
    let batch = batch();
    let parts = [batch.slice(0, 2), batch.slice(2, 0), batch.slice(2, 3)];
    let bytes = encoded_with(&batch.schema(), &parts, |rows, workers| encode(rows, format, blobs, workers));
    String::from_utf8(bytes.unwrap()).unwrap()
}

#[test]
fn an_array_of_objects_loses_no_column() {
    let expected = concat!(
        r#"[{"a":null,"a:1":9223372036854775807},{"a":1,"a:1":null},{"a":2.5,"a:1":-3},"#,
        r#"{"a":"it's \"three\"","a:1":4},{"a":{"type":"blob"},"a:1":5}]"#,
    );
    assert_eq!(written(OutputFormat::JsonArray, Blobs::Named), expected);
    let schema = Arc::new(Schema::new(vec![Field::new("a", DataType::Int64, true)]));
    let none = encoded_with(&schema, &[], |rows, workers| encode(rows, OutputFormat::JsonArray, Blobs::Hex, workers));
    assert_eq!(none.unwrap(), b"[]");
}

#[test]
fn tabs_part_the_cells_and_bytes_are_base64() {
    let expected = "a\ta\n\t9223372036854775807\n1\t\n2.5\t-3\n\"it's \"\"three\"\"\"\t4\nAP8=\t5\n";
    assert_eq!(written(OutputFormat::Tsv, Blobs::Base64), expected);
    assert_eq!(written(OutputFormat::Csv, Blobs::Named), expected.replace('\t', ",").replace("AP8=", "00ff"));
}

#[test]
fn a_script_puts_every_row_back() {
    let batch = batch();
    let script = encoded_with(&batch.schema(), &[batch], |rows, workers| {
        encode_inserts(rows, "CREATE TABLE t (a, b);\n".to_owned(), "\"t\"", workers)
    });
    let expected = "CREATE TABLE t (a, b);\n\
                    INSERT INTO \"t\" VALUES(NULL,9223372036854775807);\n\
                    INSERT INTO \"t\" VALUES(1,NULL);\n\
                    INSERT INTO \"t\" VALUES(2.5,-3);\n\
                    INSERT INTO \"t\" VALUES('it''s \"three\"',4);\n\
                    INSERT INTO \"t\" VALUES(X'00ff',5);\n";
    assert_eq!(String::from_utf8(script.unwrap()).unwrap(), expected);
}

#[test]
fn what_sql_cannot_spell_is_written_as_what_it_reads() {
    let values = Float64Array::from(vec![f64::INFINITY, f64::NEG_INFINITY, f64::NAN]);
    let texts = StringArray::from(vec!["a\0b", "", "'"]);
    let columns: [(&str, ArrayRef); 2] = [("x", Arc::new(values)), ("y", Arc::new(texts))];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let script =
        encoded_with(&batch.schema(), &[batch], |rows, workers| encode_inserts(rows, String::new(), "t", workers));
    let expected = "INSERT INTO t VALUES(9.0e+999,CAST(X'610062' AS TEXT));\n\
                    INSERT INTO t VALUES(-9.0e+999,'');\n\
                    INSERT INTO t VALUES(NULL,'''');\n";
    assert_eq!(String::from_utf8(script.unwrap()).unwrap(), expected);
}

#[test]
fn cells_know_which_of_them_are_bytes() {
    let mixed = mixed();
    let field = Field::new("a", mixed.data_type().clone(), true);
    let cells = JsonCells::new(&mixed, &field, Blobs::Base64).unwrap();
    let mut out = Vec::new();
    let blobs: Vec<bool> = (0..5)
        .map(|row| {
            cells.push(row, &mut out);
            cells.is_blob(row)
        })
        .collect();
    assert_eq!(blobs, [false, false, false, false, true]);
    assert_eq!(out, br#"null12.5"it's \"three\"""AP8=""#);
}

#[test]
fn objects_without_columns_are_empty_ones() {
    let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(2));
    let batch = RecordBatch::try_new_with_options(Arc::new(Schema::empty()), vec![], &options).unwrap();
    let mut out = Vec::new();
    ObjectWriter::new(&batch.schema(), Blobs::Named).push(&batch, &mut out).unwrap();
    assert_eq!(out, b",{},{}");
}
