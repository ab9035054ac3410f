//! Apps: pages of HTML that are kept beside a database and served with it.

use model::{Access, DatabaseId, Error, Principal, Result};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::charts::store::check_room;
use crate::metadata::fault;
use crate::{Databases, Metadata};

/// The largest page, in bytes.
pub const MAX_APP_BYTES: usize = 4 << 20;
/// The longest id, name and description, in characters.
const ID_CHARS: usize = 64;
const NAME_CHARS: usize = 255;
const DESCRIPTION_CHARS: usize = 10_000;

/// The apps of databases. Clones share everything.
#[derive(Clone)]
pub struct Apps {
    metadata: Metadata,
    databases: Databases,
}

/// What there is to say of an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// What it is known by within its database.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// When it was made: RFC 3339, UTC, with milliseconds.
    pub created_at: String,
    /// Bytes of its page.
    pub size: u64,
}

/// An app that is to be kept. Without name or description one that is there keeps its own.
#[derive(Clone, Debug)]
pub struct AppUpload {
    /// What it is to be called; the name of its file where there is none, and then its id.
    pub name: Option<String>,
    /// The name of the file, without a path.
    pub file_name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Its page: HTML in UTF-8.
    pub html: Vec<u8>,
}

impl Apps {
    pub(crate) fn new(metadata: Metadata, databases: Databases) -> Self {
        Self { metadata, databases }
    }

    /// The apps of a database, in the order of their creation, and the id of the database.
    ///
    /// # Errors
    /// As [`Databases::open_id`] for reading.
    pub async fn list(&self, principal: &Principal, database: &str) -> Result<Vec<App>> {
        let id = self.database(principal, database, Access::Read).await?;
        self.metadata.call(move |connection| list(connection, id.as_str())).await
    }

    /// Keeps an app, in the place of the one that has its id.
    ///
    /// # Errors
    /// As [`Databases::open_id`] for writing; `Invalid` for an id, name or page that cannot be; `TooLarge` for a page that is.
    pub async fn put(&self, principal: &Principal, database: &str, app: &str, upload: AppUpload) -> Result<App> {
        let id = self.database(principal, database, Access::Write).await?;
        check_id(app)?;
        check(&upload)?;
        let app = app.to_owned();
        self.metadata.call(move |connection| put(connection, id.as_str(), &app, &upload)).await
    }

    /// The page of an app.
    ///
    /// # Errors
    /// As [`Databases::open_id`] for reading; `NotFound` for an unknown app.
    pub async fn page(&self, principal: &Principal, database: &str, app: &str) -> Result<Vec<u8>> {
        let id = self.database(principal, database, Access::Read).await?;
        let wanted = app.to_owned();
        let page = self.metadata.call(move |connection| {
            const SELECT: &str = "SELECT html FROM apps WHERE database_id = ?1 AND id = ?2";
            connection.query_row(SELECT, [id.as_str(), &wanted], |row| row.get(0)).optional().map_err(fault)
        });
        page.await?.ok_or_else(|| Error::not_found("app", app))
    }

    /// Removes an app.
    ///
    /// # Errors
    /// As [`Databases::open_id`] for writing; `NotFound` for an unknown app.
    pub async fn remove(&self, principal: &Principal, database: &str, app: &str) -> Result<()> {
        let id = self.database(principal, database, Access::Write).await?;
        let wanted = app.to_owned();
        let removed = self.metadata.call(move |connection| {
            const DELETE: &str = "DELETE FROM apps WHERE database_id = ?1 AND id = ?2";
            connection.execute(DELETE, [id.as_str(), &wanted]).map_err(fault)
        });
        if removed.await? == 1 { Ok(()) } else { Err(Error::not_found("app", app)) }
    }

    async fn database(&self, principal: &Principal, database: &str, access: Access) -> Result<DatabaseId> {
        let (record, _) = self.databases.record(principal, database, access).await?;
        Ok(record.info.id.clone())
    }
}

fn check_id(id: &str) -> Result<()> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if id.is_empty() || id.len() > ID_CHARS || !id.chars().all(plain) {
        return Err(Error::invalid(format!(
            "{id:?} is no id of an app; use 1 to {ID_CHARS} letters, digits, hyphens and underscores"
        )));
    }
    Ok(())
}

fn check(upload: &AppUpload) -> Result<()> {
    if upload.html.len() > MAX_APP_BYTES {
        return Err(Error::too_large(format!("an app has at most {MAX_APP_BYTES} bytes; send a shorter `file`")));
    }
    if upload.html.trim_ascii().is_empty() {
        return Err(Error::invalid("`file` is empty; send a page of HTML"));
    }
    if std::str::from_utf8(&upload.html).is_err() || upload.html.contains(&0) {
        return Err(Error::invalid("`file` is no text in UTF-8; send a page of HTML"));
    }
    for (part, text, most) in
        [("name", &upload.name, NAME_CHARS), ("description", &upload.description, DESCRIPTION_CHARS)]
    {
        let length = text.as_ref().map_or(0, |text| text.chars().count());
        if length > most {
            return Err(Error::invalid(format!("`{part}` has {length} characters; give at most {most}")));
        }
    }
    Ok(())
}

const SELECT: &str = "SELECT id, name, description, created_at, length(html) FROM apps WHERE database_id = ?1";

fn app(row: &Row<'_>) -> rusqlite::Result<App> {
    let size: i64 = row.get(4)?;
    Ok(App {
        id: row.get(0)?,
        name: row.get(1)?,
        description: row.get(2)?,
        created_at: row.get(3)?,
        size: size.unsigned_abs(),
    })
}

fn list(connection: &Connection, database: &str) -> Result<Vec<App>> {
    let mut statement = connection.prepare_cached(&format!("{SELECT} ORDER BY rowid")).map_err(fault)?;
    let apps = statement.query_map([database], app).map_err(fault)?;
    apps.collect::<rusqlite::Result<_>>().map_err(fault)
}

fn find(connection: &Connection, database: &str, id: &str) -> Result<Option<App>> {
    let mut statement = connection.prepare_cached(&format!("{SELECT} AND id = ?2")).map_err(fault)?;
    statement.query_row([database, id], app).optional().map_err(fault)
}

fn put(connection: &mut Connection, database: &str, id: &str, upload: &AppUpload) -> Result<App> {
    const UPSERT: &str = "INSERT INTO apps (database_id, id, name, description, html) VALUES (?1, ?2, ?3, ?4, ?5) \
        ON CONFLICT (database_id, id) DO UPDATE SET name = excluded.name, description = excluded.description, \
        html = excluded.html";
    let transaction = connection.transaction().map_err(fault)?;
    let before = find(&transaction, database, id)?;
    if before.is_none() {
        check_room(&transaction, database, "apps")?;
    }
    let (old_name, old_description) = before.map_or((None, None), |app| (Some(app.name), app.description));
    let given = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let file_name = given(&upload.file_name).map(|name| name.chars().take(NAME_CHARS).collect());
    let name = given(&upload.name).or(old_name).or(file_name).unwrap_or_else(|| id.to_owned());
    let description = upload.description.clone().or(old_description);
    transaction.execute(UPSERT, params![database, id, name, description, upload.html]).map_err(fault)?;
    let kept = find(&transaction, database, id)?;
    transaction.commit().map_err(fault)?;
    kept.ok_or_else(|| Error::internal("an app that was just kept is not there"))
}
