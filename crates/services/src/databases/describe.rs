//! What there is to say of a database: what the server knows, and what stands in it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt, stream};
use model::{
    Access, Database, FileState, ForeignKey, ObjectKind, Principal, Result, SchemaObject, TableInfo, TableKind,
};
use tracing::warn;

use super::{DatabaseRecord, Databases};
use crate::row_ids::{ROW_IDS, RowIdFault};
use crate::{Notes, TableNotes};

/// How many databases are looked into at a time for a list.
const AT_A_TIME: usize = 8;

/// A database with what stands in it.
#[derive(Clone, Debug)]
pub struct Description {
    /// What the server knows of it.
    pub record: Arc<DatabaseRecord>,
    /// What there is to say of its file, for one that is a file.
    pub file: Option<DatabaseFile>,
    /// Tables and views, and of a file its indexes and triggers, in the order that they are shown in.
    pub objects: Vec<SchemaObject>,
    /// How many rows tables of a file have, by name; nothing of those that take too long to count.
    pub rows: HashMap<String, u64>,
    /// What is noted of them.
    pub notes: Notes,
}

/// How much is done to count the rows of one database's tables.
#[derive(Clone, Copy)]
struct Effort {
    /// The rows of the largest table that is counted.
    most: u64,
    /// The time that all tables together have.
    time: Duration,
}

impl Effort {
    /// For a database that somebody looks at.
    const ONE: Self = Self { most: 1_000_000, time: Duration::from_millis(200) };
    /// For one in a list of many.
    const LISTED: Self = Self { most: 10_000, time: Duration::from_millis(20) };
}

/// What there is to say of a database's file. The time is RFC 3339, UTC, with milliseconds.
#[derive(Clone, Debug)]
pub struct DatabaseFile {
    /// Bytes that the committed state takes.
    pub bytes: u64,
    /// Grows with every change of a definition.
    pub schema_version: i64,
    /// A number of the file's own.
    pub user_version: i64,
    /// When it was last written.
    pub modified_at: String,
}

impl From<FileState> for DatabaseFile {
    fn from(state: FileState) -> Self {
        let modified = chrono::DateTime::<chrono::Utc>::from(state.modified);
        Self {
            bytes: state.bytes,
            schema_version: state.schema_version,
            user_version: state.user_version,
            modified_at: modified.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
        }
    }
}

impl Databases {
    /// Describes a database.
    ///
    /// # Errors
    /// As [`Databases::open_id`] for reading, and those of its storage.
    pub async fn describe(&self, principal: &Principal, id: &str) -> Result<Description> {
        let opened = self.open_id(principal, id, Access::Read).await?;
        self.look_into(opened.record, opened.database.as_ref(), Effort::ONE).await
    }

    /// Describes every database that [`Databases::records`] lists and `principal` may read. One whose storage fails is
    /// listed without what stands in it.
    ///
    /// # Errors
    /// Those of the metadata database.
    pub async fn describe_all(&self, principal: &Principal) -> Result<Vec<Description>> {
        let mut records = self.records(principal).await?;
        records.retain(|record| super::authorise::granted(principal, record).allow(Access::Read));
        let described = stream::iter(records).map(|record| self.described(record)).buffered(AT_A_TIME);
        Ok(described.collect().await)
    }

    async fn described(&self, record: DatabaseRecord) -> Description {
        let record = Arc::new(record);
        let looked = async {
            let database = self.storage(record.info.kind)?.open(&record.stored_as).await?;
            self.look_into(Arc::clone(&record), database.as_ref(), Effort::LISTED).await
        };
        match looked.await {
            Ok(description) => description,
            Err(error) => {
                let source = std::error::Error::source(&error);
                warn!(id = %record.info.id, %error, source, "a database could not be looked into for a list");
                Description { record, file: None, objects: Vec::new(), rows: HashMap::new(), notes: Notes::default() }
            }
        }
    }

    async fn look_into(
        &self,
        record: Arc<DatabaseRecord>,
        database: &dyn Database,
        effort: Effort,
    ) -> Result<Description> {
        let notes = TableNotes::new(self.0.metadata.clone()).tables(&record.info.id).await?;
        let (file, mut objects, rows) = match database.as_file() {
            Some(file) => {
                let (state, objects) = (file.state().await?, file.objects().await?);
                (Some(state.into()), objects, file.row_counts(effort.most, effort.time).await?)
            }
            None => (None, database.tables().await?.into_iter().map(object).collect(), HashMap::new()),
        };
        notes.sort(&mut objects, |object| &object.name);
        Ok(Description { record, file, objects, rows, notes })
    }
}

/// A table of a database that is no file, as an entry of one.
fn object(table: TableInfo) -> SchemaObject {
    SchemaObject {
        // Names of the schema that everything is looked up in stand alone.
        name: if table.name.schema == "main" { table.name.table.clone() } else { table.name.to_string() },
        table: table.name.table,
        kind: if table.kind == TableKind::View { ObjectKind::View } else { ObjectKind::Table },
        root_page: 0,
        sql: table.definition,
    }
}

/// Refuses tables whose rows have no number, by which the APIs address them, and references to that number, which the
/// database could not follow.
pub(super) async fn check_supported(database: &dyn Database) -> Result<()> {
    for info in database.tables().await?.into_iter().filter(|info| info.kind == TableKind::Table) {
        let definition = database.definition(&info.name.table).await?;
        if definition.row_id.is_none() {
            return Err(RowIdFault::Missing { table: info.name.table }.into());
        }
        for key in &definition.foreign_keys {
            check_reference(database, key).await?;
        }
    }
    Ok(())
}

async fn check_reference(database: &dyn Database, key: &ForeignKey) -> Result<()> {
    let is_row_id = |name: &String| ROW_IDS.iter().any(|row_id| name.eq_ignore_ascii_case(row_id));
    let Some(at) = key.references.iter().position(is_row_id) else { return Ok(()) };
    // A column of that name is a column like any other; a table that is not there yet may get one.
    let Ok(referenced) = database.definition(&key.table).await else { return Ok(()) };
    if referenced.columns.iter().any(|column| column.name.eq_ignore_ascii_case(&key.references[at])) {
        return Ok(());
    }
    let column = key.columns.get(at).cloned().unwrap_or_default();
    Err(RowIdFault::Referenced { column, table: key.table.clone() }.into())
}
