//! The answer of a cell: a file that a browser shows and does not run.

use poem::http::{HeaderValue, header};
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{
    MetaHeader, MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry,
};
use poem_openapi::types::Type;
use services::CellFile;

use super::Failure;
use crate::guard::Refusal;
use crate::range::Conditions;

/// What a browser runs, if it is let.
const RUN: [&str; 4] = ["text/html", "image/svg+xml", "text/xml", "application/xhtml+xml"];

/// A file out of a cell, or as much of it as was asked for.
pub struct CellReply(Response);

impl CellReply {
    /// What a request wants of a file.
    pub fn of(file: CellFile, conditions: &Conditions) -> Self {
        let mut response = conditions.answer(&file.bytes, &file.tag, Failure::answer);
        let headers = response.headers_mut();
        // A refusal has a type of its own.
        headers.entry(header::CONTENT_TYPE).or_insert(HeaderValue::from_static(file.media_type));
        for (name, value) in [
            (header::CONTENT_DISPOSITION, "inline"),
            (header::CACHE_CONTROL, "private, no-cache"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if RUN.contains(&file.media_type) {
            let policy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:";
            headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
        }
        Self(response)
    }
}

impl IntoResponse for CellReply {
    fn into_response(self) -> Response {
        self.0
    }
}

impl ApiResponse for CellReply {
    fn meta() -> MetaResponses {
        let bytes = || {
            let schema = MetaSchemaRef::Inline(Box::new(MetaSchema::new_with_format("string", "binary")));
            vec![MetaMediaType { content_type: "*/*", schema }]
        };
        let tag = || MetaHeader {
            name: header::ETAG.to_string(),
            description: Some("What is another one for other bytes.".to_owned()),
            required: true,
            deprecated: false,
            schema: String::schema_ref(),
        };
        let answer = |status, description, content| MetaResponse {
            description,
            status: Some(status),
            status_range: None,
            content,
            headers: vec![tag()],
        };
        MetaResponses {
            responses: vec![
                answer(200, "The file.", bytes()),
                answer(206, "The part of it that `Range` names.", bytes()),
                answer(304, "The caller has it already.", Vec::new()),
            ],
        }
    }

    fn register(_registry: &mut Registry) {}
}
