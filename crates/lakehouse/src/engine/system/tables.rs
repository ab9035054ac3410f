//! Tables and views.

use model::{Result, TableKind};

use super::Wanted;
use super::cells::Column;
use super::entries::{Entry, oid, tables};
use crate::engine::context::Context;

fn text(name: &'static str, entries: &[Entry], value: impl Fn(&Entry) -> Option<String>) -> Column {
    Column::text(name, entries.iter().map(value))
}

fn bigint(name: &'static str, entries: &[Entry], value: impl Fn(&Entry) -> Option<i64>) -> Column {
    Column::bigint(name, entries.iter().map(value))
}

fn database(entry: &Entry) -> Option<String> {
    Some(entry.database.name.to_string())
}

fn schema(entry: &Entry) -> Option<String> {
    Some(entry.info.name.schema.clone())
}

fn name(entry: &Entry) -> Option<String> {
    Some(entry.info.name.table.clone())
}

fn width(entry: &Entry) -> Option<i64> {
    i64::try_from(entry.columns.fields().len()).ok()
}

/// The columns that say where a table or view stands, in DuckDB's functions.
fn place(entries: &[Entry], name_column: &'static str, oid_column: &'static str) -> Vec<Column> {
    let own = |entry: &Entry| {
        let name = &entry.info.name;
        oid(&[entry.database.name.as_str(), &name.schema, &name.table])
    };
    vec![
        text("database_name", entries, database),
        bigint("database_oid", entries, |entry| oid(&[entry.database.name.as_str()])),
        text("schema_name", entries, schema),
        bigint("schema_oid", entries, |entry| oid(&[entry.database.name.as_str(), &entry.info.name.schema])),
        text(name_column, entries, name),
        bigint(oid_column, entries, own),
        text("comment", entries, |entry| entry.comment.clone()),
        Column::no_tags("tags", entries.len()),
        Column::always("internal", false, entries.len()),
        Column::always("temporary", false, entries.len()),
    ]
}

/// `duckdb_tables()`
pub async fn duck_tables(context: &Context, wanted: &Wanted) -> Result<Vec<Column>> {
    let deep = wanted.any(&["comment", "estimated_size", "column_count", "sql"]);
    let mut entries = tables(context, wanted, deep).await?;
    entries.retain(|entry| entry.info.kind == TableKind::Table);
    let mut columns = place(&entries, "table_name", "table_oid");
    columns.extend([
        Column::always("has_primary_key", false, entries.len()),
        bigint("estimated_size", &entries, |entry| entry.rows),
        bigint("column_count", &entries, width),
        bigint("index_count", &entries, |_| Some(0)),
        bigint("check_constraint_count", &entries, |_| Some(0)),
        text("sql", &entries, |entry| Some(entry.sql())),
    ]);
    Ok(columns)
}

/// `duckdb_views()`
pub async fn duck_views(context: &Context, wanted: &Wanted) -> Result<Vec<Column>> {
    let mut entries = tables(context, wanted, wanted.any(&["column_count", "is_bound"])).await?;
    entries.retain(|entry| entry.info.kind == TableKind::View);
    let mut columns = place(&entries, "view_name", "view_oid");
    columns.extend([
        bigint("column_count", &entries, width),
        text("sql", &entries, |entry| Some(entry.sql())),
        Column::boolean("is_bound", entries.iter().map(|entry| Some(!entry.columns.fields().is_empty()))),
    ]);
    Ok(columns)
}

/// `information_schema.tables`
pub async fn information_tables(context: &Context, wanted: &Wanted) -> Result<Vec<Column>> {
    let entries = tables(context, wanted, wanted.any(&["TABLE_COMMENT"])).await?;
    let rows = entries.len();
    let if_table = |yes: &'static str, no: &'static str| {
        move |entry: &Entry| Some(if entry.info.kind == TableKind::Table { yes } else { no }.to_owned())
    };
    Ok(vec![
        text("table_catalog", &entries, database),
        text("table_schema", &entries, schema),
        text("table_name", &entries, name),
        text("table_type", &entries, if_table("BASE TABLE", "VIEW")),
        Column::no_text("self_referencing_column_name", rows),
        Column::no_text("reference_generation", rows),
        Column::no_text("user_defined_type_catalog", rows),
        Column::no_text("user_defined_type_schema", rows),
        Column::no_text("user_defined_type_name", rows),
        text("is_insertable_into", &entries, if_table("YES", "NO")),
        Column::same("is_typed", "NO", rows),
        Column::no_text("commit_action", rows),
        text("TABLE_COMMENT", &entries, |entry| entry.comment.clone()),
    ])
}

/// `information_schema.views`
pub async fn information_views(context: &Context, wanted: &Wanted) -> Result<Vec<Column>> {
    let mut entries = tables(context, wanted, false).await?;
    entries.retain(|entry| entry.info.kind == TableKind::View);
    let rows = entries.len();
    Ok(vec![
        text("table_catalog", &entries, database),
        text("table_schema", &entries, schema),
        text("table_name", &entries, name),
        text("view_definition", &entries, |entry| entry.info.definition.clone()),
        Column::same("check_option", "NONE", rows),
        Column::same("is_updatable", "NO", rows),
        Column::same("is_insertable_into", "NO", rows),
        Column::same("is_trigger_updatable", "NO", rows),
        Column::same("is_trigger_deletable", "NO", rows),
        Column::same("is_trigger_insertable_into", "NO", rows),
    ])
}
