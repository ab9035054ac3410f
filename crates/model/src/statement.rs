//! A statement in a database's own dialect.

use std::time::Duration;

use crate::{Rights, Rows, Value, Watch};

/// One statement for [`Database::execute`](crate::Database::execute), and how far it may go.
#[derive(Clone, Debug)]
pub struct Statement {
    /// The text, in the database's own dialect; one statement.
    pub sql: String,
    /// Values for `?1`, `?2` and so on; as many as the text names.
    pub parameters: Vec<Value>,
    /// What the statement may do. Without [`Access::Read`](crate::Access::Read) no column of a table can be read, not
    /// even by `RETURNING`; without [`Access::Write`](crate::Access::Write) nothing but rows can be added; without
    /// [`Access::Admin`](crate::Access::Admin) definitions can still be changed: a product that minds says so with
    /// `schema_locked`.
    pub rights: Rights,
    /// Refuses what changes a definition (`Forbidden`, "schema is locked").
    pub schema_locked: bool,
    /// The longest that it may run, reading its rows included; the storage's own limit where there is none.
    pub timeout: Option<Duration>,
    /// Where the engine says how far the statement is.
    pub watch: Watch,
}

impl Statement {
    /// The text alone, with every right.
    pub fn new(sql: impl Into<String>) -> Self {
        Self {
            sql: sql.into(),
            parameters: Vec::new(),
            rights: Rights::ALL,
            schema_locked: false,
            timeout: None,
            watch: Watch::default(),
        }
    }

    /// The same with values for its parameters.
    #[must_use]
    pub fn with(mut self, parameters: Vec<Value>) -> Self {
        self.parameters = parameters;
        self
    }
}

/// What a statement did.
#[derive(Debug)]
pub struct Executed {
    /// The rows of its answer. Those of a statement that only reads are computed while the stream is read; those of one
    /// that changes something (`RETURNING`) are in memory, of a size that the storage bounds, and the change is durable.
    /// Names of columns may repeat. A cell has the type that it was stored with: where the types of a column are not
    /// known beforehand the column is a dense union of null, integer, real, text and blob.
    pub rows: Rows,
    /// Rows that were inserted, updated or deleted; 0 for a statement that only reads.
    pub changes: u64,
    /// Tables and views that were created or dropped or have another definition than before, by name.
    pub redefined: Vec<String>,
    /// Whether it could only read: nothing at all is other than before.
    pub read_only: bool,
}
