//! Databases and schemas.

use model::{Access, DatabaseInfo, ErrorKind, Result};

use super::Wanted;
use super::cells::Column;
use super::entries::{databases as listed, oid, schemas as listed_schemas};
use crate::engine::context::Context;
use crate::engine::information_schema::SCHEMA;

/// `duckdb_databases()`
pub async fn databases(context: &Context, wanted: &Wanted) -> Result<Vec<Column>> {
    let found = listed(context, wanted).await?;
    let mut readonly = Vec::new();
    for info in &found {
        readonly.push(wanted.any(&["readonly"]) && !writable(context, info).await?);
    }
    let rows = found.len();
    let name = |info: &DatabaseInfo| Some(info.name.to_string());
    Ok(vec![
        Column::text("database_name", found.iter().map(name)),
        Column::bigint("database_oid", found.iter().map(|info| oid(&[info.name.as_str()]))),
        Column::no_text("path", rows),
        Column::no_text("comment", rows),
        Column::no_tags("tags", rows),
        Column::always("internal", false, rows),
        Column::text("type", found.iter().map(|info| Some(info.kind.to_string()))),
        Column::boolean("readonly", readonly.into_iter().map(Some)),
        Column::always("encrypted", false, rows),
        Column::no_text("cipher", rows),
        Column::no_tags("options", rows),
    ])
}

async fn writable(context: &Context, info: &DatabaseInfo) -> Result<bool> {
    match context.catalogs.open(info.name.as_str(), Access::Write).await {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.kind(), ErrorKind::Forbidden | ErrorKind::NotFound) => Ok(false),
        Err(error) => Err(error),
    }
}

/// `duckdb_schemas()`
pub async fn schemas(context: &Context, wanted: &Wanted) -> Result<Vec<Column>> {
    let found = listed_schemas(context, wanted).await?;
    let rows = found.len();
    Ok(vec![
        Column::bigint("oid", found.iter().map(|entry| oid(&[entry.database.name.as_str(), &entry.name]))),
        Column::text("database_name", found.iter().map(|entry| Some(entry.database.name.to_string()))),
        Column::bigint("database_oid", found.iter().map(|entry| oid(&[entry.database.name.as_str()]))),
        Column::text("schema_name", found.iter().map(|entry| Some(entry.name.clone()))),
        Column::text("comment", found.iter().map(|entry| entry.comment.clone())),
        Column::no_tags("tags", rows),
        Column::boolean("internal", found.iter().map(|entry| Some(entry.name == SCHEMA || entry.name == "main"))),
        Column::no_text("sql", rows),
        Column::no_text("parent_schema", rows),
        Column::bigint("parent_schema_oid", std::iter::repeat_n(None, rows)),
    ])
}

/// `information_schema.schemata`
pub async fn schemata(context: &Context, wanted: &Wanted) -> Result<Vec<Column>> {
    let found = listed_schemas(context, wanted).await?;
    let rows = found.len();
    Ok(vec![
        Column::text("catalog_name", found.iter().map(|entry| Some(entry.database.name.to_string()))),
        Column::text("schema_name", found.iter().map(|entry| Some(entry.name.clone()))),
        Column::no_text("schema_owner", rows),
        Column::no_text("default_character_set_catalog", rows),
        Column::no_text("default_character_set_schema", rows),
        Column::no_text("default_character_set_name", rows),
        Column::no_text("sql_path", rows),
    ])
}
