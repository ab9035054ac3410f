//! Running statements, which of them run at this moment, and what is remembered of those that ran.

mod catalogs;
mod execute;
mod log;
mod logged;
mod registry;
mod running_rows;

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use model::{Catalogs, Engine, Error, Explained, Figures, Principal, Query, Result, Rows, Suggestion, Watch};
use uuid::Uuid;

use crate::Databases;
use crate::usage::Usage;
use catalogs::QueryCatalogs;
use registry::{Entry, Registry};

pub use execute::{Asked, Executing};
pub use log::{QueryLog, QueryLogLimits, query_log_schema};
pub use logged::{LoggedQuery, Outcome, QueryEnd};

/// The code of the error that says that there is no query of an id.
pub const UNKNOWN_QUERY: &str = "unknown_query";

/// SQL over everything a caller can reach. Clones share everything.
#[derive(Clone)]
pub struct Queries {
    engine: Arc<dyn Engine>,
    databases: Databases,
    registry: Arc<Registry>,
}

/// A statement to run, and what the caller says about it.
#[derive(Clone, Debug)]
pub struct RunQuery {
    /// The statement with its context.
    pub query: Query,
    /// The name that the caller gives this query; a new UUID where there is none. It need not be unique: queries that
    /// run under one id at once are all cancelled by it.
    pub query_id: Option<String>,
    /// The session that the caller counts the query to; a new UUID where there is none.
    pub session_id: Option<String>,
    /// On whose behalf, in the caller's words.
    pub requested_by: Option<String>,
    /// Whether lists of queries show it.
    pub visible: bool,
    /// Through what it is asked, in the product's words; for the log.
    pub interface: &'static str,
    /// What the caller's program calls itself; for the log.
    pub user_agent: Option<String>,
}

impl RunQuery {
    /// The query alone, all else at its default.
    pub fn new(query: Query) -> Self {
        Self {
            query,
            query_id: None,
            session_id: None,
            requested_by: None,
            visible: true,
            interface: "",
            user_agent: None,
        }
    }
}

/// A query whose rows can be read.
#[derive(Debug)]
pub struct Running {
    /// The caller's id, or the one that was made.
    pub query_id: String,
    /// The caller's session, or the one that was made.
    pub session_id: String,
    /// When the query was taken up.
    pub started: Instant,
    /// Its answer; dropping it stops the work.
    pub rows: Rows,
}

/// What became of a wish to cancel a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancelling {
    /// It has stopped, or had ended before.
    Over,
    /// It was counted to another session than the caller names, and goes on.
    OtherSession,
}

impl Queries {
    pub(crate) fn new(engine: Arc<dyn Engine>, databases: Databases, log: QueryLog, usage: Arc<Usage>) -> Self {
        Self { engine, databases, registry: Arc::new(Registry::new(log, usage)) }
    }

    /// Runs every statement of a query and answers with the rows of the last, which are computed while they are read.
    ///
    /// # Errors
    /// Those of [`Engine::run`]; `Cancelled` where the query was cancelled before it had rows.
    pub async fn run(&self, principal: &Principal, mut run: RunQuery) -> Result<Running> {
        let started = Instant::now();
        let query_id = run.query_id.get_or_insert_with(new_id).clone();
        let session_id = run.session_id.get_or_insert_with(new_id).clone();
        let (entry, query) = self.enter(principal, run);
        let rows = until_cancelled(&entry, self.engine.run(query, self.catalogs(principal))).await?;
        Ok(Running { query_id, session_id, started, rows: running_rows::watch(rows, entry) })
    }

    /// Parses and plans every statement and runs none.
    ///
    /// # Errors
    /// Those of [`Engine::validate`]; `Cancelled`.
    pub async fn validate(&self, principal: &Principal, run: RunQuery) -> Result<()> {
        let (entry, query) = self.enter(principal, run);
        let checked = until_cancelled(&entry, self.engine.validate(query, self.catalogs(principal))).await;
        entry.finish(None);
        checked
    }

    /// What every statement would read; none runs.
    ///
    /// # Errors
    /// Those of [`Engine::explain`]; `Cancelled`.
    pub async fn explain(&self, principal: &Principal, run: RunQuery) -> Result<Explained> {
        let (entry, query) = self.enter(principal, run);
        let explained = until_cancelled(&entry, self.engine.explain(query, self.catalogs(principal))).await?;
        entry.finish(None);
        Ok(explained)
    }

