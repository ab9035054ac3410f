//! How tables, columns and what they must satisfy are written.

use poem_openapi::Object;
use poem_openapi::types::Any;
use serde::Deserialize;
use services::Rule;

use super::shapes::Value;
use crate::count::Count;
use crate::one_of::{OneOf, Words};

/// The names of a row's number.
pub struct RowIds;

impl Words for RowIds {
    const WORDS: &'static [&'static str] = &["rowid", "_rowid_", "oid"];
}

/// Tables and views.
pub struct TableTypes;

impl Words for TableTypes {
    const WORDS: &'static [&'static str] = &["Table", "View"];
}

/// The scalar types of columns in GraphQL.
pub struct Scalars;

impl Words for Scalars {
    const WORDS: &'static [&'static str] = &["Int", "Float", "String", "Boolean"];
}

/// The elements of forms.
pub struct Inputs;

impl Words for Inputs {
    const WORDS: &'static [&'static str] = &[
        "InputText",
        "InputTextArea",
        "InputNumber",
        "InputCheckbox",
        "InputSelect",
        "InputDate",
        "InputDateTime",
        "InputTime",
        "InputUrl",
        "InputEmail",
        "InputTel",
        "InputColor",
        "InputJson",
        "InputCode",
        "InputFile",
        "InputReference",
    ];
}

/// The kinds of validations.
pub struct ValidationKinds;

impl Words for ValidationKinds {
    const WORDS: &'static [&'static str] = &["oneOf", "check", "references"];
}

/// A table or view, and cells of it. It is written by hand; this is what the document says of it.
#[derive(Object)]
#[oai(rename_all = "camelCase")]
pub struct Table {
    /// Its columns in the order that they are shown in, the number of a row first.
    columns: Vec<Column>,
    /// What is said of it.
    description: Option<String>,
    /// Whether rows were left out because an answer has at most 100,000 cells and 32 MiB of them.
    max_cell_limit_reached: bool,
    /// Its name.
    name: String,
    /// How many rows it has; of a search, how many were found.
    number_of_rows: Count,
    /// The name under which the number of a row can be read; null where there is none.
    rowid_column_name: Option<OneOf<RowIds>>,
    /// What it is.
    table_type: OneOf<TableTypes>,
}

/// A column, and its cells.
#[derive(Object)]
#[oai(rename_all = "camelCase")]
pub struct Column {
    /// Its name.
    name: String,
    /// The type as it was declared.
    sqlite_data_type: String,
    /// What its values are in GraphQL; null where nothing is known of them.
    gql_data_type: Option<OneOf<Scalars>>,
    /// With what a value is typed in.
    input_element: OneOf<Inputs>,
    /// Whether it is computed from others.
    is_generated: bool,
    /// Whether it never is NULL.
    is_non_null: bool,
    /// Whether a new row can do without a value.
    is_omittable: bool,
    /// Whether it is of the primary key.
    is_primary_key: bool,
    /// Whether no two rows can have the same value.
    is_unique: bool,
    /// Its cells, one a row; null where none were asked for. Bytes are an object with the `url` where they can be read, or
    /// `{"type": "blob"}` where they have none.
    items: Option<Vec<Any<serde_json::Value>>>,
    /// What its values must satisfy besides.
    validations: Option<Vec<Validation>>,
    /// What is said of it.
    description: Option<String>,
    /// The expression of its default.
    default_value: Option<String>,
}

/// What the values of a column must satisfy.
#[derive(Clone, Debug, Object, Deserialize)]
#[oai(skip_serializing_if_is_none)]
pub struct Validation {
    /// `oneOf`: they are among `values`. `check`: `predicate` holds. `references`: they are in a column of another table.
    pub(super) kind: OneOf<ValidationKinds>,
    /// The texts that they are among.
    pub(super) values: Option<Vec<String>>,
    /// The name of the constraint.
    pub(super) name: Option<String>,
    /// The expression that holds.
    pub(super) predicate: Option<String>,
    /// The table.
    pub(super) table: Option<String>,
    /// The column of that table.
    pub(super) column: Option<String>,
}

/// The kind of validations that can be asked for.
pub struct ChoiceKinds;

impl Words for ChoiceKinds {
    const WORDS: &'static [&'static str] = &["oneOf"];
}

/// The texts that a column is to take.
#[derive(Clone, Debug, Object, Deserialize)]
pub struct Choice {
    /// `oneOf`.
    pub(super) kind: OneOf<ChoiceKinds>,
    /// The texts.
    #[serde(default)]
    #[oai(validator(min_items = 1))]
    pub(super) values: Vec<Value>,
}

impl From<&Rule> for Validation {
    fn from(rule: &Rule) -> Self {
        let of = |kind| Self {
            kind: OneOf::new(kind),
            values: None,
            name: None,
            predicate: None,
            table: None,
            column: None,
        };
        match rule.clone() {
            Rule::OneOf(values) => Self { values: Some(values), ..of("oneOf") },
            Rule::Check { name, predicate } => Self { name, predicate: Some(predicate), ..of("check") },
            Rule::References { table, column } => Self { table: Some(table), column: Some(column), ..of("references") },
        }
    }
}
