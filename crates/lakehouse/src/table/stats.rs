//! Statistics of a file: from the Parquet footer into the Delta log, and from the log for pruning and planning.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef};
use arrow::datatypes::{DataType, Schema, SchemaRef, TimeUnit};
use chrono::DateTime;
use datafusion::common::stats::Precision;
use datafusion::common::{ColumnStatistics, ScalarValue, Statistics};
use parquet::arrow::arrow_reader::statistics::StatisticsConverter;
use parquet::file::metadata::ParquetMetaData;
use serde_json::{Map, Value, json};

/// Digits that a JSON number keeps for sure; longer decimals get no statistics rather than rounded ones.
const SAFE_DIGITS: u8 = 15;

/// The `stats` of a Delta add action for a file with this footer: `numRecords`, `minValues`, `maxValues`, `nullCount`
/// of every top-level column of a simple type.
pub fn to_log(schema: &Schema, footer: &ParquetMetaData) -> String {
    let mut mins = Map::new();
    let mut maxes = Map::new();
    let mut nulls = Map::new();
    let parquet_schema = footer.file_metadata().schema_descr();
    for field in schema.fields() {
        let Ok(converter) = StatisticsConverter::try_new(field.name(), schema, parquet_schema) else { continue };
        let groups = footer.row_groups();
        if let Ok(counts) = converter.row_group_null_counts(groups)
            && counts.null_count() == 0
        {
            nulls.insert(field.name().clone(), json!(counts.values().iter().sum::<u64>()));
        }
        let bound = |array: ArrayRef, least: bool| bound_of(&array, least).as_ref().and_then(to_json);
        if let Some(min) = converter.row_group_mins(groups).ok().and_then(|array| bound(array, true)) {
            mins.insert(field.name().clone(), min);
        }
        if let Some(max) = converter.row_group_maxes(groups).ok().and_then(|array| bound(array, false)) {
            maxes.insert(field.name().clone(), max);
        }
    }
    let rows = footer.file_metadata().num_rows();
    json!({ "numRecords": rows, "minValues": mins, "maxValues": maxes, "nullCount": nulls }).to_string()
}

/// The least or greatest of the bounds of all row groups. A group whose values are all NULL has none and is passed
/// over; the null counts tell it apart.
fn bound_of(array: &ArrayRef, least: bool) -> Option<ScalarValue> {
    let scalars = (0..array.len()).filter_map(|row| ScalarValue::try_from_array(array, row).ok());
    scalars.filter(|scalar| !scalar.is_null()).reduce(|a, b| {
        let keep_first = a.partial_cmp(&b).is_some_and(|order| if least { order.is_le() } else { order.is_ge() });
        if keep_first { a } else { b }
    })
}

/// Floating-point numbers have no bounds: Parquet leaves NaN out of them, and in SQL it is greater than all others.
fn to_json(scalar: &ScalarValue) -> Option<Value> {
    Some(match scalar {
        ScalarValue::Boolean(Some(value)) => json!(value),
        ScalarValue::Int8(Some(value)) => json!(value),
        ScalarValue::Int16(Some(value)) => json!(value),
        ScalarValue::Int32(Some(value)) => json!(value),
        ScalarValue::Int64(Some(value)) => json!(value),
        ScalarValue::Decimal128(Some(value), precision, scale) if *precision <= SAFE_DIGITS => {
            json!(*value as f64 / 10f64.powi(i32::from(*scale)))
        }
        ScalarValue::Date32(Some(days)) => {
            json!(DateTime::from_timestamp(i64::from(*days) * 86_400, 0)?.format("%Y-%m-%d").to_string())
        }
        ScalarValue::TimestampMicrosecond(Some(micros), zone) => {
            let suffix = if zone.is_some() { "Z" } else { "" };
            json!(format!("{}{suffix}", DateTime::from_timestamp_micros(*micros)?.format("%Y-%m-%dT%H:%M:%S%.6f")))
        }
        ScalarValue::Utf8(Some(text)) | ScalarValue::Utf8View(Some(text)) => json!(text),
        _ => return None,
    })
}

/// What the log says of a file, in the engine's terms.
#[derive(Clone, Debug)]
pub struct FileStatistics {
    /// Bounds to skip the file by: right as bounds, whether or not a row has that very value.
    pub bounds: Arc<Statistics>,
    /// What the planner may take for the truth: bounds are exact only for types whose bounds the log keeps whole.
    pub planning: Arc<Statistics>,
}

