//! How this product refuses: plain text, with the statuses that its clients know.

use std::fmt;

use model::{Error, ErrorKind};
use poem::error::ResponseError;
use poem::http::StatusCode;
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::payload::{Payload, PlainText};
use poem_openapi::registry::{
    MetaHeader, MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry,
};
use poem_openapi::types::Type;

use crate::guard::Refusal;

/// The server's error, answered as Altertable does.
#[derive(Debug)]
pub struct Failure(pub Error);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Failure {}

impl ResponseError for Failure {
    /// A missing catalog or table and a taken name are 400: clients read 404 as "no such query".
    fn status(&self) -> StatusCode {
        match self.0.kind() {
            ErrorKind::Invalid
            | ErrorKind::NotFound
            | ErrorKind::Conflict
            | ErrorKind::Unsupported
            | ErrorKind::Cancelled => StatusCode::BAD_REQUEST,
            ErrorKind::Unauthenticated => StatusCode::UNAUTHORIZED,
            ErrorKind::Forbidden => StatusCode::FORBIDDEN,
            ErrorKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            ErrorKind::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl Refusal for Failure {
    fn new(error: Error) -> Self {
        Self::from(error)
    }

    fn error(&self) -> &Error {
        &self.0
    }

    fn answer(status: StatusCode, text: String) -> Response {
        text.with_status(status).into_response()
    }
}

impl ApiResponse for Failure {
    fn meta() -> MetaResponses {
        let challenge = MetaHeader {
            name: "WWW-Authenticate".to_owned(),
            description: Some("The scheme to use.".to_owned()),
            required: true,
            deprecated: false,
            schema: String::schema_ref(),
        };
        let unauthenticated = described("No credentials, or wrong ones.", "wrong user name or password");
        let responses = vec![
            MetaResponse {
                status: Some(400),
                ..described("The request cannot be served as it was sent; the text says what to change.", BAD_REQUEST)
            },
            MetaResponse { status: Some(401), headers: vec![challenge], ..unauthenticated },
            MetaResponse {
                status: Some(403),
                ..described("The user may not do this.", "user \"reader\" has read access; this takes write access")
            },
            MetaResponse {
                status_range: Some("4XX".to_owned()),
                ..described(
                    "Any other refusal, such as a body that is too large (413).",
                    "method not allowed; this path serves OPTIONS, POST",
                )
            },
            MetaResponse {
                status_range: Some("5XX".to_owned()),
                ..described(
                    "The server failed; its log has the cause under this id.",
                    "internal error; request id 019f1d9b-6a4c-7d31-9c55-3f2f6c1f0b1e",
                )
            },
        ];
        MetaResponses { responses }
    }

    fn register(_registry: &mut Registry) {}
}

const BAD_REQUEST: &str = "Catalog \"demo\" does not exist";

/// A plain-text answer without a status yet.
fn described(description: &'static str, example: &str) -> MetaResponse {
    let schema = MetaSchema { example: Some(example.into()), ..MetaSchema::new("string") };
    let content_type = <PlainText<String> as Payload>::CONTENT_TYPE;
    let content = vec![MetaMediaType { content_type, schema: MetaSchemaRef::Inline(Box::new(schema)) }];
    MetaResponse { description, status: None, status_range: None, content, headers: Vec::new() }
}
