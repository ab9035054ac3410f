//! CSV that can be read.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use formats::{Decode, InputFormat};

use crate::bodies::{csv, decoded, options};

fn typed(fields: Vec<Field>) -> Decode {
    let types: SchemaRef = Arc::new(Schema::new(fields));
    Decode { types: Some(types), ..options(InputFormat::Csv) }
}

#[test]
fn types_are_sniffed() {
    let table = csv("b,i,d,day,at,instant,t,none\n\
                     true,1,1.5,2026-01-02,2026-01-02 03:04:05.5,2026-01-02T03:04:05+01:00,x,\n\
                     False,-2,3,1999-12-31,2026-01-02,2026-01-02T00:00:00Z,,\n");
    let columns = [
        "b BOOLEAN",
        "i BIGINT",
        "d DOUBLE",
        "day DATE",
        "at TIMESTAMP",
        "instant TIMESTAMP WITH TIME ZONE",
        "t VARCHAR",
        "none VARCHAR",
    ];
    assert_eq!(table.columns(), columns);
    assert_eq!(
        table.lines(),
        [
            r#"[true,1,1.5,"2026-01-02","2026-01-02T03:04:05.500","2026-01-02T02:04:05+00:00","x",null]"#,
            r#"[false,-2,3.0,"1999-12-31","2026-01-02T00:00:00","2026-01-02T00:00:00+00:00",null,null]"#,
        ]
    );
    assert_eq!(table.schema.field(5).data_type(), &DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())));
}

#[test]
fn quotes_line_ends_marks_and_blank_lines() {
    let text = "\u{FEFF}a,\"b \"\"x\"\"\",c\r\n1,\"two\nlines, one comma\",\r\n\r\n2,\"say \"\"hi\"\"\",\"\"\r\n3, 5\" pipe ,z";
    let table = csv(text);
    assert_eq!(table.columns(), ["a BIGINT", "b \"x\" VARCHAR", "c VARCHAR"]);
    assert_eq!(
        table.lines(),
        [r#"[1,"two\nlines, one comma",null]"#, r#"[2,"say \"hi\"",""]"#, r#"[3," 5\" pipe ","z"]"#]
    );
}

#[test]
fn other_separators_and_quotes() {
    for (separator, quote) in [(';', '"'), ('\t', '"'), ('|', '"'), (',', '\''), (';', '\'')] {
        let text = format!(
            "id{separator}name\n1{separator}{quote}a{separator}b{quote}\n2{separator}{quote}c{quote}{quote}d{quote}\n"
        );
        let table = csv(text);
        assert_eq!(table.columns(), ["id BIGINT", "name VARCHAR"]);
        let escaped = if quote == '"' { "\\\"" } else { "'" };
        let separator = if separator == '\t' { "\\t".to_owned() } else { separator.to_string() };
        assert_eq!(table.lines(), [format!("[1,\"a{separator}b\"]"), format!("[2,\"c{escaped}d\"]")]);
    }
}

#[test]
fn one_column_and_names_that_must_be_made() {
    assert_eq!(csv("name\nDoe\n\nRoe").lines(), ["[\"Doe\"]", "[\"Roe\"]"]);
    assert_eq!(csv(",a,A,\n1,2,3,4\n").columns(), ["column0 BIGINT", "a BIGINT", "A_1 BIGINT", "column3 BIGINT"]);
    assert_eq!(csv("\"näme, \"\"q\"\"\",../x\n1,2\n").columns(), ["näme, \"q\" BIGINT", "../x BIGINT"]);
}

#[test]
fn a_header_alone_is_no_rows() {
    let table = csv("a,b");
    assert_eq!(table.columns(), ["a VARCHAR", "b VARCHAR"]);
    assert_eq!(table.count(), 0);
}

#[test]
fn the_tables_types_win_over_sniffed_ones() {
    let options = typed(vec![
        Field::new("Zip", DataType::Utf8View, true),
        Field::new("amount", DataType::Decimal128(10, 2), false),
        Field::new("small", DataType::Int16, true),
        Field::new("ratio", DataType::Float32, true),
        Field::new("at", DataType::Timestamp(TimeUnit::Millisecond, None), true),
        Field::new("blob", DataType::Binary, true),
        Field::new("unused", DataType::Int64, true),
    ]);
    let table =
        decoded(b"zip,AMOUNT,small,ratio,at,blob,extra\n01234,12.345, 7 ,0.1,2026-01-02T03:04:05.678Z,,9\n", options)
            .unwrap();
    let columns = [
        "Zip VARCHAR",
        "amount DECIMAL(10,2)",
        "small SMALLINT",
        "ratio FLOAT",
        "at TIMESTAMP_MS",
        "blob BLOB",
        "extra BIGINT",
    ];
    assert_eq!(table.columns(), columns);
    assert_eq!(table.lines(), [r#"["01234",12.35,7,0.1,"2026-01-02T03:04:05.678",null,9]"#]);
}

#[test]
fn leading_zeros_are_kept_unless_the_table_has_numbers() {
    let text = "zip,n\n10001,0\n02139,10\n";
    let table = csv(text);
    assert_eq!(table.columns(), ["zip VARCHAR", "n BIGINT"]);
    assert_eq!(table.lines(), [r#"["10001",0]"#, r#"["02139",10]"#]);
    let numbers = typed(vec![Field::new("zip", DataType::Int64, true)]);
    assert_eq!(decoded(text.as_bytes(), numbers).unwrap().lines(), ["[10001,0]", "[2139,10]"]);
}

#[test]
fn integers_past_bigint_keep_their_digits() {
    let table = csv("a,b\n99999999999999999999,1\n1,18446744073709551616.5\n");
    assert_eq!(table.columns(), ["a VARCHAR", "b DOUBLE"]);
    assert_eq!(table.lines()[0], r#"["99999999999999999999",1.0]"#);
}

#[test]
fn records_across_chunks_keep_their_order() {
    let mut text = String::from("n,text\n");
    let mut expected = Vec::new();
    for n in 0..200_000 {
        let filler = "ü\"\",\n".repeat(n % 7);
        text.push_str(&format!("{n},\"{filler}\"\n"));
        expected.push(n.to_string());
    }
    assert!(text.len() > 5 << 20);
    let table = csv(&text);
    assert_eq!(table.count(), 200_000);
    assert!(table.batches.len() > 2);
    let lines = table.lines();
    for (n, line) in lines.iter().enumerate() {
        let (number, filler): (usize, String) = serde_json::from_str(line).unwrap();
        assert_eq!((number, filler), (n, "ü\",\n".repeat(n % 7)));
    }
}
