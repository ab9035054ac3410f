//! Turns whatever goes wrong below a product into that product's own body, with the fault's own status.

use std::any::Any;
use std::marker::PhantomData;
use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use model::Error;
use poem::error::ResponseError;
use poem::http::{HeaderValue, StatusCode, header};
use poem::{Endpoint, IntoResponse, Middleware, Request, RequestBody, Response, Result};
use poem_openapi::OperationId;

use crate::content_type::ContentTypeRefused;
use crate::methods::MethodRefused;
use crate::request_id::RequestId;
use poem::FromRequest;

/// How a product refuses a request: the one error type of its handlers.
pub trait Refusal: ResponseError + std::error::Error + Send + Sync + 'static {
    /// Wraps the server's error.
    fn new(error: Error) -> Self;

    /// The server's error.
    fn error(&self) -> &Error;

    /// The product's answer with this status and text.
    fn answer(status: StatusCode, text: String) -> Response;
}

/// Middleware that answers every error and panic below it as `F` says, and lets nothing through as an error.
pub struct Guard<F>(PhantomData<fn() -> F>);

impl<F> Guard<F> {
    /// A guard for the product of `F`.
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

impl<E: Endpoint, F: Refusal> Middleware<E> for Guard<F> {
    type Output = Guarded<E, F>;

    fn transform(&self, inner: E) -> Guarded<E, F> {
        Guarded { inner, refusal: PhantomData }
    }
}

/// An endpoint that never fails.
pub struct Guarded<E, F> {
    inner: E,
    refusal: PhantomData<fn() -> F>,
}

impl<E: Endpoint, F: Refusal> Endpoint for Guarded<E, F> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let id = RequestId::from_request(&request, &mut RequestBody::default()).await?;
        // A panic leaves nothing half-done here: handlers own no state, services keep theirs behind locks and commits.
        Ok(match AssertUnwindSafe(self.inner.call(request)).catch_unwind().await {
            Ok(Ok(output)) => output.into_response(),
            Ok(Err(error)) => refused::<F>(error, &id),
            Err(panic) => of_failure(&F::new(Error::internal(said(panic.as_ref()))), &id),
        })
    }
}

fn refused<F: Refusal>(error: poem::Error, id: &RequestId) -> Response {
    let operation = error.data::<OperationId>().copied();
    let mut response = match error.downcast::<F>() {
        Ok(failure) => of_failure(&failure, id),
        Err(error) if error.is_from_response() => error.into_response(),
        Err(error) => of_framework::<F>(&error, id),
    };
    if let Some(operation) = operation {
        response.set_data(operation);
    }
    response
}

fn of_failure<F: Refusal>(failure: &F, id: &RequestId) -> Response {
    let mut response = F::answer(failure.status(), id.told(failure.error()));
    if failure.status() == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static("Basic realm=\"Boathouse\", charset=\"UTF-8\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    if let Some(wait) = failure.error().retry_after() {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs()));
    }
    response
}

/// The framework's own faults (unknown path, wrong method, unreadable parameter): its messages name the parameter and
/// are fit for callers, unless the fault is the server's.
fn of_framework<F: Refusal>(error: &poem::Error, id: &RequestId) -> Response {
    if error.status().is_server_error() {
        return of_failure(&F::new(Error::internal(error.to_string())), id);
    }
    let text = match error.status() {
        StatusCode::NOT_FOUND => "nothing is served at this path; /openapi.json lists what is".to_owned(),
        _ => error.to_string(),
    };
    let mut response = F::answer(error.status(), text);
    if let Some(refused) = error.downcast_ref::<MethodRefused>() {
        response.headers_mut().insert(header::ALLOW, refused.allow());
    }
    if let Some(refused) = error.downcast_ref::<ContentTypeRefused>() {
        response.headers_mut().insert(header::ACCEPT, refused.accept());
    }
    response
}

fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("a handler panicked: {}", text.unwrap_or("without a message"))
}
