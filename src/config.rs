//! From flags and environment to what the rest of the program works with.

mod accounts;

use std::collections::BTreeMap;
use std::env;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use api::CorsOrigins;
use model::{DatabaseName, Error, Result};
use secrecy::SecretString;
use services::{AccountsConfig, AppendConfig, DatabaseRules};
use url::Url;

pub use accounts::config as accounts;

use crate::args::{AppendArguments, CareArguments, Period, ServeArguments, StorageArguments, Switch};

/// The variable that holds the first admin's password: no flag, for flags show in the list of processes.
const ADMIN_PASSWORD: &str = "BOATHOUSE_ADMIN_PASSWORD";

/// Where the data is.
#[derive(Clone)]
pub struct StorageConfig {
    /// The server's data directory.
    pub data_dir: PathBuf,
    /// Where tables are kept; below the data directory where there is none.
    pub lakehouse_url: Option<Url>,
    /// Options of the object store, by the names that it knows them by.
    pub lakehouse_options: Vec<(String, String)>,
    /// Where unqualified names are looked up.
    pub default_database: DatabaseName,
}

/// What queries may use.
#[derive(Clone, Copy)]
pub struct QueryConfig {
    /// Bytes that running queries may hold together.
    pub memory: usize,
    /// Threads of the query runtime.
    pub threads: usize,
}

/// How tables are cared for.
#[derive(Clone, Copy)]
pub struct CareConfig {
    /// Whether it is done without being asked.
    pub automatic: bool,
    /// How long files that newer versions do not use are kept.
    pub retention: Duration,
}

/// How appends are buffered.
#[derive(Clone, Copy)]
pub struct AppendSettings {
    /// How long they wait for others.
    pub window: Duration,
    /// Bytes in memory.
    pub memory: usize,
    /// Bytes on disk.
    pub journal_bytes: u64,
}

/// How much is remembered of queries.
#[derive(Clone, Copy)]
pub struct QueryLogConfig {
    /// For how long.
    pub age: Duration,
    /// In how many bytes.
    pub bytes: u64,
}

/// The admin account of a fresh data directory.
#[derive(Clone, Default)]
pub struct AdminConfig {
    /// Its name, where one was given.
    pub name: Option<String>,
    /// Its password, where one was given.
    pub password: Option<SecretString>,
}

/// Everything that `serve` needs to know.
#[derive(Clone)]
pub struct ServeConfig {
    /// Where the data is.
    pub storage: StorageConfig,
    /// What queries may use.
    pub query: QueryConfig,
    /// How tables are cared for.
    pub care: CareConfig,
    /// How appends are buffered.
    pub append: AppendSettings,
    /// How much is remembered of queries.
    pub query_log: QueryLogConfig,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Which pages of other origins may call the server from a browser.
    pub cors: CorsOrigins,
    /// What callers may do with databases.
    pub rules: DatabaseRules,
    /// The largest file that becomes a database.
    pub upload_limit: u64,
    /// The longest that a statement may run in a SQLite database.
    pub statement_timeout: Duration,
    /// How long running requests have to finish at the end.
    pub shutdown_grace: Duration,
    /// The first admin.
    pub admin: AdminConfig,
    /// Who may make an account, and how mail is sent.
    pub accounts: AccountsConfig,
}

impl StorageConfig {
    /// # Errors
    /// `Invalid` for a default database that cannot be a name.
    pub fn new(arguments: StorageArguments) -> Result<Self> {
        Ok(Self {
            data_dir: arguments.data_dir,
            lakehouse_url: arguments.lakehouse_url,
            lakehouse_options: object_store_options(env::vars()),
            default_database: DatabaseName::new(arguments.default_database)?,
        })
    }
}

impl QueryConfig {
    /// `threads` where they are given, else one a core.
    pub fn new(memory: usize, threads: Option<NonZeroUsize>) -> Self {
        let cores = || thread::available_parallelism().map_or(1, usize::from);
        Self { memory, threads: threads.map_or_else(cores, usize::from) }
    }
}

impl CareConfig {
    /// As the flags say.
    pub fn new(arguments: &CareArguments) -> Self {
        Self { automatic: arguments.table_care == Switch::On, retention: arguments.file_retention.0 }
    }
}

