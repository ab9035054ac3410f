//! A document as a tree whose mappings keep their order.

use serde_yaml::{Mapping, Value};

/// A node of a document. `serde_json`'s own tree would sort the keys.
pub type Tree = Value;

/// The methods that a path can have in OpenAPI 3.0.
pub const METHODS: &[&str] = &["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// Reads what the framework wrote. Fails where a mapping has a key twice, of which readers would see the last alone.
pub fn read(json: &str) -> Result<Tree, String> {
    serde_json::from_str(json).map_err(|cause| format!("not a document: {cause}"))
}

/// Indented JSON that ends with a line feed.
pub fn to_json(tree: &Tree) -> String {
    let mut text = serde_json::to_string_pretty(tree).expect("every key of a document is text");
    text.push('\n');
    text
}

/// YAML that ends with a line feed.
pub fn to_yaml(tree: &Tree) -> String {
    serde_yaml::to_string(tree).expect("a document has no tags and no keys that are not text")
}

/// Calls `visit` with every node, those above first.
pub fn walk(tree: &mut Tree, visit: &mut impl FnMut(&mut Tree)) {
    visit(tree);
    match tree {
        Value::Mapping(mapping) => mapping.values_mut().for_each(|below| walk(below, visit)),
        Value::Sequence(items) => items.iter_mut().for_each(|below| walk(below, visit)),
        _ => {}
    }
}

/// One operation of a document.
pub struct Operation<'a> {
    /// The template of its path.
    pub path: &'a str,
    /// Its method, in small letters.
    pub method: &'a str,
    /// Its `operationId`.
    pub id: &'a str,
    /// Everything about it.
    pub node: &'a Tree,
}

/// Every operation, in the document's order.
pub fn operations(document: &Tree) -> Vec<Operation<'_>> {
    let paths = entries(&document["paths"]);
    let all = paths.flat_map(|(path, methods)| {
        let known = entries(methods).filter(|(method, _)| METHODS.contains(method));
        known.map(move |(method, node)| {
            let id = node["operationId"].as_str().unwrap_or_default();
            Operation { path, method, id, node }
        })
    });
    all.collect()
}

/// Every operation, to be changed, in the document's order.
pub fn operations_mut(document: &mut Tree) -> Vec<&mut Tree> {
    let paths = document.get_mut("paths").and_then(Value::as_mapping_mut).map(Mapping::values_mut);
    let methods = paths.into_iter().flatten().filter_map(Value::as_mapping_mut).flat_map(Mapping::iter_mut);
    let known = methods.filter(|(method, _)| method.as_str().is_some_and(|method| METHODS.contains(&method)));
    known.map(|(_, operation)| operation).collect()
}

/// The keys and values of a mapping; nothing where `node` is none.
pub fn entries(node: &Tree) -> impl Iterator<Item = (&str, &Tree)> {
    let entries = node.as_mapping().into_iter().flatten();
    entries.filter_map(|(key, value)| key.as_str().map(|key| (key, value)))
}

/// The items of a sequence; nothing where `node` is none.
pub fn items(node: &Tree) -> impl Iterator<Item = &Tree> {
    node.as_sequence().into_iter().flatten()
}

/// What `node` is, or what its `$ref` names.
pub fn resolved<'a>(document: &'a Tree, node: &'a Tree) -> &'a Tree {
    let target = node["$ref"].as_str().and_then(|target| target.strip_prefix("#/"));
    target.map_or(node, |target| target.split('/').fold(document, |node, key| &node[key]))
}

/// The mapping under `key`, made where there is none.
///
/// # Errors
/// Where `node` is no mapping or something else stands there.
pub fn mapping_at<'a>(node: &'a mut Tree, key: &str) -> Result<&'a mut Mapping, String> {
    let mapping = node.as_mapping_mut().ok_or_else(|| format!("`{key}` would be in something that is no mapping"))?;
    let below = mapping.entry(key.into()).or_insert_with(|| Value::Mapping(Mapping::new()));
    below.as_mapping_mut().ok_or_else(|| format!("`{key}` is no mapping"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_kept_and_both_forms_say_the_same() {
        let text =
            "{\n  \"z\": 1,\n  \"a\": {\n    \"y\": [\n      null,\n      -0.5\n    ],\n    \"b\": \"5XX\"\n  }\n}\n";
        let tree = read(text).unwrap();
        assert_eq!(to_json(&tree), text);
        assert_eq!(to_yaml(&tree), "z: 1\na:\n  y:\n  - null\n  - -0.5\n  b: 5XX\n");
    }

    #[test]
    fn a_key_that_stands_twice_is_refused() {
        assert!(read(r#"{"paths":{"/a":{},"/a":{}}}"#).unwrap_err().contains("duplicate"));
    }
}
