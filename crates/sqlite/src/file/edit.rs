//! Changes of one table's definition.

mod columns;
mod draft;
mod rebuild;
mod rename;
mod session;
mod soundness;
mod tables;

use model::{ColumnDraft, Error, Result, TableEdit};
use rusqlite::{Connection, OptionalExtension};

use super::Limits;
use super::failure::failure;
use super::found;
use super::names::{literal, quote};
use session::Session;

/// Changes the definition of one table in a transaction of its own; the connection must be in none.
pub(crate) fn edit(connection: &Connection, table: &str, edit: &TableEdit, limits: &Limits) -> Result<()> {
    let session = Session::begin(connection)?;
    match edit {
        TableEdit::Create { columns } => tables::create(connection, table, columns, limits),
        TableEdit::Rename { to } => rename::rename(connection, &found::require(connection, table)?, to),
        TableEdit::Drop => tables::drop(connection, &found::require(connection, table)?),
        TableEdit::AddColumn(draft) => columns::add(connection, &columns::of_table(connection, table)?, draft, limits),
        TableEdit::DropColumn { name } => columns::remove(connection, &columns::of_table(connection, table)?, name),
        TableEdit::ChangeColumn { name, draft } => {
            columns::change(connection, &columns::of_table(connection, table)?, name, draft)
        }
    }?;
    session.commit().map_err(failure)
}

/// Declares a column anew, where every value in it comes to be one of these kinds; any kind where none is named.
pub(crate) fn redeclare(
    connection: &Connection,
    table: &str,
    column: &str,
    draft: ColumnDraft,
    kinds: &[&str],
) -> Result<()> {
    let session = Session::begin(connection)?;
    columns::change(connection, &columns::of_table(connection, table)?, column, &draft)?;
    if !kinds.is_empty() {
        let kinds: Vec<String> = kinds.iter().map(|kind| literal(kind)).collect();
        let sql = format!(
            "SELECT substr(quote({0}), 1, 100) FROM main.{1} WHERE typeof({0}) NOT IN ('null', {2}) LIMIT 1",
            quote(column),
            quote(table),
            kinds.join(", ")
        );
        let misfit = connection.query_row(&sql, [], |row| row.get::<_, String>(0)).optional().map_err(failure)?;
        if let Some(value) = misfit {
            return Err(Error::invalid(format!(
                "column \"{column}\" of table \"{table}\": the value {value} does not fit the new type"
            )));
        }
    }
    session.commit().map_err(failure)
}
