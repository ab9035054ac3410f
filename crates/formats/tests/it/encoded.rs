//! Every type as JSON and CSV text.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::builder::{Int32Builder, MapBuilder, StringBuilder};
use arrow_array::types::{Int16Type, Int32Type, IntervalDayTimeType, IntervalMonthDayNanoType, IntervalYearMonthType};
use arrow_array::*;
use arrow_buffer::{OffsetBuffer, ScalarBuffer, i256};
use arrow_schema::{DataType, Field, Schema, UnionFields};
use formats::Blobs;
use formats::OutputFormat::{Csv, JsonArrays, JsonObjects};
use model::{Error, Rows};

use crate::bodies::encoded;

/// The JSON values and CSV fields of one column.
fn texts(array: impl Array + 'static) -> (Vec<String>, Vec<String>) {
    let array: ArrayRef = Arc::new(array);
    let batch = RecordBatch::try_from_iter_with_nullable([("c", array, true)]).unwrap();
    // A sliced batch must give the same rows as the whole one: positions are relative to it.
    let parts = [batch.slice(0, 1), batch.slice(1, batch.num_rows() - 1)];
    let json = String::from_utf8(encoded(&batch.schema(), &parts, JsonArrays).unwrap()).unwrap();
    let csv = String::from_utf8(encoded(&batch.schema(), &parts, Csv).unwrap()).unwrap();
    let json = json.lines().map(|line| line[1..line.len() - 1].to_owned()).collect();
    (json, csv.lines().skip(1).map(str::to_owned).collect())
}

fn assert_texts(array: impl Array + 'static, json: &[&str], csv: &[&str]) {
    let name = array.data_type().to_string();
    let (json_texts, csv_texts) = texts(array);
    assert_eq!(json_texts, json, "{name}");
    assert_eq!(csv_texts, csv, "{name}");
}

#[test]
fn numbers() {
    assert_texts(
        BooleanArray::from(vec![Some(true), None, Some(false)]),
        &["true", "null", "false"],
        &["true", "", "false"],
    );
    assert_texts(Int8Array::from(vec![-128, 127]), &["-128", "127"], &["-128", "127"]);
    assert_texts(UInt16Array::from(vec![0, 65535]), &["0", "65535"], &["0", "65535"]);
    assert_texts(UInt32Array::from(vec![1, u32::MAX]), &["1", "4294967295"], &["1", "4294967295"]);
    assert_texts(
        Int64Array::from(vec![i64::MIN, i64::MAX]),
        &["-9223372036854775808", "9223372036854775807"],
        &["-9223372036854775808", "9223372036854775807"],
    );
    assert_texts(UInt64Array::from(vec![1, u64::MAX]), &["1", "18446744073709551615"], &["1", "18446744073709551615"]);
    assert_texts(Float32Array::from(vec![0.1, f32::NAN, 1e20]), &["0.1", "null", "1e20"], &["0.1", "nan", "1e20"]);
    assert_texts(
        Float64Array::from(vec![0.1, f64::INFINITY, f64::NEG_INFINITY]),
        &["0.1", "null", "null"],
        &["0.1", "inf", "-inf"],
    );
    let decimal = Decimal128Array::from(vec![Some(-1250), None]).with_precision_and_scale(12, 2).unwrap();
    assert_texts(decimal, &["-12.50", "null"], &["-12.50", ""]);
    let decimal = Decimal64Array::from(vec![5, 10]).with_precision_and_scale(12, 3).unwrap();
    assert_texts(decimal, &["0.005", "0.010"], &["0.005", "0.010"]);
    let decimal = Decimal256Array::from(vec![i256::from_i128(-7), i256::MAX]).with_precision_and_scale(76, 1).unwrap();
    let widest = "5789604461865809771178549250434395392663499233282028201972879200395656481996.7";
    assert_texts(decimal, &["-0.7", widest], &["-0.7", widest]);
}

