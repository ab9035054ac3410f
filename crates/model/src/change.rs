//! Changes of what a database holds, as data.

use arrow_schema::{FieldRef, SchemaRef};

use crate::{Commented, TableName};

/// What to do when a thing that is to be created exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exists {
    /// Answer `Conflict`.
    Fail,
    /// Leave the one that is there.
    Skip,
    /// Put the new one in its place, in one step.
    Replace,
}

/// What to do when a thing that is to be removed or changed does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Answer `NotFound`.
    Fail,
    /// Do nothing.
    Skip,
}

/// A change of what a database holds, as data. Each is atomic: wholly done and durable, or not at all.
#[derive(Clone, Debug)]
pub enum SchemaChange {
    /// A new, empty schema. `Replace` is not supported.
    CreateSchema {
        /// Its name.
        name: String,
        /// When it exists.
        exists: Exists,
    },
    /// Removes a schema. With tables or views in it and without `cascade`: `Conflict`.
    DropSchema {
        /// Its name.
        name: String,
        /// Removes what stands in it, too.
        cascade: bool,
        /// When it does not exist.
        missing: Missing,
    },
    /// A new table without rows. The schema must exist. A view of that name is a `Conflict` whatever `exists` says.
    CreateTable {
        /// Schema and name.
        name: TableName,
        /// Its columns; types that the storage cannot keep are `Unsupported`.
        columns: SchemaRef,
        /// When it exists.
        exists: Exists,
    },
    /// Removes a table and its rows.
    DropTable {
        /// Schema and name.
        name: TableName,
        /// When it does not exist.
        missing: Missing,
    },
    /// Gives a table or view another name in the same schema; its rows stay where they are.
    RenameTable {
        /// Schema and old name.
        name: TableName,
        /// The new name; taken: `Conflict`.
        to: String,
    },
    /// Changes one column of a table.
    AlterColumn {
        /// Schema and name.
        name: TableName,
        /// What to do.
        change: ColumnChange,
    },
    /// A new view. A table of that name is a `Conflict` whatever `exists` says.
    CreateView {
        /// Schema and name.
        name: TableName,
        /// Its statement; the storage keeps the text and does not read it.
        definition: String,
        /// When it exists.
        exists: Exists,
    },
    /// Puts a comment on something, in the place of the one that it has; none takes it away. What it is about must exist,
    /// else `NotFound`, and be a table where a table is named and a view where a view is. It stays when the table's rows,
    /// or other columns, change, also when they are overwritten by rows that have the column.
    Comment {
        /// What it is about.
        on: Commented,
        /// What it says.
        text: Option<String>,
    },
    /// Removes a view.
    DropView {
        /// Schema and name.
        name: TableName,
        /// When it does not exist.
        missing: Missing,
    },
}

/// A change of one column.
#[derive(Clone, Debug)]
pub enum ColumnChange {
    /// A new nullable column at the end; rows that are there have NULL in it.
    Add {
        /// The column.
        column: FieldRef,
        /// When a column of that name exists (`Replace` is not supported).
        exists: Exists,
    },
    /// Rows lose the column. The last column cannot be dropped.
    Drop {
        /// Its name.
        name: String,
        /// When there is none.
        missing: Missing,
    },
    /// Another name for a column.
    Rename {
        /// The old name.
        name: String,
        /// The new name; taken: `Conflict`.
        to: String,
    },
    /// Whether the column may be NULL. Where it must not and a row has NULL in it, the change is `Invalid`.
    Nullable {
        /// Its name.
        name: String,
        /// Whether it may.
        nullable: bool,
    },
    /// Another type: every value is converted, and one that does not fit fails the change.
    Retype {
        /// The column with its new type.
        column: FieldRef,
    },
}
