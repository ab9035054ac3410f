//! The command line. Every flag can also be given as `BOATHOUSE_` and its name.

mod accounts;
mod bytes;
mod period;
mod token;

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use api::Product;
use clap::{Args, Parser, Subcommand, ValueEnum};
use model::{Access, StorageKind};

pub use accounts::AccountArguments;
pub use bytes::ByteCount;
pub use period::Period;
pub use token::TokenCommand;

/// A self-hosted data server: files go in over HTTP, SQL comes out, tables are Delta Lake.
#[derive(Parser)]
#[command(name = "boathouse", version)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program does.
#[derive(Subcommand)]
pub enum Command {
    /// Serve a data directory over HTTP.
    Serve(ServeArguments),
    /// Serve with sample data loaded, and show what can be asked of it.
    Demo(DemoArguments),
    /// Create, list and disable users; works beside a running server.
    #[command(subcommand)]
    User(UserCommand),
    /// Create, list and revoke API tokens; works beside a running server.
    #[command(subcommand)]
    Token(TokenCommand),
    /// Create and list databases; works beside a running server.
    #[command(subcommand)]
    Database(DatabaseCommand),
    /// Print an OpenAPI document.
    Openapi(OpenapiArguments),
}

/// Where the data is.
#[derive(Args, Clone)]
pub struct StorageArguments {
    /// Directory of the server's data.
    #[arg(long, env = "BOATHOUSE_DATA_DIR", value_name = "DIR", default_value = "boathouse-data")]
    pub data_dir: PathBuf,
    /// Where tables are kept: file:///directory/ or s3://bucket/prefix (with the usual AWS_… variables); below the
    /// data directory unless given.
    #[arg(long, env = "BOATHOUSE_LAKEHOUSE_URL", value_name = "URL", hide_env_values = true)]
    pub lakehouse_url: Option<url::Url>,
    /// The database that unqualified names are looked up in; made where it does not exist.
    #[arg(long, env = "BOATHOUSE_DEFAULT_DATABASE", value_name = "NAME", default_value = "lakehouse")]
    pub default_database: String,
}

/// What queries may use.
#[derive(Args, Clone)]
pub struct QueryArguments {
    /// Memory that running queries may hold together before they spill to disk, for example 2GiB.
    #[arg(long, env = "BOATHOUSE_QUERY_MEMORY", value_name = "BYTES", default_value = "1GiB")]
    pub query_memory: ByteCount,
    /// Threads for queries and for decoding and encoding files; one a core unless given.
    #[arg(long, env = "BOATHOUSE_QUERY_THREADS", value_name = "N")]
    pub query_threads: Option<NonZeroUsize>,
}

/// How tables are cared for.
#[derive(Args, Clone)]
pub struct CareArguments {
    /// Whether tables are compacted and vacuumed without being asked: on or off. OPTIMIZE, VACUUM and CHECKPOINT do it
    /// by hand.
    #[arg(long, env = "BOATHOUSE_TABLE_CARE", value_name = "ON|OFF", default_value = "on")]
    pub table_care: Switch,
    /// How long files that newer versions of a table do not use are kept for time travel, for example 7d or 12h; a
    /// table's own delta.deletedFileRetentionDuration goes before it.
    #[arg(long, env = "BOATHOUSE_FILE_RETENTION", value_name = "PERIOD", default_value = "7d")]
    pub file_retention: Period,
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// It is done.
    On,
    /// It is not done.
    Off,
}

/// How rows that arrive through POST /append are kept until they are committed.
#[derive(Args, Clone)]
pub struct AppendArguments {
    /// Milliseconds that appended rows wait for others to be committed with them; those of a request with sync do not
    /// wait.
    #[arg(long, env = "BOATHOUSE_APPEND_WINDOW", value_name = "MILLISECONDS", default_value_t = 250)]
    pub append_window: u64,
    /// Memory for appends that are not committed; past it they are refused for the moment.
    #[arg(long, env = "BOATHOUSE_APPEND_MEMORY", value_name = "BYTES", default_value = "64MiB")]
    pub append_memory: ByteCount,
    /// Room on disk for appends that are not committed, below the data directory; past it they are refused for the moment.
    #[arg(long, env = "BOATHOUSE_APPEND_JOURNAL", value_name = "BYTES", default_value = "1GiB")]
    pub append_journal: ByteCount,
}

/// How much is remembered of queries.
#[derive(Args, Clone)]
pub struct QueryLogArguments {
    /// Days for which queries stay in the log that GET /query/{query_id} and boathouse_queries() read; 0 forgets a query
    /// soon after its end.
    #[arg(long, env = "BOATHOUSE_QUERY_LOG_DAYS", value_name = "DAYS", default_value_t = 30)]
    pub query_log_days: u32,
    /// The most that the log of queries may take up, for example 512MiB; the oldest go first.
    #[arg(long, env = "BOATHOUSE_QUERY_LOG_SIZE", value_name = "BYTES", default_value = "1GiB")]
    pub query_log_size: ByteCount,
}

