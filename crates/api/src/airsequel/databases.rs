//! `/api/dbs` and `/api/dbs/{dbId}`

use std::collections::HashMap;

use model::{ObjectKind, SchemaObject};
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{Enum, Object, OpenApi};
use serde::Deserialize;
use services::{DatabaseChange, Databases, Description, Notes};

use super::caller::Anyone;
use super::nothing::Nothing;
use super::text_nullable::TextNullable;
use super::{Json as JsonBody, Reply, Tag};
use crate::count::Count;
use crate::name::Name;
use crate::one_of::{OneOf, Words};

/// The words for who can find a database.
pub struct Visibilities;

impl Words for Visibilities {
    const WORDS: &'static [&'static str] = &["public", "private"];
}

/// A database.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct Database {
    /// Whether what is written is noted in the audit.
    auditing: bool,
    /// When it was made: UTC, with milliseconds.
    created_utc: String,
    /// What it is about.
    description: Option<String>,
    /// A free label, such as `production`.
    environment: Option<String>,
    /// When it is removed, for one that nobody owns.
    expiration_utc: Option<String>,
    /// What it was made from: `sqlite` or `csv`; `sqlite` as well where it was made here, and `delta` for tables that are no
    /// SQLite file.
    file_format: String,
    /// The name of the file that it was made from.
    file_name: Option<String>,
    /// Its id.
    id: String,
    /// When its file was last written, where it is one: UTC, with milliseconds.
    last_modified_utc: String,
    /// Where it is; servers that run in one place say nothing.
    location: Option<Location>,
    /// What it is shown as.
    name: String,
    /// The team that it belongs to.
    owner: Option<String>,
    /// Whoever knows this id may read the database.
    readonly_id: String,
    /// Whether definitions of tables cannot be changed.
    schema_locked: bool,
    /// A number that every change of a definition raises; 0 where it is no SQLite file.
    schema_version: i64,
    /// Bytes of its SQLite file; 0 where it is none.
    size: Count,
    /// Tables and views, indexes and triggers, in the order that they are shown in.
    tables: Vec<TableEntry>,
    /// The file's own version number, which applications set.
    user_version: i64,
    /// Whether views are shown apart from tables.
    views_tab: bool,
    /// Who can find it: those of its team, or whoever knows its id.
    visibility: OneOf<Visibilities>,
}

/// A place on earth.
#[derive(Debug, Object)]
pub struct Location {
    /// Degrees north.
    lat: f64,
    /// Degrees east.
    long: f64,
    /// What it is called.
    name: String,
}

/// What an entry of a schema is.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename_all = "PascalCase")]
pub enum ObjectType {
    /// A table.
    Table,
    /// A view.
    View,
    /// An index.
    Index,
    /// A trigger.
    Trigger,
}

/// An entry of a database's schema, as SQLite keeps it.
#[derive(Debug, Object)]
pub struct TableEntry {
    /// Its name.
    name: String,
    /// The table that it belongs to; its own name for tables and views.
    tbl_name: String,
    /// What it is.
    object_type: ObjectType,
    /// The page of the file where it begins; 0 for what has no pages.
    rootpage: i64,
    /// The statement that made it; empty where there was none.
    sql: String,
    /// What it is about.
    description: Option<String>,
    /// How many rows a table of a SQLite file has. `null` for everything else, and for tables that take too long to count:
    /// those with more than a million rows, in a list of databases with more than 10,000. Reading a table tells it always.
    #[oai(rename = "numberOfRows")]
    number_of_rows: Option<Count>,
}

/// Databases.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct DatabaseList {
    /// The databases, by name.
    databases: Vec<Database>,
    /// How many there are.
    number_of_databases: Count,
}

/// What is to be other than before. What is left out stays as it is.
#[derive(Object, Deserialize)]
pub struct DatabasePatch {
    /// What it is about.
    #[serde(default)]
    #[oai(validator(max_length = 10000))]
    description: TextNullable,
    /// What it is shown as. In SQL it has the same name, where no other database has it.
    name: Option<Name>,
    /// The team that it belongs to. Without one it is the server's own, which takes an admin of the server.
    #[serde(default)]
    owner: TextNullable,
}

impl TableEntry {
    fn new(object: SchemaObject, rows: &HashMap<String, u64>, notes: &Notes) -> Self {
        let object_type = match object.kind {
            ObjectKind::Table => ObjectType::Table,
            ObjectKind::View => ObjectType::View,
            ObjectKind::Index => ObjectType::Index,
            ObjectKind::Trigger => ObjectType::Trigger,
        };
        Self {
            description: notes.description(&object.name).map(str::to_owned),
            number_of_rows: (object.kind == ObjectKind::Table)
                .then(|| rows.get(&object.name).copied().map(Count))
                .flatten(),
            name: object.name,
            tbl_name: object.table,
            object_type,
            rootpage: object.root_page,
            sql: object.sql.unwrap_or_default(),
        }
    }
}

