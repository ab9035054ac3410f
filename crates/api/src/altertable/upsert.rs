//! `POST /upsert`

use formats::InputFormat;
use model::Upsert;
use poem_openapi::OpenApi;
use poem_openapi::param::{Header, Query};
use services::{Tables, Upload, UploadMode};

use super::column_list::ColumnList;
use super::signed_in::SignedIn;
use super::upload::{UploadEncoding, UploadFormat};
use super::upload_body::UploadBody;
use super::{Reply, Tag};
use crate::name::Name;
use crate::one_of::OneOf;

/// The operation on files whose rows may be there already.
pub struct UpsertApi {
    pub(super) tables: Tables,
}

#[OpenApi(tag = "Tag::Upload")]
impl UpsertApi {
    /// Update rows by their key, and add those that are new
    ///
    /// A row of the table that has the key of a row of the file gets the file's values, in the columns that the file has;
    /// the others it keeps. A row whose key is not there is added, with NULL in the columns that the file lacks. Columns
    /// are matched by name. Of several rows of the file with one key the last counts, or with `cursor_field` the one with
    /// the highest cursor. The table is made from the file where it does not exist, and so is the schema; the catalog is
    /// not. Everything happens in one step at the end: a request that fails or is broken off leaves all as it was, and
    /// one that is sent again changes nothing more.
    ///
    /// Success is 200 with an empty body. Every fault of the request or of the file is 400 with a message that names the
    /// parameter, or row, column and value. It takes write access.
    #[oai(path = "/upsert", method = "post", operation_id = "upsert_table")]
    #[allow(clippy::too_many_arguments, reason = "each is a parameter of the operation")]
    async fn upsert(
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
        /// The columns that tell rows apart, parted by commas; spaces around a name do not count. The file must have them,
        /// with a value in each row.
        Query(primary_key): Query<ColumnList>,
        /// The columns that tell the newer of two rows, parted by commas, the one that decides first. With them a row of
        /// the table is replaced only by one whose values there are greater, compared from left to right; NULL is less
        /// than every value. Without them a row of the file always replaces that of the table.
        Query(cursor_field): Query<Option<ColumnList>>,
        /// What the body is, for when neither content type nor first bytes tell.
        Query(format): Query<Option<OneOf<UploadFormat>>>,
        /// How the body is compressed. Compressed bodies are recognised without it, too.
        #[oai(name = "Content-Encoding")]
        Header(encoding): Header<Option<OneOf<UploadEncoding>>>,
        body: UploadBody,
    ) -> Reply<()> {
        let cursor = cursor_field.map(|columns| columns.names("cursor_field")).transpose()?;
        let upsert = Upsert { key: primary_key.names("primary_key")?, cursor: cursor.unwrap_or_default() };
        let upload = Upload {
            database: catalog.0,
            schema: schema.0,
            table: table.0,
            mode: UploadMode::Upsert(upsert),
            format: format.map(|format| InputFormat::from_name(&format.text)).transpose()?,
            content_type: body.content_type,
            content_encoding: encoding.map(|encoding| encoding.text),
            body: body.bytes,
        };
        self.tables.upload(&me, upload).await?;
        Ok(())
    }
}
