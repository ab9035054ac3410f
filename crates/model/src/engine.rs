//! The contract of the query engine: SQL over every database that the caller may open.

mod explained;
mod suggestion;
mod watch;

use std::sync::Arc;

use async_trait::async_trait;

pub use self::explained::{Explained, FileScan, PlanNode, TableScan};
pub use self::suggestion::{Suggestion, SuggestionKind};
pub use self::watch::{Figures, Hits, Measured, Watch};
use crate::{Access, Database, DatabaseInfo, DatabaseName, Result, Rows, StorageKind};

/// A statement to run, with the context in which its names are resolved.
#[derive(Clone, Debug)]
pub struct Query {
    /// SQL text in DuckDB's dialect; several statements may stand in it, parted by `;`.
    pub statement: String,
    /// The database that unqualified names are looked up in; the server's default where there is none.
    pub catalog: Option<String>,
    /// The schema that unqualified names are looked up in; `main` where there is none.
    pub schema: Option<String>,
    /// At most this many rows of the last statement's answer.
    pub limit: Option<u64>,
    /// Skips this many rows of the last statement's answer.
    pub offset: Option<u64>,
    /// IANA name of the session's time zone; UTC where there is none.
    pub timezone: Option<String>,
    /// Where the engine says how far the query is, from the first statement to the last.
    pub watch: Watch,
}

impl Query {
    /// The statement alone, all else at its default.
    pub fn new(statement: impl Into<String>) -> Self {
        Self {
            statement: statement.into(),
            catalog: None,
            schema: None,
            limit: None,
            offset: None,
            timezone: None,
            watch: Watch::default(),
        }
    }
}

/// What one caller can reach by name inside SQL. Made for one principal: opening is authorising, here too.
#[async_trait]
pub trait Catalogs: Send + Sync + 'static {
    /// The database that unqualified names are looked up in when a query does not say.
    fn default_database(&self) -> &str;

    /// Every database that the caller may know of, by name.
    async fn list(&self) -> Result<Vec<DatabaseInfo>>;

    /// Opens a database for `access`; letter case does not matter.
    ///
    /// # Errors
    /// `NotFound` where there is none that the caller may know of; `Forbidden` where it may read but not write.
    async fn open(&self, name: &str, access: Access) -> Result<Arc<dyn Database>>;

    /// Makes an empty database with the schema `main`.
    ///
    /// # Errors
    /// `Conflict` where the name is taken, `Forbidden` without [`Access::Admin`], `Unsupported` where no storage of
    /// this kind was opened.
    async fn create(&self, name: &DatabaseName, kind: StorageKind) -> Result<()>;

    /// Removes a database and everything in it.
    ///
    /// # Errors
    /// `NotFound`, or `Forbidden` without [`Access::Admin`].
    async fn remove(&self, name: &DatabaseName) -> Result<()>;

    /// The queries that the caller may know of, those that run and those that are remembered: its own, and everybody's
    /// for an admin. Queries that were asked not to be shown are left out. In no order; the newest may come last.
    async fn query_log(&self) -> Result<Rows>;
}

/// Runs SQL. Statements reach only what `catalogs` opens; files and the network are out of reach.
#[async_trait]
pub trait Engine: Send + Sync + 'static {
    /// Runs every statement in order and answers with the rows of the last.
    ///
    /// Returns as soon as the last statement is planned: its rows are computed while the stream is read, and dropping
    /// the stream (or the future) stops all work within a tenth of a second, also in the middle of planning. What has
    /// been done so far can be read from the query's [`Watch`] all the time, and the rows need not be read for that. A statement that changes something has changed it, durably and
    /// wholly, when its turn is over; one that fails has changed nothing, and those after it do not run.
    ///
    /// # Errors
    /// `Invalid` for text that is not SQL or names what is not there, `Unsupported` for SQL that the engine does not
    /// do, `Forbidden` for what the caller may not do. Messages start as DuckDB's do (`Parser Error: `,
    /// `Catalog Error: `, `Binder Error: `).
    async fn run(&self, query: Query, catalogs: Arc<dyn Catalogs>) -> Result<Rows>;

    /// Parses and plans every statement and runs none.
    ///
    /// # Errors
    /// As [`Engine::run`], for whatever can be known before running.
    async fn validate(&self, query: Query, catalogs: Arc<dyn Catalogs>) -> Result<()>;

    /// Plans every statement, runs none, and says what they would read: the tables, and how much of them is left after
    /// whole files were passed over.
    ///
    /// # Errors
    /// As [`Engine::validate`].
    async fn explain(&self, query: Query, catalogs: Arc<dyn Catalogs>) -> Result<Explained>;

    /// How the statement could go on at its byte `cursor`, best first, at most `limit` ways. What stands after the cursor
    /// is looked at, too: the columns of a table are known before the caret has come to its FROM. Half a statement, or
    /// none at all, is no error; neither is a table that cannot be read.
    ///
    /// # Errors
    /// `NotFound` for a catalog or schema of the query that is not there.
    async fn autocomplete(
        &self,
        query: Query,
        cursor: usize,
        limit: usize,
        catalogs: Arc<dyn Catalogs>,
    ) -> Result<Vec<Suggestion>>;
}
