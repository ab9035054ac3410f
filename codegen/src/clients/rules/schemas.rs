//! Rules on schemas and media types, wherever they stand in a document.

use serde_yaml::{Mapping, Value};

/// Takes null out of lists of values: `nullable` says it, and generators make a type of its own of each way to be null.
pub fn no_null_in_enums(value: &mut Value) {
    if let Some(values) = value.get_mut("enum").and_then(Value::as_sequence_mut) {
        values.retain(|value| !value.is_null());
    }
    each_member(value, no_null_in_enums);
}

/// Writes content types without parameters: `application/json`, not `application/json; charset=utf-8`, which
/// generators compare as text.
pub fn plain_content_types(value: &mut Value) {
    if let Some(content) = value.get_mut("content").and_then(Value::as_mapping_mut) {
        let plain = |content_type: Value| match content_type.as_str() {
            Some(text) => Value::from(text.split(';').next().unwrap_or_default().trim()),
            None => content_type,
        };
        *content = std::mem::take(content).into_iter().map(|(key, value)| (plain(key), value)).collect();
    }
    each_member(value, plain_content_types);
}

/// Writes a reference with a description of its own as the reference alone: generators take the second part of the
/// `allOf` for another type. That it may be null is said where it stands, and not by what it names as well.
pub fn plain_references(document: &mut Value) {
    let components = document.get_mut("components").and_then(|components| components.get_mut("schemas"));
    let components = components.and_then(Value::as_mapping_mut).map(Mapping::values_mut);
    for component in components.into_iter().flatten().filter_map(Value::as_mapping_mut) {
        component.shift_remove("nullable");
    }
    references_alone(document);
}

fn references_alone(value: &mut Value) {
    if let Some(parts) = value.get_mut("allOf").and_then(Value::as_sequence_mut) {
        let tells = |part: &Value| part.as_mapping().is_some_and(|part| part.keys().all(|key| key == "description"));
        parts.retain(|part| !tells(part));
        if parts.len() == 1
            && let Some(members) = value.as_mapping_mut()
        {
            members.shift_remove("type");
        }
    }
    each_member(value, references_alone);
}

fn each_member(value: &mut Value, visit: fn(&mut Value)) {
    match value {
        Value::Mapping(members) => members.values_mut().for_each(visit),
        Value::Sequence(items) => items.iter_mut().for_each(visit),
        _ => {}
    }
}
