//! How this product refuses: `{"errors": [{"message": "…"}]}`.

use std::fmt;

use model::{Error, ErrorKind};
use poem::error::ResponseError;
use poem::http::StatusCode;
use poem::{IntoResponse, Response};
use poem_openapi::payload::{Json, Payload};
use poem_openapi::registry::{MetaHeader, MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiResponse, Object};

use super::words::worded;
use crate::guard::Refusal;

/// Why a request was refused.
// Generators have trouble with a type that is called as its one property is.
#[derive(Debug, Object)]
#[oai(rename = "Refusal")]
pub struct Errors {
    /// What is wrong, one entry a fault.
    errors: Vec<ErrorEntry>,
}

/// One fault.
#[derive(Debug, Object)]
pub struct ErrorEntry {
    /// What is wrong and what to do.
    message: String,
}

/// The server's error, answered as Airsequel does.
#[derive(Debug)]
pub struct Failure(pub Error);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(worded(error))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Failure {}

impl ResponseError for Failure {
    fn status(&self) -> StatusCode {
        match self.0.kind() {
            ErrorKind::Invalid | ErrorKind::Cancelled => StatusCode::BAD_REQUEST,
            ErrorKind::Unauthenticated => StatusCode::UNAUTHORIZED,
            ErrorKind::Forbidden => StatusCode::FORBIDDEN,
            ErrorKind::NotFound => StatusCode::NOT_FOUND,
            ErrorKind::Conflict => StatusCode::CONFLICT,
            ErrorKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            ErrorKind::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            ErrorKind::Unsupported => StatusCode::NOT_IMPLEMENTED,
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
        let body = Errors { errors: vec![ErrorEntry { message: text }] };
        Json(body).with_status(status).into_response()
    }
}

impl ApiResponse for Failure {
    fn meta() -> MetaResponses {
        let told = [
            (Some(400), None, "The request cannot be served as it was sent; the message says what to change."),
            (Some(401), None, "No credentials where some are needed, or wrong ones."),
            (Some(403), None, "The caller may not do this."),
            (Some(404), None, "The thing does not exist, or the caller may not know that it does."),
            (None, Some("4XX"), "Any other refusal: a taken name (409), a body that is too large (413)."),
            (None, Some("5XX"), "The server failed; its log has the cause under this id."),
        ];
        let responses = told.map(|(status, range, description)| MetaResponse {
            description,
            status,
            status_range: range.map(str::to_owned),
            content: vec![body()],
            headers: if status == Some(401) { vec![challenge()] } else { Vec::new() },
        });
        MetaResponses { responses: responses.into() }
    }

    fn register(registry: &mut Registry) {
        Errors::register(registry);
    }
}

fn body() -> MetaMediaType {
    MetaMediaType { content_type: <Json<Errors> as Payload>::CONTENT_TYPE, schema: Errors::schema_ref() }
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
