//! Files that become tables.

use std::path::PathBuf;
use std::sync::Arc;

use arrow_schema::SchemaRef;
use formats::{Body, Decode, InputFormat, Workers};
use futures::StreamExt;
use model::{Access, Database, Error, ErrorKind, Principal, Result, TableName, Upsert, WriteMode, Written};

use crate::Databases;
use crate::usage::Usage;

/// Rows that arrive in bulk. Clones share everything.
#[derive(Clone)]
pub struct Tables {
    databases: Databases,
    workers: Workers,
    scratch: PathBuf,
    usage: Arc<Usage>,
}

/// A file on its way into a table.
pub struct Upload {
    /// The database, by name; letter case does not matter.
    pub database: String,
    /// The schema, which is created where it does not exist (except for [`WriteMode::Append`]).
    pub schema: String,
    /// The table.
    pub table: String,
    /// What to do with the table.
    pub mode: UploadMode,
    /// The format, where the caller says it; otherwise `content_type` and then the first bytes decide.
    pub format: Option<InputFormat>,
    /// The media type of the body as the caller sent it.
    pub content_type: Option<String>,
    /// How the body is compressed; a compressed body is recognised without it, too.
    pub content_encoding: Option<String>,
    /// The bytes, as they arrive.
    pub body: Body,
}

/// What becomes of the rows of a file.
pub enum UploadMode {
    /// They are written.
    Write(WriteMode),
    /// They take the place of those with the same key, or are added to the table, which is created where it does not exist.
    Upsert(Upsert),
}

impl From<WriteMode> for UploadMode {
    fn from(mode: WriteMode) -> Self {
        Self::Write(mode)
    }
}

impl Tables {
    pub(crate) fn new(databases: Databases, workers: Workers, scratch: PathBuf, usage: Arc<Usage>) -> Self {
        Self { databases, workers, scratch, usage }
    }

    /// Writes a file into a table and commits once, at the end. Memory is bounded whatever the size of the body. Answers
    /// the rows that were added or replaced others.
    ///
    /// What can be known to fail does so before the body is read. Dropping the future stops the work and changes
    /// nothing, as any failure does.
    ///
    /// # Errors
    /// `NotFound` for an unknown database, or an unknown table when appending; `Conflict` for a table that exists when
    /// creating; `Forbidden` without write access; `Invalid` for bytes that are not rows of the table, naming where.
    pub async fn upload(&self, principal: &Principal, upload: Upload) -> Result<Written> {
        let table = TableName::new(upload.schema, upload.table)?;
        let database = self.databases.open(principal, &upload.database, Access::Write).await?;
        let types = self.types(database.as_ref(), &table, &upload.mode).await?;
        let usage = Arc::clone(&self.usage);
        let counted = upload.body.inspect(move |chunk| {
            if let Ok(bytes) = chunk {
                usage.count_uploaded_bytes(bytes.len());
            }
        });
        let decode = Decode {
            format: upload.format,
            content_type: upload.content_type,
            content_encoding: upload.content_encoding,
            types,
            scratch: self.scratch.clone(),
        };
        let rows = formats::decode(counted.boxed(), decode, &self.workers).await?;
        let written = match upload.mode {
            UploadMode::Write(mode) => database.write(&table, mode, rows).await?,
            UploadMode::Upsert(upsert) => {
                let done = database.upsert(&table, upsert, rows).await?;
                Written { rows: done.inserted + done.updated, bytes: done.bytes }
            }
        };
        self.usage.count_uploaded_rows(written.rows);
        Ok(written)
    }

    /// The types to read the file with: those of the table that rows are added to.
    async fn types(&self, database: &dyn Database, table: &TableName, mode: &UploadMode) -> Result<Option<SchemaRef>> {
        let existing = match database.columns(table).await {
            Ok(columns) => Some(columns),
            Err(missing) if missing.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let UploadMode::Write(mode) = mode else { return Ok(existing) };
        match (mode, existing) {
            (WriteMode::Create, Some(_)) => Err(Error::exists("table", table)),
            (WriteMode::Append, None) => Err(Error::not_found("table", table)),
            (WriteMode::Append | WriteMode::CreateAppend, existing) => Ok(existing),
            (WriteMode::Create | WriteMode::Overwrite, _) => Ok(None),
        }
    }
}
