//! The cells of a column, with their type resolved once for a batch.

mod nested;
mod write;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, DurationNanosecondType, Float32Type, Float64Type, Int32Type, Int64Type,
    IntervalMonthDayNanoType, Time64NanosecondType, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt64Type,
};
use arrow_array::{Array, ArrayRef, BinaryArray, BinaryViewArray, Decimal256Array, StringArray, StringViewArray};
use arrow_buffer::{BooleanBuffer, IntervalMonthDayNano, NullBuffer, ScalarBuffer};
use arrow_schema::{DataType, Field, IntervalUnit, TimeUnit};
use model::{Error, Result};

use super::Blobs;
use super::plain::plain;
use nested::Nested;

/// The field metadata that says what a type means beyond its layout.
const EXTENSION_NAME: &str = "ARROW:extension:name";

/// The meaning of text that is a JSON value.
const JSON_EXTENSION: &str = "arrow.json";

/// The cells of one column of a batch.
pub(super) struct Cells {
    nulls: Option<NullBuffer>,
    values: Values,
    blobs: Blobs,
}

enum Values {
    Null,
    Boolean(BooleanBuffer),
    Int32(ScalarBuffer<i32>),
    Int64(ScalarBuffer<i64>),
    UInt64(ScalarBuffer<u64>),
    Float32(ScalarBuffer<f32>),
    Float64(ScalarBuffer<f64>),
    Decimal128(ScalarBuffer<i128>, i8),
    Decimal256(Decimal256Array, i8),
    Date(ScalarBuffer<i32>),
    /// Nanoseconds since midnight.
    Time(ScalarBuffer<i64>),
    Timestamp {
        values: ScalarBuffer<i64>,
        per_second: i64,
        instant: bool,
    },
    Interval(ScalarBuffer<IntervalMonthDayNano>),
    /// Nanoseconds.
    Duration(ScalarBuffer<i64>),
    Text(StringArray),
    TextView(StringViewArray),
    /// Text that is JSON.
    Json(StringViewArray),
    Bytes(BinaryArray),
    BytesView(BinaryViewArray),
    Nested(Box<Nested>),
}

impl Cells {
    /// The cells of `array`, a column (or a part of one) that `field` describes, with bytes written as `blobs` says.
    ///
    /// # Errors
    /// `Unsupported` for a type that has no text.
    pub(super) fn new(array: &ArrayRef, field: &Field, blobs: Blobs) -> Result<Self> {
        let array = plain(array)?;
        let is_json = field.metadata().get(EXTENSION_NAME).is_some_and(|name| name == JSON_EXTENSION);
        let values = match array.data_type() {
            DataType::Null => Values::Null,
            DataType::Boolean => Values::Boolean(array.as_boolean().values().clone()),
            DataType::Int32 => Values::Int32(array.as_primitive::<Int32Type>().values().clone()),
            DataType::Int64 => Values::Int64(array.as_primitive::<Int64Type>().values().clone()),
            DataType::UInt64 => Values::UInt64(array.as_primitive::<UInt64Type>().values().clone()),
            DataType::Float32 => Values::Float32(array.as_primitive::<Float32Type>().values().clone()),
            DataType::Float64 => Values::Float64(array.as_primitive::<Float64Type>().values().clone()),
            DataType::Decimal128(_, scale) => {
                Values::Decimal128(array.as_primitive::<Decimal128Type>().values().clone(), *scale)
            }
            DataType::Decimal256(_, scale) => Values::Decimal256(array.as_primitive().clone(), *scale),
            DataType::Date32 => Values::Date(array.as_primitive::<Date32Type>().values().clone()),
            DataType::Time64(TimeUnit::Nanosecond) => {
                Values::Time(array.as_primitive::<Time64NanosecondType>().values().clone())
            }
            DataType::Timestamp(unit, zone) => timestamps(&array, *unit, zone.is_some()),
            DataType::Interval(IntervalUnit::MonthDayNano) => {
                Values::Interval(array.as_primitive::<IntervalMonthDayNanoType>().values().clone())
            }
            DataType::Duration(TimeUnit::Nanosecond) => {
                Values::Duration(array.as_primitive::<DurationNanosecondType>().values().clone())
            }
            DataType::Utf8 if is_json => Values::Json(StringViewArray::from(array.as_string::<i32>())),
            DataType::Utf8View if is_json => Values::Json(array.as_string_view().clone()),
            DataType::Utf8 => Values::Text(array.as_string::<i32>().clone()),
            DataType::Utf8View => Values::TextView(array.as_string_view().clone()),
            DataType::Binary => Values::Bytes(array.as_binary::<i32>().clone()),
            DataType::BinaryView => Values::BytesView(array.as_binary_view().clone()),
            other => match Nested::new(&array, blobs)? {
                Some(nested) => Values::Nested(Box::new(nested)),
                None => return Err(Error::unsupported(format!("values of type {other} cannot be written as text"))),
            },
        };
        Ok(Self { nulls: array.nulls().cloned(), values, blobs })
    }

    fn is_null(&self, row: usize) -> bool {
        self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row))
    }
}

fn timestamps(array: &ArrayRef, unit: TimeUnit, instant: bool) -> Values {
    let (values, per_second) = match unit {
        TimeUnit::Second => (array.as_primitive::<TimestampSecondType>().values(), 1),
        TimeUnit::Millisecond => (array.as_primitive::<TimestampMillisecondType>().values(), 1_000),
        TimeUnit::Microsecond => (array.as_primitive::<TimestampMicrosecondType>().values(), 1_000_000),
        TimeUnit::Nanosecond => (array.as_primitive::<TimestampNanosecondType>().values(), 1_000_000_000),
    };
    Values::Timestamp { values: values.clone(), per_second, instant }
}
