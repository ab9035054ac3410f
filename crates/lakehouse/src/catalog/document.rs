//! What a database holds: schemas, tables and views, as one document.

use std::collections::BTreeMap;

use model::{Comment, Commented, Error, Exists, Missing, Result, TableInfo, TableKind, TableName, name_key};
use serde::{Deserialize, Serialize};

/// Schemas that every database has without making them.
const RESERVED: [&str; 2] = ["information_schema", "pg_catalog"];

/// The whole catalog of a database at one version. Maps are keyed by [`name_key`], so names differ in more than case.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Document {
    /// The schemas.
    pub schemas: BTreeMap<String, Schema>,
}

/// A schema and what stands in it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Schema {
    /// The name as it was created.
    pub name: String,
    /// What people say of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Tables and views.
    #[serde(default)]
    pub entries: BTreeMap<String, Entry>,
}

/// A table or view.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// The name as it was created.
    pub name: String,
    /// What people say of a view. A table's comment stands in its own log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// What it is.
    #[serde(flatten)]
    pub content: Content,
}

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Content {
    /// A Delta table.
    Table {
        /// Its directory, relative to the database.
        directory: String,
    },
    /// A stored statement.
    View {
        /// The statement.
        definition: String,
    },
}

impl Content {
    /// The word for it in errors.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Table { .. } => "table",
            Self::View { .. } => "view",
        }
    }
}

impl Document {
    /// The catalog of a new database: the empty schema `main`.
    pub fn new() -> Self {
        let mut document = Self::default();
        document.create_schema("main", Exists::Fail).expect("an empty document has no schema yet");
        document
    }

    /// The schema of this name.
    pub fn schema(&self, name: &str) -> Option<&Schema> {
        self.schemas.get(&name_key(name))
    }

    /// The table or view of this name.
    pub fn entry(&self, name: &TableName) -> Option<&Entry> {
        self.schema(&name.schema)?.entries.get(&name_key(&name.table))
    }

    /// The directory of a table; a view, and nothing, are `NotFound`.
    pub fn directory(&self, name: &TableName) -> Result<&str> {
        match self.entry(name).map(|entry| &entry.content) {
            Some(Content::Table { directory }) => Ok(directory),
            _ => Err(Error::not_found("table", name)),
        }
    }

    /// Every table and view, by schema and name.
    pub fn infos(&self) -> Vec<TableInfo> {
        let of_schema = |schema: &Schema| -> Vec<TableInfo> {
            schema.entries.values().map(|entry| info(&schema.name, entry)).collect()
        };
        self.schemas.values().flat_map(of_schema).collect()
    }

    /// Adds a schema.
    pub fn create_schema(&mut self, name: &str, exists: Exists) -> Result<()> {
        if RESERVED.contains(&name_key(name).as_str()) {
            return Err(Error::invalid(format!("the schema name \"{name}\" is kept for the system's own tables")));
        }
        match (self.schema(name), exists) {
            (Some(_), Exists::Skip) => Ok(()),
            (Some(_), _) => Err(Error::exists("schema", name)),
            (None, _) => {
                let schema = Schema { name: name.to_owned(), comment: None, entries: BTreeMap::new() };
                self.schemas.insert(name_key(name), schema);
                Ok(())
            }
        }
    }

    /// Removes a schema, and with `cascade` what stands in it.
    pub fn drop_schema(&mut self, name: &str, cascade: bool, missing: Missing) -> Result<()> {
        match (self.schema(name), missing) {
            (None, Missing::Skip) => Ok(()),
            (None, Missing::Fail) => Err(Error::not_found("schema", name)),
            (Some(schema), _) if !cascade && !schema.entries.is_empty() => Err(Error::conflict(format!(
                "schema \"{name}\" is not empty; DROP SCHEMA … CASCADE removes it with its {} tables and views",
                schema.entries.len()
            ))),
            (Some(_), _) => {
                self.schemas.remove(&name_key(name));
                Ok(())
            }
        }
    }

    /// Puts a table or view under a name. What it replaces must be of the same kind.
    ///
    /// Answers whether it was put: with [`Exists::Skip`] one that is there stays. A table whose directory stands under the
    /// name already was put by an earlier try, whose answer was lost on the way from the object store: it is put.
    pub fn put(&mut self, name: &TableName, content: Content, exists: Exists) -> Result<bool> {
        let schema =
            self.schemas.get_mut(&name_key(&name.schema)).ok_or_else(|| Error::not_found("schema", &name.schema))?;
        let key = name_key(&name.table);
        if let Some(there) = schema.entries.get(&key) {
            if matches!(content, Content::Table { .. }) && there.content == content {
                return Ok(true);
            }
            if there.content.word() != content.word() {
                return Err(Error::exists(there.content.word(), name));
            }
            match exists {
                Exists::Fail => return Err(Error::exists(content.word(), name)),
                Exists::Skip => return Ok(false),
                Exists::Replace => {}
            }
        }
        schema.entries.insert(key, Entry { name: name.table.clone(), comment: None, content });
        Ok(true)
    }

