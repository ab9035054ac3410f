//! How large what callers make may become.

/// Limits of a database that is one file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Tables that can be made; a file that comes with more is kept as it is.
    pub(crate) tables: usize,
    /// Columns that a table can be given.
    pub(crate) columns: usize,
    /// Bytes of one cell.
    pub(crate) cell_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { tables: 100, columns: 500, cell_bytes: 10_000_000 }
    }
}
