//! What there is: databases, schemas, tables and views, as far as a query asks for them.

use std::sync::Arc;

use arrow::datatypes::{Field, Schema, SchemaRef};
use model::{
    Access, COMMENT, Commented, Database, DatabaseInfo, ErrorKind, Result, StorageKind, TableInfo, TableKind, sql_type,
};

use super::Wanted;
use crate::database::LakehouseDatabase;
use crate::engine::context::Context;
use crate::engine::information_schema::SCHEMA;
use crate::engine::parse;
use crate::stored::{self, StoredTable};

/// A schema of a database.
pub struct SchemaEntry {
    /// The database.
    pub database: DatabaseInfo,
    /// The schema's name.
    pub name: String,
    /// What people say of it.
    pub comment: Option<String>,
}

/// A table or view, with its columns where they were asked for.
pub struct Entry {
    /// The database.
    pub database: DatabaseInfo,
    /// Name and kind.
    pub info: TableInfo,
    /// Its columns; none where they were not asked for, and for a view that cannot be planned any more.
    pub columns: SchemaRef,
    /// What people say of it.
    pub comment: Option<String>,
    /// How many rows the log says that it has.
    pub rows: Option<i64>,
}

/// The databases that the caller may know of.
pub async fn databases(context: &Context, wanted: &Wanted) -> Result<Vec<DatabaseInfo>> {
    if wanted.restriction.is_nothing() {
        return Ok(Vec::new());
    }
    let mut databases = context.catalogs.list().await?;
    databases.retain(|info| wanted.restriction.database(info.name.as_str()));
    Ok(databases)
}

/// A database of the list. One that cannot be read says nothing of the others: it is left out, and logged. One that was
/// removed meanwhile is left out.
async fn opened(context: &Context, info: &DatabaseInfo) -> Result<Option<Arc<dyn Database>>> {
    let read = async {
        let database = context.open(info.name.as_str(), Access::Read).await?;
        database.tables().await?;
        Ok::<_, model::Error>(database)
    };
    match read.await {
        Ok(database) => Ok(Some(database)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) if info.kind == StorageKind::Sqlite && error.kind() != ErrorKind::Cancelled => {
            tracing::warn!(database = %info.name, %error, "a database cannot be read and is not listed");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Every schema, with the one that the server fills.
pub async fn schemas(context: &Context, wanted: &Wanted) -> Result<Vec<SchemaEntry>> {
    let mut entries = Vec::new();
    for info in databases(context, wanted).await? {
        let Some(database) = opened(context, &info).await? else { continue };
        let mut names = database.schemas().await?;
        names.push(SCHEMA.to_owned());
        let comments = database.comments().await?;
        for name in names.into_iter().filter(|name| wanted.restriction.schema(name)) {
            let about = comments.iter().find(|comment| matches!(&comment.on, Commented::Schema(on) if *on == name));
            let comment = about.map(|comment| comment.text.clone());
            entries.push(SchemaEntry { database: info.clone(), name, comment });
        }
    }
    Ok(entries)
}

/// Every table and view; their logs are read where `deep`.
pub async fn tables(context: &Context, wanted: &Wanted, deep: bool) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for info in databases(context, wanted).await? {
        let Some(database) = opened(context, &info).await? else { continue };
        let comments = database.comments().await?;
        for table in database.tables().await? {
            if !wanted.restriction.schema(&table.name.schema) || !wanted.restriction.table(&table.name.table) {
                continue;
            }
            let mut entry = Entry {
                database: info.clone(),
                columns: Arc::new(Schema::empty()),
                comment: None,
                rows: None,
                info: table,
            };
            if entry.info.kind == TableKind::View {
                let is = |on: &Commented| matches!(on, Commented::View(name) if name.key() == entry.info.name.key());
                entry.comment = comments.iter().find(|comment| is(&comment.on)).map(|comment| comment.text.clone());
            }
            if deep {
                entry.look(context).await?;
            }
            entries.push(entry);
        }
    }
    Ok(entries)
}

impl Entry {
    /// Reads the columns, and what else the log says.
    async fn look(&mut self, context: &Context) -> Result<()> {
        let database = context.open(self.database.name.as_str(), Access::Read).await?;
        if self.info.kind == TableKind::View && !stored::keeps(database.as_ref()) {
            self.columns = Arc::new(view_columns(context, &self.database, &self.info).await?);
            return Ok(());
        }
        if stored::keeps(database.as_ref()) {
            return self.look_at_stored(database).await;
        }
        let columns = match database.columns(&self.info.name).await {
            Ok(columns) => columns,
            // It was dropped since the list was made.
            Err(error) if error.kind() == model::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        self.comment = columns.metadata().get(COMMENT).cloned();
        self.columns = columns;
        if let Some(lakehouse) = database.as_any().downcast_ref::<LakehouseDatabase>() {
            let snapshot = lakehouse.snapshot(&self.info.name).await?;
            let counts = snapshot.files.iter().map(|file| file.statistics.planning.num_rows.get_value().copied());
            self.rows = counts.sum::<Option<usize>>().and_then(|rows| i64::try_from(rows).ok());
        }
        Ok(())
    }

    /// The same of a table or view that is no lakehouse's. One that cannot be read any more has no columns.
    async fn look_at_stored(&mut self, database: Arc<dyn Database>) -> Result<()> {
        let (catalog, kind) = (self.database.name.as_str(), self.info.kind);
        let opened = StoredTable::open(database, catalog, self.info.name.clone(), kind).await;
        match opened {
            Ok(table) => {
                self.columns = table.columns().clone();
                self.comment = self.columns.metadata().get(COMMENT).cloned().or(self.comment.take());
                self.rows = table.rows().and_then(|rows| i64::try_from(rows).ok());
                Ok(())
            }
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Invalid) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The statement that makes it.
    pub fn sql(&self) -> String {
        let name = quoted(&self.info.name.table);
        if let Some(definition) = &self.info.definition {
            // A database with a dialect of its own keeps the whole statement.
            let whole = definition.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("create"));
            return if whole { format!("{definition};") } else { format!("CREATE VIEW {name} AS {definition};") };
        }
        let columns = self.columns.fields().iter().map(|field| {
            let null = if field.is_nullable() { "" } else { " NOT NULL" };
            format!("{} {}{null}", quoted(field.name()), sql_type(field.data_type()))
        });
        format!("CREATE TABLE {name}({});", columns.collect::<Vec<_>>().join(", "))
    }
}

/// A name as SQL has it: in quotes only where it must be.
pub fn quoted(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// A number that stands for a name, the same in every system table.
pub fn oid(parts: &[&str]) -> Option<i64> {
    // FNV-1a; the separator keeps ("a", "bc") and ("ab", "c") apart.
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0]));
    let hash =
        bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    i64::try_from(hash >> 24).ok()
}

async fn view_columns(context: &Context, database: &DatabaseInfo, view: &TableInfo) -> Result<Schema> {
    let definition = view.definition.as_deref().unwrap_or_default();
    let inside = context.inside_view(database.name.as_str(), &view.name.schema, &view.name.table)?;
    let Ok(Some(sqlparser::ast::Statement::Query(query))) = parse::statements(definition).map(|mut all| all.pop())
    else {
        return Ok(Schema::empty());
    };
    let planned = Box::pin(async move { inside.plan(*query, &inside.state()).await }).await;
    let Ok(plan) = planned else { return Ok(Schema::empty()) };
    // As in DuckDB, a view promises no values.
    let fields = plan.schema().fields().iter().map(|field| field.as_ref().clone().with_nullable(true));
    Ok(Schema::new(fields.collect::<Vec<Field>>()))
}
