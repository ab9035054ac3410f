//! What a database can do that is one file with a dialect of its own.

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;

use crate::{Result, TableKind};

/// What there is to say of a database's file.
#[derive(Clone, Copy, Debug)]
pub struct FileState {
    /// Bytes that the committed state takes.
    pub bytes: u64,
    /// Grows with every change of a definition.
    pub schema_version: i64,
    /// A number of the file's own, which applications set.
    pub user_version: i64,
    /// When the file was last written.
    pub modified: SystemTime,
}

/// What stands in the file's list of objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectKind {
    /// A table.
    Table,
    /// A view.
    View,
    /// An index.
    Index,
    /// A trigger.
    Trigger,
}

/// One entry of the file's list of objects.
#[derive(Clone, Debug)]
pub struct SchemaObject {
    /// Its name.
    pub name: String,
    /// The table that it belongs to; its own name for tables and views.
    pub table: String,
    /// What it is.
    pub kind: ObjectKind,
    /// The page where its tree begins; 0 for what has none.
    pub root_page: i64,
    /// The statement that made it; none for indexes that the file made by itself.
    pub sql: Option<String>,
}

/// How a column is to be declared. What is `None` stays as it is, or has the default of the kind of column.
#[derive(Clone, Debug, Default)]
pub struct ColumnDraft {
    /// Its name.
    pub name: Option<String>,
    /// The type as it is written; `TEXT` for a new column.
    pub declared_type: Option<String>,
    /// Whether it refuses NULL.
    pub not_null: Option<bool>,
    /// Whether no two rows may have the same value in it.
    pub unique: Option<bool>,
    /// The expression of its default, a literal or `(…)`; `Some(None)` takes it away.
    pub default: Option<Option<String>>,
    /// The only texts that it takes, kept as a CHECK; `Some(None)` takes the CHECK away.
    pub one_of: Option<Option<Vec<String>>>,
}

/// A change of one table's definition, in the file's own words. Each is atomic, keeps the rows, and either keeps what
/// refers to the table (indexes, triggers, views, foreign keys) or is refused.
#[derive(Clone, Debug)]
pub enum TableEdit {
    /// A new, empty table; one of that name, and a view, is a `Conflict`.
    Create {
        /// Its columns; at least one.
        columns: Vec<ColumnDraft>,
    },
    /// Another name for a table or view; taken: `Conflict`.
    Rename {
        /// The new name.
        to: String,
    },
    /// Removes the table or view.
    Drop,
    /// A new column at the end; taken: `Conflict`. NOT NULL without a default is `Invalid` where there are rows.
    AddColumn(ColumnDraft),
    /// Removes a column. The last one cannot be removed: `Invalid`.
    DropColumn {
        /// Its name.
        name: String,
    },
    /// Declares a column anew. Values are converted as the new type's affinity says; a row that breaks a new constraint
    /// makes it `Invalid`.
    ChangeColumn {
        /// Its name so far.
        name: String,
        /// What is other than before.
        draft: ColumnDraft,
    },
}

/// One cell: the column of the one row in which `key` equals `value`.
#[derive(Clone, Debug)]
pub struct CellPlace {
    /// The table or view.
    pub table: String,
    /// The column whose cell it is.
    pub column: String,
    /// A column, or the name of the row's number.
    pub key: String,
    /// Its value as text; compared with the column's own affinity.
    pub value: String,
}

/// What a cell holds.
#[derive(Clone, Debug)]
pub struct Cell {
    /// Whether it is text; numbers are read as the text that they are written as.
    pub text: bool,
    /// All of it; at most what the storage allows a cell to hold.
    pub bytes: Bytes,
}

/// A database that is one file. Names are matched without regard to letter case.
#[async_trait]
pub trait FileDatabase: Send + Sync {
    /// What there is to say of the file.
    async fn state(&self) -> Result<FileState>;

    /// The objects of the file, in the order of their creation, those of the storage's own left out.
    async fn objects(&self) -> Result<Vec<SchemaObject>>;

    /// How many rows tables have, by name as they were created. Left out are those of more than `most` rows, those that a module
    /// keeps, and what is not counted `within` this time, which all of them share.
    async fn row_counts(&self, most: u64, within: Duration) -> Result<HashMap<String, u64>>;

    /// Runs a script of several statements in one transaction: all of it is done, or nothing.
    ///
    /// # Errors
    /// `Invalid` for a statement that fails; the message names it and its line.
    async fn run_script(&self, script: &str) -> Result<()>;

    /// Changes the definition of one table. Unknown tables and columns are `NotFound`.
    async fn edit(&self, table: &str, edit: TableEdit) -> Result<()>;

    /// Reads a cell. No row, and NULL, is `NotFound`; several rows, and an unknown column, `Invalid`.
    async fn read_cell(&self, place: &CellPlace) -> Result<Cell>;

    /// Puts bytes into a cell, durably. No row is `NotFound`; several rows, and an unknown column, `Invalid`; more than
    /// a cell may hold `TooLarge`.
    async fn write_cell(&self, place: &CellPlace, bytes: Bytes) -> Result<()>;

    /// Gives back the space of what was deleted.
    async fn vacuum(&self) -> Result<()>;

    /// Writes a copy of one committed state to a file that does not exist yet, while others read and write.
    async fn copy_to(&self, path: &Path) -> Result<()>;

    /// Puts the database in the file at `path`, which is moved away, in the place of this one, in one step: readers that
    /// are under way go on with what they read, everyone else sees the new one. A file that is no sound database is
    /// `Invalid` and changes nothing.
    async fn replace_with(&self, path: &Path) -> Result<()>;

    /// Whether a table or view of this name is there, and which.
    async fn kind_of(&self, table: &str) -> Result<Option<TableKind>>;
}
