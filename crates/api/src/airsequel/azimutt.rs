//! Schemas as Azimutt, which draws them, reads them.

use model::{TableDefinition, TableKind};
use poem_openapi::Object;
use poem_openapi::types::ToJSON;
use serde_json::Value;
use services::Defined;

use crate::json_text::JsonText;

/// The one schema that there is.
const SCHEMA: &str = "public";

/// The tables of a database and what connects them.
#[derive(Object)]
pub struct AzimuttSchema {
    /// Tables and views.
    tables: Vec<AzimuttTable>,
    /// What columns reference: an entry a pair of columns.
    relations: Vec<AzimuttRelation>,
}

/// A table or view.
#[derive(Object)]
#[oai(rename_all = "camelCase")]
pub struct AzimuttTable {
    /// `public`.
    schema: String,
    /// Its name.
    table: String,
    /// Whether it is a view.
    view: bool,
    /// Its columns.
    columns: Vec<AzimuttColumn>,
    /// Its primary key.
    primary_key: Option<AzimuttPrimaryKey>,
    /// Its other keys.
    #[oai(default)]
    uniques: Vec<AzimuttUnique>,
    /// Its conditions.
    #[oai(default)]
    checks: Vec<AzimuttCheck>,
    /// What is said of it.
    comment: Option<String>,
}

/// A column.
#[derive(Object)]
pub struct AzimuttColumn {
    /// Its name.
    name: String,
    /// Its declared type.
    #[oai(rename = "type")]
    data_type: String,
    /// Whether it can be NULL.
    nullable: bool,
    /// The expression of its default.
    default: Option<String>,
    /// What is said of it.
    comment: Option<String>,
    /// Columns inside it: none.
    #[oai(default)]
    columns: Vec<String>,
}

/// A primary key.
#[derive(Object)]
pub struct AzimuttPrimaryKey {
    /// The name of its constraint.
    name: Option<String>,
    /// Its columns.
    columns: Vec<String>,
}

/// A key beside the primary one.
#[derive(Object)]
pub struct AzimuttUnique {
    /// The name of its constraint or index.
    name: Option<String>,
    /// Its columns.
    columns: Vec<String>,
    /// How it is written.
    definition: Option<String>,
}

/// A condition.
#[derive(Object)]
pub struct AzimuttCheck {
    /// The name of its constraint.
    name: Option<String>,
    /// The columns that it names.
    #[oai(default)]
    columns: Vec<String>,
    /// The expression.
    predicate: Option<String>,
}

/// A column that references another.
#[derive(Object)]
pub struct AzimuttRelation {
    /// The name of its constraint, or one made of both ends.
    name: String,
    /// The column that references.
    src: AzimuttEnd,
    /// The column that is referenced.
    #[oai(rename = "ref")]
    target: AzimuttEnd,
}

/// An end of a relation.
#[derive(Object)]
pub struct AzimuttEnd {
    /// `public`.
    schema: String,
    /// The table.
    table: String,
    /// The column.
    column: String,
}

/// Definitions as Azimutt reads them; `strict` leaves out what is empty.
pub fn written(definitions: &[Defined], strict: bool) -> JsonText<AzimuttSchema> {
    let schema = AzimuttSchema {
        tables: definitions.iter().map(table).collect(),
        relations: definitions.iter().flat_map(|defined| relations(&defined.definition)).collect(),
    };
    let mut value = schema.to_json().unwrap_or_default();
    if strict {
        // The two lists that the schema is made of stay, whatever is in them.
        value.as_object_mut().into_iter().flat_map(|object| object.values_mut()).for_each(without_empty);
    }
    JsonText::new(value.to_string().into_bytes())
}

fn without_empty(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(without_empty),
        Value::Object(object) => {
            object.retain(|_, value| !value.is_null() && value.as_array().is_none_or(|items| !items.is_empty()));
            object.values_mut().for_each(without_empty);
        }
        _ => {}
    }
}

fn table(defined: &Defined) -> AzimuttTable {
    let definition = &defined.definition;
    let columns = definition.columns.iter().zip(&defined.comments).map(|(column, comment)| AzimuttColumn {
        name: column.name.clone(),
        data_type: column.declared_type.clone(),
        nullable: !column.not_null && column.primary_key.is_none(),
        default: column.default.clone(),
        comment: comment.clone(),
        columns: Vec::new(),
    });
    let key: Vec<String> = definition.primary_key().into_iter().map(str::to_owned).collect();
    AzimuttTable {
        schema: SCHEMA.to_owned(),
        table: definition.name.clone(),
        view: definition.kind == TableKind::View,
        columns: columns.collect(),
        primary_key: (!key.is_empty())
            .then(|| AzimuttPrimaryKey { name: definition.primary_key_name.clone(), columns: key }),
        uniques: definition
            .uniques
            .iter()
            .filter(|unique| !unique.columns.is_empty())
            .map(|unique| AzimuttUnique {
                name: Some(unique.name.clone()).filter(|name| !name.is_empty()),
                columns: unique.columns.clone(),
                definition: Some(unique.definition.clone()),
            })
            .collect(),
        checks: definition
            .checks
            .iter()
            .map(|check| AzimuttCheck {
                name: check.name.clone(),
                columns: check.columns.clone(),
                predicate: Some(check.predicate.clone()),
            })
            .collect(),
        comment: defined.comment.clone(),
    }
}

fn relations(table: &TableDefinition) -> Vec<AzimuttRelation> {
    let end = |table: &str, column: &str| AzimuttEnd {
        schema: SCHEMA.to_owned(),
        table: table.to_owned(),
        column: column.to_owned(),
    };
    let pairs = table
        .foreign_keys
        .iter()
        .flat_map(|key| key.columns.iter().zip(&key.references).map(move |(own, other)| (key, own, other)));
    let relation = |(key, own, other): (&model::ForeignKey, &String, &String)| AzimuttRelation {
        name: key.name.clone().unwrap_or_else(|| format!("{}.{own}->{}.{other}", table.name, key.table)),
        src: end(&table.name, own),
        target: end(&key.table, other),
    };
    pairs.map(relation).collect()
}
