//! JSON that cannot be read, and what is said about it.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema};
use formats::{Decode, InputFormat};
use model::ErrorKind;

use crate::bodies::{decoded_in_pieces, error, json_message, message, options};

#[test]
fn malformed_text_names_line_and_column() {
    for (text, expected) in [
        ("{\"a\":1}\n{\"a\":}\n", "line 2, column 6: malformed JSON: expected value"),
        ("{\"a\":1}\n{\"a\" 1}\n", "line 2, column 6: malformed JSON: expected `:`"),
        ("[{\"a\":1},\n {\"a\":1,}]", "line 2, column 9: malformed JSON: trailing comma"),
        ("[{\"a\":1}, {\"a\":tru}]", "line 1, column 19: malformed JSON: expected ident"),
        ("{\"a\":1},\n{\"a\":2}", "line 1, column 8: malformed JSON: expected value"),
        ("[{\"a\":1} {\"a\":2}]", "line 1, column 10: malformed JSON: expected , or ] after a record, found '{'"),
        ("[{\"a\":1},,{\"a\":2}]", "line 1, column 10: malformed JSON: expected a record, found ','"),
        ("[{\"a\":1},\n]", "line 2, column 1: malformed JSON: expected a record, found ']'"),
        ("[{\"a\":1}]\n\nx", "line 3, column 1: malformed JSON: expected the end after the closing ], found 'x'"),
        (
            "[{\"a\":1},\n{\"a\":2}\n",
            "line 3: malformed JSON: the body ends before the array is closed with ]; it may be truncated",
        ),
        (
            "{\"a\":1}\n{\"a\":",
            "line 2, column 5: malformed JSON: the body ends in the middle of a record; it may be truncated",
        ),
        (
            "[{\"a\":1},\n{\"a\":\"x",
            "line 2, column 7: malformed JSON: the body ends in the middle of a record; it may be truncated",
        ),
    ] {
        assert_eq!(json_message(text), expected, "{text}");
        let options = options(InputFormat::Json);
        assert_eq!(decoded_in_pieces(text.as_bytes(), 1, options).unwrap_err().message(), expected, "{text}");
    }
}

#[test]
fn records_must_be_objects() {
    let expected = "line 2: a record must be an object with a key for each column, found ";
    assert_eq!(json_message("{\"a\":1}\n5\n"), format!("{expected}5"));
    assert_eq!(json_message("[{\"a\":1},\n[1, \"x\"]]"), format!("{expected}[1,\"x\"]"));
    assert_eq!(json_message("[{\"a\":1},\n\"text\"]"), format!("{expected}\"text\""));
    assert_eq!(json_message("[{\"a\":1},\nnull]"), format!("{expected}null"));
}

#[test]
fn bodies_that_show_no_columns() {
    for text in ["", " \n", "[]", "[ ]", "{}", "[{},{}]"] {
        assert!(json_message(text).starts_with("the body has no record with a key"), "{text}");
    }
    assert_eq!(
        json_message("{\"a\":1}\n{\"A\":1}"),
        "the keys \"a\" and \"A\" differ in letter case alone, which does not tell columns apart; rename one of them"
    );
    assert_eq!(json_message("{\"a\":1,\n\"a\":2}"), "line 2, key \"a\": the key is twice in one record");
}

/// Enough records that what follows is past the sample.
fn many(record: &str) -> String {
    format!("{record}\n").repeat((5 << 20) / record.len())
}

#[test]
fn what_comes_after_the_sample_must_fit() {
    let text = many(r#"{"a":{"b":1},"c":"2026-01-02"}"#);
    let line = text.lines().count() + 1;
    let first = json_message(format!("{text}{{\"a\":{{\"b\":\"n/a\"}}}}"));
    assert!(
        first.starts_with(&format!(
            "line {line}, key \"a.b\": \"n/a\" is not a BIGINT; the type was taken from the first "
        )),
        "{first}"
    );
    assert!(
        first.ends_with("rows. To give the type, create the table first (CREATE TABLE …) and upload with mode=append")
    );
    let message = json_message(format!("{text}{{\"c\":\"soon\"}}"));
    assert!(message.starts_with(&format!("line {line}, key \"c\": \"soon\" is not a DATE;")), "{message}");
    let message = json_message(format!("{text}{{\"a\":{{\"b\":1.5}}}}"));
    assert!(message.starts_with(&format!("line {line}, key \"a.b\": 1.5 is not a BIGINT;")), "{message}");
    let message = json_message(format!("{text}{{\"a\":[1]}}"));
    assert!(message.starts_with(&format!("line {line}, key \"a\": [1] is not a STRUCT(b BIGINT);")), "{message}");
    let message = json_message(format!("{text}{{\"new\":[1,\"x\"]}}"));
    assert!(
        message.starts_with(&format!(
            "line {line}, key \"new\": there is no column for [1,\"x\"]; the columns were taken"
        )),
        "{message}"
    );
}

#[test]
fn what_the_table_does_not_have() {
    let fields = vec![Field::new("id", DataType::Int32, true), Field::new("raw", DataType::Binary, true)];
    let options = Decode { types: Some(Arc::new(Schema::new(fields))), ..options(InputFormat::Json) };
    assert_eq!(
        message("{\"id\":1}\n{\"ID\":2,\"more\":{\"x\":1}}", options.clone()),
        "line 2, key \"more\": the table has no such column for {\"x\":1}; add it (ALTER TABLE … ADD COLUMN …) or \
         leave the key out"
    );
    assert_eq!(
        message("{\"id\":3000000000}", options.clone()),
        "line 1, key \"id\": 3000000000 is not a INTEGER, which is the type of the table's column"
    );
    assert_eq!(
        message("{\"raw\":\"ff\"}", options),
        "line 1, key \"raw\": a value of type BLOB cannot be read from JSON; send Parquet"
    );
}

#[test]
fn a_record_past_the_limit() {
    let text = format!("{{\"a\":1}}\n{{\"a\":\"{}\"}}\n", "x".repeat(33 << 20));
    let oversized = error(&text, options(InputFormat::Json));
    assert_eq!(oversized.kind(), ErrorKind::TooLarge);
    assert_eq!(oversized.message(), "line 2: the record is larger than 32 MiB, which a record may have at most");
}
