//! OpenAPI documents as data.

use std::path::{Path, PathBuf};

use serde_yaml::Value;

/// The name of the document that merges those of all products.
pub const MERGED: &str = "boathouse";

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// A document and its name. Members keep their order, which `serde_yaml` sees to, so that generated code lists
/// them as the document does.
#[derive(Clone)]
pub struct Document {
    /// The file's name without its ending.
    pub name: String,
    root: Value,
}

impl Document {
    /// Every `.json` file of a folder, by name.
    pub fn all(folder: &Path) -> Result<Vec<Self>, String> {
        let unreadable = |cause| format!("cannot read {}: {cause}", folder.display());
        let entries = std::fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(unreadable)?;
        let mut paths: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
        paths.sort();
        match paths.is_empty() {
            true => Err(format!("there is no OpenAPI document (.json) in {}", folder.display())),
            false => paths.iter().map(|path| Self::read(path)).collect(),
        }
    }

    fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|cause| cause.to_string());
        let root = text.and_then(|text| Self::parse(&text));
        let root = root.map_err(|cause| format!("cannot read {}: {cause}", path.display()))?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { name, root })
    }

    fn parse(text: &str) -> Result<Value, String> {
        serde_json::from_str(text).map_err(|cause| cause.to_string())
    }

    /// A document from JSON text.
    #[cfg(test)]
    pub fn from_json(name: &str, text: &str) -> Self {
        Self { name: name.to_owned(), root: Self::parse(text).expect("the test's document is JSON") }
    }

    /// The document as JSON, indented.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(&self.root).expect("what was read from JSON can be written as JSON")
    }

    /// The version of the API.
    pub fn version(&self) -> &str {
        self.root["info"]["version"].as_str().unwrap_or("0.0.0")
    }

    /// The whole document, for rules on schemas.
    pub fn root_mut(&mut self) -> &mut Value {
        &mut self.root
    }

    /// Every operation with its id, in the document's order.
    pub fn operations_mut(&mut self) -> impl Iterator<Item = (String, &mut Value)> {
        let paths = self.root.get_mut("paths").and_then(Value::as_mapping_mut);
        let items = paths.into_iter().flat_map(|paths| paths.iter_mut());
        items.filter_map(|(_, item)| item.as_mapping_mut()).flat_map(|item| {
            let operations = item.iter_mut().filter(|(method, _)| is_method(method));
            operations.map(|(_, operation)| (id(operation), operation))
        })
    }

    /// Takes an operation out of the document.
    pub fn remove(&mut self, operation: &str) {
        let paths = self.root.get_mut("paths").and_then(Value::as_mapping_mut);
        for (_, item) in paths.into_iter().flat_map(|paths| paths.iter_mut()) {
            if let Some(item) = item.as_mapping_mut() {
                item.retain(|method, found| !is_method(method) || id(found) != operation);
            }
        }
    }
}

fn is_method(key: &Value) -> bool {
    key.as_str().is_some_and(|key| METHODS.contains(&key))
}

fn id(operation: &Value) -> String {
    operation["operationId"].as_str().unwrap_or_default().to_owned()
}
