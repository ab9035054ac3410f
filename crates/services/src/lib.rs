//! What the server does, for every product alike: accounts, databases, tables, appends and queries.
//!
//! Storages and the engine are known as traits; the products and the web framework not at all.

mod accounts;
mod appends;
mod apps;
mod audit;
mod cells;
mod charts;
mod contents;
mod dashboards;
mod databases;
mod metadata;
mod queries;
mod row_ids;
mod settings;
mod sql;
mod staging;
mod table_edits;
mod table_notes;
mod tables;
mod uploads;
mod usage;
mod variables;
mod visit;

use std::path::PathBuf;
use std::sync::Arc;

use formats::Workers;
use model::{Access, DatabaseName, Engine, Result, Storage};

pub use accounts::{
    Accounts, AccountsConfig, Billing, CallerAddress, FirstAdmin, ListedToken, MailConfig, MailLink, MailPurpose,
    Member, NewToken, NewUser, Permission, Role, Session, SignUp, SmtpConfig, SmtpTls, TOKEN_PREFIX, Team, TeamChange,
    TeamDatabase, TeamSummary, Token, TokenChange, TokenOwner, TokenPermission, User, UserInfo, generate_password,
    operator,
};
pub use appends::{AppendConfig, AppendOutcome, AppendTarget, Appends, TaskStatus};
pub use apps::{App, AppUpload, Apps, MAX_APP_BYTES};
pub use audit::{Audit, AuditEntry};
pub use cells::{CellFile, Cells, MAX_CELL_BYTES};
pub use charts::{Chart, ChartChange, Charts, NewChart, PictureSize};
pub use contents::{
    CellUrl, Column, Contents, Defined, Export, ExportFormat, Input, MAX_CELLS, Page, Rule, Scalar, Table, Wanted,
};
pub use dashboards::{Dashboard, DashboardChange, Dashboards};
pub use databases::{
    DatabaseChange, DatabaseFile, DatabaseRecord, DatabaseRules, Databases, Description, Download, NewDatabase, Opened,
    Owner, SettingsChange, Visibility,
};
pub use metadata::Metadata;
pub use queries::{
    Asked, Cancelling, Executing, LoggedQuery, Outcome, Queries, QueryEnd, QueryLog, QueryLogLimits, RunQuery, Running,
    UNKNOWN_QUERY, query_log_schema,
};
pub use row_ids::RowIdFault;
pub use settings::{ServerSettings, ServerSettingsChange};
pub use sql::{Answered, MAX_STATEMENT_CHARS, Statements, check_statement};
pub use staging::{ScratchFile, Staging};
pub use table_edits::{MAX_COLUMNS, MAX_TABLES, Shown, TableEdits};
pub use table_notes::{Notes, Place, TableNotes};
pub use tables::{Tables, Upload, UploadMode};
pub use uploads::Uploads;
pub use usage::Usage;
pub use variables::{NewVariable, Scope, SecretKey, Variable, Variables};
pub use visit::Visit;

/// The version of the SQLite that keeps databases and the server's own metadata.
pub fn sqlite_version() -> &'static str {
    rusqlite::version()
}

/// Everything that a product's operations call. Clones share everything.
#[derive(Clone)]
pub struct Services {
    /// Who may call.
    pub accounts: Accounts,
    /// Which databases there are.
    pub databases: Databases,
    /// Files that become databases.
    pub uploads: Uploads,
    /// Variables of databases and of the server.
    pub variables: Variables,
    /// The settings of the server.
    pub settings: ServerSettings,
    /// What was written, and by whom.
    pub audit: Audit,
    /// Files that become tables.
    pub tables: Tables,
    /// Rows that become part of tables a few at a time.
    pub appends: Appends,
    /// SQL.
    pub queries: Queries,
    /// One statement at a time, in a database's own dialect.
    pub statements: Statements,
    /// What is in tables and views.
    pub contents: Contents,
    /// Changing what tables are.
    pub table_edits: TableEdits,
    /// Files in the cells of tables.
    pub cells: Cells,
    /// How tables and columns are shown.
    pub table_notes: TableNotes,
    /// What is drawn of tables.
    pub charts: Charts,
    /// Charts that are looked at together.
    pub dashboards: Dashboards,
    /// Pages beside databases.
    pub apps: Apps,
    /// Running totals.
    pub usage: Arc<Usage>,
}

