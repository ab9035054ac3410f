//! What the page says of a document: its tags and their operations.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// A document, as far as the page shows it.
#[derive(Debug)]
pub struct Outline {
    description: String,
    tags: Vec<Tag>,
    operations: Vec<Operation>,
}

/// A group of operations.
#[derive(Debug, Deserialize)]
pub struct Tag {
    /// What operations name.
    pub name: String,
    /// What they have in common.
    #[serde(default)]
    pub description: String,
}

/// One operation.
#[derive(Debug)]
pub struct Operation {
    /// In small letters, as documents write it.
    pub method: String,
    /// Its path, with parameters in braces.
    pub path: String,
    /// What clients call it.
    pub id: String,
    /// What it does, in a few words.
    pub summary: String,
    tag: String,
}

#[derive(Deserialize)]
struct Written {
    info: Info,
    #[serde(default)]
    tags: Vec<Tag>,
    paths: BTreeMap<String, BTreeMap<String, Value>>,
}

#[derive(Deserialize)]
struct Info {
    #[serde(default)]
    description: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenOperation {
    operation_id: String,
    #[serde(default)]
    summary: String,
    #[serde(default)]
    tags: Vec<String>,
}

impl Outline {
    /// Reads one of our own documents.
    pub fn read(json: &str) -> Self {
        let written: Written = serde_json::from_str(json).expect("our documents are OpenAPI documents");
        let entries = written
            .paths
            .into_iter()
            .flat_map(|(path, entries)| entries.into_iter().map(move |(method, entry)| (path.clone(), method, entry)));
        let operations = entries.filter_map(|(path, method, entry)| Operation::read(path, method, entry)).collect();
        Self { description: written.info.description, tags: written.tags, operations }
    }

    /// What the product is; the rest of its description is for those who have chosen it.
    pub fn first_paragraph(&self) -> &str {
        self.description.split("\n\n").next().unwrap_or_default()
    }

    /// Every operation, by path.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.operations.iter()
    }

    /// The tags in the document's order, each with its operations.
    pub fn tags(&self) -> impl Iterator<Item = (&Tag, Vec<&Operation>)> {
        self.tags.iter().map(|tag| (tag, self.operations().filter(|operation| operation.tag == tag.name).collect()))
    }
}

impl Operation {
    /// `None` for what else may stand at a path, such as the parameters that its operations share.
    fn read(path: String, method: String, entry: Value) -> Option<Self> {
        let written: WrittenOperation = serde_json::from_value(entry).ok()?;
        let tag = written.tags.into_iter().next().unwrap_or_default();
        Some(Self { method, path, id: written.operation_id, summary: written.summary, tag })
    }
}
