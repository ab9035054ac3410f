//! What answers a request: health and metrics here, everything else the API.

use api::{ApiSettings, ServerPath};
use model::Result;
use poem::http::{HeaderValue, Method, StatusCode, header};
use poem::{Endpoint, IntoResponse, Request, Response};
use services::Services;

use super::health;
use super::metrics::Metrics;

/// Everything that the server answers.
///
/// # Errors
/// As [`Metrics::new`].
pub fn endpoint(services: Services, settings: ApiSettings) -> Result<impl Endpoint<Output = Response> + 'static> {
    let metrics = Metrics::new(&services)?;
    let inner = api::endpoint(services.clone(), ApiSettings { server_paths: PATHS, ..settings });
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
        if !PATHS.iter().any(|own| path.strip_prefix('/') == Some(own.path)) {
            return Ok(self.metrics.counted(&self.inner, request).await);
        }
        match *request.method() {
            Method::GET | Method::HEAD => {}
            Method::OPTIONS => return Ok(StatusCode::NO_CONTENT.with_header(header::ALLOW, ALLOWED).into_response()),
            _ => return Ok(refused()),
        }
        let mut response = match path {
            "/healthz" => health::alive(),
            "/readyz" => health::ready(&self.services).await,
            _ => self.metrics.page(),
        };
        if request.method() == Method::HEAD {
            let page = response.take_body().into_bytes().await?;
            response.headers_mut().insert(header::CONTENT_LENGTH, page.len().into());
        }
        // What a probe learns is true now and not later.
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Ok(response)
    }
}

/// What is answered here, as the start page tells it.
const PATHS: &[ServerPath] = &[
    ServerPath { path: "healthz", purpose: "200 as long as the process answers" },
    ServerPath { path: "readyz", purpose: "200 while its stores answer, else 503" },
    ServerPath { path: "metrics", purpose: "Counters for Prometheus" },
];

/// The methods of probes and metrics.
const ALLOWED: &str = "GET, HEAD, OPTIONS";

fn refused() -> Response {
    format!("method not allowed; this path serves {ALLOWED}\n")
        .with_status(StatusCode::METHOD_NOT_ALLOWED)
        .with_header(header::ALLOW, ALLOWED)
        .into_response()
}
