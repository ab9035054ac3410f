//! `GET /dbs/{dbId}/download`

use futures::TryStreamExt;
use poem::Body;
use poem::http::{HeaderValue, header};
use poem::{IntoResponse, Response};
use poem_openapi::param::Path;
use poem_openapi::payload::Payload;
use poem_openapi::registry::{
    MetaHeader, MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry,
};
use poem_openapi::types::Type;
use poem_openapi::{ApiResponse, OpenApi};
use services::{Databases, Download, Staging};

use super::caller::Anyone;
use super::{Reply, Tag};
use crate::html::url_part;
use crate::name::Name;

const CONTENT_TYPE: &str = "application/vnd.sqlite3";

/// A database as a file, streamed.
pub struct DatabaseFile {
    body: Body,
    bytes: u64,
    file_name: String,
}

impl DatabaseFile {
    async fn new(download: Download) -> model::Result<Self> {
        let Download { file, bytes, file_name } = download;
        let chunks = file.into_body().await?;
        Ok(Self { body: Body::from_bytes_stream(chunks.map_err(std::io::Error::other)), bytes, file_name })
    }
}

impl IntoResponse for DatabaseFile {
    fn into_response(self) -> Response {
        let name = attachment(&self.file_name);
        let mut response = Response::builder().content_type(CONTENT_TYPE).body(self.body);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(self.bytes));
        headers.insert(header::CONTENT_DISPOSITION, name);
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        response
    }
}

/// How a browser is told to keep a file, and as what: in plain letters, and for those that read RFC 5987 as it is.
pub fn attachment(file_name: &str) -> HeaderValue {
    let plain: String = file_name
        .chars()
        .map(|c| if c.is_ascii_graphic() && !"\"\\/%;".contains(c) || c == ' ' { c } else { '_' })
        .collect();
    let value = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", url_part(file_name));
    HeaderValue::try_from(value).expect("the name was made of printable ASCII")
}

impl Payload for DatabaseFile {
    const CONTENT_TYPE: &'static str = CONTENT_TYPE;

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema::new_with_format("string", "binary")))
    }
}

impl ApiResponse for DatabaseFile {
    fn meta() -> MetaResponses {
        let header = |name: &str, description: &str| MetaHeader {
            name: name.to_owned(),
            description: Some(description.to_owned()),
            required: true,
            deprecated: false,
            schema: String::schema_ref(),
        };
        let response = MetaResponse {
            description: "A SQLite file.",
            status: Some(200),
            status_range: None,
            content: vec![MetaMediaType { content_type: CONTENT_TYPE, schema: <Self as Payload>::schema_ref() }],
            headers: vec![header("Content-Disposition", "That it is a file to keep, and its name.")],
        };
        MetaResponses { responses: vec![response] }
    }

    fn register(_registry: &mut Registry) {}
}

/// The operation that hands out databases.
pub struct DownloadApi {
    pub(super) databases: Databases,
    pub(super) staging: Staging,
}

#[OpenApi(tag = "Tag::Databases")]
impl DownloadApi {
    /// Download a database
    ///
    /// One committed state of it as a SQLite file, while others go on writing. Takes read access.
    #[oai(path = "/dbs/:dbId/download", method = "get", operation_id = "download_database")]
    async fn download(
        &self,
        Anyone(me): Anyone,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
    ) -> Reply<DatabaseFile> {
        let download = self.databases.download(&me, &db_id.0, &self.staging).await?;
        Ok(DatabaseFile::new(download).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::attachment;

    #[test]
    fn any_name_fits_the_header() {
        for (name, plain) in
            [("shop.sqlite", "shop.sqlite"), ("a\"b;c\r\n.sqlite", "a_b_c__.sqlite"), ("größe", "gr__e")]
        {
            let value = attachment(name);
            let text = value.to_str().unwrap();
            assert!(text.starts_with(&format!("attachment; filename=\"{plain}\"; filename*=UTF-8''")), "{text}");
        }
        assert!(attachment("größe").to_str().unwrap().ends_with("gr%C3%B6%C3%9Fe"));
    }
}
