//! A number of rows, as a property.

use std::borrow::Cow;
use std::fmt;

use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::types::{ParseError, ParseFromJSON, ParseFromParameter, ParseResult, ToJSON, Type};
use serde::de::{Unexpected, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// The largest number of rows: what `int64` holds, the widest format that every generator of clients knows.
const MOST: u64 = i64::MAX as u64;

/// A number of rows: whole, from 0 to the largest of `int64`. JSON does not tell `2` from `2.0`, and both are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count(pub u64);

impl Type for Count {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "integer_int64".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        let schema = MetaSchema { minimum: Some(0.0), ..MetaSchema::new_with_format("integer", "int64") };
        MetaSchemaRef::Inline(Box::new(schema))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromParameter for Count {
    fn parse_from_parameter(value: &str) -> ParseResult<Self> {
        value
            .parse::<u64>()
            .ok()
            .filter(|count| *count <= MOST)
            .map(Self)
            .ok_or_else(|| ParseError::custom(format!("{value:?} is not a whole number from 0 to {MOST}")))
    }
}

impl ParseFromJSON for Count {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        serde_json::from_value(value.unwrap_or_default()).map_err(ParseError::custom)
    }
}

impl ToJSON for Count {
    fn to_json(&self) -> Option<Value> {
        Some(Value::from(self.0))
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_u64(Reader)
    }
}

struct Reader;

impl Visitor<'_> for Reader {
    type Value = Count;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number from 0 on")
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Count, E> {
        if value > MOST {
            return Err(E::invalid_value(Unexpected::Unsigned(value), &"at most 9223372036854775807"));
        }
        Ok(Count(value))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Count, E> {
        u64::try_from(value).map(Count).map_err(|_| E::invalid_value(Unexpected::Signed(value), &self))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Count, E> {
        // 2 to the 63rd: the first number that is too large, and one that an f64 holds exactly.
        if value.fract() != 0.0 || !(0.0..9_223_372_036_854_775_808.0).contains(&value) {
            return Err(E::invalid_value(Unexpected::Float(value), &self));
        }
        Ok(Count(value as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_of_an_int64_are_counts() {
        let read = |text: &str| serde_json::from_str::<Count>(text).map(|count| count.0).map_err(|e| e.to_string());
        for (text, count) in [("0", 0), ("9223372036854775807", MOST), ("2.0", 2), ("1e3", 1000), ("-0.0", 0)] {
            assert_eq!(read(text), Ok(count), "{text}");
        }
        for text in ["-1", "9223372036854775808", "1e19", "9223372036854775808.0", "0.5", "\"1\"", "true", "null"] {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(read("-1").unwrap_err().contains("expected a whole number from 0 on"));
    }
}
