//! `boathouse demo`: a server with sample data in it, loaded and asked through its own HTTP API.

mod shell;
mod shop;
mod tour;

use std::fs;
use std::net::SocketAddr;
use std::time::Duration;

use api::{ApiSettings, CorsOrigins};
use model::{Access, DatabaseName, Error, ErrorKind, Result};
use secrecy::SecretString;
use services::{Accounts, DatabaseRules, generate_password};

use crate::args::{AccountArguments, DemoArguments, LogArguments, LogFormat};
use crate::config::{AppendSettings, CareConfig, QueryConfig, QueryLogConfig, ServeConfig, StorageConfig};
use crate::data_dir::DataDir;
use crate::{config, logs, serve};
use tour::Tour;

/// Daily weather in Seattle, 2012 to 2015, recorded by NOAA: in the public domain.
const WEATHER: &[u8] = include_bytes!("demo/seattle-weather.csv");
/// The user that the demo signs in as.
const USER: &str = "demo";

/// Serves until Ctrl-C.
///
/// # Errors
/// What stands in the way of serving, and any request of the tour that fails.
pub fn run(arguments: DemoArguments) -> Result<()> {
    // Warnings alone: the tour is what is to be read.
    let _log = logs::start(&LogArguments { log: "warn".to_owned(), log_format: LogFormat::Text })?;
    let config = demo_config(arguments)?;
    let runtimes = serve::Runtimes::start(config.query.threads)?;
    let handles = runtimes.handles();
    let outcome = runtimes.block_on(async {
        let bound = serve::bind(&config, handles).await?;
        let password = sign_up(&bound.services.accounts).await?;
        shop::prepare(&bound.services).await?;
        let address = bound.address();
        let ended = serve::terminated()?;
        let server = tokio::spawn(bound.serve(ended));
        serve::announce(address);
        let toured = show(&config, address, password).await;
        if toured.is_err() {
            server.abort();
            return toured;
        }
        server.await.map_err(Error::internal)?
    });
    runtimes.end();
    outcome
}

fn demo_config(arguments: DemoArguments) -> Result<ServeConfig> {
    Ok(ServeConfig {
        storage: StorageConfig {
            data_dir: arguments.data_dir,
            lakehouse_url: None,
            lakehouse_options: Vec::new(),
            default_database: DatabaseName::new("lakehouse")?,
        },
        query: QueryConfig::new(1 << 30, None),
        care: CareConfig::default(),
        append: AppendSettings::default(),
        query_log: QueryLogConfig::new(30, 1 << 30),
        listen: arguments.listen,
        cors: CorsOrigins::None,
        rules: DatabaseRules::default(),
        upload_limit: ApiSettings::DEFAULT_UPLOAD_LIMIT,
        statement_timeout: ServeConfig::STATEMENT_TIMEOUT,
        shutdown_grace: Duration::from_secs(5),
        admin: config::AdminConfig::default(),
        accounts: config::accounts(AccountArguments::default(), arguments.listen)?,
    })
}

/// The demo's user with a password for this run: a demo that is started again need not remember the last one.
async fn sign_up(accounts: &Accounts) -> Result<SecretString> {
    let password = generate_password();
    match accounts.create(USER, &password, Access::Admin).await {
        Err(taken) if taken.kind() == ErrorKind::Conflict => accounts.set_password(USER, &password).await?,
        other => other?,
    }
    Ok(password)
}

async fn show(config: &ServeConfig, address: SocketAddr, password: SecretString) -> Result<()> {
    let file = DataDir::open(&config.storage.data_dir)?.file("seattle-weather.csv");
    fs::write(&file, WEATHER).map_err(|source| Error::invalid(format!("cannot write {}: {source}", file.display())))?;
    let tour = Tour::new(address, USER, password)?;
    tour.upload(&file).await?;
    tour.ask().await?;
    tour.shop().await?;
    tour.farewell();
    Ok(())
}
