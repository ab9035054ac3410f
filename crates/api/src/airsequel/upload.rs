//! `POST /dbs` and `PUT /dbs/{dbId}`

use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, OpenApi};
use services::{Audit, DatabaseRecord, NewDatabase, Uploads};

use super::browser::Visiting;
use super::caller::Anyone;
use super::create::DbCreated;
use super::{Failure, Reply, Tag};
use crate::multipart::{FileForm, Form, ONE_LINE, TextPart};
use crate::name::Name;
use crate::root::ApiSettings;

/// The form around a file that becomes a database.
pub struct DatabaseForm;

impl Form for DatabaseForm {
    const TEXTS: &'static [TextPart] = &[
        TextPart {
            most: model::MAX_NAME_CHARS,
            pattern: Some(ONE_LINE),
            ..TextPart::new(
                "name",
                "What the database is shown as; the name of the file without its ending unless given.",
            )
        },
        TextPart::new("team", "The team that is to own it; the caller's own unless given."),
        TextPart {
            most: 100,
            pattern: Some(ONE_LINE),
            ..TextPart::new("environment", "A free label, such as `production`.")
        },
    ];
    const FILE: &'static str = "A SQLite file, or CSV or TSV with a line of column names.";
    const NAMED: bool = false;

    fn limit(settings: &ApiSettings) -> u64 {
        settings.upload_limit
    }
}

/// The form around a file that takes a database's place.
pub struct ReplacementForm;

impl Form for ReplacementForm {
    const TEXTS: &'static [TextPart] = &[];
    const FILE: &'static str = "A SQLite file.";
    const NAMED: bool = false;

    fn limit(settings: &ApiSettings) -> u64 {
        settings.upload_limit
    }
}

/// The answer to a file.
#[derive(ApiResponse)]
pub enum UploadReply {
    /// The database is there.
    #[oai(status = 200)]
    Made(Json<DbCreated>),
    /// The database is there; a browser finds it at this address.
    #[oai(status = 303)]
    Visited(
        Json<DbCreated>,
        /// Where the database is.
        #[oai(header = "Location")]
        String,
    ),
}

impl UploadReply {
    pub(super) fn new(record: DatabaseRecord, visiting: bool) -> Self {
        let location = format!("/dbs/{}", record.info.id);
        match visiting {
            true => Self::Visited(Json(record.into()), location),
            false => Self::Made(Json(record.into())),
        }
    }
}

/// The operations on files that are databases.
pub struct DatabaseUploadApi {
    pub(super) uploads: Uploads,
    pub(super) audit: Audit,
}

#[OpenApi(tag = "Tag::Databases")]
impl DatabaseUploadApi {
    /// Upload a file as a new database
    ///
    /// What the file is is told by its first bytes. A SQLite file is checked and then kept byte for byte; CSV and TSV are
    /// read into one table that is called after the file, with types that fit all values. Whose it is and who sees it is as
    /// for `POST /api/dbs`. A file larger than the server's limit (100 MB unless set) is 413. A browser that sends a form
    /// is led to the database.
    #[oai(path = "/dbs", method = "post", operation_id = "upload_database")]
    async fn create(
        &self,
        Anyone(me): Anyone,
        Visiting(visiting): Visiting,
        mut form: FileForm<DatabaseForm, Failure>,
    ) -> Reply<UploadReply> {
        let new = NewDatabase {
            name: form.text("name").unwrap_or_default(),
            team: form.text("team"),
            environment: form.text("environment"),
            ..NewDatabase::default()
        };
        let made = self.uploads.create(&me, new, form.file_name.as_deref(), form.file).await?;
        Ok(UploadReply::new(made, visiting))
    }

    /// Put a file in the place of a database
    ///
    /// The SQLite file is checked and takes the database's place in one step: queries under way go on with what they read.
    /// Ids, settings, charts and notes stay. Where the schema is locked a file with another one is 409. Takes the role Admin
    /// in the team that owns the database.
    #[oai(path = "/dbs/:dbId", method = "put", operation_id = "replace_database")]
    async fn replace(
        &self,
        Anyone(me): Anyone,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
        form: FileForm<ReplacementForm, Failure>,
    ) -> Reply<Json<DbCreated>> {
        let record = self.uploads.replace(&me, &db_id.0, form.file).await?;
        self.audit.note(&record, &me, "replace_database", None, None, None).await;
        Ok(Json(record.into()))
    }
}
