//! Schemas of every document.

use serde_json::Value;

use crate::documents;

/// The parser takes null for an absent property and refuses negative numbers where the type has none.
#[test]
fn schemas_say_what_the_parser_does() {
    for found in documents() {
        for (name, schema) in found["components"]["schemas"].as_object().unwrap() {
            let required: Vec<&Value> =
                schema["required"].as_array().map(|list| list.iter().collect()).unwrap_or_default();
            for (property, it) in schema["properties"].as_object().into_iter().flatten() {
                let optional = !required.contains(&&Value::from(property.as_str()));
                assert_eq!(it["nullable"].as_bool().unwrap_or(false), optional, "{name}.{property}");
                let words = it["enum"].as_array();
                assert!(words.is_none_or(|words| words.contains(&Value::Null) == optional), "{name}.{property}");
                if it["format"].as_str().is_some_and(|format| format.starts_with("uint")) {
                    assert_eq!(it["minimum"].as_f64(), Some(0.0), "{name}.{property}");
                }
                // One that is nothing but another schema has that one's words.
                let referred = it["$ref"].as_str().and_then(|path| found.pointer(path.trim_start_matches('#')));
                let told = referred.unwrap_or(it)["description"].as_str();
                assert!(told.is_some_and(|text| !text.is_empty()), "{name}.{property}");
            }
        }
    }
}
