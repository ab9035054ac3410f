//! What the rest of Boathouse agrees on: names, rows, the storage contracts, errors and principals.
//!
//! Nothing here does I/O or knows a web framework; the arrows of the workspace all point at this crate.

mod any_column;
mod append;
mod care;
mod change;
mod comment;
#[cfg(feature = "conformance")]
pub mod conformance;
mod definition;
mod engine;
mod error;
mod few;
mod file_database;
mod names;
mod principal;
mod rows;
mod sql_type;
mod statement;
mod storage;
mod upsert;

pub use any_column::{AnyColumn, any_type};
pub use append::{Appended, Mark};
pub use care::{AsOf, Care, CareTotal, Cared, Version};
pub use change::{ColumnChange, Exists, Missing, SchemaChange};
pub use comment::{COMMENT, Comment, Commented};
pub use definition::{CheckConstraint, ColumnDefinition, ForeignKey, TableDefinition, UniqueKey};
pub use engine::{
    Catalogs, Engine, Explained, Figures, FileScan, Hits, Measured, PlanNode, Query, Suggestion, SuggestionKind,
    TableScan, Watch,
};
pub use error::{Error, ErrorKind, Result};
pub use few::{Datum, Few};
pub use file_database::{Cell, CellPlace, ColumnDraft, FileDatabase, FileState, ObjectKind, SchemaObject, TableEdit};
pub use names::{DatabaseId, DatabaseName, MAX_NAME_CHARS, TableName, check_name, name_key};
pub use principal::{Access, Caller, Grant, Principal, Resource, Rights};
pub use rows::Rows;
pub use sql_type::sql_type;
pub use statement::{Executed, Statement};
pub use storage::{
    Database, DatabaseInfo, Filter, Operator, Scan, Storage, StorageKind, TableInfo, TableKind, Value, WriteMode,
    Written,
};
pub use upsert::{Upsert, Upserted};