#[test]
fn times() {
    assert_texts(
        Date32Array::from(vec![20_455, -1]),
        &["\"2026-01-02\"", "\"1969-12-31\""],
        &["2026-01-02", "1969-12-31"],
    );
    assert_texts(
        Date64Array::from(vec![86_400_000, 0]),
        &["\"1970-01-02\"", "\"1970-01-01\""],
        &["1970-01-02", "1970-01-01"],
    );
    assert_texts(
        TimestampSecondArray::from(vec![0, 1]),
        &["\"1970-01-01T00:00:00\"", "\"1970-01-01T00:00:01\""],
        &["1970-01-01T00:00:00", "1970-01-01T00:00:01"],
    );
    assert_texts(
        TimestampMillisecondArray::from(vec![1, 0]).with_timezone("Europe/Paris"),
        &["\"1970-01-01T00:00:00.001+00:00\"", "\"1970-01-01T00:00:00+00:00\""],
        &["1970-01-01T00:00:00.001+00:00", "1970-01-01T00:00:00+00:00"],
    );
    assert_texts(
        TimestampNanosecondArray::from(vec![1, 1_000]),
        &["\"1970-01-01T00:00:00.000000001\"", "\"1970-01-01T00:00:00.000001\""],
        &["1970-01-01T00:00:00.000000001", "1970-01-01T00:00:00.000001"],
    );
    assert_texts(Time32SecondArray::from(vec![3_723, 0]), &["\"01:02:03\"", "\"00:00:00\""], &["01:02:03", "00:00:00"]);
    assert_texts(
        Time64MicrosecondArray::from(vec![500_000, 0]),
        &["\"00:00:00.500\"", "\"00:00:00\""],
        &["00:00:00.500", "00:00:00"],
    );
    assert_texts(
        DurationMillisecondArray::from(vec![90_000, -500]),
        &["\"00:01:30\"", "\"-00:00:00.500\""],
        &["00:01:30", "-00:00:00.500"],
    );
    assert_texts(
        IntervalYearMonthArray::from(vec![IntervalYearMonthType::make_value(1, 2), 0]),
        &["\"1 year 2 months\"", "\"00:00:00\""],
        &["1 year 2 months", "00:00:00"],
    );
    assert_texts(
        IntervalDayTimeArray::from(vec![IntervalDayTimeType::make_value(2, 1_500); 2]),
        &["\"2 days 00:00:01.500\""; 2],
        &["2 days 00:00:01.500"; 2],
    );
    assert_texts(
        IntervalMonthDayNanoArray::from(vec![IntervalMonthDayNanoType::make_value(-1, 0, 0); 2]),
        &["\"-1 months\""; 2],
        &["-1 months"; 2],
    );
}

#[test]
fn texts_and_bytes() {
    let values = vec![Some("a \"b\"\\\n,\u{1}ü😀"), Some(""), None];
    let json = ["\"a \\\"b\\\"\\\\\\n,\\u0001ü😀\"", "\"\"", "null"];
    for array in [
        Arc::new(StringArray::from(values.clone())) as ArrayRef,
        Arc::new(LargeStringArray::from(values.clone())),
        Arc::new(StringViewArray::from(values.clone())),
        Arc::new(values.iter().copied().collect::<DictionaryArray<Int16Type>>()),
        Arc::new(values.iter().copied().collect::<RunArray<Int32Type>>()),
    ] {
        let batch = RecordBatch::try_from_iter_with_nullable([("c", array, true)]).unwrap();
        let text = String::from_utf8(encoded(&batch.schema(), &[batch.clone()], JsonArrays).unwrap()).unwrap();
        assert_eq!(text, json.map(|value| format!("[{value}]\n")).concat());
        let text = String::from_utf8(encoded(&batch.schema(), &[batch], Csv).unwrap()).unwrap();
        assert_eq!(text, "c\n\"a \"\"b\"\"\\\n,\u{1}ü😀\"\n\"\"\n\n");
    }
    let values: Vec<Option<&[u8]>> = vec![Some(b"\x00\xAB\xff"), Some(b""), None];
    for array in [
        Arc::new(BinaryArray::from(values.clone())) as ArrayRef,
        Arc::new(LargeBinaryArray::from(values.clone())),
        Arc::new(BinaryViewArray::from(values.clone())),
    ] {
        let batch = RecordBatch::try_from_iter_with_nullable([("c", array, true)]).unwrap();
        let text = String::from_utf8(encoded(&batch.schema(), &[batch], JsonArrays).unwrap()).unwrap();
        assert_eq!(text, "[\"00abff\"]\n[\"\"]\n[null]\n");
    }
    let fixed = FixedSizeBinaryArray::try_from_iter([[1, 2], [254, 255]].into_iter()).unwrap();
    assert_texts(fixed, &["\"0102\"", "\"feff\""], &["0102", "feff"]);
    assert_texts(NullArray::new(2), &["null", "null"], &["", ""]);
}

