//! `/healthz`: the process answers. `/readyz`: requests can be served.

use std::time::Duration;

use poem::http::StatusCode;
use poem::{IntoResponse, Response};
use services::Services;
use tokio::time::timeout;
use tracing::warn;

use crate::logs;

/// A probe waits about this long for its answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Always the same answer, as long as there is one.
pub fn alive() -> Response {
    "ok\n".into_response()
}

/// 200 where the metadata database and the lakehouse answer, else 503 with what does not.
pub async fn ready(services: &Services) -> Response {
    let fault = match timeout(PATIENCE, services.ready()).await {
        Ok(Ok(())) => return "ready\n".into_response(),
        Ok(Err(error)) => logs::chain(&error),
        Err(_) => format!("no answer within {} seconds", PATIENCE.as_secs()),
    };
    // Probes are anonymous: the log says what is wrong, the answer only that something is.
    warn!(error = fault, "not ready");
    "not ready; the log says why\n".with_status(StatusCode::SERVICE_UNAVAILABLE).into_response()
}
