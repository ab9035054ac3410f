//! Rules on request bodies.

use serde_yaml::{Mapping, Value};

use super::Effect;

/// Any bytes.
pub const BYTES: &str = "application/octet-stream";
/// JSON.
pub const JSON: &str = "application/json";
/// The fields of a form.
pub const FORM: &str = "application/x-www-form-urlencoded";
/// The fields of a form, with files.
pub const PARTS: &str = "multipart/form-data";
/// Plain text.
pub const TEXT: &str = "text/plain";

/// Keeps one of several content types. `application/octet-stream` is what stands for any bytes, so nothing is lost where
/// it is offered; else JSON, for its types; else the first.
pub fn one_content_type(operation: &mut Value) -> Effect {
    let Some(content) = content(operation) else { return Effect::None };
    if content.len() < 2 {
        return Effect::None;
    }
    let kept = [BYTES, JSON].into_iter().find(|preferred| content.keys().any(|offered| offered == preferred));
    let kept = kept.map_or_else(|| content.keys().next().cloned(), |kept| Some(Value::from(kept)));
    content.retain(|offered, _| Some(offered) == kept.as_ref());
    if kept.is_some_and(|kept| kept == BYTES) { Effect::Adapted } else { Effect::Limited }
}

/// Leaves out a form that says no more than the JSON beside it.
pub fn no_form_beside_json(operation: &mut Value) -> Effect {
    let Some(content) = content(operation) else { return Effect::None };
    if content.get(JSON).is_none_or(|json| content.get(FORM).is_none_or(|form| json["schema"] != form["schema"])) {
        return Effect::None;
    }
    content.shift_remove(FORM);
    Effect::Adapted
}

/// Sends as bytes what the generator has no content type for: all but these.
pub fn bytes_but(known: &[&str], operation: &mut Value) -> Effect {
    let Some(content) = content(operation) else { return Effect::None };
    if content.keys().all(|offered| offered.as_str().is_some_and(|offered| known.contains(&offered))) {
        return Effect::None;
    }
    content.clear();
    content.insert(BYTES.into(), binary());
    Effect::Limited
}

/// Leaves out operations whose body comes in parts.
pub fn no_parts(operation: &mut Value) -> Effect {
    let mut offered = content(operation).into_iter().flat_map(|content| content.keys()).filter_map(Value::as_str);
    if offered.any(|offered| offered.starts_with("multipart/")) { Effect::LeftOut } else { Effect::None }
}

/// Says something of every operation whose body is bytes.
pub fn with_bytes(operation: &mut Value) -> Effect {
    let mut media = content(operation).into_iter().flat_map(|content| content.values());
    if media.any(|media| media["schema"]["format"] == "binary") { Effect::Limited } else { Effect::None }
}

fn content(operation: &mut Value) -> Option<&mut Mapping> {
    operation.get_mut("requestBody")?.get_mut("content")?.as_mapping_mut()
}

/// The description of a body of bytes.
pub fn binary() -> Value {
    serde_yaml::from_str("{schema: {type: string, format: binary}}").expect("the text is YAML")
}
