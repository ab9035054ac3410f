//! The union of the products' documents: names of components and tags carry the product's, operation ids must not meet.

use serde_yaml::{Mapping, Value};

use super::tree::{Tree, entries, mapping_at, operations, operations_mut, walk};

/// What a product adds to the union.
#[derive(Debug)]
pub struct Part {
    /// Goes before the names of components and tags.
    pub title: &'static str,
    /// The product's own document.
    pub document: Tree,
}

/// Adds `parts` to `union`, in order; tags go by their names.
///
/// # Errors
/// Two operations have the same id, or the same path and method.
pub fn merge(mut union: Tree, parts: Vec<Part>) -> Result<Tree, String> {
    let collisions = collisions(&parts);
    if !collisions.is_empty() {
        return Err(collisions.join("\n"));
    }
    for Part { title, mut document } in parts {
        rename(title, &mut document);
        if let Some(Value::Sequence(tags)) = document.get_mut("tags") {
            let known =
                union.as_mapping_mut().map(|union| union.entry("tags".into()).or_insert(Value::Sequence(vec![])));
            known.and_then(Value::as_sequence_mut).into_iter().for_each(|known| known.append(tags));
        }
        for (path, methods) in entries(&document["paths"]) {
            let known = mapping_at(&mut union, "paths")?.entry(path.into()).or_insert(Value::Mapping(Mapping::new()));
            extend(known, methods);
        }
        for (kind, components) in entries(&document["components"]) {
            mapping_at(&mut union, "components")?;
            extend_at(&mut union["components"], kind, components)?;
        }
    }
    if let Some(tags) = union.get_mut("tags").and_then(Value::as_sequence_mut) {
        tags.sort_by(|left, right| left["name"].as_str().cmp(&right["name"].as_str()));
    }
    Ok(union)
}

fn extend_at(node: &mut Tree, key: &str, more: &Tree) -> Result<(), String> {
    mapping_at(node, key)?
        .extend(more.as_mapping().into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())));
    Ok(())
}

fn extend(known: &mut Tree, more: &Tree) {
    if let (Some(known), Some(more)) = (known.as_mapping_mut(), more.as_mapping()) {
        known.extend(more.iter().map(|(key, value)| (key.clone(), value.clone())));
    }
}

/// What stands in more than one part, in words.
fn collisions(parts: &[Part]) -> Vec<String> {
    let named = |part: &'static str, method: &str, path: &str| format!("{part} ({} {path})", method.to_uppercase());
    let mut known: Vec<(String, String)> = Vec::new();
    let mut told = Vec::new();
    for Part { title, document } in parts {
        let mut own = Vec::new();
        for operation in operations(document) {
            let place = named(title, operation.method, operation.path);
            let id = format!("the operation id `{}`", operation.id);
            let route = format!("the route {} {}", operation.method.to_uppercase(), operation.path);
            for thing in [id, route] {
                if let Some((_, other)) = known.iter().find(|(other, _)| *other == thing) {
                    told.push(format!("{thing} is in two products: {other} and {place}"));
                }
                own.push((thing, place.clone()));
            }
        }
        known.append(&mut own);
    }
    told
}

/// Puts `title` before every name that the products could share.
fn rename(title: &str, document: &mut Tree) {
    let prefixed = |name: &str| format!("{title}{name}");
    let tag = |name: &str| format!("{title}: {name}");
    walk(document, &mut |node| {
        if let Some(reference) = node.get_mut("$ref").filter(|reference| reference.is_string()) {
            rename_reference(title, reference);
        }
        let mapping = node.get_mut("discriminator").and_then(|found| found.get_mut("mapping"));
        let targets = mapping.and_then(Value::as_mapping_mut).map(Mapping::values_mut);
        targets.into_iter().flatten().for_each(|target| rename_reference(title, target));
    });
    if let Some(kinds) = document.get_mut("components").and_then(Value::as_mapping_mut) {
        kinds.values_mut().for_each(|components| rename_keys(components, prefixed));
    }
    let declared = document.get_mut("tags").and_then(Value::as_sequence_mut);
    for found in declared.into_iter().flatten() {
        replace(&mut found["name"], tag);
    }
    for operation in operations_mut(document) {
        let tags = operation.get_mut("tags").and_then(Value::as_sequence_mut);
        tags.into_iter().flatten().for_each(|name| replace(name, tag));
        let security = operation.get_mut("security").and_then(Value::as_sequence_mut);
        security.into_iter().flatten().for_each(|requirement| rename_keys(requirement, prefixed));
    }
}