impl From<Description> for Database {
    fn from(description: Description) -> Self {
        let Description { record, file, objects, rows, notes } = description;
        let made_from = if file.is_some() { "sqlite" } else { "delta" };
        Self {
            auditing: record.auditing,
            created_utc: record.created_at.clone(),
            description: record.description.clone(),
            environment: record.environment.clone(),
            expiration_utc: record.expires_at.clone(),
            file_format: record.file_format.clone().unwrap_or_else(|| made_from.to_owned()),
            file_name: record.file_name.clone(),
            id: record.info.id.to_string(),
            last_modified_utc: file.as_ref().map_or(&record.created_at, |file| &file.modified_at).clone(),
            location: None,
            name: record.title().to_owned(),
            owner: record.owner.as_ref().map(|owner| owner.name.clone()),
            readonly_id: record.readonly_id.clone().unwrap_or_default(),
            schema_locked: record.schema_locked,
            schema_version: file.as_ref().map_or(0, |file| file.schema_version),
            size: Count(file.as_ref().map_or(0, |file| file.bytes)),
            tables: objects.into_iter().map(|object| TableEntry::new(object, &rows, &notes)).collect(),
            user_version: file.as_ref().map_or(0, |file| file.user_version),
            views_tab: record.views_tab,
            visibility: OneOf::new(record.visibility.as_str()),
        }
    }
}

/// The operations on databases as a whole.
pub struct DatabaseApi {
    pub(super) databases: Databases,
}

#[OpenApi(tag = "Tag::Databases")]
impl DatabaseApi {
    /// List databases
    ///
    /// Those that the caller has any right to read by a team or a token, by name; an admin of the server sees all. Public
    /// databases of others are for those who know their ids, and are in no list.
    #[oai(path = "/api/dbs", method = "get", operation_id = "list_databases")]
    async fn list(&self, Anyone(me): Anyone) -> Reply<Json<DatabaseList>> {
        let databases: Vec<Database> =
            self.databases.describe_all(&me).await?.into_iter().map(Database::from).collect();
        Ok(Json(DatabaseList { number_of_databases: Count(databases.len() as u64), databases }))
    }

    /// Describe a database
    ///
    /// What is known of it and what stands in it. Takes read access.
    #[oai(path = "/api/dbs/:dbId", method = "get", operation_id = "get_database")]
    async fn get(
        &self,
        Anyone(me): Anyone,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
    ) -> Reply<Json<Database>> {
        Ok(Json(self.databases.describe(&me, &db_id.0).await?.into()))
    }

    /// Change what is known of a database
    ///
    /// All that is named changes, or nothing. Takes the role Admin in the team that owns the database, and in the one that
    /// is to own it.
    #[oai(path = "/api/dbs/:dbId", method = "patch", operation_id = "change_database")]
    async fn change(
        &self,
        Anyone(me): Anyone,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
        patch: JsonBody<DatabasePatch>,
    ) -> Reply<Json<Nothing>> {
        let DatabasePatch { description, name, owner } = patch.value;
        let change =
            DatabaseChange { name: name.map(|name| name.0), description: description.change(), owner: owner.change() };
        self.databases.change(&me, &db_id.0, change).await?;
        Ok(Json(Nothing {}))
    }

    /// Remove a database
    ///
    /// With everything in it, and everything known of it: tables, charts, variables, permissions of tokens. Takes the role
    /// Admin in the team that owns it.
    #[oai(path = "/api/dbs/:dbId", method = "delete", operation_id = "remove_database")]
    async fn remove(
        &self,
        Anyone(me): Anyone,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
    ) -> Reply<Json<Nothing>> {
        self.databases.remove_id(&me, &db_id.0).await?;
        Ok(Json(Nothing {}))
    }

    /// Give back the space of what was deleted
    ///
    /// Runs SQLite's `VACUUM`: the file is written anew without the pages that nothing uses. Takes the role Admin in the team
    /// that owns the database.
    #[oai(path = "/api/dbs/:dbId/vacuum", method = "post", operation_id = "vacuum_database")]
    async fn vacuum(
        &self,
        Anyone(me): Anyone,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
    ) -> Reply<Json<Nothing>> {
        self.databases.vacuum(&me, &db_id.0).await?;
        Ok(Json(Nothing {}))
    }
}
