//! DuckDB's type names.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, TimeUnit};
use datafusion::error::Result;
use datafusion::logical_expr::planner::TypePlanner;
use sqlparser::ast::{DataType as SqlType, ExactNumberInfo, TimezoneInfo};

/// The zone in which instants are kept.
pub const UTC: &str = "UTC";

/// Plans the types whose name or meaning differs between DuckDB and the planner; the rest is the planner's.
#[derive(Debug, Default)]
pub struct DuckTypes {
    /// The zone of `TIMESTAMP WITH TIME ZONE`, in which text without a zone is read; UTC where there is none.
    pub zone: Option<String>,
}

impl TypePlanner for DuckTypes {
    fn plan_type_field(&self, sql_type: &SqlType) -> Result<Option<FieldRef>> {
        Ok(arrow_type(sql_type, self.zone.as_deref().unwrap_or(UTC))
            .map(|data_type| Arc::new(Field::new("", data_type, true)) as FieldRef))
    }
}

fn arrow_type(sql_type: &SqlType, zone: &str) -> Option<DataType> {
    Some(match sql_type {
        SqlType::HugeInt => DataType::Decimal128(38, 0),
        SqlType::UTinyInt => DataType::UInt8,
        SqlType::USmallInt => DataType::UInt16,
        SqlType::UBigInt => DataType::UInt64,
        SqlType::Uuid | SqlType::JSON | SqlType::Text | SqlType::String(_) => DataType::Utf8View,
        SqlType::Blob(_) | SqlType::Bytea => DataType::Binary,
        SqlType::Decimal(ExactNumberInfo::None) | SqlType::Numeric(ExactNumberInfo::None) => {
            DataType::Decimal128(18, 3)
        }
        SqlType::Datetime(_) | SqlType::Timestamp(_, TimezoneInfo::None | TimezoneInfo::WithoutTimeZone) => {
            DataType::Timestamp(TimeUnit::Microsecond, None)
        }
        SqlType::Timestamp(_, TimezoneInfo::Tz | TimezoneInfo::WithTimeZone) => {
            DataType::Timestamp(TimeUnit::Microsecond, Some(zone.into()))
        }
        SqlType::Custom(name, arguments) if arguments.is_empty() => match name.to_string().to_uppercase().as_str() {
            "TIMESTAMP_S" | "TIMESTAMP_MS" | "TIMESTAMP_US" | "TIMESTAMP_NS" => {
                DataType::Timestamp(TimeUnit::Microsecond, None)
            }
            "HUGEINT" => DataType::Decimal128(38, 0),
            "UINTEGER" => DataType::UInt32,
            "UTINYINT" => DataType::UInt8,
            "USMALLINT" => DataType::UInt16,
            "UBIGINT" => DataType::UInt64,
            "LONG" | "INT8" => DataType::Int64,
            "INT1" => DataType::Int8,
            "SHORT" | "INT2" => DataType::Int16,
            "SIGNED" | "INT4" => DataType::Int32,
            "FLOAT4" => DataType::Float32,
            "FLOAT8" => DataType::Float64,
            "LOGICAL" => DataType::Boolean,
            "BPCHAR" => DataType::Utf8View,
            _ => return None,
        },
        _ => return None,
    })
}
