//! What answers a request: health and metrics here, everything else the API.

use api::ApiSettings;
use model::Result;
use poem::http::{HeaderValue, Method, StatusCode, header};
use poem::{Body, Endpoint, IntoResponse, Request, Response};
use services::Services;

use super::health;
use super::metrics::Metrics;

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
            return Ok(self.metrics.counted(&self.inner, request).await);
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

fn only_get() -> Response {
    "only GET and HEAD are answered here\n"
        .with_status(StatusCode::METHOD_NOT_ALLOWED)
        .with_header(header::ALLOW, "GET, HEAD")
        .into_response()
}
