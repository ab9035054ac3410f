//! `/api/dbs/{dbId}/tables/{tableId}/columns/{columnName}`

use model::{ColumnDraft, Error, Result};
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};
use serde::Deserialize;
use services::{Shown, TableEdits};

use super::caller::Anyone;
use super::nothing::Nothing;
use super::table_reply;
use super::table_types::{Choice, Column};
use super::tables::place;
use super::text_nullable::TextNullable;
use super::{Json as JsonBody, Reply, Tag};
use crate::json_text::JsonText;
use crate::name::Name;
use crate::user_agent::UserAgent;

/// A column of a new table.
#[derive(Debug, Object, Deserialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct NewColumn {
    /// Its name.
    name: Name,
    /// Its type; TEXT unless given.
    sqlite_data_type: Option<String>,
    /// Whether it refuses NULL.
    is_non_null: Option<bool>,
    /// Whether no two rows can have the same value.
    is_unique: Option<bool>,
    /// The expression of its default: a literal such as `0` or `'new'`, or one in brackets.
    default_value: Option<String>,
}

impl From<NewColumn> for ColumnDraft {
    fn from(column: NewColumn) -> Self {
        Self {
            name: Some(column.name.0),
            declared_type: column.sqlite_data_type,
            not_null: column.is_non_null,
            unique: column.is_unique,
            default: column.default_value.map(Some),
            one_of: None,
        }
    }
}

/// How a new column is to be declared and shown. What is left out is as for a column of type TEXT.
#[derive(Debug, Object, Deserialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct AddedColumn {
    /// Its type.
    sqlite_data_type: Option<String>,
    /// Whether it refuses NULL.
    is_non_null: Option<bool>,
    /// Whether no two rows can have the same value.
    is_unique: Option<bool>,
    /// The expression of its default: a literal such as `0` or `'new'`, or one in brackets.
    #[serde(default)]
    default_value: TextNullable,
    /// A `oneOf` with the only texts that it takes. Other kinds are made with SQL.
    #[oai(validator(max_items = 1))]
    validations: Option<Vec<Choice>>,
    /// The column that it stands after; null for none, so that it is the first.
    #[serde(default)]
    after: TextNullable,
    /// What is said of it.
    #[serde(default)]
    description: TextNullable,
}

impl From<AddedColumn> for ColumnPatch {
    fn from(column: AddedColumn) -> Self {
        let AddedColumn { sqlite_data_type, is_non_null, is_unique, default_value, validations, after, description } =
            column;
        Self { name: None, sqlite_data_type, is_non_null, is_unique, default_value, validations, after, description }
    }
}

/// How a column is to be declared and shown. What is left out stays as it is.
#[derive(Debug, Object, Deserialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct ColumnPatch {
    /// Its new name.
    name: Option<Name>,
    /// Its type.
    sqlite_data_type: Option<String>,
    /// Whether it refuses NULL.
    is_non_null: Option<bool>,
    /// Whether no two rows can have the same value.
    is_unique: Option<bool>,
    /// The expression of its default: a literal such as `0` or `'new'`, or one in brackets; null takes it away.
    #[serde(default)]
    default_value: TextNullable,
    /// A `oneOf` with the only texts that it takes; an empty list takes it away. Other kinds are made with SQL.
    #[oai(validator(max_items = 1))]
    validations: Option<Vec<Choice>>,
    /// The column that it stands after; null for none, so that it is the first.
    #[serde(default)]
    after: TextNullable,
    /// What is said of it; null takes it away.
    #[serde(default)]
    description: TextNullable,
}

impl ColumnPatch {
    fn parts(self) -> Result<(ColumnDraft, Shown)> {
        let one_of = self.validations.map(one_of).transpose()?;
        let draft = ColumnDraft {
            name: self.name.map(|name| name.0),
            declared_type: self.sqlite_data_type,
            not_null: self.is_non_null,
            unique: self.is_unique,
            default: self.default_value.change(),
            one_of,
        };
        Ok((draft, Shown { description: self.description.change(), place: place(self.after) }))
    }
}

