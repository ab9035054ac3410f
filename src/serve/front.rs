//! What answers a request: health and metrics here, everything else the API.

use std::io;
use std::panic::resume_unwind;

use api::ApiSettings;
use futures::StreamExt;
use model::Result;
use poem::http::{HeaderValue, Method, StatusCode, header};
use poem::{Body, Endpoint, IntoResponse, Request, Response};
use poem_openapi::OperationId;
use services::Services;

use super::health;
use super::metrics::Metrics;

/// The operations whose answers are streams, which can fail after their status is out.
const STREAMING: &[&str] = &["run_query"];

/// Everything that the server answers.
///
/// # Errors
/// As [`Metrics::new`].
pub fn endpoint(services: Services, settings: ApiSettings) -> Result<impl Endpoint<Output = Response> + 'static> {
    let metrics = Metrics::new(&services)?;
    let inner = api::endpoint(services.clone(), settings);
    Ok(Front { services, metrics, inner })
}

struct Front<E> {
    services: Services,
    metrics: Metrics,
    inner: E,
}

impl<E: Endpoint> Endpoint for Front<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let path = request.uri().path();
        if !matches!(path, "/healthz" | "/readyz" | "/metrics") {
            return Ok(breaking_off(self.metrics.counted(&self.inner, request).await));
        }
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return Ok(only_get());
        }
        let mut response = match path {
            "/healthz" => health::alive(),
            "/readyz" => health::ready(&self.services).await,
            _ => self.metrics.page(),
        };
        if request.method() == Method::HEAD {
            response.set_body(Body::empty());
        }
        // What a probe learns is true now and not later.
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Ok(response)
    }
}

/// Makes sure that a stream which fails half-way does not look whole.
///
/// The framework's server polls a connection once more after it failed, and that writes the end of a chunked body as if
/// all had gone well. Unwinding drops the connection instead, which is what the framework does about a panic; without
/// a panic's hook, for nothing panicked.
fn breaking_off(mut response: Response) -> Response {
    let streams = response.data::<OperationId>().is_some_and(|operation| STREAMING.contains(&operation.0));
    if !streams || !response.is_success() {
        return response;
    }
    let chunks = response.take_body().into_bytes_stream();
    response.set_body(Body::from_bytes_stream(chunks.map(|chunk| match chunk {
        Ok(chunk) => Ok::<_, io::Error>(chunk),
        Err(failure) => resume_unwind(Box::new(failure)),
    })));
    response
}

fn only_get() -> Response {
    "only GET and HEAD are answered here\n"
        .with_status(StatusCode::METHOD_NOT_ALLOWED)
        .with_header(header::ALLOW, "GET, HEAD")
        .into_response()
}