#[test]
fn nested_values() {
    let lists = vec![Some(vec![Some(1), None]), None, Some(vec![])];
    let expected = (["[1,null]", "null", "[]"], ["\"[1,null]\"", "", "[]"]);
    assert_texts(ListArray::from_iter_primitive::<Int32Type, _, _>(lists.clone()), &expected.0, &expected.1);
    assert_texts(LargeListArray::from_iter_primitive::<Int32Type, _, _>(lists.clone()), &expected.0, &expected.1);
    let views = ListViewArray::from(ListArray::from_iter_primitive::<Int32Type, _, _>(lists));
    assert_texts(views, &expected.0, &expected.1);
    let fixed = FixedSizeListArray::from_iter_primitive::<Int32Type, _, _>(
        [Some(vec![Some(1), Some(2)]), None, Some(vec![Some(5), None])],
        2,
    );
    assert_texts(fixed, &["[1,2]", "null", "[5,null]"], &["\"[1,2]\"", "", "\"[5,null]\""]);
    let names: ArrayRef = Arc::new(StringViewArray::from(vec![Some("x"), None]));
    let numbers: ArrayRef = Arc::new(Int32Array::from(vec![1, 2]));
    let structs = StructArray::try_from(vec![("na\"me", names), ("n", numbers)]).unwrap();
    assert_texts(
        structs,
        &[r#"{"na\"me":"x","n":1}"#, r#"{"na\"me":null,"n":2}"#],
        &[r#""{""na\""me"":""x"",""n"":1}""#, r#""{""na\""me"":null,""n"":2}""#],
    );
    let mut maps = MapBuilder::new(None, Int32Builder::new(), StringBuilder::new());
    maps.keys().append_value(7);
    maps.values().append_value("x");
    maps.append(true).unwrap();
    maps.append(false).unwrap();
    assert_texts(maps.finish(), &[r#"{"7":"x"}"#, "null"], &[r#""{""7"":""x""}""#, ""]);
}

#[test]
fn unions_are_the_value_of_their_member() {
    let fields =
        UnionFields::try_new([0, 3], [Field::new("i", DataType::Int64, true), Field::new("t", DataType::Utf8, true)])
            .unwrap();
    let children: Vec<ArrayRef> =
        vec![Arc::new(Int64Array::from(vec![Some(1), None])), Arc::new(StringArray::from(vec!["three"]))];
    let types = ScalarBuffer::from(vec![0_i8, 3, 0]);
    let offsets = ScalarBuffer::from(vec![0_i32, 0, 1]);
    let union = UnionArray::try_new(fields, types, Some(offsets), children).unwrap();
    assert_texts(union, &["1", "\"three\"", "null"], &["1", "three", ""]);
}

#[test]
fn json_columns_are_the_json_that_they_hold() {
    let metadata = HashMap::from([("ARROW:extension:name".to_owned(), "arrow.json".to_owned())]);
    for data_type in [DataType::Utf8, DataType::Utf8View] {
        let field = Field::new("c", data_type.clone(), true).with_metadata(metadata.clone());
        let schema = Arc::new(Schema::new(vec![field]));
        let values = vec![Some("{\"a\":\n [1, \"x\\n\"]}"), Some("1.50"), Some("not json"), None];
        let array: ArrayRef = match data_type {
            DataType::Utf8 => Arc::new(StringArray::from(values)),
            _ => Arc::new(StringViewArray::from(values)),
        };
        let batch = RecordBatch::try_new(schema.clone(), vec![array]).unwrap();
        let text = String::from_utf8(encoded(&schema, &[batch], JsonArrays).unwrap()).unwrap();
        assert_eq!(text, "[{\"a\":  [1, \"x\\n\"]}]\n[1.50]\n[\"not json\"]\n[null]\n");
    }
}

#[test]
fn names_are_data() {
    let names = ["plain", "with \"quotes\"", "a,b", "ü\n😀", ".."];
    let array: ArrayRef = Arc::new(Int64Array::from(vec![1]));
    let batch = RecordBatch::try_from_iter(names.map(|name| (name, array.clone()))).unwrap();
    let text = encoded(&batch.schema(), &[batch.clone()], JsonObjects).unwrap();
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&text).unwrap();
    assert_eq!(object.len(), 5);
    assert!(names.iter().all(|name| object[*name] == 1));
    let text = String::from_utf8(encoded(&batch.schema(), &[batch], Csv).unwrap()).unwrap();
    assert_eq!(text, "plain,\"with \"\"quotes\"\"\",\"a,b\",\"ü\n😀\",..\n1,1,1,1,1\n");
}

#[test]
fn no_rows_are_a_header_at_most() {
    let schema =
        Arc::new(Schema::new(vec![Field::new("a", DataType::Int64, true), Field::new("b", DataType::Utf8, true)]));
    assert_eq!(encoded(&schema, &[], Csv).unwrap(), b"a,b\n");
    assert_eq!(encoded(&schema, &[], JsonArrays).unwrap(), b"");
    assert_eq!(encoded(&schema, &[RecordBatch::new_empty(schema.clone())], JsonObjects).unwrap(), b"");
}

#[test]
fn lists_keep_to_their_own_items() {
    // Offsets that neither start at 0 nor reach the last item.
    let items: ArrayRef = Arc::new(Int32Array::from(vec![9, 1, 2, 3, 9]));
    let field = Arc::new(Field::new("item", DataType::Int32, true));
    let list = ListArray::new(field, OffsetBuffer::new(vec![1, 1, 4].into()), items, None);
    assert_texts(list, &["[]", "[1,2,3]"], &["[]", "\"[1,2,3]\""]);
}

#[test]
fn an_error_of_the_rows_ends_the_bytes() {
    use futures::{StreamExt, stream};
    let runtime = crate::bodies::runtime();
    let workers = formats::Workers::new(runtime.handle().clone(), 2);
    for format in [JsonArrays, Csv, formats::OutputFormat::Parquet] {
        let array: ArrayRef = Arc::new(Int64Array::from(vec![1]));
        let batch = RecordBatch::try_from_iter([("n", array)]).unwrap();
        let schema = batch.schema();
        let rows = Rows::new(schema, stream::iter([Ok(batch), Err(Error::invalid("enough"))]));
        let results: Vec<_> = runtime.block_on(formats::encode(rows, format, Blobs::Hex, &workers).collect());
        assert_eq!(results.last().unwrap().as_ref().unwrap_err().message(), "enough");
        assert!(results[..results.len() - 1].iter().all(Result::is_ok));
    }
}
