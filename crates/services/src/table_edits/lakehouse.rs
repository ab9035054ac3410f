//! The same changes where tables are Delta tables, as far as those know them.

use std::sync::Arc;

use arrow_schema::{Field, FieldRef, Schema};
use model::{
    ColumnChange, ColumnDraft, Commented, Database, Error, Exists, Missing, Result, SchemaChange, TableKind, TableName,
};

use super::SCHEMA;
use super::arrow_type::arrow_type;

fn name(table: &str) -> Result<TableName> {
    TableName::new(SCHEMA, table)
}

pub(super) async fn create(database: &dyn Database, table: &str, columns: Vec<ColumnDraft>) -> Result<()> {
    let fields = columns.into_iter().map(field).collect::<Result<Vec<FieldRef>>>()?;
    let columns = Arc::new(Schema::new(fields));
    database.change(SchemaChange::CreateTable { name: name(table)?, columns, exists: Exists::Fail }).await
}

pub(super) async fn rename(database: &dyn Database, table: &str, to: &str) -> Result<()> {
    database.change(SchemaChange::RenameTable { name: name(table)?, to: to.to_owned() }).await
}

pub(super) async fn remove(database: &dyn Database, table: &str, kind: TableKind) -> Result<()> {
    let (name, missing) = (name(table)?, Missing::Fail);
    database
        .change(match kind {
            TableKind::Table => SchemaChange::DropTable { name, missing },
            TableKind::View => SchemaChange::DropView { name, missing },
        })
        .await
}

pub(super) async fn add_column(database: &dyn Database, table: &str, draft: ColumnDraft) -> Result<()> {
    if draft.not_null == Some(true) {
        return Err(unknown_to_delta("a new column that is never NULL; add it, fill it, and change it then"));
    }
    alter(database, table, ColumnChange::Add { column: field(draft)?, exists: Exists::Fail }).await
}

pub(super) async fn remove_column(database: &dyn Database, table: &str, column: &str) -> Result<()> {
    alter(database, table, ColumnChange::Drop { name: column.to_owned(), missing: Missing::Fail }).await
}

/// One change at a time: each is a commit of its own, and nobody shall see the half of several.
pub(super) async fn change_column(
    database: &dyn Database,
    table: &str,
    column: &str,
    draft: ColumnDraft,
) -> Result<()> {
    known(&draft)?;
    let column = column.to_owned();
    let change = match (draft.name, draft.declared_type, draft.not_null) {
        (Some(to), None, None) => ColumnChange::Rename { name: column, to },
        (None, Some(declared), None) => {
            ColumnChange::Retype { column: Arc::new(Field::new(column, arrow_type(&declared)?, true)) }
        }
        (None, None, Some(not_null)) => ColumnChange::Nullable { name: column, nullable: !not_null },
        (None, None, None) => return Ok(()),
        _ => {
            return Err(Error::invalid(
                "name, sqliteDataType and isNonNull of a column of a Delta table change one at a time; send one of them",
            ));
        }
    };
    alter(database, table, change).await
}

pub(super) async fn describe(
    database: &dyn Database,
    table: &str,
    kind: TableKind,
    text: Option<String>,
) -> Result<()> {
    let on = match kind {
        TableKind::Table => Commented::Table(name(table)?),
        TableKind::View => Commented::View(name(table)?),
    };
    database.change(SchemaChange::Comment { on, text }).await
}

pub(super) async fn describe_column(
    database: &dyn Database,
    table: &str,
    column: &str,
    text: Option<String>,
) -> Result<()> {
    let on = Commented::Column(name(table)?, column.to_owned());
    database.change(SchemaChange::Comment { on, text }).await
}

async fn alter(database: &dyn Database, table: &str, change: ColumnChange) -> Result<()> {
    database.change(SchemaChange::AlterColumn { name: name(table)?, change }).await
}

fn field(draft: ColumnDraft) -> Result<FieldRef> {
    known(&draft)?;
    let data_type = arrow_type(draft.declared_type.as_deref().unwrap_or("TEXT"))?;
    let nullable = draft.not_null != Some(true);
    Ok(Arc::new(Field::new(draft.name.unwrap_or_default(), data_type, nullable)))
}

/// Refuses what a Delta table has no place for.
fn known(draft: &ColumnDraft) -> Result<()> {
    if draft.unique == Some(true) {
        return Err(unknown_to_delta("unique columns; upsert by the column as the key instead"));
    }
    if matches!(draft.default, Some(Some(_))) {
        return Err(unknown_to_delta("defaults; send the value with the row"));
    }
    if matches!(draft.one_of, Some(Some(_))) {
        return Err(unknown_to_delta("lists of values; check them before they are written"));
    }
    Ok(())
}

fn unknown_to_delta(what: &str) -> Error {
    Error::unsupported(format!("Delta tables have no {what}"))
}
