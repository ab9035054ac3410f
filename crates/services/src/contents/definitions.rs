//! What tables and views are declared as, whatever kind of database they stand in.

use arrow_schema::{Schema, SchemaRef};
use model::{
    COMMENT, ColumnDefinition, Commented, Error, ErrorKind, Result, StorageKind, TableDefinition, TableInfo, TableKind,
    TableName, name_key, sql_type,
};

use super::reader::Reader;
use super::scalar::Scalar;
use super::select::quoted;

/// The schema that is seen of a database that has several.
pub(crate) const SCHEMA: &str = "main";

/// A table or view as it is declared, and what is said of it.
#[derive(Clone, Debug)]
pub struct Defined {
    /// The declaration.
    pub definition: TableDefinition,
    /// What the values of each column are.
    pub(super) scalars: Vec<Option<Scalar>>,
    /// What is said of it.
    pub comment: Option<String>,
    /// The same of each column.
    pub comments: Vec<Option<String>>,
}

/// The table or view of this name.
pub(super) async fn one(reader: &Reader<'_>, table: &str) -> Result<Defined> {
    match reader.kind() {
        StorageKind::Sqlite => own(reader.visit.opened.database.definition(table).await),
        StorageKind::Lakehouse => {
            let tables = reader.visit.opened.database.tables().await?;
            let is_it = |info: &&TableInfo| is_seen(info) && name_key(&info.name.table) == name_key(table);
            let found = tables.iter().find(is_it).ok_or_else(|| Error::not_found("table", table))?;
            of_columns(reader, found).await
        }
    }
}

/// Every table and view, in the order of the storage.
pub(super) async fn all(reader: &Reader<'_>) -> Result<Vec<Defined>> {
    let mut defined = Vec::new();
    for info in reader.visit.opened.database.tables().await?.iter().filter(is_seen) {
        let one = match reader.kind() {
            StorageKind::Sqlite => own(reader.visit.opened.database.definition(&info.name.table).await),
            StorageKind::Lakehouse => of_columns(reader, info).await,
        };
        match one {
            Ok(one) => defined.push(one),
            // Somebody dropped it meanwhile.
            Err(gone) if gone.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(defined)
}

fn is_seen(info: &&TableInfo) -> bool {
    info.name.schema.eq_ignore_ascii_case(SCHEMA)
}

fn own(definition: Result<TableDefinition>) -> Result<Defined> {
    let definition = definition?;
    let scalars = definition.columns.iter().map(|column| Scalar::of_declared(&column.declared_type)).collect();
    let comments = vec![None; definition.columns.len()];
    Ok(Defined { definition, scalars, comment: None, comments })
}

/// A table of a storage that keeps no declarations: its columns say all.
async fn of_columns(reader: &Reader<'_>, info: &TableInfo) -> Result<Defined> {
    let database = reader.visit.opened.database.as_ref();
    let name = TableName::new(SCHEMA, &*info.name.table)?;
    let (columns, comment): (SchemaRef, _) = match info.kind {
        TableKind::Table => {
            let columns = database.columns(&name).await?;
            let comment = columns.metadata().get(COMMENT).cloned();
            (columns, comment)
        }
        TableKind::View => {
            let columns = reader.rows(format!("SELECT * FROM {} LIMIT 0", quoted(&name.table)), Vec::new()).await?;
            let is_its = |on: &Commented| matches!(on, Commented::View(view) if view.key() == name.key());
            let comments = database.comments().await?;
            (columns.schema().clone(), comments.into_iter().find(|it| is_its(&it.on)).map(|it| it.text))
        }
    };
    Ok(Defined {
        scalars: columns.fields().iter().map(|field| Some(Scalar::of_type(field.data_type()))).collect(),
        comment,
        comments: columns.fields().iter().map(|field| field.metadata().get(COMMENT).cloned()).collect(),
        definition: declared(info, &columns),
    })
}

/// What a declaration would say.
fn declared(info: &TableInfo, columns: &Schema) -> TableDefinition {
    let columns: Vec<ColumnDefinition> = columns
        .fields()
        .iter()
        .map(|field| ColumnDefinition {
            name: field.name().clone(),
            declared_type: match field.extension_type_name() {
                Some("arrow.json") => "JSON".to_owned(),
                Some("arrow.uuid") => "UUID".to_owned(),
                _ => sql_type(field.data_type()),
            },
            not_null: !field.is_nullable(),
            ..ColumnDefinition::default()
        })
        .collect();
    let name = info.name.table.clone();
    let sql = match info.kind {
        TableKind::Table => created(&name, &columns),
        TableKind::View => {
            format!("CREATE VIEW {} AS {}", quoted(&name), info.definition.as_deref().unwrap_or_default())
        }
    };
    TableDefinition {
        name,
        kind: info.kind,
        sql: Some(sql),
        row_id: None,
        columns,
        primary_key_name: None,
        uniques: Vec::new(),
        checks: Vec::new(),
        foreign_keys: Vec::new(),
    }
}

/// The statement that makes a table of these columns, with their names and types alone.
pub(super) fn created(table: &str, columns: &[ColumnDefinition]) -> String {
    let columns = columns.iter().map(|column| {
        let not_null = if column.not_null { " NOT NULL" } else { "" };
        format!("{} {}{not_null}", quoted(&column.name), column.declared_type).trim_end().to_owned()
    });
    format!("CREATE TABLE {} ({})", quoted(table), columns.collect::<Vec<_>>().join(", "))
}
