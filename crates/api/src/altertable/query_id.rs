//! The id of a query as a parameter.

use std::borrow::Cow;

use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::types::{ParseError, ParseFromParameter, ParseResult, Type};
use uuid::Uuid;

/// A UUID with its hyphens, in small letters: as the server writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryId(pub String);

impl Type for QueryId {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "string_uuid".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema::new_with_format("string", "uuid")))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromParameter for QueryId {
    fn parse_from_parameter(value: &str) -> ParseResult<Self> {
        let hyphenated = value.len() == uuid::fmt::Hyphenated::LENGTH;
        let id = hyphenated.then(|| Uuid::parse_str(value).ok()).flatten();
        id.map(|id| Self(id.to_string())).ok_or_else(|| ParseError::custom(format!("{value:?} is not a UUID")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_are_read_in_their_usual_form() {
        let id = "019f1d9b-6a4c-7d31-9c55-3f2f6c1f0b1e";
        assert_eq!(QueryId::parse_from_parameter(&id.to_uppercase()).unwrap().0, id);
        for other in ["", "nope", "019f1d9b6a4c7d319c553f2f6c1f0b1e", "{019f1d9b-6a4c-7d31-9c55-3f2f6c1f0b1e}"] {
            assert!(QueryId::parse_from_parameter(other).is_err(), "{other}");
        }
    }
}
