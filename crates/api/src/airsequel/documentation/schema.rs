//! What the page says of the shape of a body.

use serde_json::Value;

/// A line of the table that describes a body.
#[derive(Debug, PartialEq, Eq)]
pub struct Property {
    /// Its name.
    pub name: String,
    /// What it is, in a few words.
    pub kind: String,
    /// Whether it must be there.
    pub required: bool,
    /// What it is for.
    pub description: String,
}

/// The node itself, or what its `$ref` names. One alone in `allOf` stands for the whole.
pub fn resolved<'a>(document: &'a Value, node: &'a Value) -> &'a Value {
    if let Some(target) = node["$ref"].as_str() {
        return document.pointer(target.trim_start_matches('#')).unwrap_or(node);
    }
    match node["allOf"].as_array().map(Vec::as_slice) {
        Some([one]) => resolved(document, one),
        _ => node,
    }
}

/// The properties of an object; none of anything else.
pub fn properties(document: &Value, schema: &Value) -> Vec<Property> {
    let schema = resolved(document, schema);
    let required = schema["required"].as_array();
    let all = schema["properties"].as_object().into_iter().flatten();
    let lines = all.map(|(name, property)| {
        let told = |node: &Value| node["description"].as_str().unwrap_or_default().to_owned();
        let own = told(property);
        Property {
            name: name.clone(),
            kind: kind(document, property),
            required: required.is_some_and(|names| names.iter().any(|it| it == name)),
            description: if own.is_empty() { told(resolved(document, property)) } else { own },
        }
    });
    lines.collect()
}

/// What a value is, in a few words: `list of text`, `whole number from 0`.
pub fn kind(document: &Value, schema: &Value) -> String {
    let node = resolved(document, schema);
    if let Some(words) = node["enum"].as_array() {
        let words: Vec<String> = words.iter().filter(|word| !word.is_null()).map(Value::to_string).collect();
        return format!("one of {}", words.join(", "));
    }
    match node["type"].as_str() {
        Some("array") => format!("list of {}", kind(document, &node["items"])),
        Some("integer") => range("whole number", node),
        Some("number") => range("number", node),
        Some("boolean") => "true or false".to_owned(),
        Some("string") => match node["format"].as_str() {
            Some("binary") => "file".to_owned(),
            Some("date-time") => "time".to_owned(),
            _ => "text".to_owned(),
        },
        Some("object") => "object".to_owned(),
        _ => "any value".to_owned(),
    }
}

fn range(what: &str, node: &Value) -> String {
    match (node["minimum"].as_f64(), node["maximum"].as_f64()) {
        (Some(least), Some(most)) => format!("{what} from {least} to {most}"),
        (Some(least), None) => format!("{what} from {least}"),
        (None, Some(most)) => format!("{what} up to {most}"),
        (None, None) => what.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_said_in_words() {
        let document: Value = serde_json::from_str(
            r##"{"components": {"schemas": {
              "Item": {"type": "object", "description": "A thing.", "required": ["name"], "properties": {
                "name": {"type": "string", "description": "Its name."},
                "sizes": {"type": "array", "items": {"type": "integer", "minimum": 0}},
                "kind": {"type": "string", "enum": ["a", "b", null]},
                "inner": {"allOf": [{"$ref": "#/components/schemas/Item"}], "nullable": true}}}}}}"##,
        )
        .unwrap();
        let reference = serde_json::json!({"$ref": "#/components/schemas/Item"});
        let lines: Vec<(String, String, bool, String)> = properties(&document, &reference)
            .into_iter()
            .map(|line| (line.name, line.kind, line.required, line.description))
            .collect();
        let line = |name: &str, kind: &str, required, description: &str| {
            (name.to_owned(), kind.to_owned(), required, description.to_owned())
        };
        let mut expected = vec![
            line("name", "text", true, "Its name."),
            line("sizes", "list of whole number from 0", false, ""),
            line("kind", "one of \"a\", \"b\"", false, ""),
            line("inner", "object", false, "A thing."),
        ];
        // Objects of JSON have no order here.
        expected.sort();
        let mut found = lines;
        found.sort();
        assert_eq!(found, expected);
    }
}
