//! Parquet in and out.

use std::fs;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    Array, ArrayRef, Decimal128Array, DictionaryArray, DurationSecondArray, Int64Array, ListArray, RecordBatch,
    StringArray, StringViewArray, TimestampMicrosecondArray,
};
use formats::{Decode, OutputFormat};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::properties::WriterProperties;

use crate::bodies::{decoded, decoded_in_pieces, encoded, error, message};

fn numbers(count: i64) -> RecordBatch {
    let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..count));
    let texts: ArrayRef =
        Arc::new(StringArray::from_iter((0..count).map(|n| (n % 3 > 0).then(|| format!("text {n}")))));
    RecordBatch::try_from_iter([("n", numbers), ("t", texts)]).unwrap()
}

fn file(batch: &RecordBatch, group_rows: usize) -> Vec<u8> {
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(group_rows)).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(batch).unwrap();
    writer.into_inner().unwrap()
}

#[test]
fn row_groups_come_in_the_order_of_the_file() {
    let batch = numbers(50_000);
    let scratch = tempfile::tempdir().unwrap();
    let options = Decode { scratch: scratch.path().to_owned(), ..Decode::default() };
    let table = decoded_in_pieces(&file(&batch, 3_000), 10_000, options).unwrap();
    assert_eq!(table.columns(), ["n BIGINT", "t VARCHAR"]);
    let expected: Vec<String> =
        (0..50_000).map(|n| if n % 3 > 0 { format!("[{n},\"text {n}\"]") } else { format!("[{n},null]") }).collect();
    assert_eq!(table.lines(), expected);
    assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 0);
}

#[test]
fn layouts_of_other_programs_become_plain() {
    let texts: ArrayRef = Arc::new(DictionaryArray::<Int32Type>::from_iter([Some("a"), None, Some("a")]));
    let batch = RecordBatch::try_from_iter([("t", texts)]).unwrap();
    let table = decoded(&file(&batch, 10), Decode { scratch: std::env::temp_dir(), ..Decode::default() }).unwrap();
    assert_eq!(table.schema.field(0).data_type(), &arrow_schema::DataType::Utf8);
    assert_eq!(table.lines(), ["[\"a\"]", "[null]", "[\"a\"]"]);
}

#[test]
fn what_is_no_whole_file_says_so() {
    let options =
        || Decode { format: Some(formats::InputFormat::Parquet), scratch: std::env::temp_dir(), ..Decode::default() };
    let bytes = file(&numbers(10_000), 1_000);
    for length in [bytes.len() - 1, bytes.len() / 2, 4, 11] {
        assert_eq!(
            message(&bytes[..length], options()),
            format!(
                "the Parquet file is truncated or damaged: it has no readable footer at its end ({length} bytes arrived)"
            )
        );
    }
    assert_eq!(message("", options()), "the body is empty; a Parquet file is expected");
    assert_eq!(message("a,b\n", options()), "the body is not a Parquet file: it does not start with PAR1");
    let mut damaged = bytes;
    damaged[4..2_000].fill(0xFF);
    assert_eq!(message(&damaged, options()), "the Parquet file is damaged: its row group 0 cannot be read");
    let missing = Decode { scratch: "/nonexistent/boathouse".into(), ..options() };
    assert_eq!(error("PAR1", missing).kind(), model::ErrorKind::Internal);
}

#[test]
fn rows_become_a_file_that_others_read() {
    let batch = numbers(300_000);
    let bytes =
        encoded(&batch.schema(), &[batch.slice(0, 100), batch.slice(100, 299_900)], OutputFormat::Parquet).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(bytes)).unwrap();
    assert_eq!(reader.metadata().num_row_groups(), 3);
    let batches: Vec<RecordBatch> = reader.build().unwrap().map(Result::unwrap).collect();
    let mut row = 0;
    for read in batches {
        assert_eq!(read, batch.slice(row, read.num_rows()));
        row += read.num_rows();
    }
    assert_eq!(row, 300_000);
}

#[test]
fn a_file_without_rows_has_its_columns() {
    let batch = numbers(0);
    for batches in [vec![], vec![batch.clone()]] {
        let bytes = encoded(&batch.schema(), &batches, OutputFormat::Parquet).unwrap();
        let table = decoded(&bytes, Decode { scratch: std::env::temp_dir(), ..Decode::default() }).unwrap();
        assert_eq!((table.count(), table.columns()), (0, vec!["n BIGINT".to_owned(), "t VARCHAR".to_owned()]));
    }
}

#[test]
fn types_that_parquet_lacks_become_plain_ones() {
    let views: ArrayRef = Arc::new(StringViewArray::from(vec![Some("a longer text than twelve"), None]));
    let nested: ArrayRef =
        Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1), None]), None]));
    let spans: ArrayRef = Arc::new(DurationSecondArray::from(vec![Some(90), None]));
    let prices: ArrayRef =
        Arc::new(Decimal128Array::from(vec![Some(1250), None]).with_precision_and_scale(12, 2).unwrap());
    let instants: ArrayRef =
        Arc::new(TimestampMicrosecondArray::from(vec![Some(0), None]).with_timezone("Europe/Paris"));
    let columns = [("v", views), ("l", nested), ("d", spans), ("p", prices), ("z", instants)];
    let batch = RecordBatch::try_from_iter_with_nullable(columns.map(|(name, array)| (name, array, true))).unwrap();
    let bytes = encoded(&batch.schema(), &[batch], OutputFormat::Parquet).unwrap();
    let table = decoded(&bytes, Decode { scratch: std::env::temp_dir(), ..Decode::default() }).unwrap();
    assert_eq!(
        table.columns(),
        ["v VARCHAR", "l INTEGER[]", "d VARCHAR", "p DECIMAL(12,2)", "z TIMESTAMP WITH TIME ZONE"]
    );
    assert_eq!(
        table.lines(),
        [
            r#"["a longer text than twelve",[1,null],"00:01:30",12.50,"1970-01-01T00:00:00+00:00"]"#,
            "[null,null,null,null,null]",
        ]
    );
    assert!(table.batches[0].column(0).is_null(1));
}
