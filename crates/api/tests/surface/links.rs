//! Links lead to operations that are there, with what those take and the exchange has.

use serde_json::{Map, Value};

use crate::{documents, operations, resolved};

/// Every expression in a literal, in text around expressions, or in an object of these.
fn expressions(template: &Value) -> Vec<String> {
    match template {
        Value::String(text) if text.starts_with('$') => vec![text.clone()],
        Value::String(text) => {
            let opened = text.split("{$").skip(1);
            opened.map(|rest| format!("${}", rest.split('}').next().unwrap())).collect()
        }
        Value::Object(below) => below.values().flat_map(expressions).collect(),
        Value::Array(below) => below.iter().flat_map(expressions).collect(),
        _ => Vec::new(),
    }
}

/// The schema of a JSON body.
fn json<'a>(found: &'a Value, body: &'a Value) -> &'a Value {
    let content = body["content"].as_object().unwrap();
    let media = content.iter().find(|(content_type, _)| content_type.starts_with("application/json")).unwrap().1;
    resolved(found, &media["schema"])
}

/// Whether the exchange has what `expression` names.
fn is_there(found: &Value, operation: &Map<String, Value>, response: &Value, expression: &str) -> bool {
    let parameter = |place: &str, name: &str| {
        let mut all = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
        all.any(|it| it["in"] == place && it["name"] == name)
    };
    let (side, source) = expression.trim_start_matches('$').split_once('.').unwrap();
    match (side, source.split_once(['.', '/']).unwrap()) {
        ("request", ("body#", property)) => {
            json(found, &operation["requestBody"])["properties"].get(property).is_some()
        }
        ("response", ("body#", property)) => json(found, response)["properties"].get(property).is_some(),
        ("response", ("header", name)) => {
            response["headers"].as_object().unwrap().keys().any(|header| header.eq_ignore_ascii_case(name))
        }
        ("request", (place, name)) => parameter(place, name),
        _ => false,
    }
}

#[test]
fn links_lead_somewhere() {
    let mut count = 0;
    for found in documents() {
        let all = operations(&found);
        for (path, method, operation) in &all {
            for (status, response) in operation["responses"].as_object().unwrap() {
                for (name, link) in response.get("links").and_then(Value::as_object).into_iter().flatten() {
                    count += 1;
                    let at = format!("{method} {path} {status} {name}");
                    assert!(status.starts_with('2') && link["description"].is_string(), "{at}");
                    let target = all.iter().find(|(_, _, other)| other["operationId"] == link["operationId"]);
                    let (_, _, target) = target.unwrap_or_else(|| panic!("{at} leads nowhere"));
                    let given = link.get("parameters").and_then(Value::as_object).cloned().unwrap_or_default();
                    let taken = target.get("parameters").and_then(Value::as_array).cloned().unwrap_or_default();
                    assert!(given.keys().all(|name| taken.iter().any(|it| it["name"] == *name)), "{at}: {given:?}");
                    let in_path = taken.iter().filter(|it| it["in"] == "path");
                    let mut names = in_path.map(|it| it["name"].as_str().unwrap());
                    assert!(names.all(|name| given.contains_key(name)), "{at} lacks a part of the path");
                    if let Some(body) = link.get("requestBody").filter(|body| body.is_object()) {
                        let properties = &json(&found, &target["requestBody"])["properties"];
                        let mut keys = body.as_object().unwrap().keys();
                        assert!(keys.all(|key| properties.get(key).is_some()), "{at}: {body}");
                    }
                    let used = expressions(&Value::from(given)).into_iter();
                    for expression in used.chain(link.get("requestBody").map(expressions).unwrap_or_default()) {
                        assert!(is_there(&found, operation, response, &expression), "{at}: {expression}");
                    }
                }
            }
        }
    }
    assert!(count > 0);
}
