//! A running server: its runtimes, its start and its end.

mod first_start;
mod front;
mod health;
mod listener;
mod metrics;
mod runtimes;
mod signals;

use std::future::Future;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use api::ApiSettings;
use model::{Error, Result};
use services::Services;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tracing::{info, warn};

use crate::config::ServeConfig;
use crate::data_dir::{DataDir, ServerLock};
use crate::wire::{self, Wired};

pub use runtimes::{Handles, Runtimes};
pub use signals::terminated;

/// A server that listens and does not answer yet.
pub struct Bound {
    /// The services it will answer from.
    pub services: Services,
    listener: TcpListener,
    address: SocketAddr,
    settings: ApiSettings,
    grace: Duration,
    _lock: ServerLock,
}

/// Serves until SIGINT or SIGTERM.
///
/// # Errors
/// What stands in the way of serving.
pub fn run(config: ServeConfig) -> Result<()> {
    let runtimes = Runtimes::start(config.query.threads)?;
    let handles = runtimes.handles();
    let outcome = runtimes.block_on(async {
        let bound = bind(&config, handles).await?;
        first_start::ensure_admin(&bound.services.accounts, &config.admin).await?;
        announce(bound.address());
        bound.serve(terminated()?).await
    });
    runtimes.end();
    outcome
}

/// Opens the data directory and everything in it, and takes the address.
///
/// # Errors
/// What stands in the way: a directory that another server has, an address in use, a storage that does not answer.
pub async fn bind(config: &ServeConfig, handles: Handles) -> Result<Bound> {
    let data = DataDir::create(&config.storage.data_dir)?;
    let lock = data.lock()?;
    let scratch = data.fresh_scratch(&lock)?;
    let Wired { services, workers } = wire::services(&data, scratch, config, handles).await?;
    services.prepare().await?;
    let (listener, address) = listener::bind(config.listen).await?;
    let settings =
        ApiSettings { cors: config.cors.clone(), upload_limit: config.upload_limit, ..ApiSettings::new(workers) };
    services.accounts.serves_at(&format!("http://{address}"));
    services.accounts.resume_mail().await?;
    Ok(Bound { services, listener, address, settings, grace: config.shutdown_grace, _lock: lock })
}

impl Bound {
    /// Where it listens; the port is the one that was taken.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers requests until `end`; those that run then have the grace period to finish.
    ///
    /// # Errors
    /// `Internal` where the listener fails.
    pub async fn serve(self, end: impl Future<Output = ()>) -> Result<()> {
        let Services { queries, appends, .. } = self.services.clone();
        let endpoint = front::endpoint(self.services, self.settings)?;
        let grace = self.grace;
        let (hurried, (told, asked)) = (appends.clone(), oneshot::channel());
        let noted = async move {
            end.await;
            info!(grace_seconds = grace.as_secs(), "stopping: running requests may finish");
            hurried.hurry();
            _ = told.send(Instant::now());
        };
        let outcome = api::serve(self.listener, endpoint, noted, grace).await;
        if queries.running_count() > 0 {
            warn!(queries = queries.running_count(), "the grace period is over: cancelling what still runs");
            queries.cancel_all();
        }
        let spent = asked.await.map_or(Duration::ZERO, |since| since.elapsed());
        let left = appends.finish(grace.saturating_sub(spent)).await;
        if left > 0 {
            warn!(appends = left, "appends are left in the journal and will be committed at the next start");
        }
        queries.flush_log().await;
        info!("stopped");
        outcome.map_err(Error::internal)
    }
}

/// The one line on standard output: whoever started the server reads there that it is ready, and where.
pub fn announce(address: SocketAddr) {
    let mut output = io::stdout().lock();
    // A closed standard output is no reason not to serve.
    let _ = writeln!(output, "listening on http://{address}").and_then(|()| output.flush());
    info!(%address, "ready");
}
