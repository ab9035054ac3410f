//! What Airsequel's clients are used to read, where the server's own words are others.

use model::Error;
use services::RowIdFault;

/// The error in this product's words.
pub fn worded(error: Error) -> Error {
    let Some(fault) = RowIdFault::of(&error) else { return error };
    Error::new(error.kind(), error.code(), text(fault))
}

fn text(fault: &RowIdFault) -> String {
    match fault {
        RowIdFault::Missing { table } => format!(
            "Table '{table}' does not have a rowid column. Such tables are not currently supported by Airsequel."
        ),
        RowIdFault::Referenced { column, table } => format!(
            "Column '{column}' references the rowid column of table '{table}'.\nThis is not supported by SQLite:\n\
             https://www.sqlite.org/foreignkeys.html"
        ),
    }
}
