//! A text that a change sets, removes or leaves alone, in every form that clients send it.

use std::borrow::Cow;

use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// What a change does to a text. As a field it takes `#[serde(default)]`, so that a missing property leaves it alone.
///
/// Live clients send a string or null; the vendor's page shows `{"tag": "TextValue", "contents": "…"}`, `{"tag":
/// "TextNull"}` and `{"tag": "TextUndefined"}`. Both are read, and what is neither is refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TextNullable {
    /// It stays as it is.
    #[default]
    Keep,
    /// There is none from now on.
    Null,
    /// It is this from now on.
    Value(String),
}

impl TextNullable {
    /// `None` where the text stays as it is, else what it is from now on.
    pub fn change(self) -> Option<Option<String>> {
        match self {
            Self::Keep => None,
            Self::Null => Some(None),
            Self::Value(text) => Some(Some(text)),
        }
    }

    fn read(value: Value) -> Result<Self, String> {
        let object = match value {
            Value::Null => return Ok(Self::Null),
            Value::String(text) => return Ok(Self::Value(text)),
            Value::Object(object) => object,
            other => return Err(format!("invalid value: {other}, expected a string, null or a tagged text")),
        };
        let tag = object.get("tag").and_then(Value::as_str);
        match (tag, object.get("contents")) {
            (Some("TextNull"), _) => Ok(Self::Null),
            (Some("TextUndefined"), _) => Ok(Self::Keep),
            (Some("TextValue"), Some(Value::String(text))) => Ok(Self::Value(text.clone())),
            (Some("TextValue"), _) => Err("a TextValue whose `contents` is no string".to_owned()),
            _ => Err("an object whose `tag` is not TextValue, TextNull or TextUndefined".to_owned()),
        }
    }
}

impl<'de> Deserialize<'de> for TextNullable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl Type for TextNullable {
    const IS_REQUIRED: bool = false;
    type RawValueType = String;
    type RawElementValueType = String;

    fn name() -> Cow<'static, str> {
        "string_text_nullable".into()
    }

    /// The plain form alone: what generated clients send. The tagged objects are read as well.
    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema { nullable: true, ..MetaSchema::new("string") }))
    }

    fn as_raw_value(&self) -> Option<&String> {
        match self {
            Self::Value(text) => Some(text),
            Self::Keep | Self::Null => None,
        }
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a String> + 'a> {
        Box::new(self.as_raw_value().into_iter())
    }

    fn is_none(&self) -> bool {
        *self == Self::Keep
    }
}

impl ParseFromJSON for TextNullable {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        value.map_or(Ok(Self::Keep), |value| Self::read(value).map_err(ParseError::custom))
    }
}

impl ToJSON for TextNullable {
    fn to_json(&self) -> Option<Value> {
        match self {
            Self::Keep => None,
            Self::Null => Some(Value::Null),
            Self::Value(text) => Some(Value::from(text.as_str())),
        }
    }
}

/// The same of a time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct TimeNullable(pub TextNullable);

impl Type for TimeNullable {
    const IS_REQUIRED: bool = false;
    type RawValueType = String;
    type RawElementValueType = String;

    fn name() -> Cow<'static, str> {
        "string_date-time_nullable".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            nullable: true,
            ..MetaSchema::new_with_format("string", "date-time")
        }))
    }

    fn as_raw_value(&self) -> Option<&String> {
        self.0.as_raw_value()
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a String> + 'a> {
        self.0.raw_element_iter()
    }

    fn is_none(&self) -> bool {
        self.0.is_none()
    }
}

impl ParseFromJSON for TimeNullable {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        TextNullable::parse_from_json(value).map(Self).map_err(ParseError::propagate)
    }
}

impl ToJSON for TimeNullable {
    fn to_json(&self) -> Option<Value> {
        self.0.to_json()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Change {
        #[serde(default)]
        owner: TextNullable,
    }

    fn read(text: &str) -> Result<TextNullable, String> {
        serde_json::from_str::<Change>(text).map(|change| change.owner).map_err(|fault| fault.to_string())
    }

    #[test]
    fn every_form_is_read() {
        let johns = || TextNullable::Value("johns-team".to_owned());
        for (text, meant) in [
            ("{}", TextNullable::Keep),
            (r#"{"owner":null}"#, TextNullable::Null),
            (r#"{"owner":"johns-team"}"#, johns()),
            (r#"{"owner":""}"#, TextNullable::Value(String::new())),
            (r#"{"owner":{"tag":"TextValue","contents":"johns-team"}}"#, johns()),
            (r#"{"owner":{"contents":"johns-team","tag":"TextValue"}}"#, johns()),
            (r#"{"owner":{"tag":"TextNull"}}"#, TextNullable::Null),
            (r#"{"owner":{"tag":"TextUndefined"}}"#, TextNullable::Keep),
        ] {
            assert_eq!(read(text), Ok(meant), "{text}");
        }
    }

    #[test]
    fn what_is_no_form_of_it_is_refused() {
        for (text, told) in [
            (r#"{"owner":{"tag":"TextValue"}}"#, "`contents` is no string"),
            (r#"{"owner":{"tag":"TextValue","contents":5}}"#, "`contents` is no string"),
            (r#"{"owner":{"tag":"TextValue","contents":null}}"#, "`contents` is no string"),
            (r#"{"owner":{}}"#, "`tag` is not"),
            (r#"{"owner":{"tag":"text"}}"#, "`tag` is not"),
            (r#"{"owner":5}"#, "invalid value: 5"),
            (r#"{"owner":["a"]}"#, "expected a string, null or a tagged text"),
        ] {
            let fault = read(text).unwrap_err();
            assert!(fault.contains(told), "{text}: {fault}");
        }
    }

    #[test]
    fn a_change_is_nothing_none_or_a_text() {
        assert_eq!(TextNullable::Keep.change(), None);
        assert_eq!(TextNullable::Null.change(), Some(None));
        assert_eq!(TextNullable::Value("a".to_owned()).change(), Some(Some("a".to_owned())));
    }
}
