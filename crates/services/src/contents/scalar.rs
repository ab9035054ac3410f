//! What a column's values are for callers who know four kinds of them.

use arrow_schema::DataType;

/// A scalar type of GraphQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scalar {
    /// Whole numbers.
    Int,
    /// Numbers.
    Float,
    /// Texts, and everything that is written as text.
    String,
    /// True and false.
    Boolean,
}

impl Scalar {
    /// Its name in GraphQL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Int => "Int",
            Self::Float => "Float",
            Self::String => "String",
            Self::Boolean => "Boolean",
        }
    }

    /// That of a declared type, by Airsequel's rules but for dates, times and JSON, which are text; none where nothing was
    /// declared.
    pub(super) fn of_declared(declared: &str) -> Option<Self> {
        let upper = declared.to_ascii_uppercase();
        let has = |words: &[&str]| words.iter().any(|word| upper.contains(word));
        Some(match () {
            () if upper.trim().is_empty() => return None,
            () if has(&["INT"]) => Self::Int,
            () if has(&["CHAR", "CLOB", "TEXT", "BLOB"]) => Self::String,
            () if has(&["REAL", "FLOA", "DOUB"]) => Self::Float,
            () if has(&["BOOL"]) => Self::Boolean,
            () if has(&["DATE", "TIME", "JSON"]) => Self::String,
            () => Self::Int,
        })
    }

    /// That of a column whose values have one type.
    pub(super) fn of_type(data_type: &DataType) -> Self {
        match data_type {
            DataType::Boolean => Self::Boolean,
            integer if integer.is_integer() => Self::Int,
            number if number.is_numeric() => Self::Float,
            _ => Self::String,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declared_types_go_by_what_they_contain() {
        for (declared, expected) in [
            ("", None),
            ("INTEGER", Some("Int")),
            ("bigint", Some("Int")),
            ("POINT", Some("Int")),
            ("VARCHAR(10)", Some("String")),
            ("TEXT_DATETIME", Some("String")),
            ("TEXT_JSON", Some("String")),
            ("BLOB_FILE", Some("String")),
            ("REAL_MONEY", Some("Float")),
            ("DOUBLE PRECISION", Some("Float")),
            ("BOOLEAN", Some("Boolean")),
            ("NUMERIC", Some("Int")),
            ("DECIMAL(10, 2)", Some("Int")),
            ("ANY", Some("Int")),
            ("DATE", Some("String")),
            ("JSON", Some("String")),
        ] {
            assert_eq!(Scalar::of_declared(declared).map(Scalar::as_str), expected, "{declared}");
        }
    }

    #[test]
    fn other_types_go_by_what_they_hold() {
        assert_eq!(Scalar::of_type(&DataType::UInt8), Scalar::Int);
        assert_eq!(Scalar::of_type(&DataType::Decimal128(5, 2)), Scalar::Float);
        assert_eq!(Scalar::of_type(&DataType::Date32), Scalar::String);
    }
}
