//! `GET /api/dbs/{dbId}/tables/{tableId}/export`

use std::collections::HashMap;

use futures::StreamExt;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use poem::http::header;
use poem::{Body, IntoResponse, Response};
use poem_openapi::param::{Path, Query};
use poem_openapi::registry::{MetaHeader, MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::{Any, Type};
use poem_openapi::{ApiResponse, OpenApi};
use services::{Contents, Export, ExportFormat};

use super::accepted::Accepted;
use super::caller::Anyone;
use super::{Failure, Reply, Tag};
use crate::broken_off::broken_off;
use crate::name::Name;
use crate::one_of::{OneOf, Words};
use crate::request_id::RequestId;
use crate::user_agent::UserAgent;

/// The words for the formats of a file.
pub struct Formats;

impl Words for Formats {
    const WORDS: &'static [&'static str] = &["csv", "tsv", "json", "ndjson", "sql"];
}

/// The type of a file.
pub const fn media_type(format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::Csv => "text/csv",
        ExportFormat::Tsv => "text/tab-separated-values",
        ExportFormat::Json => "application/json",
        ExportFormat::NdJson => "application/x-ndjson",
        ExportFormat::Sql => "application/sql",
    }
}

/// The format that a request names.
fn format(word: Option<OneOf<Formats>>, accepted: Accepted) -> model::Result<ExportFormat> {
    match word {
        None => Ok(accepted.0),
        Some(word) => {
            let known = ExportFormat::ALL.into_iter().find(|format| format.as_str() == word.text);
            known.ok_or_else(|| {
                let words = Formats::WORDS.join(", ");
                model::Error::invalid(format!("format: {:?} is not known; use one of {words}", word.text))
            })
        }
    }
}

/// A table as a file.
pub struct ExportReply(Response);

impl ExportReply {
    fn of(export: Export, id: RequestId) -> Self {
        let content_type = match export.format {
            ExportFormat::Csv => "text/csv; charset=utf-8",
            other => media_type(other),
        };
        let bytes = export.bytes.then(move |chunk| broken_off(chunk, id.clone()));
        let response = Response::builder()
            .content_type(content_type)
            .header(header::CONTENT_DISPOSITION, disposition(&export.table, export.format))
            .header(header::VARY, "accept");
        Self(response.body(Body::from_bytes_stream(bytes)))
    }
}

/// The name of the file: in plain letters for old programs, and as it is for others.
fn disposition(table: &str, format: ExportFormat) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_. ()".contains(c) { c } else { '_' };
    let ascii: String = table.chars().map(plain).collect();
    let whole = utf8_percent_encode(table, NON_ALPHANUMERIC);
    let ending = format.as_str();
    format!("attachment; filename=\"{ascii}.{ending}\"; filename*=UTF-8''{whole}.{ending}")
}

/// The operation on files of tables.
pub struct ExportApi {
    pub(super) contents: Contents,
}

#[OpenApi(tag = "Tag::Tables")]
impl ExportApi {
    /// Export a table
    ///
    /// All rows of a table or view as a file, which streams. `csv` and `tsv` have a header, NULL is nothing and an empty text
    /// is `""` there. `json` is one array of objects and `ndjson` an object a line. Bytes are base64 in all of these. `sql`
    /// is a script that makes the table anew, with its indexes and triggers; the rows of a view become a table. Without
    /// `format` the header `Accept` decides, by its weights; it is CSV where there is none, and for `*/*`. Takes read access.
    /// An `Accept` that takes none of these is 406.
    #[oai(path = "/api/dbs/:dbId/tables/:tableId/export", method = "get", operation_id = "export_table")]
    async fn export(
        &self,
        Anyone(me): Anyone,
        agent: UserAgent,
        id: RequestId,
        accepted: Accepted,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
        /// The name of the table or view.
        #[oai(name = "tableId")]
        Path(table_id): Path<Name>,
        /// What the file is written in.
        #[oai(name = "format")]
        Query(word): Query<Option<OneOf<Formats>>>,
    ) -> Reply<ExportReply> {
        let format = format(word, accepted)?;
        let visit = self.contents.open(me, &db_id.0, agent.asks("export_table")).await?;
        let export = self.contents.export(&visit, &table_id.0, format).await.map_err(Failure)?;
        Ok(ExportReply::of(export, id))
    }
}

impl IntoResponse for ExportReply {
    fn into_response(self) -> Response {
        self.0
    }
}

impl ApiResponse for ExportReply {
    fn meta() -> MetaResponses {
        let content = ExportFormat::ALL.map(|format| MetaMediaType {
            content_type: media_type(format),
            schema: match format {
                ExportFormat::Json => Vec::<HashMap<String, Any<serde_json::Value>>>::schema_ref(),
                _ => String::schema_ref(),
            },
        });
        let header = MetaHeader {
            name: header::CONTENT_DISPOSITION.to_string(),
            description: Some("What the file is called.".to_owned()),
            required: true,
            deprecated: false,
            schema: String::schema_ref(),
        };
        let answer = MetaResponse {
            description: "The file.",
            status: Some(200),
            status_range: None,
            content: content.into(),
            headers: vec![header],
        };
        MetaResponses { responses: vec![answer] }
    }

    fn register(_registry: &mut Registry) {}
}