/// The one list of texts among validations, if there is any.
fn one_of(validations: Vec<Choice>) -> Result<Option<Vec<String>>> {
    let told =
        "validations: one of the kind `oneOf` with `values` is taken; other conditions are made with a SQL statement";
    match validations.as_slice() {
        [] => Ok(None),
        [Choice { kind, values }] if kind.text == "oneOf" && !values.is_empty() => {
            Ok(Some(values.iter().map(|value| value.text.clone()).collect()))
        }
        _ => Err(Error::invalid(told)),
    }
}

/// The operations on columns.
pub struct ColumnApi {
    pub(super) edits: TableEdits,
}

#[OpenApi(tag = "Tag::Tables")]
impl ColumnApi {
    /// Add a column
    ///
    /// At the end; `{}` adds one of type TEXT that may be NULL. A taken name is 409. Takes write access, and a schema that is
    /// not locked.
    #[oai(path = "/api/dbs/:dbId/tables/:tableId/columns/:columnName", method = "put", operation_id = "add_column")]
    async fn add(
        &self,
        Anyone(me): Anyone,
        agent: UserAgent,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
        /// The name of the table.
        #[oai(name = "tableId")]
        Path(table_id): Path<Name>,
        /// The name of the new column.
        #[oai(name = "columnName")]
        Path(column_name): Path<Name>,
        new: JsonBody<AddedColumn>,
    ) -> Reply<JsonText<Column>> {
        let (draft, shown) = ColumnPatch::from(new.value).parts()?;
        let draft = ColumnDraft { name: Some(column_name.0), ..draft };
        let visit = self.edits.open(me, &db_id.0, agent.asks("add_column")).await?;
        Ok(table_reply::column(&self.edits.add_column(&visit, &table_id.0, draft, shown).await?))
    }

    /// Change a column
    ///
    /// Its name, its type and what its values must satisfy, its place among the others, what is said of it. All of it
    /// happens or nothing: a row that does not fit a new rule refuses the change. Charts follow a new name. Takes write
    /// access; all but place and description also a schema that is not locked.
    #[oai(
        path = "/api/dbs/:dbId/tables/:tableId/columns/:columnName",
        method = "patch",
        operation_id = "change_column"
    )]
    async fn change(
        &self,
        Anyone(me): Anyone,
        agent: UserAgent,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
        /// The name of the table.
        #[oai(name = "tableId")]
        Path(table_id): Path<Name>,
        /// The name of the column.
        #[oai(name = "columnName")]
        Path(column_name): Path<Name>,
        patch: JsonBody<ColumnPatch>,
    ) -> Reply<Json<Nothing>> {
        let (draft, shown) = patch.value.parts()?;
        let visit = self.edits.open(me, &db_id.0, agent.asks("change_column")).await?;
        self.edits.change_column(&visit, &table_id.0, &column_name.0, draft, shown).await?;
        Ok(Json(Nothing {}))
    }

    /// Drop a column
    ///
    /// With its values. The last column of a table stays. Takes write access, and a schema that is not locked.
    #[oai(path = "/api/dbs/:dbId/tables/:tableId/columns/:columnName", method = "delete", operation_id = "drop_column")]
    async fn remove(
        &self,
        Anyone(me): Anyone,
        agent: UserAgent,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
        /// The name of the table.
        #[oai(name = "tableId")]
        Path(table_id): Path<Name>,
        /// The name of the column.
        #[oai(name = "columnName")]
        Path(column_name): Path<Name>,
    ) -> Reply<Json<Nothing>> {
        let visit = self.edits.open(me, &db_id.0, agent.asks("drop_column")).await?;
        self.edits.remove_column(&visit, &table_id.0, &column_name.0).await?;
        Ok(Json(Nothing {}))
    }
}
