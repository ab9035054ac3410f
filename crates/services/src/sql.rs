//! One statement at a time against one database, in that database's dialect.

mod lint;
mod serverside;
mod tokens;

use std::time::Instant;

use model::{Access, Error, ErrorKind, Principal, Result, Rows, Statement, StorageKind};

use crate::{Asked, Audit, Databases, Queries, Visit};
use lint::lint_definitions;
use tokens::{Token, tokens};

/// The longest statement, in characters.
pub const MAX_STATEMENT_CHARS: usize = 100_000;

/// Refuses a statement that need not be looked at.
///
/// # Errors
/// `Invalid` for one that is too long.
pub fn check_statement(sql: &str) -> Result<()> {
    // Counting characters is for those that may be too long.
    let count = if sql.len() > MAX_STATEMENT_CHARS { sql.chars().count() } else { 0 };
    if count > MAX_STATEMENT_CHARS {
        return Err(Error::invalid(format!(
            "SQL query is too long ({count} characters, maximum is {MAX_STATEMENT_CHARS})"
        )));
    }
    Ok(())
}

/// Runs statements. Clones share everything.
#[derive(Clone)]
pub struct Statements {
    databases: Databases,
    queries: Queries,
    audit: Audit,
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
    pub(crate) fn new(databases: Databases, queries: Queries, audit: Audit) -> Self {
        Self { databases, queries, audit }
    }

    /// Opens a database for whatever the caller may do there, if it is to read it or to add rows.
    ///
    /// # Errors
    /// Those of [`Databases::open_id`].
    pub async fn open(&self, principal: Principal, database: &str, asked: Asked) -> Result<Visit> {
        let opened = match self.databases.open_id(&principal, database, Access::Read).await {
            // Some tokens may write and not read.
            Err(refused) if refused.kind() == ErrorKind::Forbidden => {
                self.databases.open_id(&principal, database, Access::Insert).await.map_err(|_| refused)?
            }
            other => other?,
        };
        Ok(Visit { principal, opened, asked })
    }

    /// Runs one statement with the caller's rights in the database, and no more.
    ///
    /// # Errors
    /// What the database says of the statement; `Invalid` with a [`RowIdFault`](crate::RowIdFault); `Forbidden` for what the rights
    /// or a locked schema do not allow.
    pub async fn run(&self, visit: &Visit, sql: String) -> Result<Answered> {
        lint_definitions(&sql)?;
        let noted = visit.opened.record.auditing.then(|| sql.clone());
        let answered = match visit.opened.record.info.kind {
            StorageKind::Sqlite => self.run_own(visit, sql).await?,
            StorageKind::Lakehouse => serverside::run(&self.queries, visit, sql).await?,
        };
        if let Some(sql) = noted.filter(|_| !answered.affected.is_empty()) {
            let (record, asked) = (&visit.opened.record, &visit.asked);
            let changes = Some(answered.changes);
            self.audit.note(record, &visit.principal, asked.interface, None, Some(&sql), changes).await;
        }
        Ok(answered)
    }

    /// In the database's own dialect.
    async fn run_own(&self, visit: &Visit, sql: String) -> Result<Answered> {
        let opened = &visit.opened;
        let statement =
            Statement { rights: opened.rights, schema_locked: opened.record.schema_locked, ..Statement::new(sql) };
        let database = opened.database.as_ref();
        let running = self.queries.execute(&visit.principal, database, statement, visit.asked.clone()).await?;
        let executed = running.executed;
        let affected = match executed.changes {
            0 => executed.redefined,
            _ => database.tables().await?.into_iter().map(|table| table.name.table).collect(),
        };
        Ok(Answered {
            query_id: running.query_id,
            session_id: running.session_id,
            started: running.started,
            rows: executed.rows,
            changes: executed.changes,
            affected,
        })
    }
}
