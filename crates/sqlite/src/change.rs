//! Changes of what a database holds, as the rest of the server asks for them.

use std::sync::Arc;

use arrow_schema::DataType;
use model::{
    ColumnChange, ColumnDraft, Commented, Error, Exists, Missing, Result, SchemaChange, TableKind, TableName, name_key,
};
use rusqlite::Connection;

use crate::columns::{Found, MAIN_SCHEMA, declared_type, find, in_main, of};
use crate::connection::Guarded;
use crate::fault::{fault, said};
use crate::notes::{About, Notes};
use crate::open::OpenDatabase;
use crate::write::create;
use crate::{nul, quote};

/// What of the notes changes with a change.
enum Follow {
    Nothing,
    Renamed(String, String),
    ColumnRenamed(String, String, String),
    Dropped(String),
    ColumnDropped(String, String),
}

/// Makes one change, in one transaction; see [`SchemaChange`].
pub async fn apply(database: &Arc<OpenDatabase>, change: SchemaChange) -> Result<()> {
    match change {
        SchemaChange::CreateSchema { name, exists } => {
            database.alive()?;
            create_schema(&name, exists)
        }
        SchemaChange::DropSchema { name, missing, .. } => {
            database.alive()?;
            drop_schema(&name, missing)
        }
        SchemaChange::Comment { on, text } => comment(database, on, text).await,
        SchemaChange::AlterColumn { name, change: ColumnChange::Nullable { name: column, nullable } } => {
            let draft = ColumnDraft { not_null: Some(!nullable), ..ColumnDraft::default() };
            redeclare(database, name, column, draft, None).await
        }
        SchemaChange::AlterColumn { name, change: ColumnChange::Retype { column } } => {
            let draft = ColumnDraft { declared_type: Some(declared_type(&column)?), ..ColumnDraft::default() };
            redeclare(database, name, column.name().clone(), draft, Some(column.data_type().clone())).await
        }
        other => {
            let owner = Arc::clone(database);
            let work = move |connection: &Guarded| within(&connection.sqlite, other);
            database.write_then(work, move |follow: &Follow| note(&owner.notes, follow)).await.map(drop)
        }
    }
}

fn note(notes: &Notes, follow: &Follow) -> Result<()> {
    match follow {
        Follow::Nothing => Ok(()),
        Follow::Renamed(from, to) => notes.renamed(from, to),
        Follow::ColumnRenamed(table, from, to) => notes.column_renamed(table, from, to),
        Follow::Dropped(name) => notes.dropped(name),
        Follow::ColumnDropped(table, column) => notes.column_dropped(table, column),
    }
}

fn create_schema(name: &str, exists: Exists) -> Result<()> {
    match (name_key(name) == MAIN_SCHEMA, exists) {
        (true, Exists::Skip) => Ok(()),
        (true, _) => Err(Error::exists("schema", name)),
        (false, _) => {
            Err(Error::unsupported("a SQLite database has one schema, main; create another database instead"))
        }
    }
}

fn drop_schema(name: &str, missing: Missing) -> Result<()> {
    match (name_key(name) == MAIN_SCHEMA, missing) {
        (true, _) => Err(Error::unsupported("the schema main of a SQLite database cannot be dropped")),
        (false, Missing::Skip) => Ok(()),
        (false, Missing::Fail) => Err(Error::not_found("schema", name)),
    }
}

