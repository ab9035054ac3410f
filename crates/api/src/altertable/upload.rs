//! `POST /upload`

use formats::InputFormat;
use model::{Error, Result, Upsert, WriteMode};
use poem_openapi::OpenApi;
use poem_openapi::param::{Header, Query};
use services::{Tables, Upload, UploadMode as Mode};

use super::column_list::ColumnList;
use super::signed_in::SignedIn;
use super::upload_body::UploadBody;
use super::{Reply, Tag};
use crate::name::Name;
use crate::one_of::{OneOf, Words};

/// The words of `mode`.
pub struct UploadMode;

impl Words for UploadMode {
    const WORDS: &'static [&'static str] = &["create", "append", "create_append", "overwrite"];
}

/// The words of `format`.
pub struct UploadFormat;

impl Words for UploadFormat {
    const WORDS: &'static [&'static str] = &["csv", "json", "parquet"];
}

/// The words of `Content-Encoding`.
pub struct UploadEncoding;

impl Words for UploadEncoding {
    const WORDS: &'static [&'static str] = &["gzip", "zstd"];
}

/// The operation on files.
pub struct UploadApi {
    pub(super) tables: Tables,
}

#[OpenApi(tag = "Tag::Upload")]
impl UploadApi {
    /// Load a file into a table
    ///
    /// The body streams into the table, which changes in one step at the end: a request that fails or is broken off
    /// leaves it as it was. The schema is created where it does not exist, the catalog is not. Rows go into an existing
    /// table by the names of its columns and with its types; otherwise types are found from the first rows.
    ///
    /// Success is 200 with an empty body. Every fault of the request or of the file is 400 with a message that names the
    /// parameter, or line, column and value. Uploading needs write access.
    #[oai(path = "/upload", method = "post", operation_id = "upload_table")]
    #[allow(clippy::too_many_arguments, reason = "each is a parameter of the operation")]
    async fn upload(
        &self,
        SignedIn(me): SignedIn,
        /// The catalog of the table.
        #[oai(validator(min_length = 1))]
        Query(catalog): Query<Name>,
        /// The schema of the table.
        #[oai(validator(min_length = 1))]
        Query(schema): Query<Name>,
        /// The table.
        #[oai(validator(min_length = 1))]
        Query(table): Query<Name>,
        /// What to do with the table. `create`: make it, and fail if it exists. `append`: add rows, and fail if it does
        /// not exist. `create_append`: add rows, and make it first if it does not exist. `overwrite`: replace rows and
        /// columns. Letter case does not matter.
        #[oai(default = "default_mode")]
        Query(mode): Query<OneOf<UploadMode>>,
        /// What the body is, for when neither content type nor first bytes tell.
        Query(format): Query<Option<OneOf<UploadFormat>>>,
        /// Belongs to the mode `upsert` of earlier versions of the API, which still works: `POST /upsert` took its place.
        #[oai(deprecated)]
        Query(primary_key): Query<Option<ColumnList>>,
        /// How the body is compressed. Compressed bodies are recognised without it, too.
        #[oai(name = "Content-Encoding")]
        Header(encoding): Header<Option<OneOf<UploadEncoding>>>,
        body: UploadBody,
    ) -> Reply<()> {
        let upload = Upload {
            database: catalog.0,
            schema: schema.0,
            table: table.0,
            mode: upload_mode(&mode.text, primary_key)?,
            format: format.map(|format| InputFormat::from_name(&format.text)).transpose()?,
            content_type: body.content_type,
            content_encoding: encoding.map(|encoding| encoding.text),
            body: body.bytes,
        };
        self.tables.upload(&me, upload).await?;
        Ok(())
    }
}

fn upload_mode(word: &str, primary_key: Option<ColumnList>) -> Result<Mode> {
    match word.to_ascii_lowercase().as_str() {
        "create" => Ok(WriteMode::Create.into()),
        "append" => Ok(WriteMode::Append.into()),
        "create_append" => Ok(WriteMode::CreateAppend.into()),
        "overwrite" => Ok(WriteMode::Overwrite.into()),
        "upsert" => {
            let key = primary_key.ok_or_else(|| {
                Error::invalid("mode=upsert needs the columns of the key; add primary_key=… or send it to POST /upsert")
            })?;
            Ok(Mode::Upsert(Upsert { key: key.names("primary_key")?, cursor: Vec::new() }))
        }
        _ => Err(Error::invalid(format!("mode {word:?} is not one of {}", UploadMode::WORDS.join(", ")))),
    }
}

fn default_mode() -> OneOf<UploadMode> {
    OneOf::new("append")
}
