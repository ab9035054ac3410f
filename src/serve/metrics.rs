//! `/metrics`: counters in Prometheus' text format.

mod care;
mod totals;

use std::time::Instant;

use model::{Error, Result};
use poem::{Endpoint, Request, Response};
use poem_openapi::OperationId;
use prometheus::process_collector::ProcessCollector;
use prometheus::{Encoder, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, Opts, Registry, TextEncoder};
use services::Services;

use care::CareTotals;
use totals::Totals;

/// The label of answers that came from no operation: documents, unknown paths, wrong methods.
const NO_OPERATION: &str = "none";

/// Seconds from a request to the head of its answer: from what memory answers to what large uploads take.
const BUCKETS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0, 600.0];

/// What is counted of requests.
#[derive(Clone)]
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    seconds: HistogramVec,
    in_flight: IntGauge,
}

impl Metrics {
    /// # Errors
    /// `Internal` where a metric is declared twice.
    pub fn new(services: &Services) -> Result<Self> {
        Self::declare(services).map_err(Error::internal)
    }

    fn declare(services: &Services) -> prometheus::Result<Self> {
        let requests = Opts::new("boathouse_http_requests_total", "Requests by operation and status.");
        let seconds =
            HistogramOpts::new("boathouse_http_request_seconds", "Time from a request to the head of its answer.")
                .buckets(BUCKETS.to_vec());
        let metrics = Self {
            registry: Registry::new(),
            requests: IntCounterVec::new(requests, &["operation", "status"])?,
            seconds: HistogramVec::new(seconds, &["operation"])?,
            in_flight: IntGauge::new("boathouse_http_requests_in_flight", "Requests without the head of an answer.")?,
        };
        metrics.registry.register(Box::new(metrics.requests.clone()))?;
        metrics.registry.register(Box::new(metrics.seconds.clone()))?;
        metrics.registry.register(Box::new(metrics.in_flight.clone()))?;
        metrics.registry.register(Box::new(Totals::new(services)?))?;
        metrics.registry.register(Box::new(CareTotals::new(services)?))?;
        metrics.registry.register(Box::new(ProcessCollector::for_self()))?;
        Ok(metrics)
    }

    /// The page.
    pub fn page(&self) -> Response {
        let encoder = TextEncoder::new();
        let mut text = Vec::new();
        match encoder.encode(&self.registry.gather(), &mut text) {
            Ok(()) => Response::builder().content_type(encoder.format_type()).body(text),
            Err(fault) => poem::error::InternalServerError(fault).into_response(),
        }
    }

    /// Passes a request on and counts its answer.
    pub async fn counted(&self, inner: &impl Endpoint, request: Request) -> Response {
        let started = Instant::now();
        // A guard, because a client that goes away drops this future.
        let _in_flight = InFlight::enter(self.in_flight.clone());
        let response = inner.get_response(request).await;
        let operation = response.data::<OperationId>().map_or(NO_OPERATION, |id| id.0);
        self.requests.with_label_values(&[operation, response.status().as_str()]).inc();
        self.seconds.with_label_values(&[operation]).observe(started.elapsed().as_secs_f64());
        response
    }
}

struct InFlight(IntGauge);

impl InFlight {
    fn enter(gauge: IntGauge) -> Self {
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}
