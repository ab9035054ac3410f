//! Text that the document describes more closely than its type does, in a body.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::types::{ParseFromJSON, ParseResult, ToJSON, Type};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// What a [`Text`] looks like.
pub trait Shape: Send + Sync + 'static {
    /// The fewest characters.
    const LEAST: Option<usize> = None;
    /// The most characters.
    const MOST: Option<usize> = None;
    /// What it matches, in the syntax that every language's regular expressions share.
    const PATTERN: Option<&'static str> = None;
    /// One of the formats that OpenAPI knows.
    const FORMAT: Option<&'static str> = None;
}

/// Text of some shape. It keeps what the caller sent: services check it, and their refusal says what is wrong with it.
pub struct Text<S> {
    /// What was sent.
    pub text: String,
    shape: PhantomData<fn() -> S>,
}

impl<S> Text<S> {
    /// This text, whether it has the shape or not.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), shape: PhantomData }
    }
}

impl<S> From<Text<S>> for String {
    fn from(text: Text<S>) -> Self {
        text.text
    }
}

impl<S> Clone for Text<S> {
    fn clone(&self) -> Self {
        Self::new(self.text.clone())
    }
}

impl<S> fmt::Debug for Text<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

impl<S: Shape> Type for Text<S> {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "string".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            min_length: S::LEAST,
            max_length: S::MOST,
            pattern: S::PATTERN.map(str::to_owned),
            format: S::FORMAT,
            ..MetaSchema::new("string")
        }))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl<S: Shape> ParseFromJSON for Text<S> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        String::parse_from_json(value).map(Self::new).map_err(poem_openapi::types::ParseError::propagate)
    }
}

impl<S: Shape> ToJSON for Text<S> {
    fn to_json(&self) -> Option<Value> {
        Some(Value::from(self.text.as_str()))
    }
}

impl<'de, S> Deserialize<'de> for Text<S> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}
