//! What must hold of every operation in the documents.

mod examples;
mod links;
mod operations;
mod products;
mod schemas;

use api::{Document, Product, document};
use serde_json::{Map, Value};

fn parsed(product: Option<Product>) -> Value {
    let found: &Document = document(product);
    serde_json::from_str(found.to_json()).unwrap()
}

/// Every product's, then the merged one.
fn documents() -> Vec<Value> {
    Product::ALL.iter().copied().map(Some).chain([None]).map(parsed).collect()
}

/// Path, method and operation of every operation of a document.
fn operations(found: &Value) -> Vec<(&str, &str, &Map<String, Value>)> {
    let paths = found["paths"].as_object().unwrap();
    assert!(!paths.is_empty());
    let methods = paths.iter().flat_map(|(path, methods)| {
        methods.as_object().unwrap().iter().map(move |(method, operation)| (path, method, operation))
    });
    methods.map(|(path, method, it)| (path.as_str(), method.as_str(), it.as_object().unwrap())).collect()
}

/// Calls `check` with path, method and operation of every operation of every document.
fn each_operation(check: impl Fn(&str, &str, &Map<String, Value>)) {
    for found in documents() {
        operations(&found).into_iter().for_each(|(path, method, operation)| check(path, method, operation));
    }
}

/// What `node` is, or what its `$ref` names.
fn resolved<'a>(found: &'a Value, node: &'a Value) -> &'a Value {
    node["$ref"].as_str().map_or(node, |target| found.pointer(target.trim_start_matches('#')).unwrap())
}
