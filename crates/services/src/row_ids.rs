//! Why a definition is refused that the database itself would take: rows are addressed by their numbers.

use std::fmt;

use model::Error;

/// The names under which SQLite knows the number of a row.
pub(crate) const ROW_IDS: [&str; 3] = ["rowid", "_rowid_", "oid"];

/// What is wrong with a definition. It is the source of the error that says so, for products that have words of their own
/// for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowIdFault {
    /// Rows of this table would have no numbers.
    Missing {
        /// Its name.
        table: String,
    },
    /// A foreign key that the database could not follow.
    Referenced {
        /// The column that refers.
        column: String,
        /// The table to the number of whose rows it refers.
        table: String,
    },
}

impl RowIdFault {
    /// What an error is about, where it is one of these.
    pub fn of(error: &Error) -> Option<&Self> {
        std::error::Error::source(error)?.downcast_ref()
    }
}

impl fmt::Display for RowIdFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { table } => write!(
                f,
                "rows of table \"{table}\" would have no row id, by which they are addressed here; leave out WITHOUT ROWID"
            ),
            Self::Referenced { column, table } => write!(
                f,
                "column \"{column}\" refers to the row id of table \"{table}\", which SQLite does not follow; refer to a \
                 column of it that is unique"
            ),
        }
    }
}

impl std::error::Error for RowIdFault {}

impl From<RowIdFault> for Error {
    fn from(fault: RowIdFault) -> Self {
        Self::invalid(fault.to_string()).with_source(fault)
    }
}
