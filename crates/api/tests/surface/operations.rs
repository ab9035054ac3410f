//! Ids, tags, parameters, answers and security of every operation.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{documents, each_operation};

/// Operations that anybody may call. Each needs a reason.
const PUBLIC: &[&str] = &[
    // It says nothing of anybody's data.
    "get_status",
    "read_documentation",
    // Whoever calls these has no session yet, or lost the password.
    "open_session",
    "request_password_reset",
    // The key in the request is the credential.
    "reset_password",
    "show_password_reset",
    "verify_email",
    "show_invitation",
];

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
        assert!(replies.contains_key("200") || replies.contains_key("303"), "{method} {path} never succeeds");
        for wanted in ["400", "401", "4XX", "5XX"] {
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