    /// Removes a table or view; `word` says which it must be.
    pub fn take(&mut self, name: &TableName, word: &'static str, missing: Missing) -> Result<()> {
        match (self.entry(name), missing) {
            (None, Missing::Skip) => Ok(()),
            (None, Missing::Fail) => Err(Error::not_found(word, name)),
            (Some(entry), _) if entry.content.word() != word => {
                Err(Error::invalid(format!("\"{name}\" is a {}, not a {word}", entry.content.word())))
            }
            (Some(_), _) => {
                let schema = self.schemas.get_mut(&name_key(&name.schema)).expect("the entry was found in this schema");
                schema.entries.remove(&name_key(&name.table));
                Ok(())
            }
        }
    }

    /// Puts a comment on a schema.
    pub fn comment_schema(&mut self, name: &str, text: Option<String>) -> Result<()> {
        let schema = self.schemas.get_mut(&name_key(name)).ok_or_else(|| Error::not_found("schema", name))?;
        schema.comment = text;
        Ok(())
    }

    /// Puts a comment on a view.
    pub fn comment_view(&mut self, name: &TableName, text: Option<String>) -> Result<()> {
        let schema = self.schemas.get_mut(&name_key(&name.schema));
        match schema.and_then(|schema| schema.entries.get_mut(&name_key(&name.table))) {
            Some(entry) if matches!(entry.content, Content::View { .. }) => {
                entry.comment = text;
                Ok(())
            }
            _ => Err(Error::not_found("view", name)),
        }
    }

    /// The comments of schemas and views.
    pub fn comments(&self) -> Vec<Comment> {
        let mut comments = Vec::new();
        for schema in self.schemas.values() {
            let about = |on, text: &Option<String>| text.clone().map(|text| Comment { on, text });
            comments.extend(about(Commented::Schema(schema.name.clone()), &schema.comment));
            for entry in schema.entries.values() {
                let name = TableName { schema: schema.name.clone(), table: entry.name.clone() };
                comments.extend(about(Commented::View(name), &entry.comment));
            }
        }
        comments
    }

    /// Gives a table or view another name in its schema.
    pub fn rename(&mut self, name: &TableName, to: &str) -> Result<()> {
        let target = TableName::new(name.schema.clone(), to)?;
        if name_key(to) != name_key(&name.table)
            && let Some(there) = self.entry(&target)
        {
            return Err(Error::exists(there.content.word(), &target));
        }
        let schema =
            self.schemas.get_mut(&name_key(&name.schema)).ok_or_else(|| Error::not_found("schema", &name.schema))?;
        let entry = schema.entries.remove(&name_key(&name.table)).ok_or_else(|| Error::not_found("table", name))?;
        schema.entries.insert(name_key(to), Entry { name: to.to_owned(), ..entry });
        Ok(())
    }
}

fn info(schema: &str, entry: &Entry) -> TableInfo {
    let name = TableName { schema: schema.to_owned(), table: entry.name.clone() };
    match &entry.content {
        Content::Table { .. } => TableInfo { name, kind: TableKind::Table, definition: None },
        Content::View { definition } => TableInfo { name, kind: TableKind::View, definition: Some(definition.clone()) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_an_earlier_try_put_is_put() {
        let name = TableName::new("main", "trips").unwrap();
        let table = |directory: &str| Content::Table { directory: directory.to_owned() };
        let mut document = Document::new();
        assert!(document.put(&name, table("main/trips-1"), Exists::Fail).unwrap());
        assert!(document.put(&name, table("main/trips-1"), Exists::Fail).unwrap());
        assert!(document.put(&name, table("main/trips-2"), Exists::Fail).is_err());
        assert_eq!(document.directory(&name).unwrap(), "main/trips-1");
    }

    #[test]
    fn a_view_of_the_same_text_is_one_that_exists() {
        let name = TableName::new("main", "hot").unwrap();
        let view = Content::View { definition: "SELECT 1".to_owned() };
        let mut document = Document::new();
        document.put(&name, view.clone(), Exists::Fail).unwrap();
        assert!(document.put(&name, view, Exists::Fail).is_err());
    }
}
