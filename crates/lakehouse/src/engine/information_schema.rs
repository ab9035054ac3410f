//! `information_schema`: what the caller may know of every database, as tables.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int32Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema};
use datafusion::catalog::MemTable;
use datafusion::datasource::TableProvider;
use model::{Access, DatabaseInfo, Error, ErrorKind, Result, TableInfo, TableKind, name_key, sql_type};

use super::context::Context;
use super::describe::text_batch;
use crate::fault::from_datafusion;

/// The schema's name, which every database has.
pub const SCHEMA: &str = "information_schema";

/// A text column under construction.
type Texts = Vec<Option<String>>;

/// The system table of this name.
pub async fn table(context: &Context, name: &str) -> Result<Arc<dyn TableProvider>> {
    let batch = match name_key(name).as_str() {
        "schemata" => schemata(context).await?,
        "tables" => tables(context).await?,
        "columns" => columns(context).await?,
        "views" => views(context).await?,
        _ => {
            let message = format!(
                "Catalog Error: Table with name {name} does not exist! information_schema has schemata, tables, columns and views"
            );
            return Err(Error::new(ErrorKind::NotFound, "not_found", message));
        }
    };
    let table = MemTable::try_new(batch.schema(), vec![vec![batch]]).map_err(from_datafusion)?;
    Ok(Arc::new(table))
}

/// Every table and view of every database.
async fn entries(context: &Context) -> Result<Vec<(DatabaseInfo, TableInfo)>> {
    let mut entries = Vec::new();
    for info in context.catalogs.list().await? {
        let tables = context.open(info.name.as_str(), Access::Read).await?.tables().await?;
        entries.extend(tables.into_iter().map(|table| (info.clone(), table)));
    }
    Ok(entries)
}

async fn schemata(context: &Context) -> Result<RecordBatch> {
    let (mut catalogs, mut schemas): (Texts, Texts) = Default::default();
    for info in context.catalogs.list().await? {
        let mut names = context.open(info.name.as_str(), Access::Read).await?.schemas().await?;
        names.push(SCHEMA.to_owned());
        catalogs.extend(names.iter().map(|_| Some(info.name.to_string())));
        schemas.extend(names.into_iter().map(Some));
    }
    let none = vec![None; catalogs.len()];
    Ok(text_batch(&[("catalog_name", catalogs), ("schema_name", schemas), ("schema_owner", none)]))
}

async fn tables(context: &Context) -> Result<RecordBatch> {
    let entries = entries(context).await?;
    let of =
        |value: &dyn Fn(&(DatabaseInfo, TableInfo)) -> String| entries.iter().map(|entry| Some(value(entry))).collect();
    let insertable = |table: &TableInfo| if table.kind == TableKind::Table { "YES" } else { "NO" };
    let kind = |table: &TableInfo| if table.kind == TableKind::Table { "BASE TABLE" } else { "VIEW" };
    Ok(text_batch(&[
        ("table_catalog", of(&|(database, _)| database.name.to_string())),
        ("table_schema", of(&|(_, table)| table.name.schema.clone())),
        ("table_name", of(&|(_, table)| table.name.table.clone())),
        ("table_type", of(&|(_, table)| kind(table).to_owned())),
        ("is_insertable_into", of(&|(_, table)| insertable(table).to_owned())),
    ]))
}

async fn views(context: &Context) -> Result<RecordBatch> {
    let mut entries = entries(context).await?;
    entries.retain(|(_, table)| table.kind == TableKind::View);
    let of = |value: &dyn Fn(&(DatabaseInfo, TableInfo)) -> Option<String>| entries.iter().map(value).collect();
    Ok(text_batch(&[
        ("table_catalog", of(&|(database, _)| Some(database.name.to_string()))),
        ("table_schema", of(&|(_, table)| Some(table.name.schema.clone()))),
        ("table_name", of(&|(_, table)| Some(table.name.table.clone()))),
        ("view_definition", of(&|(_, table)| table.definition.clone())),
    ]))
}

async fn columns(context: &Context) -> Result<RecordBatch> {
    let (mut catalogs, mut schemas, mut names): (Texts, Texts, Texts) = Default::default();
    let (mut columns, mut types, mut nullable): (Texts, Texts, Texts) = Default::default();
    let mut positions = Vec::new();
    for (database, table) in entries(context).await? {
        for (position, field) in (1..).zip(fields_of(context, &database, &table).await?.fields()) {
            catalogs.push(Some(database.name.to_string()));
            schemas.push(Some(table.name.schema.clone()));
            names.push(Some(table.name.table.clone()));
            columns.push(Some(field.name().clone()));
            types.push(Some(sql_type(field.data_type())));
            nullable.push(Some(if field.is_nullable() { "YES" } else { "NO" }.to_owned()));
            positions.push(position);
        }
    }
    let none: Texts = vec![None; names.len()];
    let text = text_batch(&[
        ("table_catalog", catalogs),
        ("table_schema", schemas),
        ("table_name", names),
        ("column_name", columns),
        ("column_default", none.clone()),
        ("is_nullable", nullable),
        ("data_type", types),
        ("column_comment", none),
    ]);
    let mut fields: Vec<_> = text.schema().fields().to_vec();
    fields.insert(4, Arc::new(Field::new("ordinal_position", DataType::Int32, true)));
    let mut arrays = text.columns().to_vec();
    arrays.insert(4, Arc::new(Int32Array::from(positions)) as ArrayRef);
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).expect("columns of equal length"))
}

/// The columns of a table or view; none for a view that can no longer be planned.
async fn fields_of(context: &Context, database: &DatabaseInfo, table: &TableInfo) -> Result<Schema> {
    if table.kind == TableKind::Table {
        let opened = context.open(database.name.as_str(), Access::Read).await?;
        return Ok(opened.columns(&table.name).await?.as_ref().clone());
    }
    let definition = table.definition.as_deref().unwrap_or_default();
    let inside = context.inside_view(database.name.as_str(), &table.name.schema, &table.name.table)?;
    let Ok(Some(sqlparser::ast::Statement::Query(query))) =
        super::parse::statements(definition).map(|mut all| all.pop())
    else {
        return Ok(Schema::empty());
    };
    let planned = Box::pin(async move { inside.plan(*query, &inside.state()).await }).await;
    Ok(planned.map_or_else(|_| Schema::empty(), |plan| plan.schema().as_arrow().clone()))
}
