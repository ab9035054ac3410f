//! Names and texts as SQLite writes and compares them.

use model::{Error, Result, check_name};

/// The name in double quotes.
pub(crate) use crate::quote::name as quote;

/// The text as a literal.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Whether SQLite takes both for one name: it tells no letter case apart in ASCII, and nothing else.
pub(crate) fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// Whether the name is one of those that SQLite keeps for itself.
pub(crate) fn reserved(name: &str) -> bool {
    name.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("sqlite_"))
}

/// Checks a name that a caller chose for a table or view.
pub(crate) fn check_table_name(name: &str) -> Result<()> {
    check_name("table", name)?;
    if reserved(name) {
        return Err(Error::invalid(format!(
            "the table name \"{name}\" is not possible: SQLite keeps names that start with sqlite_ for itself"
        )));
    }
    Ok(())
}

/// A column that is not there.
pub(crate) fn no_column(table: &str, column: &str) -> Error {
    Error::not_found(&format!("column \"{column}\" of table"), table)
}
