//! Another file in the place of a database.

use model::{Access, Database, Error, ObjectKind, Principal, Result, SchemaObject, StorageKind};

use super::create::no_file;
use super::{DatabaseRecord, Databases, ids, records};
use crate::ScratchFile;

impl Databases {
    /// Puts the SQLite database in `file` in the place of this one, in one step: ids, settings and what is known of its
    /// tables stay.
    ///
    /// # Errors
    /// As [`Databases::record`] without admin access; `Invalid` for a file that is no sound database; `Conflict` where the
    /// schema is locked and the file has another one; `Unsupported` for a database that is no file. Nothing changes then.
    pub async fn replace(&self, principal: &Principal, id: &str, file: &ScratchFile) -> Result<DatabaseRecord> {
        let opened = self.open_id(principal, id, Access::Admin).await?;
        let current = opened.database.as_file().ok_or_else(no_file)?;
        if opened.record.schema_locked {
            let other = self.schema_of(file).await?;
            if schema(current.objects().await?) != other {
                return Err(Error::conflict(
                    "the schema is locked and the uploaded file has another one; unlock it in the settings first",
                ));
            }
        }
        current.replace_with(file.path()).await?;
        let mut record = (*opened.record).clone();
        record.file_format = Some("sqlite".to_owned());
        let noted = record.info.id.to_string();
        self.0
            .metadata
            .call(move |connection| {
                let sql = "UPDATE databases SET file_format = 'sqlite' WHERE id = ?1";
                connection.execute(sql, [noted]).map_err(crate::metadata::fault)
            })
            .await?;
        Ok(record)
    }

    /// What stands in a file, found by the storage itself: in a database that nobody sees.
    async fn schema_of(&self, file: &ScratchFile) -> Result<Vec<Entry>> {
        let storage = self.storage(StorageKind::Sqlite)?;
        let copy = file.copy().await?;
        let id = ids::database_id()?;
        let noted = id.clone();
        self.0.metadata.call(move |connection| records::note_removal(connection, &noted, StorageKind::Sqlite)).await?;
        let looked = async {
            storage.create(&id).await?;
            let database = storage.open(&id).await?;
            let other: &dyn Database = database.as_ref();
            let other = other.as_file().ok_or_else(no_file)?;
            other.replace_with(copy.path()).await?;
            other.objects().await
        };
        let looked = looked.await;
        self.remove_files(&id, StorageKind::Sqlite).await?;
        looked.map(schema)
    }
}

/// What two schemas are compared by.
type Entry = (String, u8, String, Option<String>);

fn schema(objects: Vec<SchemaObject>) -> Vec<Entry> {
    let kind = |kind| match kind {
        ObjectKind::Table => 0,
        ObjectKind::View => 1,
        ObjectKind::Index => 2,
        ObjectKind::Trigger => 3,
    };
    let mut entries: Vec<Entry> =
        objects.into_iter().map(|object| (object.name, kind(object.kind), object.table, object.sql)).collect();
    entries.sort();
    entries
}
