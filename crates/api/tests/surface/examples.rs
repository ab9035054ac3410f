//! Worked examples. Whether the server answers them as the documents say is tested on a running one.

use serde_json::{Map, Value};

use crate::{documents, operations, resolved};

/// A document can hold no bytes, and shows no pages.
fn is_binary(media: &Value) -> bool {
    media["schema"]["format"] == "binary" || media["schema"]["format"] == "html"
}

/// Every content type with where it stands, of requests and answers, bytes left out.
fn each_media(found: &Value, check: impl Fn(&str, &Value)) {
    for (path, method, operation) in operations(found) {
        let responses = operation["responses"].as_object().unwrap().iter();
        let bodies = operation.get("requestBody").map(|body| ("request", body)).into_iter();
        for (of, body) in bodies.chain(responses.map(|(status, response)| (status.as_str(), response))) {
            for (content_type, media) in body["content"].as_object().into_iter().flatten() {
                if !is_binary(media) {
                    check(&format!("{method} {path} {of} {content_type}"), media);
                }
            }
        }
    }
}

fn examples<'a>(at: &str, media: &'a Value) -> &'a Map<String, Value> {
    media["examples"].as_object().unwrap_or_else(|| panic!("{at} has no example"))
}

#[test]
fn every_request_and_every_answer_has_examples() {
    for found in documents() {
        each_media(&found, |at, media| {
            let examples = examples(at, media);
            assert!(!examples.is_empty(), "{at}");
            for (name, example) in examples {
                assert!(example.get("value").is_some(), "{at} {name}");
                assert!(example["summary"].as_str().is_some_and(|text| !text.is_empty()), "{at} {name}");
            }
        });
    }
}

#[test]
fn an_operation_can_be_called_by_its_examples() {
    for found in documents() {
        for (path, method, operation) in operations(&found) {
            for parameter in operation.get("parameters").and_then(Value::as_array).into_iter().flatten() {
                let shown = parameter.get("example").or(parameter.get("examples")).is_some();
                assert!(
                    shown || parameter["required"] != true,
                    "{method} {path}: {} has no example",
                    parameter["name"]
                );
            }
            let bodies = operation.get("requestBody").map(|body| body["content"].as_object().unwrap());
            let all_bytes = bodies.is_some_and(|content| content.values().all(is_binary));
            assert!(!all_bytes, "{method} {path} takes bytes alone, so that no example can be sent");
        }
    }
}

/// An example of an object has every property that must be there, and none that its schema lacks.
#[test]
fn examples_are_of_their_schema() {
    for found in documents() {
        each_media(&found, |at, media| {
            let schema = resolved(&found, &media["schema"]);
            let Some(properties) = schema["properties"].as_object() else { return };
            for (name, example) in examples(at, media) {
                let value = example["value"].as_object().unwrap_or_else(|| panic!("{at} {name} is no object"));
                assert!(value.keys().all(|key| properties.contains_key(key)), "{at} {name}: {value:?}");
                let mut required = schema["required"].as_array().into_iter().flatten();
                assert!(required.all(|key| value.contains_key(key.as_str().unwrap())), "{at} {name}: {value:?}");
            }
        });
    }
}
