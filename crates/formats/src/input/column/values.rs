//! The buffers behind a column, one kind for each family of types.

use arrow_buffer::BooleanBufferBuilder;
use arrow_schema::{DataType, TimeUnit};

/// Values in the layout that they are collected in; a NULL has a default value in its place.
pub(super) enum Values {
    Boolean(BooleanBufferBuilder),
    /// Every integer type, with the least and the greatest value of the type.
    Integer {
        values: Vec<i64>,
        least: i64,
        greatest: i64,
    },
    /// Every floating-point type, with the greatest finite value of the type.
    Double {
        values: Vec<f64>,
        greatest: f64,
    },
    Decimal {
        values: Vec<i128>,
        precision: u8,
        scale: i8,
    },
    Date(Vec<i32>),
    Timestamp {
        values: Vec<i64>,
        unit: TimeUnit,
    },
    /// Texts one after the other, and where each ends, after a leading 0.
    Text {
        ends: Vec<i32>,
        bytes: Vec<u8>,
    },
    /// A type that has no form in text.
    Refused,
}

impl Values {
    pub(super) fn new(data_type: &DataType) -> Self {
        let integer = |least, greatest| Self::Integer { values: Vec::new(), least, greatest };
        match data_type {
            DataType::Boolean => Self::Boolean(BooleanBufferBuilder::new(0)),
            DataType::Int8 => integer(i8::MIN.into(), i8::MAX.into()),
            DataType::Int16 => integer(i16::MIN.into(), i16::MAX.into()),
            DataType::Int32 => integer(i32::MIN.into(), i32::MAX.into()),
            DataType::Int64 => integer(i64::MIN, i64::MAX),
            DataType::UInt8 => integer(0, u8::MAX.into()),
            DataType::UInt16 => integer(0, u16::MAX.into()),
            DataType::UInt32 => integer(0, u32::MAX.into()),
            DataType::UInt64 => integer(0, i64::MAX),
            DataType::Float16 => Self::Double { values: Vec::new(), greatest: 65_504.0 },
            DataType::Float32 => Self::Double { values: Vec::new(), greatest: f32::MAX.into() },
            DataType::Float64 => Self::Double { values: Vec::new(), greatest: f64::MAX },
            DataType::Decimal128(precision, scale) => {
                Self::Decimal { values: Vec::new(), precision: *precision, scale: *scale }
            }
            DataType::Date32 => Self::Date(Vec::new()),
            DataType::Timestamp(unit, _) => Self::Timestamp { values: Vec::new(), unit: *unit },
            DataType::Utf8 => Self::Text { ends: vec![0], bytes: Vec::new() },
            _ => Self::Refused,
        }
    }

    pub(super) fn push_default(&mut self) {
        match self {
            Self::Boolean(bits) => bits.append(false),
            Self::Integer { values, .. } | Self::Timestamp { values, .. } => values.push(0),
            Self::Double { values, .. } => values.push(0.0),
            Self::Decimal { values, .. } => values.push(0),
            Self::Date(values) => values.push(0),
            Self::Text { ends, bytes } => ends.push(end(bytes)),
            Self::Refused => {}
        }
    }
}

/// Where the last text ends. Batches are cut far below two gigabytes, so that it fits.
pub(super) fn end(bytes: &[u8]) -> i32 {
    i32::try_from(bytes.len()).expect("a chunk is smaller than two gigabytes")
}

/// Microseconds in another unit; none where they do not fit.
pub(super) fn in_unit(micros: i64, unit: TimeUnit) -> Option<i64> {
    match unit {
        TimeUnit::Second => Some(micros.div_euclid(1_000_000)),
        TimeUnit::Millisecond => Some(micros.div_euclid(1_000)),
        TimeUnit::Microsecond => Some(micros),
        TimeUnit::Nanosecond => micros.checked_mul(1_000),
    }
}