impl Default for CareConfig {
    /// As without flags.
    fn default() -> Self {
        Self { automatic: true, retention: Duration::from_secs(7 * 24 * 3600) }
    }
}

impl AppendSettings {
    /// What the flags say.
    pub fn new(arguments: &AppendArguments) -> Self {
        Self {
            window: Duration::from_millis(arguments.append_window),
            memory: arguments.append_memory.0,
            journal_bytes: arguments.append_journal.0 as u64,
        }
    }

    /// With the journal in this directory.
    pub fn with_journal(self, journal: PathBuf) -> AppendConfig {
        let Self { window, memory, journal_bytes } = self;
        AppendConfig { window, memory, journal_bytes, ..AppendConfig::new(journal) }
    }
}

impl Default for AppendSettings {
    fn default() -> Self {
        let AppendConfig { window, memory, journal_bytes, .. } = AppendConfig::new(PathBuf::new());
        Self { window, memory, journal_bytes }
    }
}

impl QueryLogConfig {
    /// From days and bytes.
    pub fn new(days: u32, bytes: u64) -> Self {
        Self { age: Duration::from_secs(u64::from(days) * 24 * 60 * 60), bytes }
    }
}

impl AdminConfig {
    /// The name, and the password out of the environment.
    pub fn new(name: Option<String>) -> Self {
        let password = env::var(ADMIN_PASSWORD).ok().filter(|password| !password.is_empty());
        Self { name: name.filter(|name| !name.is_empty()), password: password.map(SecretString::from) }
    }
}

/// A time in which a statement can run at all.
fn statement_timeout(period: Period) -> Result<Duration> {
    if period.0.is_zero() {
        return Err(Error::invalid("--statement-timeout 0s leaves no time for any statement; write for example 20s"));
    }
    Ok(period.0)
}

impl ServeConfig {
    /// The longest that a statement may run in a SQLite database, unless told otherwise.
    pub const STATEMENT_TIMEOUT: Duration = Duration::from_secs(20);

    /// # Errors
    /// As [`StorageConfig::new`] and [`CorsOrigins::new`], for a time-out of nothing, and for flags about accounts that do not
    /// go together.
    pub fn new(arguments: ServeArguments) -> Result<Self> {
        Ok(Self {
            storage: StorageConfig::new(arguments.storage)?,
            query: QueryConfig::new(arguments.query.query_memory.0, arguments.query.query_threads),
            care: CareConfig::new(&arguments.care),
            append: AppendSettings::new(&arguments.append),
            query_log: QueryLogConfig::new(
                arguments.query_log.query_log_days,
                arguments.query_log.query_log_size.0 as u64,
            ),
            listen: arguments.listen,
            cors: CorsOrigins::new(arguments.cors_origin)?,
            rules: DatabaseRules { anonymous: arguments.anonymous_databases },
            upload_limit: arguments.upload_limit.0 as u64,
            statement_timeout: statement_timeout(arguments.statement_timeout)?,
            shutdown_grace: Duration::from_secs(arguments.shutdown_grace),
            admin: AdminConfig::new(arguments.admin_username),
            accounts: accounts(arguments.accounts, arguments.listen)?,
        })
    }
}

/// The `AWS_…` variables that every S3 tool reads, under the names that the object store knows them by.
fn object_store_options(variables: impl Iterator<Item = (String, String)>) -> Vec<(String, String)> {
    let named = variables
        .filter(|(name, value)| name.starts_with("AWS_") && !value.is_empty())
        .map(|(name, value)| (name.to_ascii_lowercase(), value));
    // In order, so that a run does not depend on the order of the environment.
    named.collect::<BTreeMap<_, _>>().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_has_some_time() {
        assert_eq!(statement_timeout("20s".parse().unwrap()).unwrap(), ServeConfig::STATEMENT_TIMEOUT);
        assert!(statement_timeout("0s".parse().unwrap()).unwrap_err().message().contains("--statement-timeout"));
    }

    #[test]
    fn only_aws_variables_reach_the_object_store() {
        let variables = [("PATH", "/bin"), ("AWS_REGION", "eu-west-1"), ("AWS_ALLOW_HTTP", "true"), ("AWS_TOKEN", "")];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let options = object_store_options(variables.into_iter());
        let expected = [("aws_allow_http", "true"), ("aws_region", "eu-west-1")];
        assert_eq!(options, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
}
