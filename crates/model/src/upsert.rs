//! Rows that take the place of those with the same key.

/// How rows are matched to those of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upsert {
    /// The columns that tell rows apart; at least one.
    pub key: Vec<String>,
    /// The columns that tell the newer of two rows, the first first; none where the row that arrives is the newer.
    pub cursor: Vec<String>,
}

/// What an upsert did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Upserted {
    /// Rows that were added.
    pub inserted: u64,
    /// Rows that took the place of others.
    pub updated: u64,
    /// Bytes that the storage takes for what was written.
    pub bytes: u64,
}
