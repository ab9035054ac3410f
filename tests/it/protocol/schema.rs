//! Whether a value is what a schema of the documents says. Reads the part of JSON Schema that they use.

use serde_json::Value;

use super::document::resolved;

/// What is wrong with `value`, with the place.
pub fn fault(document: &Value, schema: &Value, value: &Value, place: &str) -> Option<String> {
    let schema = resolved(document, schema);
    let each = |word: &str| schema[word].as_array().into_iter().flatten();
    let fails = |part: &Value| fault(document, part, value, place);
    if value.is_null() && schema["nullable"] == true {
        return None;
    }
    if let Some(fault) = each("allOf").find_map(fails) {
        return Some(fault);
    }
    for word in ["anyOf", "oneOf"] {
        if schema.get(word).is_some() && each(word).all(|part| fails(part).is_some()) {
            return Some(format!("{place}: {value} is none of {word}"));
        }
    }
    if schema.get("enum").is_some() && each("enum").all(|word| word != value) {
        return Some(format!("{place}: {value} is not one of {}", schema["enum"]));
    }
    if let Some(kind) = schema["type"].as_str().filter(|kind| !is_a(value, kind)) {
        return Some(format!("{place}: {value} is no {kind}"));
    }
    if let Some(missing) = each("required").filter_map(Value::as_str).find(|name| value.get(name).is_none()) {
        return Some(format!("{place}: {missing} is missing"));
    }
    let properties = schema["properties"].as_object().into_iter().flatten();
    let below = properties.filter_map(|(name, part)| Some((name, part, value.get(name)?)));
    let mut faults = below.filter_map(|(name, part, value)| fault(document, part, value, &format!("{place}.{name}")));
    if let Some(fault) = faults.next() {
        return Some(fault);
    }
    let items = value.as_array().filter(|_| schema.get("items").is_some()).into_iter().flatten();
    items.enumerate().find_map(|(at, item)| fault(document, &schema["items"], item, &format!("{place}[{at}]")))
}

fn is_a(value: &Value, kind: &str) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        other => panic!("the document has a type {other}"),
    }
}

#[test]
fn faults_are_found_where_they_are() {
    let document = serde_json::json!({"components": {"schemas": {"Error": {
        "type": "object", "required": ["code"],
        "properties": {"code": {"type": "string"}, "details": {"type": "array", "items": {"type": "integer"}}},
    }}}});
    let schema = serde_json::json!({"$ref": "#/components/schemas/Error"});
    let told = |value| fault(&document, &schema, &value, "body");
    assert_eq!(told(serde_json::json!({"code": "x", "details": [1, 2]})), None);
    for (value, wanted) in [
        (serde_json::json!("text"), "body: \"text\" is no object"),
        (serde_json::json!({}), "body: code is missing"),
        (serde_json::json!({"code": 5}), "body.code: 5 is no string"),
        (serde_json::json!({"code": "x", "details": [1, "b"]}), "body.details[1]: \"b\" is no integer"),
    ] {
        assert_eq!(told(value).as_deref(), Some(wanted));
    }
}