/// Reads the `stats` of an add action for a table of this schema (as the engine reads it). A file of which rows are
/// `gone` keeps the statistics of all it has: its bounds are bounds still, but none need be the value of a row.
pub fn from_log(schema: &SchemaRef, stats: Option<&str>, size: u64, gone: u64) -> FileStatistics {
    let parsed: Value = stats.and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Value::Null);
    let rows = parsed["numRecords"].as_u64().and_then(|rows| usize::try_from(rows).ok());
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let gone = usize::try_from(gone).unwrap_or(usize::MAX);
    let column = |name: &str, data_type: &DataType, exact: bool, whole: bool| -> ColumnStatistics {
        let bound = |kind: &str| match from_json(&parsed[kind][name], data_type) {
            Some(scalar) if exact => Precision::Exact(scalar),
            Some(scalar) => Precision::Inexact(scalar),
            None => Precision::Absent,
        };
        let nulls = parsed["nullCount"][name].as_u64().and_then(|count| usize::try_from(count).ok());
        ColumnStatistics {
            null_count: match nulls {
                Some(count) if whole => Precision::Exact(count),
                Some(count) => Precision::Inexact(count),
                None => Precision::Absent,
            },
            min_value: bound("minValues"),
            max_value: bound("maxValues").map(|bound| not_cut(bound, &parsed["maxValues"][name])),
            ..ColumnStatistics::new_unknown()
        }
    };
    // Pruning compares counts of rows with counts of NULL: there all that the file has is counted in both.
    let statistics = |num_rows: Option<usize>, whole: bool, exact: &dyn Fn(&DataType) -> bool| {
        let columns = schema.fields().iter();
        let columns =
            columns.map(|field| column(field.name(), field.data_type(), exact(field.data_type()), whole)).collect();
        let num_rows = num_rows.map_or(Precision::Absent, Precision::Exact);
        Arc::new(Statistics { num_rows, total_byte_size: Precision::Inexact(size), column_statistics: columns })
    };
    let bounds = statistics(rows, true, &|_| true);
    let planning = match gone {
        0 => statistics(rows, true, &kept_whole),
        _ => statistics(rows.map(|rows| rows.saturating_sub(gone)), false, &|_| false),
    };
    FileStatistics { bounds, planning }
}

/// The `stats` of a file that now has a deletion vector: its bounds may be wider than its rows.
pub fn loose(stats: Option<&str>, stored: u64) -> String {
    let parsed: Option<Map<String, Value>> = stats.and_then(|text| serde_json::from_str(text).ok());
    let mut stats = parsed.unwrap_or_default();
    stats.insert("numRecords".to_owned(), json!(stored));
    stats.insert("tightBounds".to_owned(), json!(false));
    Value::Object(stats).to_string()
}

/// Some writers cut times off after the millisecond: the greatest value may have more to it.
fn not_cut(bound: ScalarValue, logged: &Value) -> ScalarValue {
    let digits =
        logged.as_str().and_then(|text| text.trim_end_matches('Z').rsplit_once('.')).map_or(0, |(_, f)| f.len());
    match bound {
        ScalarValue::TimestampMicrosecond(Some(micros), zone) if digits <= 3 => {
            ScalarValue::TimestampMicrosecond(Some(micros.saturating_add(999)), zone)
        }
        other => other,
    }
}

fn kept_whole(data_type: &DataType) -> bool {
    data_type.is_integer() || matches!(data_type, DataType::Boolean | DataType::Date32 | DataType::Decimal128(..))
}

