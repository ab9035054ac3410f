//! An id for every request: in the log, in the answer, and in what a caller is told of an internal error.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use model::{Error, ErrorKind};
use poem::http::HeaderValue;
use poem::{Endpoint, FromRequest, IntoResponse, Middleware, Request, RequestBody, Response, Result};
use tracing::Instrument;
use uuid::Uuid;

use crate::airsequel;

/// The header that carries the id, in requests and answers.
pub const HEADER: &str = "x-request-id";

/// The longest id that is taken from a caller, in bytes: it goes into every line of the log.
const MAX_BYTES: usize = 128;

/// What a request is called in the log and in its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// Takes the caller's own id where it is sane (visible ASCII, at most 128 characters), else makes a new one.
    fn of(request: &Request) -> Self {
        let sane =
            |id: &&str| !id.is_empty() && id.len() <= MAX_BYTES && id.bytes().all(|byte| byte.is_ascii_graphic());
        let given = request.headers().get(HEADER).and_then(|value| value.to_str().ok()).filter(sane);
        Self(given.map_or_else(|| Uuid::now_v7().to_string().into(), Into::into))
    }

    /// What the caller is told of `error`. An internal one is logged here, once, with the chain of its sources, and the
    /// caller gets the id to ask about.
    pub fn told(&self, error: &Error) -> String {
        if error.kind() != ErrorKind::Internal {
            return error.message().to_owned();
        }
        tracing::error!(request_id = %self, error = %chain(error), "internal error");
        format!("internal error; request id {self}")
    }

    fn header(&self) -> HeaderValue {
        HeaderValue::from_str(&self.0).expect("an id is visible ASCII, which every header value may hold")
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'a> FromRequest<'a> for RequestId {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> Result<Self> {
        Ok(request.data::<Self>().cloned().unwrap_or_else(|| Self::of(request)))
    }
}

/// A path as the log shows it: a segment that opens something by itself is left out.
fn logged(path: &str) -> Cow<'_, str> {
    let is_secret = |before: &str| airsequel::SECRET_AFTER.contains(&before);
    if !path.split('/').any(is_secret) {
        return Cow::Borrowed(path);
    }
    let mut before = "";
    let shown =
        path.split('/').map(|segment| if is_secret(std::mem::replace(&mut before, segment)) { "…" } else { segment });
    Cow::Owned(shown.collect::<Vec<_>>().join("/"))
}

/// An error and everything under it, in one line.
fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut below = std::error::Error::source(error);
    while let Some(source) = below {
        text.push_str(": ");
        text.push_str(&source.to_string());
        below = source.source();
    }
    text
}

/// Middleware that names every request, opens a span with the name and puts it into the answer.
///
/// Wrapping twice is harmless: the outer name stays.
#[derive(Clone, Copy, Debug, Default)]
pub struct RequestIds;

impl<E: Endpoint> Middleware<E> for RequestIds {
    type Output = Named<E>;

    fn transform(&self, inner: E) -> Named<E> {
        Named { inner }
    }
}

/// An endpoint whose requests have an id.
#[derive(Debug)]
pub struct Named<E> {
    inner: E,
}

impl<E: Endpoint> Endpoint for Named<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        if request.data::<RequestId>().is_some() {
            return self.inner.call(request).await.map(IntoResponse::into_response);
        }
        let id = RequestId::of(&request);
        request.set_data(id.clone());
        let method = request.method().as_str();
        let span = tracing::info_span!("request", request_id = %id, method, path = &*logged(request.uri().path()));
        let started = Instant::now();
        let mut response = self.inner.get_response(request).instrument(span.clone()).await;
        response.headers_mut().insert(HEADER, id.header());
        let (status, milliseconds) = (response.status().as_u16(), started.elapsed().as_millis() as u64);
        span.in_scope(|| tracing::info!(status, milliseconds, "answered"));
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use super::logged;

    #[test]
    fn keys_in_paths_are_not_logged() {
        for (path, shown) in [
            ("/password-reset/abc", "/password-reset/…"),
            ("/verify-email/abc", "/verify-email/…"),
            ("/api/users/invite/abc", "/api/users/invite/…"),
            ("/api/users/invite", "/api/users/invite"),
            ("/readonly/abc/graphql", "/readonly/…/graphql"),
            ("/query", "/query"),
            ("/", "/"),
        ] {
            assert_eq!(logged(path), shown);
        }
    }
}
