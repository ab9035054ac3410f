//! Which format a body has: as the caller names it, as its Content-Type says, or as its first bytes look.

use model::{Error, Result};

/// A format that rows can be read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InputFormat {
    /// Comma-separated values and their like, with a header.
    Csv,
    /// An array of objects, or objects one after the other.
    Json,
    /// Apache Parquet.
    Parquet,
}

impl InputFormat {
    /// The format that a caller names; letter case does not matter.
    ///
    /// # Errors
    /// `Invalid` for any other name.
    pub fn from_name(name: &str) -> Result<Self> {
        match name.to_ascii_lowercase().as_str() {
            "csv" | "tsv" => Ok(Self::Csv),
            "json" | "jsonl" | "ndjson" => Ok(Self::Json),
            "parquet" => Ok(Self::Parquet),
            _ => Err(Error::invalid(format!("format {name:?} is not supported; use csv, json or parquet"))),
        }
    }

    /// The format that a Content-Type stands for. None for types that say nothing, such as
    /// `application/octet-stream`, and those that tools send for want of a better one.
    pub fn from_content_type(content_type: &str) -> Option<Self> {
        let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match media_type.as_str() {
            "text/csv" | "application/csv" | "text/tab-separated-values" => Some(Self::Csv),
            "application/json" | "application/x-ndjson" | "application/jsonl" | "application/x-jsonlines" => {
                Some(Self::Json)
            }
            "application/parquet" | "application/vnd.apache.parquet" => Some(Self::Parquet),
            other => other.ends_with("+json").then_some(Self::Json),
        }
    }

    /// The format that a body looks like: `PAR1` starts Parquet, `{` or `[` after spaces JSON, anything else is CSV.
    pub fn sniff(start: &[u8]) -> Self {
        if start.starts_with(b"PAR1") {
            return Self::Parquet;
        }
        let text = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start);
        match text.iter().find(|byte| !byte.is_ascii_whitespace()) {
            Some(b'{' | b'[') => Self::Json,
            _ => Self::Csv,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::InputFormat::{self, Csv, Json, Parquet};

    #[test]
    fn names_and_types_are_known() {
        assert_eq!(InputFormat::from_name("CSV").unwrap(), Csv);
        assert_eq!(InputFormat::from_name("ndjson").unwrap(), Json);
        let error = InputFormat::from_name("xml").unwrap_err();
        assert_eq!(error.message(), "format \"xml\" is not supported; use csv, json or parquet");
        assert_eq!(InputFormat::from_content_type("text/csv; charset=utf-8"), Some(Csv));
        assert_eq!(InputFormat::from_content_type("application/geo+json"), Some(Json));
        assert_eq!(InputFormat::from_content_type("Application/Parquet"), Some(Parquet));
        assert_eq!(InputFormat::from_content_type("application/x-www-form-urlencoded"), None);
        assert_eq!(InputFormat::from_content_type("text/plain;charset=UTF-8"), None);
    }

    #[test]
    fn bodies_are_recognised_by_their_first_bytes() {
        assert_eq!(InputFormat::sniff(b"PAR1\x15\x04"), Parquet);
        assert_eq!(InputFormat::sniff(b"\xEF\xBB\xBF \n[{"), Json);
        assert_eq!(InputFormat::sniff(b"{\"a\":1}"), Json);
        assert_eq!(InputFormat::sniff(b"a,b\n1,2\n"), Csv);
        assert_eq!(InputFormat::sniff(b""), Csv);
    }
}
