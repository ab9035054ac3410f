//! `POST /api/dbs`

use model::{Error, Result};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};
use serde::Deserialize;
use services::{DatabaseRecord, Databases, NewDatabase};

use super::caller::Anyone;
use super::{Json as JsonBody, Reply, Tag};
use crate::name::Name;
use crate::one_of::{OneOf, Words};

/// The words for what a database is made from.
pub struct FileFormats;

impl Words for FileFormats {
    const WORDS: &'static [&'static str] = &["sqlite", "csv"];
}

/// What a new database is to be.
#[derive(Object, Deserialize)]
#[serde(rename_all = "camelCase")]
#[oai(rename_all = "camelCase")]
pub struct CreateDatabase {
    /// What it is shown as.
    name: Name,
    /// SQL that makes its tables, one statement or several; they run in one transaction.
    query: Option<String>,
    /// The team that is to own it; the caller's own unless given.
    team: Option<String>,
    /// What the caller made it from.
    file_format: Option<OneOf<FileFormats>>,
}

/// A database that was made.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct DbCreated {
    /// Its id.
    id: String,
    /// The team that owns it.
    owner_name: Option<String>,
    /// Since when.
    ownership_utc: Option<String>,
}

impl From<DatabaseRecord> for DbCreated {
    fn from(record: DatabaseRecord) -> Self {
        let (owner_name, ownership_utc) = record.owner.map(|owner| (owner.name, owner.since)).unzip();
        Self { id: record.info.id.to_string(), owner_name, ownership_utc }
    }
}

impl CreateDatabase {
    fn new(self) -> Result<(NewDatabase, Option<String>)> {
        let file_format = self.file_format.map(|format| known(format.text)).transpose()?;
        Ok((NewDatabase { name: self.name.0, team: self.team, file_format, ..NewDatabase::default() }, self.query))
    }
}

fn known(format: String) -> Result<String> {
    if FileFormats::WORDS.contains(&format.as_str()) {
        return Ok(format);
    }
    Err(Error::invalid(format!("`fileFormat` {format:?} is not one of {}", FileFormats::WORDS.join(", "))))
}

/// The operation that makes databases.
pub struct CreateApi {
    pub(super) databases: Databases,
}

#[OpenApi(tag = "Tag::Databases")]
impl CreateApi {
    /// Create a database
    ///
    /// A new SQLite database, with what `query` makes in it: all of it, or there is no database. Tables that are
    /// `WITHOUT ROWID` are refused, and so are references to the rowid of another table. It belongs to `team`, in which the
    /// caller must be Admin or Editor, else to the caller's own team, and is private. Where the server allows databases
    /// without an owner, they are public for whoever knows their id, and removed after ten days.
    #[oai(path = "/api/dbs", method = "post", operation_id = "create_database")]
    async fn create(&self, Anyone(me): Anyone, request: JsonBody<CreateDatabase>) -> Reply<Json<DbCreated>> {
        let (new, script) = request.value.new()?;
        Ok(Json(self.databases.create_sqlite(&me, new, script).await?.into()))
    }
}