/// What the services stand on.
pub struct Parts {
    /// The server's own database.
    pub metadata: Metadata,
    /// What remembers the queries that ran.
    pub query_log: QueryLog,
    /// Where databases live: one storage a kind.
    pub storages: Vec<Arc<dyn Storage>>,
    /// What runs SQL.
    pub engine: Arc<dyn Engine>,
    /// Where decoding and encoding run.
    pub workers: Workers,
    /// A directory for files that live no longer than a request.
    pub scratch: PathBuf,
    /// Where unqualified names are looked up when a request does not say.
    pub default_database: DatabaseName,
    /// How appends are buffered.
    pub appends: AppendConfig,
    /// What variables, and the keys in mail that waits, are encrypted with.
    pub secret_key: SecretKey,
    /// What callers may do with databases.
    pub rules: DatabaseRules,
    /// Who may make an account, and how mail is sent.
    pub accounts: AccountsConfig,
}

impl Services {
    /// Puts the services together; does no work.
    pub fn new(parts: Parts) -> Self {
        let usage = Arc::new(Usage::default());
        let metadata = parts.metadata;
        let databases = Databases::with_rules(metadata.clone(), parts.storages, parts.default_database, parts.rules);
        let variables = Variables::new(metadata.clone(), databases.clone(), &parts.secret_key);
        let staging = Staging::new(parts.scratch.clone());
        let queries = Queries::new(parts.engine, databases.clone(), parts.query_log, Arc::clone(&usage));
        let table_notes = TableNotes::new(metadata.clone());
        let audit = Audit::new(metadata.clone(), databases.clone());
        let statements = Statements::new(databases.clone(), queries.clone(), audit.clone());
        let contents = Contents::new(databases.clone(), queries.clone(), table_notes.clone(), parts.workers.clone());
        Self {
            table_edits: TableEdits::new(databases.clone(), contents.clone(), table_notes.clone(), audit.clone()),
            cells: Cells::new(databases.clone(), audit.clone()),
            contents,
            uploads: Uploads::new(databases.clone(), parts.workers.clone(), staging),
            settings: ServerSettings::new(metadata.clone(), variables.clone()),
            variables,
            charts: Charts::new(metadata.clone(), databases.clone(), statements.clone()),
            dashboards: Dashboards::new(metadata.clone(), databases.clone()),
            apps: Apps::new(metadata.clone(), databases.clone()),
            statements,
            audit,
            table_notes,
            accounts: Accounts::with(metadata, parts.accounts, &parts.secret_key),
            appends: Appends::new(databases.clone(), parts.workers.clone(), Arc::clone(&usage), parts.appends),
            tables: Tables::new(databases.clone(), parts.workers, parts.scratch, Arc::clone(&usage)),
            queries,
            databases,
            usage,
        }
    }

    /// What a start has to do before the first request: makes the default database where there is none, finishes what a
    /// crash interrupted, and opens the journal of appends.
    ///
    /// # Errors
    /// Those of the metadata database and the storage.
    pub async fn prepare(&self) -> Result<()> {
        self.databases.ensure_default().await?;
        self.databases.finish_removals().await?;
        self.databases.complete_readonly_ids().await?;
        self.databases.remove_expired_ones();
        self.appends.start().await
    }

    /// Whether requests can be served: the metadata database answers, and the default database lists its schemas.
    ///
    /// # Errors
    /// What stands in the way.
    pub async fn ready(&self) -> Result<()> {
        let name = self.databases.default_database().as_str();
        let database = self.databases.open(&operator(), name, Access::Read).await?;
        database.schemas().await.map(drop)
    }
}
