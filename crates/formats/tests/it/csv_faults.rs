//! CSV that cannot be read, and what is said about it.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema};
use formats::{Decode, InputFormat};
use model::ErrorKind;

use crate::bodies::{csv_message, error, message, options};

#[test]
fn the_structure_of_a_record() {
    assert_eq!(
        csv_message("a,b\n1,2\n\"x\ny\",3\n4\n"),
        "line 5: expected 2 fields as in the header, found 1 (the separator is ',')"
    );
    assert_eq!(
        csv_message("a;b\n1;2\n1;2;3\n"),
        "line 3: expected 2 fields as in the header, found 3 (the separator is ';')"
    );
    assert_eq!(csv_message("a,b\n1,2\n3,\"x\n5,6\n"), "line 3: the quote that opens here is never closed");
    assert_eq!(
        csv_message("a,b\n1,2\n3,\"x\"y\n5,6\n"),
        "line 3, column \"b\": text follows a closing quote; a quote inside a quoted value is written twice"
    );
    assert_eq!(csv_message("\"a,b\n1,2\n"), "line 1: the quote that opens here is never closed");
}

#[test]
fn the_body_as_a_whole() {
    let empty = "the body is empty; a CSV file starts with a line of column names";
    assert_eq!(csv_message(""), empty);
    assert_eq!(csv_message("\n\r\n"), empty);
    let utf16: Vec<u8> = "\u{FEFF}a,b\n1,2\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(csv_message(utf16), "the body is not UTF-8 text; if it is a UTF-16 file, convert it to UTF-8");
    assert_eq!(csv_message(b"a,b\n1,x\n2,caf\xE9\n"), "line 3: the text is not UTF-8; convert the file to UTF-8");
    assert_eq!(csv_message(b"a,caf\xE9\n1,x\n"), "line 1: the text is not UTF-8; convert the file to UTF-8");
}

#[test]
fn line_ends_that_are_a_carriage_return_alone() {
    for (line, text) in [
        (1, "a,b\r1,2\r3,4"),
        (1, "a,b\r1,2\r3,4\r"),
        (1, "\"a\",\"b\"\r\"1\",\"2\"\r"),
        (1, "a\r1\r2\n"),
        (2, "a,b\n1,2\r3,4\r\n"),
    ] {
        let told = csv_message(text);
        let start = format!("line {line}: a carriage return (CR) without a line feed");
        assert!(told.starts_with(&start) && told.contains("convert the line ends of the file to LF"), "{told}");
    }
}

/// A value that is first seen after the sample, with line feeds in quotes before it.
#[test]
fn a_value_that_does_not_fit_the_sniffed_type() {
    let mut text = String::from("id,note,amount\n");
    for id in 0..70_000 {
        text.push_str(&format!("{id},\"two\nlines\",{id}\n"));
    }
    text.push_str("70000,x,n/a\n70001,x,later\n");
    assert_eq!(
        csv_message(&text),
        "line 140002, column \"amount\": \"n/a\" is not a BIGINT; the type was taken from the first 20480 rows. To \
         give the type, create the table first (CREATE TABLE …) and upload with mode=append"
    );
}

#[test]
fn the_first_misfit_is_named_whatever_its_column() {
    let mut text = String::from("a,b\n");
    text.push_str(&"1,2\n".repeat(30_000));
    text.push_str("1,bad\nworse,2\n");
    assert!(csv_message(&text).starts_with("line 30002, column \"b\": \"bad\" is not a BIGINT"));
}

#[test]
fn a_value_that_does_not_fit_the_tables_type() {
    let fields = vec![
        Field::new("amount", DataType::Decimal128(4, 2), true),
        Field::new("n", DataType::Int8, true),
        Field::new("raw", DataType::Binary, true),
    ];
    let options = Decode { types: Some(Arc::new(Schema::new(fields))), ..options(InputFormat::Csv) };
    assert_eq!(
        message("amount\n1.5\n123.45\n", options.clone()),
        "line 3, column \"amount\": \"123.45\" is not a DECIMAL(4,2), which is the type of the table's column"
    );
    assert_eq!(
        message("N,x\n1,2\n128,3\n", options.clone()),
        "line 3, column \"n\": \"128\" is not a TINYINT, which is the type of the table's column"
    );
    let refused = error("raw\nff\n", options);
    assert_eq!(refused.kind(), ErrorKind::Unsupported);
    assert_eq!(refused.message(), "line 2, column \"raw\": a value of type BLOB cannot be read from CSV; send Parquet");
}

#[test]
fn long_values_are_cut_and_controls_escaped() {
    let mut text = format!("a\n{}", "1\n".repeat(25_000));
    text.push_str(&format!("\u{7}{}\n", "é".repeat(500)));
    let expected = format!("line 25002, column \"a\": \"\\u{{7}}{}\"…", "é".repeat(79));
    assert!(csv_message(&text).starts_with(&expected), "{}", csv_message(&text));
}

#[test]
fn a_record_past_the_limit() {
    let text = format!("a,b\n1,2\n3,\"{}", "x".repeat(33 << 20));
    let oversized = error(&text, options(InputFormat::Csv));
    assert_eq!(oversized.kind(), ErrorKind::TooLarge);
    assert_eq!(
        oversized.message(),
        "line 3: the quote that opens here is not closed within 32 MiB, which a record may have at most"
    );
    let text = format!("a,b\n1,2\n3,{}\n4,5\n", "x".repeat(33 << 20));
    assert_eq!(csv_message(&text), "line 3: the record is larger than 32 MiB, which a record may have at most");
}