fn rename_keys(node: &mut Tree, name: impl Fn(&str) -> String) {
    if let Some(mapping) = node.as_mapping_mut() {
        let old = std::mem::take(mapping);
        mapping.extend(old.into_iter().map(|(key, value)| (renamed(&key, &name), value)));
    }
}

/// `#/components/KIND/Name`, or the name of a schema alone.
fn rename_reference(title: &str, reference: &mut Tree) {
    replace(reference, |target| match target.rsplit_once('/') {
        Some((kind, name)) => format!("{kind}/{title}{name}"),
        None => format!("{title}{target}"),
    });
}

fn replace(node: &mut Tree, name: impl Fn(&str) -> String) {
    *node = renamed(node, name);
}

fn renamed(node: &Tree, name: impl Fn(&str) -> String) -> Tree {
    node.as_str().map_or_else(|| node.clone(), |text| name(text).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::tree::read;

    fn part(title: &'static str, path: &str, id: &str) -> Part {
        let text = format!(
            r##"{{"tags":[{{"name":"Tables"}}],
            "paths":{{"{path}":{{"get":{{"operationId":"{id}","tags":["Tables"],"security":[{{"Key":[]}}],
                "responses":{{"200":{{"content":{{"application/json":{{"schema":{{"$ref":"#/components/schemas/Table"}}}}}}}}}}}}}}}},
            "components":{{"schemas":{{"Table":{{"oneOf":[{{"$ref":"#/components/schemas/View"}}],
                "discriminator":{{"propertyName":"kind","mapping":{{"view":"#/components/schemas/View"}}}}}},"View":{{"title":"View"}}}},
            "securitySchemes":{{"Key":{{"type":"http"}}}}}}}}"##
        );
        Part { title, document: read(&text).unwrap() }
    }

    fn union() -> Tree {
        read(r#"{"openapi":"3.0.0","tags":[],"paths":{}}"#).unwrap()
    }

    #[test]
    fn names_that_products_share_are_kept_apart() {
        let merged = merge(union(), vec![part("Beta", "/b", "list_b"), part("Alpha", "/a", "list_a")]).unwrap();
        let keys = |node: &Tree| entries(node).map(|(key, _)| key.to_owned()).collect::<Vec<_>>();
        assert_eq!(keys(&merged["components"]["schemas"]), ["BetaTable", "BetaView", "AlphaTable", "AlphaView"]);
        assert_eq!(keys(&merged["components"]["securitySchemes"]), ["BetaKey", "AlphaKey"]);
        assert_eq!(
            (&merged["tags"][0]["name"], &merged["tags"][1]["name"]),
            (&"Alpha: Tables".into(), &"Beta: Tables".into())
        );
        let operation = &merged["paths"]["/b"]["get"];
        assert_eq!(
            (&operation["tags"][0], keys(&operation["security"][0])),
            (&"Beta: Tables".into(), vec!["BetaKey".to_owned()])
        );
        let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"];
        assert_eq!(schema["$ref"], "#/components/schemas/BetaTable");
        let table = &merged["components"]["schemas"]["BetaTable"];
        assert_eq!(table["oneOf"][0]["$ref"], "#/components/schemas/BetaView");
        assert_eq!(table["discriminator"]["mapping"]["view"], "#/components/schemas/BetaView");
    }

    #[test]
    fn operation_ids_and_routes_must_not_meet() {
        let fault = |left, right| merge(union(), vec![left, right]).unwrap_err();
        let same_id = fault(part("Alpha", "/a", "list_tables"), part("Beta", "/b", "list_tables"));
        assert_eq!(same_id, "the operation id `list_tables` is in two products: Alpha (GET /a) and Beta (GET /b)");
        let same_route = fault(part("Alpha", "/a", "list_a"), part("Beta", "/a", "list_b"));
        assert_eq!(same_route, "the route GET /a is in two products: Alpha (GET /a) and Beta (GET /a)");
    }
}
