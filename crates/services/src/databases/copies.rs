//! Copies of a database: to keep elsewhere, and as a database of its own.

use model::{Access, Principal, Result};
use rusqlite::Connection;
use ulid::Ulid;

use super::create::no_file;
use super::{DatabaseRecord, Databases, NewDatabase};
use crate::metadata::fault;
use crate::{ScratchFile, Staging};

/// A database as a file, at one committed state.
pub struct Download {
    /// The file; it is removed when this drops.
    pub file: ScratchFile,
    /// How long it is.
    pub bytes: u64,
    /// What it is to be called.
    pub file_name: String,
}

impl Databases {
    /// Copies one committed state of a database into a file, while others read and write.
    ///
    /// # Errors
    /// As [`Databases::open_id`] for reading; `Unsupported` for a database that is no file.
    pub async fn download(&self, principal: &Principal, id: &str, staging: &Staging) -> Result<Download> {
        let opened = self.open_id(principal, id, Access::Read).await?;
        let file = staging.file();
        opened.database.as_file().ok_or_else(no_file)?.copy_to(file.path()).await?;
        let bytes = file.bytes().await?;
        Ok(Download { file, bytes, file_name: format!("{}.sqlite", opened.record.title()) })
    }

    /// Gives back the space of what was deleted in a database.
    ///
    /// # Errors
    /// As [`Databases::open_id`] without admin access; `Unsupported` for a database that is no file.
    pub async fn vacuum(&self, principal: &Principal, id: &str) -> Result<()> {
        let opened = self.open_id(principal, id, Access::Admin).await?;
        opened.database.as_file().ok_or_else(no_file)?.vacuum().await
    }

    /// Makes a database of the caller's with everything that stands in this one, and what is known of its tables, charts,
    /// dashboards and apps; not its variables, and not who may see it.
    ///
    /// # Errors
    /// As [`Databases::open_id`] for reading and [`Databases::create_sqlite`]; `Unsupported` for a database that is no file.
    pub async fn duplicate(&self, principal: &Principal, id: &str, staging: &Staging) -> Result<DatabaseRecord> {
        self.copy(principal, principal, id, staging).await
    }

    /// The same for the database whose read-only id this is.
    ///
    /// # Errors
    /// As [`Databases::duplicate`].
    pub async fn duplicate_linked(
        &self,
        principal: &Principal,
        readonly_id: &str,
        staging: &Staging,
    ) -> Result<DatabaseRecord> {
        let (reader, id) = self.linked(readonly_id).await?;
        self.copy(principal, &reader, id.as_str(), staging).await
    }

    async fn copy(
        &self,
        principal: &Principal,
        reader: &Principal,
        id: &str,
        staging: &Staging,
    ) -> Result<DatabaseRecord> {
        let opened = self.open_id(reader, id, Access::Read).await?;
        let original = opened.record;
        let new = NewDatabase {
            name: original.title().to_owned(),
            team: None,
            description: original.description.clone(),
            environment: original.environment.clone(),
            file_name: original.file_name.clone(),
            file_format: original.file_format.clone(),
        };
        let copied = staging.file();
        let source = opened.database;
        let filled = self.create_filled(principal, new, Some(original.info.id.clone()), move |database| async move {
            source.as_file().ok_or_else(no_file)?.copy_to(copied.path()).await?;
            database.as_file().ok_or_else(no_file)?.replace_with(copied.path()).await
        });
        filled.await
    }
}

/// Copies what is known of what stands in a database. Ids of charts and dashboards are unique, so theirs are new.
pub(super) fn copy_notes(connection: &Connection, from: &str, to: &str) -> Result<()> {
    const STEPS: [&str; 4] = [
        "INSERT INTO table_notes (database_id, table_key, description, placed, after_key) \
         SELECT ?2, table_key, description, placed, after_key FROM table_notes WHERE database_id = ?1",
        "INSERT INTO column_notes (database_id, table_key, column_key, description, placed, after_key) \
         SELECT ?2, table_key, column_key, description, placed, after_key FROM column_notes WHERE database_id = ?1",
        "INSERT INTO apps (database_id, id, name, description, html) \
         SELECT ?2, id, name, description, html FROM apps WHERE database_id = ?1",
        "UPDATE databases SET views_tab = (SELECT views_tab FROM databases WHERE id = ?1) WHERE id = ?2",
    ];
    for step in STEPS {
        connection.execute(step, (from, to)).map_err(fault)?;
    }
    let charts = copy_charts(connection, from, to).map_err(fault)?;
    copy_dashboards(connection, from, to, &charts).map_err(fault)
}

/// Answers the old and new ids of the charts.
fn copy_charts(connection: &Connection, from: &str, to: &str) -> rusqlite::Result<Vec<(String, String)>> {
    let mut statement = connection.prepare("SELECT id FROM charts WHERE database_id = ?1 ORDER BY id")?;
    let ids = statement.query_map([from], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
    let renewed: Vec<_> = ids.into_iter().map(|id| (id, new_id())).collect();
    for (old, new) in &renewed {
        connection.execute(
            "INSERT INTO charts (id, database_id, title, chart_type, table_name, headers, hide_null_values, \
             label_rotation) SELECT ?3, ?2, title, chart_type, table_name, headers, hide_null_values, label_rotation \
             FROM charts WHERE id = ?1",
            (old, to, new),
        )?;
    }
    Ok(renewed)
}

fn copy_dashboards(
    connection: &Connection,
    from: &str,
    to: &str,
    renewed: &[(String, String)],
) -> rusqlite::Result<()> {
    let mut statement =
        connection.prepare("SELECT title, charts FROM dashboards WHERE database_id = ?1 ORDER BY id")?;
    let rows = statement.query_map([from], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    for row in rows.collect::<rusqlite::Result<Vec<_>>>()? {
        let (title, mut charts) = row;
        for (old, new) in renewed {
            // A JSON array of ids: each stands in quotes of its own.
            charts = charts.replace(&format!("\"{old}\""), &format!("\"{new}\""));
        }
        connection.execute(
            "INSERT INTO dashboards (id, database_id, title, charts) VALUES (?1, ?2, ?3, ?4)",
            (new_id(), to, title, charts),
        )?;
    }
    Ok(())
}

/// A new id of a chart or dashboard.
fn new_id() -> String {
    Ulid::new().to_string().to_lowercase()
}
