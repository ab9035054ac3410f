//! Running statements, and which of them run at this moment.

mod registry;
mod running_rows;

use std::sync::Arc;
use std::time::Instant;

use model::{Engine, Error, Principal, Query, Result, Rows};
use uuid::Uuid;

use crate::Databases;
use crate::usage::Usage;
use registry::Registry;

pub use registry::RunningQuery;

/// SQL over everything a caller can reach. Clones share everything.
#[derive(Clone)]
pub struct Queries {
    engine: Arc<dyn Engine>,
    databases: Databases,
    registry: Arc<Registry>,
    usage: Arc<Usage>,
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
}

impl RunQuery {
    /// The query alone, all else at its default.
    pub fn new(query: Query) -> Self {
        Self { query, query_id: None, session_id: None, requested_by: None, visible: true }
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

impl Queries {
    pub(crate) fn new(engine: Arc<dyn Engine>, databases: Databases, usage: Arc<Usage>) -> Self {
        Self { engine, databases, registry: Arc::new(Registry::default()), usage }
    }

    /// Runs every statement of a query and answers with the rows of the last, which are computed while they are read.
    ///
    /// # Errors
    /// Those of [`Engine::run`]; `Cancelled` where the query was cancelled before it had rows.
    pub async fn run(&self, principal: &Principal, run: RunQuery) -> Result<Running> {
        let started = Instant::now();
        let query_id = run.query_id.unwrap_or_else(new_id);
        let session_id = run.session_id.unwrap_or_else(new_id);
        let entry = self.registry.enter(RunningQuery {
            query_id: query_id.clone(),
            session_id: session_id.clone(),
            principal: principal.name.to_string(),
            statement: run.query.statement.clone(),
            requested_by: run.requested_by,
            visible: run.visible,
            started,
        });
        let catalogs = self.databases.catalogs(principal);
        let rows = tokio::select! {
            planned = self.engine.run(run.query, catalogs) => planned?,
            () = entry.cancelled() => return Err(Error::cancelled()),
        };
        let rows = running_rows::watch(rows, entry, Arc::clone(&self.usage));
        Ok(Running { query_id, session_id, started, rows })
    }

    /// Parses and plans every statement and runs none.
    ///
    /// # Errors
    /// Those of [`Engine::validate`].
    pub async fn validate(&self, principal: &Principal, query: Query) -> Result<()> {
        self.engine.validate(query, self.databases.catalogs(principal)).await
    }

    /// The queries that run at this moment, oldest first.
    pub fn running(&self) -> Vec<RunningQuery> {
        self.registry.list()
    }

    /// How many queries run at this moment.
    pub fn running_count(&self) -> usize {
        self.registry.len()
    }

    /// Stops every query that `principal` runs under this id; an admin stops anybody's. Answers how many.
    pub fn cancel(&self, principal: &Principal, query_id: &str) -> usize {
        self.registry.cancel(principal, query_id)
    }

    /// Stops every query, as when the server ends.
    pub fn cancel_all(&self) {
        self.registry.cancel_all();
    }
}

/// Ids sort by the time they were made.
fn new_id() -> String {
    Uuid::now_v7().to_string()
}
