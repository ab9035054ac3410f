//! Arrow's many layouts to the few that are written, whole arrays at a time.

use arrow_array::{Array, ArrayRef};
use arrow_cast::cast;
use arrow_schema::{DataType, IntervalUnit, TimeUnit};
use model::{Error, Result};

/// The same values in a layout that [`super::cell`] knows.
pub(super) fn plain(array: &ArrayRef) -> Result<ArrayRef> {
    let target = match array.data_type() {
        DataType::Int8 | DataType::Int16 | DataType::UInt8 | DataType::UInt16 => DataType::Int32,
        DataType::UInt32 => DataType::Int64,
        DataType::Float16 => DataType::Float32,
        DataType::Decimal32(precision, scale) | DataType::Decimal64(precision, scale) => {
            DataType::Decimal128(*precision, *scale)
        }
        DataType::Date64 => DataType::Date32,
        DataType::Time32(_) | DataType::Time64(TimeUnit::Microsecond) => DataType::Time64(TimeUnit::Nanosecond),
        DataType::Duration(TimeUnit::Second | TimeUnit::Millisecond | TimeUnit::Microsecond) => {
            DataType::Duration(TimeUnit::Nanosecond)
        }
        DataType::Interval(IntervalUnit::YearMonth | IntervalUnit::DayTime) => {
            DataType::Interval(IntervalUnit::MonthDayNano)
        }
        DataType::LargeUtf8 => DataType::Utf8View,
        DataType::LargeBinary => DataType::BinaryView,
        DataType::FixedSizeBinary(_) => DataType::Binary,
        DataType::Dictionary(_, values) => return plain(&converted(array, values)?),
        DataType::RunEndEncoded(_, values) => return plain(&converted(array, values.data_type())?),
        _ => return Ok(array.clone()),
    };
    converted(array, &target)
}

fn converted(array: &ArrayRef, target: &DataType) -> Result<ArrayRef> {
    cast(array, target).map_err(|error| {
        Error::unsupported(format!("a value of type {} cannot be written as text", model::sql_type(array.data_type())))
            .with_source(error)
    })
}
