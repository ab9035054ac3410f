//! Comments: what people write about schemas, tables, views and columns.

use crate::TableName;

/// What a comment is about.
#[derive(Clone, Debug)]
pub enum Commented {
    /// A schema.
    Schema(String),
    /// A table. Where the storage keeps tables in a format that has a description, it is that.
    Table(TableName),
    /// A view.
    View(TableName),
    /// A column of a table.
    Column(TableName, String),
}

/// A comment as the list of comments shows it.
#[derive(Clone, Debug)]
pub struct Comment {
    /// What it is about.
    pub on: Commented,
    /// What it says.
    pub text: String,
}

/// The key under which [`Database::columns`](crate::Database::columns) has the comment of the table in the metadata of the
/// schema, and that of a column in the metadata of its field.
pub const COMMENT: &str = "comment";