fn within(sqlite: &Connection, change: SchemaChange) -> Result<Follow> {
    match change {
        SchemaChange::CreateTable { name, columns, exists } => {
            let table = in_main(&name)?;
            let replaced = match (find(sqlite, table)?, exists) {
                (Some(found), Exists::Replace) if found.kind == TableKind::Table => {
                    execute(sqlite, &format!("DROP TABLE {}", quote::name(&found.name)))?;
                    Follow::Dropped(found.name)
                }
                (Some(found), Exists::Skip) if found.kind == TableKind::Table => return Ok(Follow::Nothing),
                (Some(found), _) => return Err(taken(&found)),
                (None, _) => Follow::Nothing,
            };
            create(sqlite, table, &columns, &[])?;
            Ok(replaced)
        }
        SchemaChange::DropTable { name, missing } => dropped(sqlite, &name, TableKind::Table, missing),
        SchemaChange::DropView { name, missing } => dropped(sqlite, &name, TableKind::View, missing),
        SchemaChange::RenameTable { name, to } => {
            let found = there(sqlite, &name, None)?;
            if let Some(other) = find(sqlite, &to)?.filter(|other| name_key(&other.name) != name_key(&found.name)) {
                return Err(taken(&other));
            }
            execute(sqlite, &format!("ALTER TABLE {} RENAME TO {}", quote::name(&found.name), quote::name(&to)))?;
            Ok(Follow::Renamed(found.name, to))
        }
        SchemaChange::CreateView { name, definition, exists } => {
            let table = in_main(&name)?;
            match (find(sqlite, table)?, exists) {
                (Some(found), Exists::Replace) if found.kind == TableKind::View => {
                    execute(sqlite, &format!("DROP VIEW {}", quote::name(&found.name)))?;
                }
                (Some(found), Exists::Skip) if found.kind == TableKind::View => return Ok(Follow::Nothing),
                (Some(found), _) => return Err(taken(&found)),
                (None, _) => {}
            }
            execute(sqlite, &format!("CREATE VIEW {} AS {definition}", quote::name(table)))?;
            Ok(Follow::Nothing)
        }
        SchemaChange::AlterColumn { name, change } => {
            alter(sqlite, &there(sqlite, &name, Some(TableKind::Table))?, change)
        }
        _ => Err(Error::internal("a change that is made elsewhere")),
    }
}

fn alter(sqlite: &Connection, found: &Found, change: ColumnChange) -> Result<Follow> {
    let columns = of(sqlite, &found.name)?;
    let column = |name: &str| columns.iter().find(|column| name_key(&column.name) == name_key(name));
    let table = quote::name(&found.name);
    match change {
        ColumnChange::Add { column: field, exists } => {
            if column(field.name()).is_some() {
                let skipped = exists == Exists::Skip;
                return if skipped { Ok(Follow::Nothing) } else { Err(Error::exists("column", field.name())) };
            }
            nul::refuse_column(field.name())?;
            let declared = declared_type(&field)?;
            execute(sqlite, &format!("ALTER TABLE {table} ADD COLUMN {} {declared}", quote::name(field.name())))?;
            Ok(Follow::Nothing)
        }
        ColumnChange::Drop { name, missing } => {
            let Some(column) = column(&name) else {
                let skipped = missing == Missing::Skip;
                return if skipped { Ok(Follow::Nothing) } else { Err(no_column(found, &name)) };
            };
            if columns.len() == 1 {
                return Err(Error::invalid(format!(
                    "\"{name}\" is the last column of \"{}\"; drop the table",
                    found.name
                )));
            }
            execute(sqlite, &format!("ALTER TABLE {table} DROP COLUMN {}", quote::name(&column.name)))?;
            Ok(Follow::ColumnDropped(found.name.clone(), column.name.clone()))
        }
        ColumnChange::Rename { name, to } => {
            let old = column(&name).ok_or_else(|| no_column(found, &name))?;
            if column(&to).is_some_and(|other| name_key(&other.name) != name_key(&old.name)) {
                return Err(Error::exists("column", to));
            }
            nul::refuse_column(&to)?;
            let (from, into) = (quote::name(&old.name), quote::name(&to));
            execute(sqlite, &format!("ALTER TABLE {table} RENAME COLUMN {from} TO {into}"))?;
            Ok(Follow::ColumnRenamed(found.name.clone(), old.name.clone(), to))
        }
        ColumnChange::Nullable { .. } | ColumnChange::Retype { .. } => {
            Err(Error::internal("a change that is made elsewhere"))
        }
    }
}

/// Declares a column anew; where a type is given every value must have it afterwards.
async fn redeclare(
    database: &Arc<OpenDatabase>,
    table: TableName,
    column: String,
    draft: ColumnDraft,
    kind: Option<DataType>,
) -> Result<()> {
    database.alive()?;
    let table = in_main(&table)?.to_owned();
    let work = move |connection: &Guarded| {
        let sqlite = &connection.sqlite;
        let found = find(sqlite, &table)?.filter(|found| found.kind == TableKind::Table);
        let found = found.ok_or_else(|| Error::not_found("table", &table))?;
        if !of(sqlite, &found.name)?.iter().any(|known| name_key(&known.name) == name_key(&column)) {
            return Err(no_column(&found, &column));
        }
        crate::file::redeclare(sqlite, &found.name, &column, draft, kind.as_ref().map_or(&[], stored_as))
    };
    database.writer.alone(work).await
}

