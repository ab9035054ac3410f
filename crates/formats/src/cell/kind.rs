//! What a sample of texts has in common.

use arrow_schema::{DataType, TimeUnit};

use super::{date, double, integer, timestamp};

/// What one value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Boolean,
    Integer,
    /// Digits alone, too many for a BIGINT.
    Huge,
    Double,
    Date,
    Timestamp,
    TimestampTz,
    Text,
}

impl Kind {
    /// The kind of a text, by the parsers that decoding uses: what is sampled as a type can be read as that type.
    /// Numbers with zeros before their first digit are text: they are postcodes and the like, which need their zeros.
    pub(crate) fn of(text: &[u8]) -> Self {
        let text = text.trim_ascii();
        if text.eq_ignore_ascii_case(b"true") || text.eq_ignore_ascii_case(b"false") {
            return Self::Boolean;
        }
        let whole = integer(text).is_some();
        if whole || double(text).is_some() {
            let digits = text.strip_prefix(b"-").unwrap_or(text);
            return match digits {
                [b'0', b'0'..=b'9', ..] => Self::Text,
                _ if whole => Self::Integer,
                _ if digits.iter().all(u8::is_ascii_digit) => Self::Huge,
                _ => Self::Double,
            };
        }
        Self::of_time(text)
    }

    /// The kind of a text among dates, timestamps and other text.
    pub(crate) fn of_time(text: &[u8]) -> Self {
        if date(text).is_some() {
            return Self::Date;
        }
        match timestamp(text) {
            Some((_, true)) => Self::TimestampTz,
            Some((_, false)) => Self::Timestamp,
            None => Self::Text,
        }
    }
}

/// The kinds that the values of one column have.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Kinds(u8);

impl Kinds {
    pub(crate) fn add(&mut self, kind: Kind) {
        self.0 |= 1 << kind as u8;
    }

    /// Whether nothing but text can come of it any more.
    pub(crate) fn is_text(self) -> bool {
        self.0 & (1 << Kind::Text as u8) != 0
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    fn only(self, kinds: &[Kind]) -> bool {
        let allowed = kinds.iter().fold(0, |all, kind| all | 1 << *kind as u8);
        self.0 & !allowed == 0
    }

    fn has(self, kind: Kind) -> bool {
        self.0 & (1 << kind as u8) != 0
    }

    /// The narrowest type that keeps every value. Integers past BIGINT stay text, digit for digit, unless fractions
    /// or exponents beside them show that the column is one of floating-point numbers.
    pub(crate) fn data_type(self) -> DataType {
        use Kind::{Boolean, Date, Double, Huge, Integer, Timestamp, TimestampTz};
        if self.is_empty() {
            return DataType::Utf8;
        }
        if self.only(&[Boolean]) {
            return DataType::Boolean;
        }
        if self.only(&[Integer]) {
            return DataType::Int64;
        }
        if self.has(Double) && self.only(&[Integer, Huge, Double]) {
            return DataType::Float64;
        }
        if self.only(&[Date]) {
            return DataType::Date32;
        }
        if self.only(&[Date, Timestamp]) {
            return DataType::Timestamp(TimeUnit::Microsecond, None);
        }
        if self.only(&[Date, Timestamp, TimestampTz]) {
            return DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        }
        DataType::Utf8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data_type(texts: &[&str]) -> DataType {
        let mut kinds = Kinds::default();
        texts.iter().for_each(|text| kinds.add(Kind::of(text.as_bytes())));
        kinds.data_type()
    }

    #[test]
    fn the_narrowest_type_is_chosen() {
        let utc = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        assert_eq!(data_type(&[]), DataType::Utf8);
        assert_eq!(data_type(&["true", "False"]), DataType::Boolean);
        assert_eq!(data_type(&["1", "0"]), DataType::Int64);
        assert_eq!(data_type(&["1", "2.5", "1e3"]), DataType::Float64);
        assert_eq!(data_type(&["1", "true"]), DataType::Utf8);
        assert_eq!(data_type(&["2026-01-02"]), DataType::Date32);
        assert_eq!(data_type(&["2026-01-02", "2026-01-02 03:04"]), DataType::Timestamp(TimeUnit::Microsecond, None));
        assert_eq!(data_type(&["2026-01-02T03:04:05Z", "2026-01-02"]), utc);
        assert_eq!(data_type(&["2026-01-02", "soon"]), DataType::Utf8);
        assert_eq!(data_type(&["+491234"]), DataType::Utf8);
    }

    #[test]
    fn numbers_with_leading_zeros_are_text() {
        for text in ["02139", "00501", "-01", "00", "01.5", "00000000000000000000001"] {
            assert_eq!(data_type(&[text]), DataType::Utf8, "{text}");
            assert_eq!(data_type(&["10001", "2.5", text]), DataType::Utf8, "{text}");
        }
        assert_eq!(data_type(&["0", "-0", "10"]), DataType::Int64);
        assert_eq!(data_type(&["0", "0.5", "0e1", "-0.5"]), DataType::Float64);
        assert_eq!(data_type(&["0001-01-01"]), DataType::Date32);
    }

    #[test]
    fn integers_past_bigint_keep_their_digits() {
        assert_eq!(data_type(&["1", "99999999999999999999"]), DataType::Utf8);
        assert_eq!(data_type(&["1.5", "99999999999999999999"]), DataType::Float64);
    }
}
