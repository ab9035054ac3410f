//! Changes of one table's definition.

mod columns;
mod draft;
mod rebuild;
mod rename;
mod session;
mod soundness;
mod tables;

use model::{Result, TableEdit};
use rusqlite::Connection;

use super::Limits;
use super::failure::failure;
use super::found;
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