    /// How a statement could go on at its byte `cursor`, best first. Nothing of it is logged: people ask with each key.
    ///
    /// # Errors
    /// Those of [`Engine::autocomplete`].
    pub async fn autocomplete(
        &self,
        principal: &Principal,
        query: Query,
        cursor: usize,
        limit: usize,
    ) -> Result<Vec<Suggestion>> {
        self.engine.autocomplete(query, cursor, limit, self.catalogs(principal)).await
    }

    /// The query of this id: the newest, where several had it. It is found from the moment it is taken up, whether it
    /// runs, has just ended or ended long ago.
    ///
    /// # Errors
    /// `NotFound` where there is none, where it is no longer kept, and where it is another user's; an admin may know
    /// of everybody's.
    pub async fn get(&self, principal: &Principal, query_id: &str) -> Result<LoggedQuery> {
        if let Some(newest) = self.registry.under(principal, query_id).last() {
            return Ok(newest.as_far_as_it_is());
        }
        let found = self.registry.log().find(query_id, only(principal)).await?;
        found.ok_or_else(|| unknown(query_id))
    }

    /// Stops every query that `principal` runs under this id in this session; an admin stops anybody's. They have stopped
    /// when this returns, but for what takes a tenth of a second to let go.
    ///
    /// # Errors
    /// As [`Queries::get`].
    pub async fn cancel(&self, principal: &Principal, query_id: &str, session_id: &str) -> Result<Cancelling> {
        let running = self.registry.under(principal, query_id);
        let session = logged::session_key(session_id);
        let meant: Vec<_> = running.iter().filter(|query| query.session_id() == session).collect();
        meant.iter().for_each(|query| self.registry.cancel(query));
        if !meant.is_empty() {
            return Ok(Cancelling::Over);
        }
        let ended = match running.last() {
            Some(other) => other.as_far_as_it_is(),
            None => self.get(principal, query_id).await?,
        };
        Ok(if ended.session_id == session { Cancelling::Over } else { Cancelling::OtherSession })
    }

    /// The queries that run at this moment, oldest first.
    pub fn running(&self) -> Vec<LoggedQuery> {
        self.registry.list()
    }

    /// How many queries run at this moment.
    pub fn running_count(&self) -> usize {
        self.registry.len()
    }

    /// Queries that are missing in the log because the disk was too slow for too long.
    pub fn left_out_of_log(&self) -> u64 {
        self.registry.log().left_out()
    }

    /// Stops every query, as when the server ends.
    pub fn cancel_all(&self) {
        self.registry.cancel_all();
    }

    /// Returns when every query that ended before is in the log's file.
    pub async fn flush_log(&self) {
        self.registry.log().flush().await;
    }

    fn enter(&self, principal: &Principal, run: RunQuery) -> (Entry, Query) {
        let watch = Watch::default();
        let logged = LoggedQuery {
            number: 0,
            query_id: run.query_id.unwrap_or_else(new_id),
            session_id: run.session_id.unwrap_or_else(new_id),
            principal: principal.name.to_string(),
            interface: run.interface.to_owned(),
            statement: run.query.statement.clone(),
            requested_by: run.requested_by,
            user_agent: run.user_agent,
            visible: run.visible,
            started: SystemTime::now(),
            end: None,
            rows: 0,
            figures: Figures::default(),
        };
        (self.registry.enter(logged, watch.clone()), Query { watch, ..run.query })
    }

    fn catalogs(&self, principal: &Principal) -> Arc<dyn Catalogs> {
        Arc::new(QueryCatalogs::new(self.databases.clone(), Arc::clone(&self.registry), principal.clone()))
    }
}

/// What `asked` comes to, unless the query is cancelled before. An error ends the query.
async fn until_cancelled<T>(entry: &Entry, asked: impl Future<Output = Result<T>>) -> Result<T> {
    let outcome = tokio::select! {
        outcome = asked => outcome,
        () = entry.cancelled() => Err(Error::cancelled()),
    };
    outcome.inspect_err(|error| entry.finish(Some(error)))
}

fn unknown(query_id: &str) -> Error {
    let message = format!("there is no query {query_id}, or it is no longer remembered");
    Error::new(model::ErrorKind::NotFound, UNKNOWN_QUERY, message)
}

/// Whose queries `principal` may know of: its own, where this is a name.
fn only(principal: &Principal) -> Option<&str> {
    (!principal.is_server_admin()).then_some(&principal.name)
}

/// Ids sort by the time they were made.
fn new_id() -> String {
    Uuid::now_v7().to_string()
}
