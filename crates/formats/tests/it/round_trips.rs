//! What is written is read back, whatever it is and however it arrives.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow_schema::SchemaRef;
use formats::{Decode, InputFormat, OutputFormat};
use model::ErrorKind;
use proptest::prelude::*;

use crate::bodies::{decoded, decoded_in_pieces, encoded, options};

type Row = (Option<String>, Option<i64>, Option<f64>, Option<bool>, Option<i32>, Option<i64>, Option<i128>);

fn row() -> impl Strategy<Value = Row> {
    let number = any::<f64>().prop_filter("finite", |number| number.is_finite());
    (
        prop::option::of("[a-c,;'\"\\n\\r\\t ü😀]{0,6}|null|1|true|2026-01-02"),
        prop::option::of(any::<i64>()),
        prop::option::of(number),
        prop::option::of(any::<bool>()),
        prop::option::of(-719_528_i32..2_932_897),
        prop::option::of(-62_000_000_000_000_000_i64..250_000_000_000_000_000),
        prop::option::of(-999_999_999_999_i128..999_999_999_999),
    )
}

fn batch(rows: &[Row]) -> RecordBatch {
    let decimals = Decimal128Array::from_iter(rows.iter().map(|row| row.6)).with_precision_and_scale(12, 2).unwrap();
    let columns: [(&str, ArrayRef); 7] = [
        ("t, \"x\"", Arc::new(StringArray::from_iter(rows.iter().map(|row| row.0.as_deref())))),
        ("i", Arc::new(Int64Array::from_iter(rows.iter().map(|row| row.1)))),
        ("f", Arc::new(Float64Array::from_iter(rows.iter().map(|row| row.2)))),
        ("b", Arc::new(BooleanArray::from_iter(rows.iter().map(|row| row.3)))),
        ("d", Arc::new(Date32Array::from_iter(rows.iter().map(|row| row.4)))),
        ("at", Arc::new(TimestampMicrosecondArray::from_iter(rows.iter().map(|row| row.5)))),
        ("p", Arc::new(decimals)),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, array)| (name, array, true))).unwrap()
}

fn with_types(format: InputFormat, types: &SchemaRef) -> Decode {
    Decode { types: Some(types.clone()), ..options(format) }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_format_reads_what_it_writes(rows in prop::collection::vec(row(), 1..20), size in 1_usize..40) {
        let batch = batch(&rows);
        let schema = batch.schema();
        for (output, input) in [
            (OutputFormat::Csv, InputFormat::Csv),
            (OutputFormat::JsonObjects, InputFormat::Json),
            (OutputFormat::Parquet, InputFormat::Parquet),
        ] {
            let bytes = encoded(&schema, &[batch.clone()], output).unwrap();
            let table = decoded_in_pieces(&bytes, size, with_types(input, &schema)).unwrap();
            prop_assert_eq!(&table.batches, &vec![batch.clone()], "{:?}", String::from_utf8_lossy(&bytes));
        }
    }

    /// An independent reader agrees with each line of JSON.
    #[test]
    fn json_is_what_serde_reads(rows in prop::collection::vec(row(), 1..20)) {
        let batch = batch(&rows);
        let text = encoded(&batch.schema(), &[batch], OutputFormat::JsonArrays).unwrap();
        let lines: Vec<&[u8]> = text.strip_suffix(b"\n").unwrap().split(|byte| *byte == b'\n').collect();
        prop_assert_eq!(lines.len(), rows.len());
        for (line, row) in lines.iter().zip(&rows) {
            let cells: (Option<String>, Option<i64>, Option<f64>, Option<bool>, Option<String>, Option<String>, Option<f64>) =
                serde_json::from_slice(line).unwrap();
            prop_assert_eq!(&cells.0, &row.0);
            prop_assert_eq!(cells.1, row.1);
            prop_assert_eq!(cells.3, row.3);
            prop_assert_eq!(cells.6, row.6.map(|units| units as f64 / 100.0));
        }
    }

    /// Whatever arrives is read or refused: never a panic, which would be an internal error.
    #[test]
    fn nothing_that_arrives_is_a_fault_of_the_server(
        bytes in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            "[a,;\"'\\n\\r0-9.\\-{}\\[\\]: tru]{0,200}".prop_map(String::into_bytes),
            "(\\{\"a\":(1|\"x\"|\\[\\]|\\{\\}|null)\\}[,\\n ]?){0,10}".prop_map(String::into_bytes),
            prop::collection::vec(any::<u8>(), 0..100).prop_map(|rest| [&b"PAR1"[..], &rest, b"PAR1"].concat()),
        ],
        size in 1_usize..50,
    ) {
        for format in [InputFormat::Csv, InputFormat::Json, InputFormat::Parquet] {
            if let Err(error) = decoded_in_pieces(&bytes, size, options(format)) {
                prop_assert_ne!(error.kind(), ErrorKind::Internal, "{:?}: {:?}", format, error);
            }
        }
    }
}

#[test]
fn pieces_of_every_size_give_the_same_rows() {
    let csv = "\u{FEFF}id;näme\r\n1;\"a;\r\n\"\"b\"\"\"\r\n\r\n2;\"\"\n3;x\"y\n4;'z'";
    let expected = decoded(csv.as_bytes(), options(InputFormat::Csv)).unwrap().lines();
    assert_eq!(expected.len(), 4);
    for size in 1..csv.len() {
        assert_eq!(decoded_in_pieces(csv.as_bytes(), size, options(InputFormat::Csv)).unwrap().lines(), expected);
    }
    let json = "\u{FEFF}[ {\"a\":\"\\\\\"} ,\n{\"a\":\"]\\\"}\",\"b\":[{}, {\"c\":1.5}]}\n,{}]\n";
    let expected = decoded(json.as_bytes(), options(InputFormat::Json)).unwrap().lines();
    assert_eq!(expected.len(), 3);
    for size in 1..json.len() {
        assert_eq!(decoded_in_pieces(json.as_bytes(), size, options(InputFormat::Json)).unwrap().lines(), expected);
    }
}
