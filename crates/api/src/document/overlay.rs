//! The pass that adds what types cannot say: worked examples, and links that no name gives away.
//!
//! An overlay is a part of an operation's OpenAPI object, in YAML, kept in the folder of the product. It adds to what
//! the types gave and never changes it: a status, a content type or a parameter that the operation does not have is a
//! fault.

use serde_yaml::{Mapping, Value};

use super::tree::{Tree, entries, operations, operations_mut, walk};

/// What an overlay may bring along. Everything else comes from the types. `x-after` names the examples that go before those of
/// the operation.
const ADDED: &[&str] = &["example", "examples", "links", "externalDocs", "x-after"];

/// An overlay.
#[derive(Clone, Copy, Debug)]
pub struct Overlay {
    /// The id of the operation, or none for every operation of the product.
    pub operation: Option<&'static str>,
    /// The YAML. Parameters are a mapping by name in it.
    pub text: &'static str,
}

/// Adds `overlays` in their order.
///
/// # Errors
/// Says which overlay does not fit, and where.
pub fn add(document: &mut Tree, overlays: &[Overlay]) -> Result<(), String> {
    for overlay in overlays {
        let name = overlay.operation.unwrap_or("every operation");
        let told = |fault: String| format!("the overlay of {name} does not fit: {fault}");
        let part = parsed(overlay.text).map_err(told)?;
        if overlay.operation.is_some_and(|id| operations(document).iter().all(|operation| operation.id != id)) {
            return Err(told("there is no such operation".to_owned()));
        }
        for operation in operations_mut(document) {
            if overlay.operation.is_none_or(|id| operation["operationId"] == id) {
                lay(operation, &part, overlay.operation.is_none()).map_err(told)?;
            }
        }
    }
    Ok(())
}

/// YAML in which every key is text: what stands under another one, such as a status without quotes, would be
/// overlooked.
fn parsed(text: &str) -> Result<Tree, String> {
    let mut part: Tree = serde_yaml::from_str(text).map_err(|cause| cause.to_string())?;
    let mut unquoted = None;
    walk(&mut part, &mut |node| {
        let keys = node.as_mapping().into_iter().flat_map(Mapping::keys);
        unquoted = unquoted.take().or(keys.into_iter().find(|key| !key.is_string()).cloned());
    });
    unquoted.map_or(Ok(part), |key| Err(format!("the key {key:?} is no text; put it into quotes")))
}

/// Where the part is for every operation, one may lack some of it.
fn lay(operation: &mut Tree, part: &Tree, lenient: bool) -> Result<(), String> {
    for (key, below) in entries(part) {
        if key != "parameters" {
            merge(operation, key, below, lenient)?;
            continue;
        }
        if !below.is_mapping() {
            return Err("`parameters` is no mapping of names".to_owned());
        }
        for (name, added) in entries(below) {
            let parameters = operation.get_mut(key).and_then(Value::as_sequence_mut);
            match parameters.into_iter().flatten().find(|parameter| parameter["name"] == name) {
                Some(parameter) => {
                    entries(added).try_for_each(|(key, below)| merge(parameter, key, below, lenient))?;
                }
                None if lenient => {}
                None => return Err(format!("there is no parameter `{name}`")),
            }
        }
    }
    Ok(())
}

fn merge(node: &mut Tree, key: &str, part: &Tree, lenient: bool) -> Result<(), String> {
    let Some(mapping) = node.as_mapping_mut() else {
        return Err(format!("there is no mapping for `{key}`"));
    };
    let Some(known) = mapping.get_mut(key) else {
        return match key {
            key if ADDED.contains(&key) => {
                mapping.insert(key.into(), part.clone());
                Ok(())
            }
            _ if lenient => Ok(()),
            key => Err(format!("there is no `{key}`")),
        };
    };
    if key == "examples" || key == "links" {
        return by_name(known, key, part);
    }
    if !known.is_mapping() || !part.is_mapping() {
        return Err(format!("`{key}` is there already"));
    }
    entries(part)
        .try_for_each(|(below, part)| merge(known, below, part, lenient).map_err(|fault| format!("`{key}`: {fault}")))
}

/// Examples and links have names of their own; what is there stays.
fn by_name(known: &mut Tree, key: &str, part: &Tree) -> Result<(), String> {
    for (name, added) in entries(part) {
        let known = known.as_mapping_mut().ok_or_else(|| format!("`{key}` is no mapping"))?;
        if known.insert(name.into(), added.clone()).is_some() {
            return Err(format!("`{key}` has `{name}` already"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::tree::{read, to_json};

    const DOCUMENT: &str = r#"{"paths":{
        "/a":{"post":{"operationId":"make_a","parameters":[{"name":"p"}],"responses":{"200":{"content":{"text/csv":{}}}}}},
        "/b":{"get":{"operationId":"get_b","responses":{"404":{}}}}}}"#;

    fn laid(overlays: &[(Option<&'static str>, &'static str)]) -> Result<String, String> {
        let mut tree = read(DOCUMENT).unwrap();
        let overlays: Vec<Overlay> = overlays.iter().map(|&(operation, text)| Overlay { operation, text }).collect();
        add(&mut tree, &overlays).map(|()| to_json(&tree).replace([' ', '\n'], ""))
    }

    #[test]
    fn adds_examples_by_operation_and_to_all() {
        let own =
            "parameters: {p: {example: 1}}\nresponses: {'200': {content: {text/csv: {examples: {one: {value: x}}}}}}";
        let all = "responses: {'200': {content: {text/csv: {examples: {two: {value: z}}}}}, '404': {links: {l: {}}}}";
        let expected = r#"{"paths":{"/a":{"post":{"operationId":"make_a","parameters":[{"name":"p","example":1}],"responses":{"200":{"content":{"text/csv":{"examples":{"one":{"value":"x"},"two":{"value":"z"}}}}}}}},"/b":{"get":{"operationId":"get_b","responses":{"404":{"links":{"l":{}}}}}}}}"#;
        assert_eq!(laid(&[(Some("make_a"), own), (None, all)]).unwrap(), expected);
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let fault = |text| laid(&[(Some("make_a"), text)]).unwrap_err();
        assert!(fault("responses: {'201': {}}").ends_with("`responses`: there is no `201`"));
        assert!(fault("responses: {200: {}}").contains("put it into quotes"));
        assert!(fault("parameters: {q: {example: 1}}").contains("no parameter `q`"));
        assert!(fault("parameters: [{name: p, example: 1}]").contains("no mapping of names"));
        assert!(fault("operationId: other").contains("`operationId` is there already"));
        assert!(fault("summary: text").contains("there is no `summary`"));
        assert!(laid(&[(Some("get_a"), "{}")]).unwrap_err().contains("overlay of get_a"));
        let twice = "responses: {'200': {content: {text/csv: {examples: {one: {value: x}}}}}}";
        assert!(laid(&[(Some("make_a"), twice), (None, twice)]).unwrap_err().contains("has `one` already"));
    }
}
