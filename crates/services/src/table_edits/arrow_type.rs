//! The types of columns by their names in SQL.

use arrow_schema::{DataType, TimeUnit};
use model::{Error, Result};

/// The type of this name, where a Delta table can keep it.
///
/// # Errors
/// `Invalid`, listing the names.
pub(super) fn arrow_type(name: &str) -> Result<DataType> {
    let upper = name.trim().to_ascii_uppercase();
    if let Some(decimal) = decimal(&upper) {
        return Ok(decimal);
    }
    Ok(match upper.as_str() {
        "BOOLEAN" | "BOOL" => DataType::Boolean,
        "TINYINT" => DataType::Int8,
        "SMALLINT" => DataType::Int16,
        "INT" => DataType::Int32,
        // What is called so in SQLite has 64 bits.
        "INTEGER" | "BIGINT" => DataType::Int64,
        "FLOAT" => DataType::Float32,
        "DOUBLE" | "REAL" => DataType::Float64,
        "TEXT" | "VARCHAR" | "STRING" => DataType::Utf8,
        "BLOB" => DataType::Binary,
        "DATE" => DataType::Date32,
        "TIMESTAMP" | "DATETIME" => DataType::Timestamp(TimeUnit::Microsecond, None),
        "TIMESTAMP WITH TIME ZONE" | "TIMESTAMPTZ" => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        _ => {
            return Err(Error::invalid(format!(
                "{name:?} is not a type of a Delta table's column; use TEXT, INTEGER, INT, SMALLINT, TINYINT, REAL, FLOAT, \
                 DECIMAL(p,s), BOOLEAN, DATE, TIMESTAMP, TIMESTAMPTZ or BLOB"
            )));
        }
    })
}

fn decimal(upper: &str) -> Option<DataType> {
    let digits = upper.strip_prefix("DECIMAL(").or_else(|| upper.strip_prefix("NUMERIC("))?.strip_suffix(')')?;
    let (precision, scale) = digits.split_once(',').unwrap_or((digits, "0"));
    let (precision, scale) = (precision.trim().parse().ok()?, scale.trim().parse().ok()?);
    let sound = (1..=38).contains(&precision) && (0..=precision as i8).contains(&scale);
    sound.then_some(DataType::Decimal128(precision, scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_types_are_read() {
        assert_eq!(arrow_type("text").unwrap(), DataType::Utf8);
        assert_eq!(arrow_type(" Integer ").unwrap(), DataType::Int64);
        assert_eq!(arrow_type("DECIMAL(10, 2)").unwrap(), DataType::Decimal128(10, 2));
        assert_eq!(arrow_type("numeric(5)").unwrap(), DataType::Decimal128(5, 0));
        for name in ["", "DECIMAL(99,2)", "DECIMAL(5,6)", "TEXT); DROP TABLE t", "BLOB_FILE"] {
            assert!(arrow_type(name).unwrap_err().message().contains("use TEXT"), "{name}");
        }
    }
}
