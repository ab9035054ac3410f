//! How this product refuses: plain text, with the statuses that its clients know.

use std::fmt;

use model::{Error, ErrorKind};
use poem::error::ResponseError;
use poem::http::StatusCode;
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::payload::{Payload, PlainText};
use poem_openapi::registry::{MetaHeader, MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::Type;

use services::UNKNOWN_QUERY;

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
        if self.0.code() == UNKNOWN_QUERY {
            return StatusCode::NOT_FOUND;
        }
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
        let told = [
            (Some(400), None, "The request cannot be served as it was sent; the text says what to change."),
            (Some(401), None, "No credentials, or wrong ones."),
            (Some(403), None, "The user may not do this."),
            (None, Some("4XX"), "Any other refusal, such as a body that is too large (413)."),
            (None, Some("5XX"), "The server failed; its log has the cause under this id."),
        ];
        let responses = told.map(|(status, range, description)| MetaResponse {
            description,
            status,
            status_range: range.map(str::to_owned),
            content: vec![plain_text()],
            headers: if status == Some(401) { vec![challenge()] } else { Vec::new() },
        });
        MetaResponses { responses: responses.into() }
    }

    fn register(_registry: &mut Registry) {}
}

/// The same for operations on one query, which may not be there.
#[derive(Debug)]
pub struct QueryFailure(Failure);

impl From<Error> for QueryFailure {
    fn from(error: Error) -> Self {
        Self(Failure(error))
    }
}

impl From<QueryFailure> for poem::Error {
    fn from(failure: QueryFailure) -> Self {
        failure.0.into()
    }
}

impl ApiResponse for QueryFailure {
    fn meta() -> MetaResponses {
        let unknown = MetaResponse {
            description: "There is no such query, it is another user's, or it is no longer remembered.",
            status: Some(404),
            status_range: None,
            content: vec![plain_text()],
            headers: Vec::new(),
        };
        let mut meta = Failure::meta();
        meta.responses.insert(0, unknown);
        meta
    }

    fn register(registry: &mut Registry) {
        Failure::register(registry);
    }
}

fn plain_text() -> MetaMediaType {
    MetaMediaType { content_type: <PlainText<String> as Payload>::CONTENT_TYPE, schema: String::schema_ref() }
}

fn challenge() -> MetaHeader {
    MetaHeader {
        name: "WWW-Authenticate".to_owned(),
        description: Some("The scheme to use.".to_owned()),
        required: true,
        deprecated: false,
        schema: String::schema_ref(),
    }
}
