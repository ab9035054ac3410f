//! The pass that allows null where a component stands.
//!
//! The framework writes `nullable: true` beside `allOf` and the reference. In OpenAPI 3.0 `nullable` means something only
//! beside a `type`, and each part of `allOf` must take the value: the component that is referred to takes null as well.

use std::collections::BTreeSet;

use serde_yaml::Value;

use super::tree::{Tree, items, mapping_at, walk};

const SCHEMAS: &str = "#/components/schemas/";

/// Writes what is meant.
///
/// # Errors
/// A component is null in one place and not in another, or has no type.
pub fn allow(document: &mut Tree) -> Result<(), String> {
    let mut nullable = Vec::new();
    let mut named = Vec::new();
    walk(document, &mut |node| {
        nullable.extend(component_or_null(node).map(str::to_owned));
        named.extend(component(node).map(str::to_owned));
    });
    for name in nullable.iter().collect::<BTreeSet<_>>() {
        let count = |names: &[String]| names.iter().filter(|other| *other == name).count();
        if count(&nullable) != count(&named) {
            return Err(format!("the component `{name}` may be null in one place and not in another; make two of it"));
        }
        let kind = document["components"]["schemas"][name.as_str()]["type"].clone();
        if !kind.is_string() {
            return Err(format!("the component `{name}` may be null and has no type"));
        }
        mapping_at(&mut document["components"]["schemas"], name)?.insert("nullable".into(), true.into());
        walk(document, &mut |node| {
            if component_or_null(node) == Some(name)
                && let Some(mapping) = node.as_mapping_mut()
            {
                mapping.insert("type".into(), kind.clone());
            }
        });
    }
    Ok(())
}

/// The component that stands here or null, where no type says so.
fn component_or_null(node: &Tree) -> Option<&str> {
    let or_null = node.is_mapping() && node["nullable"] == true && node["type"].is_null();
    items(&node["allOf"]).filter(|_| or_null).find_map(component)
}

fn component(node: &Tree) -> Option<&str> {
    node.as_mapping().and_then(|node| node.get("$ref")).and_then(Value::as_str)?.strip_prefix(SCHEMAS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::tree::{read, to_json};

    fn allowed(properties: &str) -> Result<String, String> {
        let schemas = r#""Place":{"type":"object"},"Any":{"oneOf":[]}"#;
        let mut tree =
            read(&format!(r#"{{"properties":{{{properties}}},"components":{{"schemas":{{{schemas}}}}}}}"#)).unwrap();
        allow(&mut tree).map(|()| to_json(&tree).replace([' ', '\n'], ""))
    }

    #[test]
    fn both_sides_take_null() {
        let place = r##""a":{"nullable":true,"allOf":[{"$ref":"#/components/schemas/Place"},{"description":"Where."}]},"b":{"nullable":true,"type":"string"}"##;
        let expected = r##"{"properties":{"a":{"nullable":true,"allOf":[{"$ref":"#/components/schemas/Place"},{"description":"Where."}],"type":"object"},"b":{"nullable":true,"type":"string"}},"components":{"schemas":{"Place":{"type":"object","nullable":true},"Any":{"oneOf":[]}}}}"##;
        assert_eq!(allowed(place).unwrap(), expected);
        let plain = r##""a":{"$ref":"#/components/schemas/Place"}"##;
        assert!(!allowed(plain).unwrap().contains("nullable"));
    }

    #[test]
    fn what_cannot_be_said_is_told() {
        let both = r##""a":{"nullable":true,"allOf":[{"$ref":"#/components/schemas/Place"}]},"b":{"$ref":"#/components/schemas/Place"}"##;
        assert!(allowed(both).unwrap_err().contains("`Place` may be null in one place"));
        let any = r##""a":{"nullable":true,"allOf":[{"$ref":"#/components/schemas/Any"}]}"##;
        assert!(allowed(any).unwrap_err().contains("`Any` may be null and has no type"));
    }
}
