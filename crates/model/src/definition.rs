//! What a table is declared as, in the words of the database that it stands in.

use crate::{TableKind, Value};

/// A table or view as it was declared.
#[derive(Clone, Debug)]
pub struct TableDefinition {
    /// Its name, as it was created.
    pub name: String,
    /// Table or view.
    pub kind: TableKind,
    /// The statement that made it; none for storages that keep no statements.
    pub sql: Option<String>,
    /// The name under which the number of a row can be read; none for views and tables without.
    pub row_id: Option<String>,
    /// The columns, in order.
    pub columns: Vec<ColumnDefinition>,
    /// The name of the primary key's constraint, where it has one.
    pub primary_key_name: Option<String>,
    /// UNIQUE constraints and unique indexes over whole columns.
    pub uniques: Vec<UniqueKey>,
    /// CHECK constraints.
    pub checks: Vec<CheckConstraint>,
    /// Foreign keys.
    pub foreign_keys: Vec<ForeignKey>,
}

impl TableDefinition {
    /// The columns of the primary key, in its order.
    pub fn primary_key(&self) -> Vec<&str> {
        let mut columns: Vec<&ColumnDefinition> =
            self.columns.iter().filter(|column| column.primary_key.is_some()).collect();
        columns.sort_by_key(|column| column.primary_key);
        columns.into_iter().map(|column| column.name.as_str()).collect()
    }
}

/// A column as it was declared.
#[derive(Clone, Debug, Default)]
pub struct ColumnDefinition {
    /// Its name, as it was created.
    pub name: String,
    /// The type as it was written; empty where there was none.
    pub declared_type: String,
    /// Whether it was declared NOT NULL.
    pub not_null: bool,
    /// The expression of its default, as it was written.
    pub default: Option<String>,
    /// Its place in the primary key, from 0.
    pub primary_key: Option<u32>,
    /// Whether no two rows can have the same value in it.
    pub unique: bool,
    /// Whether it is computed from others.
    pub generated: bool,
    /// The only values that it takes, where a CHECK lists them: `CHECK (color IN ('red', 'green'))`.
    pub one_of: Option<Vec<Value>>,
}

/// A key besides the primary one.
#[derive(Clone, Debug)]
pub struct UniqueKey {
    /// The name of the constraint or index.
    pub name: String,
    /// Its columns, in order.
    pub columns: Vec<String>,
    /// How it was written, or what would be written for it.
    pub definition: String,
}

/// A condition that every row satisfies.
#[derive(Clone, Debug)]
pub struct CheckConstraint {
    /// The name of the constraint, where it has one.
    pub name: Option<String>,
    /// The columns that it names.
    pub columns: Vec<String>,
    /// The expression, as it was written.
    pub predicate: String,
}

/// A reference to rows of a table.
#[derive(Clone, Debug)]
pub struct ForeignKey {
    /// The name of the constraint, where it has one.
    pub name: Option<String>,
    /// Columns of this table.
    pub columns: Vec<String>,
    /// The table that they reference.
    pub table: String,
    /// Its columns; those of its primary key where the constraint names none.
    pub references: Vec<String>,
}