/// What SQLite's typeof says of a value that has this type; nothing where every value is taken as it is.
fn stored_as(kind: &DataType) -> &'static [&'static str] {
    match kind {
        DataType::Boolean => &["integer"],
        kind if kind.is_integer() => &["integer"],
        DataType::Float16 | DataType::Float32 | DataType::Float64 => &["real", "integer"],
        DataType::Decimal32(..) | DataType::Decimal64(..) | DataType::Decimal128(..) => &["real", "integer"],
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => &["text"],
        _ => &[],
    }
}

async fn comment(database: &Arc<OpenDatabase>, on: Commented, text: Option<String>) -> Result<()> {
    let owner = Arc::clone(database);
    database
        .read(move |connection| {
            let sqlite = &connection.sqlite;
            match &on {
                Commented::Schema(name) if name_key(name) == MAIN_SCHEMA => {
                    owner.notes.comment(About::Schema, text.as_deref())
                }
                Commented::Schema(name) => Err(Error::not_found("schema", name)),
                Commented::Table(name) => {
                    let found = there(sqlite, name, Some(TableKind::Table))?;
                    owner.notes.comment(About::Table(&found.name), text.as_deref())
                }
                Commented::View(name) => {
                    let found = there(sqlite, name, Some(TableKind::View))?;
                    owner.notes.comment(About::View(&found.name), text.as_deref())
                }
                Commented::Column(name, column) => {
                    let found = there(sqlite, name, Some(TableKind::Table))?;
                    let columns = of(sqlite, &found.name)?;
                    let known = columns.iter().find(|known| name_key(&known.name) == name_key(column));
                    let known = known.ok_or_else(|| no_column(&found, column))?;
                    owner.notes.comment(About::Column(&found.name, &known.name), text.as_deref())
                }
            }
        })
        .await
}

fn dropped(sqlite: &Connection, name: &TableName, kind: TableKind, missing: Missing) -> Result<Follow> {
    let word = if kind == TableKind::View { "VIEW" } else { "TABLE" };
    match find(sqlite, in_main(name)?)? {
        Some(found) if found.kind == kind => {
            execute(sqlite, &format!("DROP {word} {}", quote::name(&found.name)))?;
            Ok(Follow::Dropped(found.name))
        }
        Some(found) => Err(Error::invalid(format!("\"{}\" is no {}", found.name, word.to_lowercase()))),
        None if missing == Missing::Skip => Ok(Follow::Nothing),
        None => Err(Error::not_found(&word.to_lowercase(), &name.table)),
    }
}

/// The table or view of this name, of this kind where one is given.
fn there(sqlite: &Connection, name: &TableName, kind: Option<TableKind>) -> Result<Found> {
    let word = if kind == Some(TableKind::View) { "view" } else { "table" };
    let found = find(sqlite, in_main(name)?)?.filter(|found| kind.is_none_or(|kind| found.kind == kind));
    found.ok_or_else(|| Error::not_found(word, &name.table))
}

fn taken(found: &Found) -> Error {
    Error::exists(if found.kind == TableKind::View { "view" } else { "table" }, &found.name)
}

fn no_column(found: &Found, name: &str) -> Error {
    Error::invalid(format!("table \"{}\" has no column \"{name}\"", found.name))
}

/// Runs a statement whose fault is the caller's: a view over nothing, a column that something else needs.
fn execute(sqlite: &Connection, sql: &str) -> Result<()> {
    nul::refuse("the statement", sql)?;
    sqlite.execute_batch(sql).map_err(|cause| match fault_kind(&cause) {
        true => Error::invalid(said(&cause)).with_source(cause),
        false => fault(cause),
    })
}

fn fault_kind(cause: &rusqlite::Error) -> bool {
    matches!(
        cause.sqlite_error_code(),
        Some(rusqlite::ErrorCode::Unknown | rusqlite::ErrorCode::ConstraintViolation) | None
    )
}
