//! What must hold between the products' documents and the merged one.

use std::collections::BTreeMap;

use api::Product;
use serde_json::{Map, Value};

use crate::{documents, operations, parsed};

/// The merged document is one namespace: a client made from it has a method for each id.
#[test]
fn operation_ids_are_unique_across_products() {
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    for &product in Product::ALL {
        let found = parsed(Some(product));
        for (path, method, operation) in operations(&found) {
            let id = operation["operationId"].as_str().unwrap().to_owned();
            let place = format!("{product} ({} {path})", method.to_uppercase());
            if let Some(other) = known.insert(id.clone(), place.clone()) {
                panic!("the operation id {id} is in {other} and in {place}; give one of them another");
            }
        }
    }
}

/// Names of components and tags carry the product's, and nothing else stands in the merged document.
#[test]
fn the_merged_document_keeps_products_apart() {
    let merged = parsed(None);
    let keys = |node: &Value| node.as_object().map(Map::len).unwrap_or_default();
    for kind in ["schemas", "securitySchemes"] {
        let own = Product::ALL.iter().map(|&product| (product, parsed(Some(product))));
        let mut count = 0;
        for (product, found) in own {
            for (name, component) in found["components"][kind].as_object().into_iter().flatten() {
                let renamed = &merged["components"][kind][format!("{}{name}", product.title())];
                assert_eq!(renamed["type"], component["type"], "{product} {name}");
                count += 1;
            }
        }
        assert_eq!(keys(&merged["components"][kind]), count, "{kind}");
    }
    for tag in merged["tags"].as_array().unwrap() {
        let name = tag["name"].as_str().unwrap();
        assert!(Product::ALL.iter().any(|product| name.starts_with(&format!("{}: ", product.title()))), "{name}");
    }
}

#[test]
fn every_document_says_whose_it_is() {
    for found in documents() {
        let info = &found["info"];
        for place in ["/title", "/description", "/version", "/contact/name", "/license/name", "/license/url"] {
            assert!(info.pointer(place).is_some_and(|it| it.as_str().is_some_and(|text| !text.is_empty())), "{place}");
        }
        assert!(found["components"]["securitySchemes"].as_object().is_some_and(|schemes| !schemes.is_empty()));
        let schemes = &found["components"]["securitySchemes"];
        for (path, method, operation) in operations(&found) {
            let wanted = operation.get("security").and_then(Value::as_array).into_iter().flatten();
            let mut names = wanted.flat_map(|requirement| requirement.as_object().unwrap().keys());
            assert!(names.all(|name| schemes[name]["description"].is_string()), "{method} {path}");
        }
    }
}

/// A reference that leads nowhere would be an error to every reader.
#[test]
fn references_lead_somewhere() {
    fn check(found: &Value, node: &Value) {
        match node {
            Value::Object(below) => {
                if let Some(target) = below.get("$ref").and_then(Value::as_str) {
                    assert!(found.pointer(target.trim_start_matches('#')).is_some(), "{target}");
                }
                below.values().for_each(|node| check(found, node));
            }
            Value::Array(below) => below.iter().for_each(|node| check(found, node)),
            _ => {}
        }
    }
    documents().iter().for_each(|found| check(found, found));
}
