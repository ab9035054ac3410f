//! What must hold of every operation in the documents.

use std::collections::BTreeSet;

use api::{Document, Product, document};
use serde_json::{Map, Value};

/// Operations that anybody may call. Each needs a reason.
const PUBLIC: &[&str] = &[];

fn documents() -> Vec<Value> {
    let products = Product::ALL.iter().map(|&product| document(Some(product)));
    products.chain([document(None)]).map(|found: &Document| serde_json::from_str(found.to_json()).unwrap()).collect()
}

/// Calls `check` with path, method and operation of every operation of every document.
fn each_operation(check: impl Fn(&str, &str, &Map<String, Value>)) {
    for found in documents() {
        let paths = found["paths"].as_object().unwrap();
        assert!(!paths.is_empty());
        for (path, methods) in paths {
            for (method, operation) in methods.as_object().unwrap() {
                check(path, method, operation.as_object().unwrap());
            }
        }
    }
}

#[test]
fn every_operation_has_an_id_a_summary_a_description_and_a_tag() {
    each_operation(|path, method, operation| {
        let at = format!("{method} {path}");
        let id = operation["operationId"].as_str().unwrap();
        let words: Vec<&str> = id.split('_').collect();
        assert!(words.len() >= 2 && words.iter().all(|word| !word.is_empty()), "{at}: {id} is not verb_noun");
        assert!(id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'), "{at}: {id}");
        for key in ["summary", "description"] {
            assert!(operation[key].as_str().is_some_and(|text| !text.is_empty()), "{at} has no {key}");
        }
        assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{at}");
    });
}

#[test]
fn ids_are_unique_and_tags_are_described() {
    for found in documents() {
        let tags: BTreeSet<&str> =
            found["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
        assert!(found["tags"].as_array().unwrap().iter().all(|tag| tag["description"].is_string()));
        let mut ids = BTreeSet::new();
        for operation in
            found["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values())
        {
            assert!(
                ids.insert(operation["operationId"].as_str().unwrap()),
                "{} stands twice",
                operation["operationId"]
            );
            assert!(tags.contains(operation["tags"][0].as_str().unwrap()), "{} is not declared", operation["tags"][0]);
        }
    }
}

/// The framework binds path arguments by position, so their order matters as much as their names.
#[test]
fn paths_name_their_parameters_in_order() {
    each_operation(|path, method, operation| {
        assert!(!path.contains([':', '*', '<']), "{path} is not a template");
        let parameters = operation.get("parameters").and_then(Value::as_array).cloned().unwrap_or_default();
        let declared: Vec<&str> =
            parameters.iter().filter(|it| it["in"] == "path").map(|it| it["name"].as_str().unwrap()).collect();
        let template: Vec<&str> =
            path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
        assert_eq!(declared, template, "{method} {path}");
        for parameter in &parameters {
            assert!(parameter["description"].as_str().is_some_and(|text| !text.is_empty()), "{path}: {parameter}");
        }
    });
}

/// The refusal of a request without one says to add it to the URL.
#[test]
fn parameters_that_must_be_there_are_in_the_address() {
    each_operation(|path, method, operation| {
        for parameter in operation.get("parameters").and_then(Value::as_array).into_iter().flatten() {
            let in_address = matches!(parameter["in"].as_str(), Some("path" | "query"));
            assert!(in_address || parameter["required"] != true, "{method} {path}: {parameter}");
        }
    });
}

#[test]
fn every_reply_is_described() {
    each_operation(|path, method, operation| {
        let replies = operation["responses"].as_object().unwrap();
        for wanted in ["200", "400", "401", "4XX", "5XX"] {
            assert!(replies.contains_key(wanted), "{method} {path} does not say what {wanted} is");
        }
        for (status, reply) in replies {
            assert!(!reply["description"].as_str().unwrap().is_empty(), "{method} {path} {status}");
            assert!(reply["headers"]["x-request-id"]["schema"].is_object(), "{method} {path} {status}");
        }
        assert!(replies["401"]["headers"]["WWW-Authenticate"].is_object());
    });
}

#[test]
fn nothing_is_open_by_accident() {
    each_operation(|path, _, operation| {
        let id = operation["operationId"].as_str().unwrap();
        let secured = operation.get("security").and_then(Value::as_array).is_some_and(|list| !list.is_empty());
        assert_ne!(secured, PUBLIC.contains(&id), "{path}: {id}");
    });
}

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
                assert!(it["description"].as_str().is_some_and(|text| !text.is_empty()), "{name}.{property}");
            }
        }
    }
}

/// Every request body has an example, and an example has no property that its schema lacks.
#[test]
fn requests_have_examples_of_their_schema() {
    for found in documents() {
        let paths = found["paths"].as_object().unwrap();
        for operation in paths.values().flat_map(|path| path.as_object().unwrap().values()) {
            let content = operation["requestBody"]["content"].as_object().unwrap();
            let resolved = |schema: &Value| match schema["$ref"].as_str() {
                Some(target) => found.pointer(target.trim_start_matches('#')).unwrap().clone(),
                None => schema.clone(),
            };
            let schemas: Vec<Value> = content.values().map(|media| resolved(&media["schema"])).collect();
            assert!(schemas.iter().any(|schema| !schema["example"].is_null()), "{}", operation["operationId"]);
            for schema in schemas.iter().filter(|schema| schema["example"].is_object()) {
                let example = schema["example"].as_object().unwrap();
                let properties = schema["properties"].as_object().unwrap();
                assert!(example.keys().all(|key| properties.contains_key(key)), "{example:?}");
                let required = schema["required"].as_array().unwrap();
                assert!(required.iter().all(|key| example.contains_key(key.as_str().unwrap())), "{example:?}");
            }
        }
    }
}
