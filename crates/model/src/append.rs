//! Rows that are added together with a note of how far their writer has come.

/// How far a writer has come in a table. The table keeps one number a writer, in the same commit as the rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Who writes; any text that this writer alone uses.
    pub writer: String,
    /// How far it has come with these rows; it grows from append to append.
    pub position: u64,
}

/// What an append did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// Rows that were added.
    pub rows: u64,
    /// Bytes that the storage takes for them.
    pub bytes: u64,
    /// False: the table's mark of the writer was at the position or beyond it, and nothing was written.
    pub applied: bool,
}