fn from_json(value: &Value, data_type: &DataType) -> Option<ScalarValue> {
    Some(match data_type {
        DataType::Boolean => ScalarValue::Boolean(Some(value.as_bool()?)),
        DataType::Int8 => ScalarValue::Int8(Some(i8::try_from(value.as_i64()?).ok()?)),
        DataType::Int16 => ScalarValue::Int16(Some(i16::try_from(value.as_i64()?).ok()?)),
        DataType::Int32 => ScalarValue::Int32(Some(i32::try_from(value.as_i64()?).ok()?)),
        DataType::Int64 => ScalarValue::Int64(Some(value.as_i64()?)),
        DataType::Decimal128(precision, scale) if *precision <= SAFE_DIGITS => {
            let unscaled = (value.as_f64()? * 10f64.powi(i32::from(*scale))).round() as i128;
            ScalarValue::Decimal128(Some(unscaled), *precision, *scale)
        }
        DataType::Date32 => {
            let date = chrono::NaiveDate::parse_from_str(value.as_str()?, "%Y-%m-%d").ok()?;
            let days = date.signed_duration_since(chrono::NaiveDate::default()).num_days();
            ScalarValue::Date32(Some(i32::try_from(days).ok()?))
        }
        DataType::Timestamp(TimeUnit::Microsecond, zone) => {
            let text = value.as_str()?.trim_end_matches('Z');
            let time = chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok()?;
            ScalarValue::TimestampMicrosecond(Some(time.and_utc().timestamp_micros()), zone.clone())
        }
        DataType::Utf8 => ScalarValue::Utf8(Some(value.as_str()?.to_owned())),
        DataType::Utf8View => ScalarValue::Utf8View(Some(value.as_str()?.to_owned())),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::datatypes::Field;

    #[test]
    fn bounds_of_the_log_come_back_as_scalars() {
        let schema: SchemaRef = Arc::new(Schema::new(vec![
            Field::new("id", DataType::Int64, true),
            Field::new("price", DataType::Decimal128(12, 2), true),
            Field::new("day", DataType::Date32, true),
            Field::new("name", DataType::Utf8View, true),
        ]));
        let log = r#"{"numRecords":3,"minValues":{"id":-4,"price":0.07,"day":"1970-01-02","name":"a"},
                      "maxValues":{"id":9,"price":104949.50,"day":"2026-11-22","name":"z"},"nullCount":{"id":1}}"#;
        let statistics = from_log(&schema, Some(log), 10, 0).bounds;
        let columns = &statistics.column_statistics;
        assert_eq!(statistics.num_rows, Precision::Exact(3));
        assert_eq!(columns[0].min_value, Precision::Exact(ScalarValue::Int64(Some(-4))));
        assert_eq!(columns[0].null_count, Precision::Exact(1));
        assert_eq!(columns[1].max_value, Precision::Exact(ScalarValue::Decimal128(Some(10_494_950), 12, 2)));
        assert_eq!(columns[1].min_value, Precision::Exact(ScalarValue::Decimal128(Some(7), 12, 2)));
        assert_eq!(columns[2].min_value, Precision::Exact(ScalarValue::Date32(Some(1))));
        assert_eq!(columns[2].max_value, Precision::Exact(ScalarValue::Date32(Some(20_779))));
        assert_eq!(columns[3].max_value, Precision::Exact(ScalarValue::Utf8View(Some("z".into()))));
    }

    #[test]
    fn a_file_without_statistics_has_no_bounds() {
        let schema: SchemaRef = Arc::new(Schema::new(vec![Field::new("id", DataType::Int64, true)]));
        let statistics = from_log(&schema, None, 10, 0).bounds;
        assert_eq!(statistics.num_rows, Precision::Absent);
        assert_eq!(statistics.column_statistics[0].min_value, Precision::Absent);
    }

    #[test]
    fn rows_that_are_gone_leave_bounds_that_are_no_values() {
        let schema: SchemaRef = Arc::new(Schema::new(vec![Field::new("id", DataType::Int64, true)]));
        let log = r#"{"numRecords":5,"minValues":{"id":1},"maxValues":{"id":9},"nullCount":{"id":3}}"#;
        let statistics = from_log(&schema, Some(log), 10, 2);
        assert_eq!(statistics.planning.num_rows, Precision::Exact(3));
        let planned = &statistics.planning.column_statistics[0];
        assert_eq!(planned.null_count, Precision::Inexact(3));
        assert_eq!(planned.min_value, Precision::Inexact(ScalarValue::Int64(Some(1))));
        assert_eq!(statistics.bounds.num_rows, Precision::Exact(5));
        assert_eq!(statistics.bounds.column_statistics[0].null_count, Precision::Exact(3));
    }

    #[test]
    fn times_that_were_cut_are_bounds_all_the_same() {
        let micros = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        let schema: SchemaRef = Arc::new(Schema::new(vec![Field::new("at", micros, true)]));
        let greatest = |text: &str| {
            let log = format!(r#"{{"numRecords":1,"maxValues":{{"at":"{text}"}}}}"#);
            match from_log(&schema, Some(&log), 10, 0).bounds.column_statistics[0].max_value.get_value() {
                Some(ScalarValue::TimestampMicrosecond(Some(micros), _)) => *micros,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(greatest("1970-01-01T00:00:01.123Z"), 1_123_999);
        assert_eq!(greatest("1970-01-01T00:00:01.123456Z"), 1_123_456);
    }
}