/// How the log looks.
#[derive(Args, Clone)]
pub struct LogArguments {
    /// What is logged: off, error, warn, info, debug, trace, or a list of target=level.
    #[arg(
        long,
        env = "BOATHOUSE_LOG",
        value_name = "FILTER",
        default_value = "info,poem=warn,buoyant_kernel=warn,deltalake_core=warn"
    )]
    pub log: String,
    /// One line of text or one JSON object an event, on standard error.
    #[arg(long, env = "BOATHOUSE_LOG_FORMAT", value_name = "FORMAT", default_value = "text")]
    pub log_format: LogFormat,
}

/// The shapes of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Flags of `serve`.
#[derive(Args, Clone)]
pub struct ServeArguments {
    #[command(flatten)]
    pub storage: StorageArguments,
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, env = "BOATHOUSE_LISTEN", value_name = "HOST:PORT", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Origin whose web pages may call the server from a browser, for example https://app.example.com; several by giving
    /// the flag again or parted by commas, * for every origin; none unless given.
    #[arg(long, env = "BOATHOUSE_CORS_ORIGIN", value_name = "ORIGIN", value_delimiter = ',')]
    pub cors_origin: Vec<String>,
    #[command(flatten)]
    pub query: QueryArguments,
    #[command(flatten)]
    pub care: CareArguments,
    #[command(flatten)]
    pub append: AppendArguments,
    #[command(flatten)]
    pub query_log: QueryLogArguments,
    /// Whether databases can be created without signing in. They are public for whoever knows their id, and removed after ten
    /// days.
    #[arg(long, env = "BOATHOUSE_ANONYMOUS_DATABASES")]
    pub anonymous_databases: bool,
    /// The largest SQLite or CSV file that is taken to be made a database of.
    #[arg(long, env = "BOATHOUSE_UPLOAD_LIMIT", value_name = "BYTES", default_value = "100MB")]
    pub upload_limit: ByteCount,
    /// The longest that a statement may run in a SQLite database, for example 20s or 5m; changes of a whole table may take ten
    /// times as long.
    #[arg(long, env = "BOATHOUSE_STATEMENT_TIMEOUT", value_name = "PERIOD", default_value = "20s")]
    pub statement_timeout: Period,
    /// Seconds that running requests have to finish after SIGINT or SIGTERM.
    #[arg(long, env = "BOATHOUSE_SHUTDOWN_GRACE", value_name = "SECONDS", default_value_t = 30)]
    pub shutdown_grace: u64,
    /// Name of the admin account of a fresh data directory. Its password is read from BOATHOUSE_ADMIN_PASSWORD alone
    /// and generated without it.
    #[arg(long, env = "BOATHOUSE_ADMIN_USERNAME", value_name = "NAME")]
    pub admin_username: Option<String>,
    #[command(flatten)]
    pub accounts: AccountArguments,
    #[command(flatten)]
    pub log: LogArguments,
}

/// Flags of `demo`.
#[derive(Args, Clone)]
pub struct DemoArguments {
    /// Directory of the demo's data.
    #[arg(long, env = "BOATHOUSE_DATA_DIR", value_name = "DIR", default_value = "boathouse-demo")]
    pub data_dir: PathBuf,
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, env = "BOATHOUSE_LISTEN", value_name = "HOST:PORT", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
}

/// What to do with users.
#[derive(Subcommand)]
pub enum UserCommand {
    /// Create a user. Without --password-stdin a password is generated and printed once.
    Create {
        /// What the user signs in with.
        name: String,
        /// What the user may do in every database: read, write or admin.
        #[arg(long, value_name = "ACCESS", default_value = "write")]
        access: Access,
        /// Read the password from the first line of standard input.
        #[arg(long)]
        password_stdin: bool,
        #[command(flatten)]
        storage: StorageArguments,
    },
    /// List the users.
    List {
        #[command(flatten)]
        storage: StorageArguments,
    },
    /// Take a user's right to sign in.
    Disable {
        /// Which.
        name: String,
        #[command(flatten)]
        storage: StorageArguments,
    },
}

/// What to do with databases.
#[derive(Subcommand)]
pub enum DatabaseCommand {
    /// Create an empty database.
    Create {
        /// Its name, which is its SQL catalog, too.
        name: String,
        /// How it keeps its rows.
        #[arg(long, value_name = "KIND", default_value = "lakehouse")]
        storage: StorageKind,
        #[command(flatten)]
        place: StorageArguments,
    },
    /// List the databases.
    List {
        #[command(flatten)]
        place: StorageArguments,
    },
}

/// Flags of `openapi`.
#[derive(Args, Clone)]
pub struct OpenapiArguments {
    /// The product whose document is printed; all of them merged unless given.
    #[arg(long, value_name = "NAME")]
    pub product: Option<Product>,
    /// json or yaml.
    #[arg(long, value_name = "FORMAT", default_value = "json")]
    pub format: DocumentFormat,
}

/// How a document is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DocumentFormat {
    /// Indented JSON.
    Json,
    /// YAML.
    Yaml,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn flags_are_read() {
        let line = ["boathouse", "user", "create", "ann", "--access", "admin", "--password-stdin"];
        let Command::User(UserCommand::Create { name, access, password_stdin, .. }) =
            Arguments::parse_from(line).command
        else {
            panic!("another command");
        };
        assert_eq!((name.as_str(), access, password_stdin), ("ann", Access::Admin, true));
        assert!(Arguments::try_parse_from(["boathouse", "user", "create", "ann", "--access", "root"]).is_err());
    }
}
