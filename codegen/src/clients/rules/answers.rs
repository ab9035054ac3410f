//! Rules on responses.

use serde_yaml::{Mapping, Value};

use super::Effect;
use super::bodies::{BYTES, JSON, TEXT, binary};

/// Gives every status one content type: JSON if it is among them, which leaves the others out of reach; plain text
/// where an error has it; else bytes, which take in all of them.
pub fn one_content_type(operation: &mut Value) -> Effect {
    let mut effect = Effect::None;
    for (status, content) in contents(operation) {
        if content.len() < 2 {
            continue;
        }
        let text = |offered: &str| is_error(&status) && is_text(offered);
        match offered(content, is_json).or_else(|| offered(content, text)) {
            Some(kept) => {
                content.retain(|offered, _| offered == kept.as_str());
                effect = if is_json(&kept) { Effect::Limited } else { effect };
            }
            None => make_bytes(content),
        }
    }
    effect
}

/// Makes bytes of every answer that is neither JSON nor plain text, and says so where it is a success.
pub fn bytes(operation: &mut Value) -> Effect {
    let mut effect = Effect::None;
    for (status, content) in contents(operation) {
        if offered(content, |offered| !is_json(offered) && !is_text(offered)).is_some() {
            make_bytes(content);
            effect = if is_error(&status) { effect } else { Effect::Adapted };
        }
    }
    effect
}

/// Gives all successes of an operation one shape, and all errors: any JSON where the shapes are different kinds of
/// JSON, else bytes.
pub fn one_shape(operation: &mut Value) -> Effect {
    let mut effect = Effect::None;
    for errors in [false, true] {
        let Some(responses) = operation.get_mut("responses").and_then(Value::as_mapping_mut) else { continue };
        let of_kind = |status: &Value| status == "default" || status.as_str().is_some_and(is_error) == errors;
        let mut found: Vec<&mut Value> =
            responses.iter_mut().filter(|(status, _)| of_kind(status)).map(|(_, response)| response).collect();
        let shapes: Vec<Value> = found.iter().map(|response| shape(response)).collect();
        if shapes.iter().all(|shape| *shape == shapes[0]) {
            continue;
        }
        let json = shapes.iter().all(|shape| *shape != RAW && !shape.is_null());
        for response in &mut found {
            response["content"] =
                if json { any_json() } else { Value::from(Mapping::from_iter([(BYTES.into(), binary())])) };
        }
        effect = Effect::Limited;
    }
    effect
}

/// Takes out statuses that are in a range of the same operation: once all have one shape they say the same, and one
/// generator puts the range first.
pub fn ranges_alone(operation: &mut Value) -> Effect {
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_mapping_mut) else { return Effect::None };
    let range = |status: &Value| status.as_str().and_then(|status| Some(format!("{}XX", status.get(..1)?)));
    let ranges: Vec<String> =
        responses.keys().filter_map(Value::as_str).filter(|status| status.ends_with("XX")).map(str::to_owned).collect();
    responses.retain(|status, _| {
        let within = range(status).filter(|range| ranges.contains(range));
        within.is_none_or(|range| *status == range.as_str())
    });
    Effect::None
}

/// Takes links out: no client follows them, and one generator refuses links that have a body.
pub fn no_links(operation: &mut Value) -> Effect {
    let responses = operation.get_mut("responses").and_then(Value::as_mapping_mut);
    for response in responses.into_iter().flat_map(|responses| responses.values_mut()) {
        response.as_mapping_mut().and_then(|response| response.remove("links"));
    }
    Effect::None
}

const RAW: &str = "raw";

/// The schema of a JSON answer, `raw` for any other, null for none.
fn shape(response: &Value) -> Value {
    let Some(content) = response.get("content").and_then(Value::as_mapping).filter(|content| !content.is_empty())
    else {
        return Value::Null;
    };
    let json = content.iter().find(|(offered, _)| offered.as_str().is_some_and(is_json));
    json.map_or_else(|| RAW.into(), |(_, media)| media["schema"].clone())
}

fn any_json() -> Value {
    serde_yaml::from_str("{application/json: {schema: {}}}").expect("the text is YAML")
}

/// Each status with its content, where it has one.
fn contents(operation: &mut Value) -> impl Iterator<Item = (String, &mut Mapping)> {
    let responses = operation.get_mut("responses").and_then(Value::as_mapping_mut);
    responses.into_iter().flat_map(|responses| responses.iter_mut()).filter_map(|(status, response)| {
        let content = response.get_mut("content")?.as_mapping_mut()?;
        Some((status.as_str()?.to_owned(), content))
    })
}

fn offered(content: &Mapping, wanted: impl Fn(&str) -> bool) -> Option<String> {
    content.keys().filter_map(Value::as_str).find(|offered| wanted(offered)).map(str::to_owned)
}

fn make_bytes(content: &mut Mapping) {
    content.clear();
    content.insert(BYTES.into(), binary());
}

fn is_error(status: &str) -> bool {
    status.starts_with(['4', '5'])
}

fn is_json(content_type: &str) -> bool {
    content_type == JSON || content_type.ends_with("+json")
}

fn is_text(content_type: &str) -> bool {
    content_type == TEXT
}
