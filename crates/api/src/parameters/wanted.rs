//! What a parameter takes, in words, out of its schema.

use poem_openapi::registry::{MetaSchema, MetaSchemaRef};

/// What a parameter takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    advice: Option<String>,
    repeats: bool,
}

impl Wanted {
    /// Reads a schema. One that stands elsewhere under a name says nothing here.
    pub fn new(schema: &MetaSchemaRef) -> Self {
        match schema {
            MetaSchemaRef::Inline(schema) => Self { advice: advice(schema), repeats: schema.ty == "array" },
            MetaSchemaRef::Reference(_) => Self { advice: None, repeats: false },
        }
    }

    /// What to send.
    pub fn advice(&self) -> Option<&str> {
        self.advice.as_deref()
    }

    /// Whether several values may be given, each under the parameter's name.
    pub fn repeats(&self) -> bool {
        self.repeats
    }
}

fn advice(schema: &MetaSchema) -> Option<String> {
    let words: Vec<&str> = schema.enum_items.iter().filter_map(|word| word.as_str()).collect();
    if !words.is_empty() {
        return Some(format!("one of {}", words.join(", ")));
    }
    match (schema.ty, schema.format) {
        ("integer", _) => Some(format!("a whole number{}", range(schema))),
        ("number", _) => Some(format!("a number{}", range(schema))),
        ("boolean", _) => Some("true or false".to_owned()),
        ("string", Some("uuid")) => Some("a UUID".to_owned()),
        ("string", Some("date")) => Some("a date as 2026-01-31".to_owned()),
        ("string", Some("date-time")) => Some("a time as 2026-01-31T12:00:00Z".to_owned()),
        ("string", _) => text(schema),
        ("array", _) => match schema.items.as_deref() {
            Some(MetaSchemaRef::Inline(items)) => advice(items).map(|each| format!("{each}, once for each value")),
            _ => None,
        },
        _ => None,
    }
}

fn range(schema: &MetaSchema) -> String {
    match (schema.minimum, schema.maximum) {
        (Some(low), Some(high)) => format!(" from {low} to {high}"),
        (Some(low), None) => format!(" from {low} on"),
        (None, Some(high)) => format!(" up to {high}"),
        (None, None) => String::new(),
    }
}

fn text(schema: &MetaSchema) -> Option<String> {
    let length = match (schema.min_length.filter(|length| *length > 0), schema.max_length) {
        (Some(least), Some(most)) => Some(format!("text of {least} to {most} characters")),
        (Some(least), None) => Some(format!("text of at least {least} characters")),
        (None, Some(most)) => Some(format!("text of at most {most} characters")),
        (None, None) => None,
    };
    match (&schema.pattern, length) {
        (Some(pattern), length) => Some(format!("{} that matches {pattern}", length.unwrap_or("text".to_owned()))),
        (None, length) => length,
    }
}
