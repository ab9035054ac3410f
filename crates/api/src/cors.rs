//! Which web pages of other origins may call the server from a browser.
//!
//! The framework's own middleware refuses requests of other origins with 403, answers preflights of paths that do not
//! exist, and knows no methods by path. Here an origin that is not allowed gets the answer without the headers, which
//! is what browsers go by, and a preflight is the path's own `OPTIONS` with more headers.

mod origin;

use std::sync::Arc;

use model::{Error, Result};
use poem::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, ALLOW, ORIGIN, VARY,
};
use poem::http::{HeaderMap, HeaderValue, Method};
use poem::{Endpoint, Middleware, Request, Response};

/// How long a browser may remember the answer to a preflight, in seconds.
const MAX_AGE: HeaderValue = HeaderValue::from_static("3600");

/// What requests may carry where the preflight does not name it.
const HEADERS: HeaderValue = HeaderValue::from_static("authorization, content-type, content-encoding, x-request-id");

/// The origins whose pages may read answers. None of them may use what the browser keeps (cookies, passwords typed into
/// its own dialogue): a page sends the credentials that it was given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CorsOrigins {
    /// No other origin.
    #[default]
    None,
    /// Every origin.
    Any,
    /// These, as browsers write them.
    These(Arc<[String]>),
}

impl CorsOrigins {
    /// The origins in `texts`, each `scheme://host` or `scheme://host:port`; `*` alone is every origin. Empty ones are
    /// left out.
    ///
    /// # Errors
    /// `Invalid`, with what an origin looks like.
    pub fn new(texts: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self> {
        let mut origins = Vec::new();
        for text in texts {
            match text.as_ref().trim() {
                "" => {}
                "*" => origins.push("*".to_owned()),
                text => origins.push(origin::normalised(text)?),
            }
        }
        match origins.as_slice() {
            [] => Ok(Self::None),
            [any] if any == "*" => Ok(Self::Any),
            several if several.iter().any(|origin| origin == "*") => Err(Error::invalid(
                "a CORS origin is * and others are named beside it; give * alone, or only the others",
            )),
            _ => Ok(Self::These(origins.into())),
        }
    }

    /// What `Access-Control-Allow-Origin` says to a page of `origin`.
    fn allowed(&self, origin: Option<&HeaderValue>) -> Option<HeaderValue> {
        match self {
            Self::None => None,
            Self::Any => Some(HeaderValue::from_static("*")),
            Self::These(origins) => {
                origin.filter(|given| origins.iter().any(|origin| origin.as_bytes() == given.as_bytes())).cloned()
            }
        }
    }
}

/// Middleware that tells browsers what pages of other origins may do. It goes around everything that refuses, so that
/// such pages can read why.
#[derive(Clone, Debug)]
pub struct Cors(pub CorsOrigins);

impl<E: Endpoint<Output = Response>> Middleware<E> for Cors {
    type Output = CrossOrigin<E>;

    fn transform(&self, inner: E) -> CrossOrigin<E> {
        CrossOrigin { inner, origins: self.0.clone() }
    }
}

/// An endpoint that browsers may let pages of other origins call.
#[derive(Debug)]
pub struct CrossOrigin<E> {
    inner: E,
    origins: CorsOrigins,
}

impl<E: Endpoint<Output = Response>> Endpoint for CrossOrigin<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let allowed = self.origins.allowed(request.headers().get(ORIGIN));
        let preflight = Preflight::of(&request);
        let mut response = self.inner.call(request).await?;
        let headers = response.headers_mut();
        if matches!(self.origins, CorsOrigins::These(_)) {
            // Caches between must not give one origin's answer to another.
            headers.append(VARY, HeaderValue::from_static("origin"));
        }
        if let Some(origin) = allowed {
            match preflight {
                Some(preflight) => preflight.answer(headers),
                None => expose(headers),
            }
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        }
        Ok(response)
    }
}

/// A browser's question whether it may send a request.
struct Preflight {
    headers: Option<HeaderValue>,
}

impl Preflight {
    fn of(request: &Request) -> Option<Self> {
        let asks = request.method() == Method::OPTIONS
            && request.headers().contains_key(ORIGIN)
            && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        asks.then(|| Self { headers: request.headers().get(ACCESS_CONTROL_REQUEST_HEADERS).cloned() })
    }

    /// The path's own `Allow` says which methods; any header will do, since unknown ones are not looked at.
    fn answer(self, headers: &mut HeaderMap) {
        if let Some(methods) = headers.get(ALLOW).cloned() {
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
        }
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, self.headers.unwrap_or(HEADERS));
        headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    }
}

/// Scripts may read every header of the answer, the request id among them.
fn expose(headers: &mut HeaderMap) {
    let names: Vec<&str> = headers.keys().map(|name| name.as_str()).filter(|name| *name != "vary").collect();
    let names = HeaderValue::from_str(&names.join(", ")).expect("names of headers and commas are visible ASCII");
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, names);
}
