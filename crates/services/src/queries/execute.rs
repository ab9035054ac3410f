//! Statements in a database's own dialect, under the same eyes as queries.

use std::time::{Instant, SystemTime};

use model::{Database, Executed, Figures, Principal, Result, Statement};

use super::logged::LoggedQuery;
use super::{Queries, new_id, running_rows, until_cancelled};

/// Through what something is asked; for the log.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The operation, in the product's words.
    pub interface: &'static str,
    /// What the caller's program calls itself.
    pub user_agent: Option<String>,
}

/// A statement that has an entry among the queries until its rows are read.
#[derive(Debug)]
pub struct Executing {
    /// Its id.
    pub query_id: String,
    /// The session that it is counted to.
    pub session_id: String,
    /// When it was taken up.
    pub started: Instant,
    /// What it did. Dropping its rows stops the work.
    pub executed: Executed,
}

impl Queries {
    /// Runs a statement in the dialect of `database`, which was opened for whoever `principal` is. It is logged, and
    /// whoever runs it can cancel it.
    ///
    /// # Errors
    /// Those of [`Database::execute`]; `Cancelled`.
    pub async fn execute(
        &self,
        principal: &Principal,
        database: &dyn Database,
        statement: Statement,
        asked: Asked,
    ) -> Result<Executing> {
        let started = Instant::now();
        let (query_id, session_id) = (new_id(), new_id());
        let logged = LoggedQuery {
            number: 0,
            query_id: query_id.clone(),
            session_id: session_id.clone(),
            principal: principal.name.to_string(),
            interface: asked.interface.to_owned(),
            statement: statement.sql.clone(),
            requested_by: None,
            user_agent: asked.user_agent,
            visible: true,
            started: SystemTime::now(),
            end: None,
            rows: 0,
            figures: Figures::default(),
        };
        let entry = self.registry.enter(logged, statement.watch.clone());
        let mut executed = until_cancelled(&entry, database.execute(statement)).await?;
        executed.rows = running_rows::watch(executed.rows, entry);
        Ok(Executing { query_id, session_id, started, executed })
    }
}
