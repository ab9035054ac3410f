//! Text out of a list of words, as a parameter or a property.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::types::{ParseFromJSON, ParseFromParameter, ParseResult, ToJSON, Type};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// The words that a [`OneOf`] documents.
pub trait Words: Send + Sync + 'static {
    /// Every word, as the document lists them.
    const WORDS: &'static [&'static str];
}

/// Text that the document describes as one of some words. It keeps what the caller sent: the handler reads it, so that a
/// wrong word is refused in the product's own text and not in the framework's.
pub struct OneOf<W> {
    /// What was sent.
    pub text: String,
    words: PhantomData<fn() -> W>,
}

impl<W> OneOf<W> {
    /// This text, whether it is one of the words or not.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), words: PhantomData }
    }
}

impl<W> Clone for OneOf<W> {
    fn clone(&self) -> Self {
        Self::new(self.text.clone())
    }
}

impl<W> fmt::Debug for OneOf<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

impl<W: Words> Type for OneOf<W> {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "string".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        let enum_items = W::WORDS.iter().map(|word| Value::from(*word)).collect();
        MetaSchemaRef::Inline(Box::new(MetaSchema { enum_items, ..MetaSchema::new("string") }))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl<W: Words> ParseFromParameter for OneOf<W> {
    fn parse_from_parameter(value: &str) -> ParseResult<Self> {
        Ok(Self::new(value))
    }
}

impl<W: Words> ParseFromJSON for OneOf<W> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        String::parse_from_json(value).map(Self::new).map_err(poem_openapi::types::ParseError::propagate)
    }
}

impl<W: Words> ToJSON for OneOf<W> {
    fn to_json(&self) -> Option<Value> {
        Some(Value::from(self.text.as_str()))
    }
}

impl<'de, W> Deserialize<'de> for OneOf<W> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}
