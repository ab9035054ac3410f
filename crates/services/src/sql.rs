//! One statement at a time against one database, in that database's dialect.

mod lint;
mod serverside;
mod tokens;
mod words;

use std::time::Instant;

use model::{Error, Principal, Result, Rows, Statement, StorageKind};

use crate::{Asked, Opened, Queries};
pub use lint::lint_definitions;
use tokens::{Token, tokens};

/// The longest statement, in characters.
pub const MAX_STATEMENT_CHARS: usize = 100_000;

/// Runs statements. Clones share everything.
#[derive(Clone)]
pub struct Statements {
    queries: Queries,
}

/// What a statement came to.
#[derive(Debug)]
pub struct Answered {
    /// Its id among the queries.
    pub query_id: String,
    /// The session that it is counted to.
    pub session_id: String,
    /// When it was taken up.
    pub started: Instant,
    /// Its rows; those of a statement that only reads are computed while they are read.
    pub rows: Rows,
    /// Rows that it inserted, updated or deleted.
    pub changes: u64,
    /// Tables and views that look other than before: all, where rows changed.
    pub affected: Vec<String>,
}

impl Statements {
    pub(crate) fn new(queries: Queries) -> Self {
        Self { queries }
    }

    /// Refuses what need not be run.
    ///
    /// # Errors
    /// `Invalid` for a statement that is too long.
    pub fn check(&self, sql: &str) -> Result<()> {
        // Counting characters is for those that may be too long.
        if sql.len() > MAX_STATEMENT_CHARS {
            let count = sql.chars().count();
            if count > MAX_STATEMENT_CHARS {
                return Err(Error::invalid(format!(
                    "SQL query is too long ({count} characters, maximum is {MAX_STATEMENT_CHARS})"
                )));
            }
        }
        Ok(())
    }

    /// Runs one statement with the caller's rights in the database, and no more.
    ///
    /// # Errors
    /// What the database says of the statement, in the words that Airsequel has for it; `Forbidden` for what the rights
    /// or a locked schema do not allow.
    pub async fn run(&self, principal: &Principal, opened: &Opened, sql: String, asked: Asked) -> Result<Answered> {
        lint_definitions(&sql)?;
        match opened.record.info.kind {
            StorageKind::Sqlite => self.run_own(principal, opened, sql, asked).await,
            StorageKind::Lakehouse => serverside::run(&self.queries, principal, opened, sql, asked).await,
        }
    }

    /// In the database's own dialect.
    async fn run_own(&self, principal: &Principal, opened: &Opened, sql: String, asked: Asked) -> Result<Answered> {
        let statement =
            Statement { rights: opened.rights, schema_locked: opened.record.schema_locked, ..Statement::new(&*sql) };
        let database = opened.database.as_ref();
        let running = self.queries.execute(principal, database, statement, asked).await;
        let running = running.map_err(|error| words::of_statement(error, &sql))?;
        let executed = running.executed;
        let affected = match executed.changes {
            0 => executed.redefined,
            _ => database.tables().await?.into_iter().map(|table| table.name.table).collect(),
        };
        Ok(Answered {
            query_id: running.query_id,
            session_id: running.session_id,
            started: running.started,
            rows: words::in_rows(executed.rows),
            changes: executed.changes,
            affected,
        })
    }
}
