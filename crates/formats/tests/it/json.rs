//! JSON that can be read.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema};
use formats::{Decode, InputFormat};

use crate::bodies::{decoded, json, options};

#[test]
fn every_layout_gives_the_same_rows() {
    let expected = ["[1,\"x\"]", "[2,null]", "[null,\"}],{\\\"[\"]"];
    let records = [r#"{"a":1,"b":"x"}"#, r#"{"b":null,"a":2}"#, r#"{"b":"}],{\"["}"#];
    for text in [
        records.join("\n"),
        records.join("\r\n") + "\r\n",
        records.concat(),
        format!("[{}]", records.join(",")),
        format!("\u{FEFF} [\n  {}\n]\n", records.join(",\n  ")),
        records.join("  ").replace(",\"", " ,\n \""),
    ] {
        let table = json(&text);
        assert_eq!(table.columns(), ["a BIGINT", "b VARCHAR"], "{text}");
        assert_eq!(table.lines(), expected, "{text}");
    }
    assert_eq!(json(r#"{"a":1}"#).lines(), ["[1]"]);
}

#[test]
fn types_are_sniffed() {
    let table = json(
        r#"{"i":1,"d":1,"mixed":1,"b":true,"day":"2026-01-02","at":"2026-01-02T03:04:05","z":"2026-01-02T03:04:05Z","n":null,"big":18446744073709551615}
           {"i":-2,"d":2.5,"mixed":"x","b":false,"day":"1999-12-31","at":"2026-01-02 03:04","z":"2026-01-02","big":1,"late":0}
           {"mixed":{"k":[1,{"z":0,"a":null}]}}
           {"mixed":1.5}
           {"mixed":true}"#,
    );
    let columns = [
        "i BIGINT",
        "d DOUBLE",
        "mixed VARCHAR",
        "b BOOLEAN",
        "day DATE",
        "at TIMESTAMP",
        "z TIMESTAMP WITH TIME ZONE",
        "n VARCHAR",
        "big VARCHAR",
        "late BIGINT",
    ];
    assert_eq!(table.columns(), columns);
    assert_eq!(
        table.lines()[..2],
        [
            r#"[1,1.0,"1",true,"2026-01-02","2026-01-02T03:04:05","2026-01-02T03:04:05+00:00",null,"18446744073709551615",null]"#,
            r#"[-2,2.5,"x",false,"1999-12-31","2026-01-02T03:04:00","2026-01-02T00:00:00+00:00",null,"1",0]"#,
        ]
    );
    let mixed: Vec<String> = table.lines()[2..]
        .iter()
        .map(|line| serde_json::from_str::<Vec<serde_json::Value>>(line).unwrap()[2].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(mixed, [r#"{"k":[1,{"z":0,"a":null}]}"#, "1.5", "true"]);
}

#[test]
fn nested_values_become_lists_and_structs() {
    let table = json(
        r#"[{"tags":["a","b"],"at":{"x":1,"y":[[1],[2,3]]},"items":[{"n":1},{"n":2.5,"s":"t"}]},
            {"tags":[],"at":{"y":null},"items":null},
            {"at":null}]"#,
    );
    assert_eq!(
        table.columns(),
        ["tags VARCHAR[]", "at STRUCT(x BIGINT, y BIGINT[][])", "items STRUCT(n DOUBLE, s VARCHAR)[]"]
    );
    assert_eq!(
        table.lines(),
        [
            r#"[["a","b"],{"x":1,"y":[[1],[2,3]]},[{"n":1.0,"s":null},{"n":2.5,"s":"t"}]]"#,
            r#"[[],{"x":null,"y":null},null]"#,
            "[null,null,null]",
        ]
    );
}

#[test]
fn empty_nested_values_stay_readable() {
    let table = json(r#"{"o":{},"l":[],"ll":[[]]}"#);
    assert_eq!(table.columns(), ["o VARCHAR", "l VARCHAR[]", "ll VARCHAR[][]"]);
    assert_eq!(table.lines(), [r#"["{}",[],[[]]]"#]);
}

#[test]
fn the_tables_columns_decide() {
    let pairs = Field::new_struct(
        "entries",
        vec![Field::new("keys", DataType::Utf8, false), Field::new("values", DataType::Int64, true)],
        false,
    );
    let types = Arc::new(Schema::new(vec![
        Field::new("ID", DataType::Utf8View, false),
        Field::new("amount", DataType::Decimal128(12, 2), true),
        Field::new("n", DataType::Int32, true),
        Field::new("counts", DataType::Map(Arc::new(pairs), false), true),
        Field::new("unused", DataType::Binary, true),
    ]));
    let options = Decode { types: Some(types), ..options(InputFormat::Json) };
    let text = r#"{"id":"A1B2","amount":10.10,"n":3.0,"counts":{"x":1,"y":null}} {"id":7,"amount":"5"}"#;
    let table = decoded(text.as_bytes(), options.clone()).unwrap();
    assert_eq!(
        table.columns(),
        ["ID VARCHAR", "amount DECIMAL(12,2)", "n INTEGER", "counts MAP(VARCHAR, BIGINT)", "unused BLOB"]
    );
    assert_eq!(table.lines(), [r#"["A1B2",10.10,3,{"x":1,"y":null},null]"#, r#"["7",5.00,null,null,null]"#]);
    let empty = decoded(b"[]", options).unwrap();
    assert_eq!((empty.count(), empty.columns().len()), (0, 5));
}

#[test]
fn records_across_chunks_keep_their_order() {
    let records: Vec<String> =
        (0..120_000).map(|n| format!("{{\"n\": {n}, \"t\": \"{}\"}}", "\\\"]}".repeat(n % 9))).collect();
    let array = format!("[{}]", records.join(",\n"));
    assert!(array.len() > 4 << 20);
    for text in [array, records.join("\n")] {
        let table = json(&text);
        assert!(table.batches.len() > 1);
        for (n, line) in table.lines().iter().enumerate() {
            assert_eq!(*line, format!("[{n},\"{}\"]", "\\\"]}".repeat(n % 9)));
        }
        assert_eq!(table.count(), 120_000);
    }
}
