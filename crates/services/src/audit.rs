//! What was written in databases whose auditing is on, and by whom.

use model::{Access, Principal, Result};
use rusqlite::{Connection, params};
use tracing::error;

use crate::metadata::fault;
use crate::{DatabaseRecord, Databases, Metadata};

/// How many entries of a database are kept; the oldest go first.
const MOST: i64 = 100_000;
/// How much of a statement is kept, in characters.
const STATEMENT_CHARS: usize = 4_096;

/// The audit. Clones share everything.
#[derive(Clone)]
pub struct Audit {
    metadata: Metadata,
    databases: Databases,
}

/// An entry of the audit. The time is RFC 3339, UTC, with milliseconds.
#[derive(Clone, Debug)]
pub struct AuditEntry {
    /// Grows from entry to entry.
    pub id: i64,
    /// When it was done.
    pub at: String,
    /// Who did it.
    pub actor: String,
    /// The id of the operation.
    pub operation: String,
    /// The table, where it is about one.
    pub table: Option<String>,
    /// The statement, where there was one; a long one is cut.
    pub statement: Option<String>,
    /// How many rows it changed, where that is known.
    pub changes: Option<i64>,
}

impl Audit {
    pub(crate) fn new(metadata: Metadata, databases: Databases) -> Self {
        Self { metadata, databases }
    }

    /// Notes what `principal` has done, where the database's auditing is on: the id of the operation, such as `run_sql`, and
    /// the table that it is about, the statement and how many rows it changed, where there are these. It is done and cannot
    /// be taken back: where it cannot be noted, the log has it.
    pub async fn note(
        &self,
        record: &DatabaseRecord,
        principal: &Principal,
        operation: &'static str,
        table: Option<&str>,
        statement: Option<&str>,
        changes: Option<u64>,
    ) {
        note(&self.metadata, record, principal, operation, table, statement, changes).await;
    }

    /// The newest entries of a database, at most `limit`, newest first; those before the entry `before` where it is given.
    ///
    /// # Errors
    /// As [`Databases::record`] without admin access.
    pub async fn list(
        &self,
        principal: &Principal,
        id: &str,
        limit: u32,
        before: Option<i64>,
    ) -> Result<Vec<AuditEntry>> {
        let (record, _) = self.databases.record(principal, id, Access::Admin).await?;
        let id = record.info.id.to_string();
        let read = move |connection: &mut Connection| {
            const SQL: &str = "\
                SELECT id, at, actor, operation, table_name, statement, changes FROM audit \
                WHERE database_id = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3";
            let mut statement = connection.prepare_cached(SQL).map_err(fault)?;
            let rows = statement.query_map(params![id, before.unwrap_or(i64::MAX), limit], |row| {
                Ok(AuditEntry {
                    id: row.get(0)?,
                    at: row.get(1)?,
                    actor: row.get(2)?,
                    operation: row.get(3)?,
                    table: row.get(4)?,
                    statement: row.get(5)?,
                    changes: row.get(6)?,
                })
            });
            rows.map_err(fault)?.map(|row| row.map_err(fault)).collect()
        };
        self.metadata.call(read).await
    }
}

/// The same for who has the metadata alone.
pub(crate) async fn note(
    metadata: &Metadata,
    record: &DatabaseRecord,
    principal: &Principal,
    operation: &'static str,
    table: Option<&str>,
    statement: Option<&str>,
    changes: Option<u64>,
) {
    if !record.auditing {
        return;
    }
    let (id, actor) = (record.info.id.to_string(), principal.name.to_string());
    let table = table.map(str::to_owned);
    let statement = statement.map(|text| text.chars().take(STATEMENT_CHARS).collect::<String>());
    let changes = changes.map(|changes| i64::try_from(changes).unwrap_or(i64::MAX));
    let noted = move |connection: &mut Connection| {
        const NOTE: &str = "\
            INSERT INTO audit (database_id, actor, operation, table_name, statement, changes) \
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        const FORGET: &str = "\
            DELETE FROM audit WHERE database_id = ?1 AND id <= \
            (SELECT id FROM audit WHERE database_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)";
        let transaction = connection.transaction().map_err(fault)?;
        transaction.execute(NOTE, params![id, actor, operation, table, statement, changes]).map_err(fault)?;
        // Looking for the oldest one walks over all of them: once in a while is enough.
        if transaction.last_insert_rowid() % 1_024 == 0 {
            transaction.execute(FORGET, params![id, MOST]).map_err(fault)?;
        }
        transaction.commit().map_err(fault)
    };
    if let Err(fault) = metadata.call(noted).await {
        let source = std::error::Error::source(&fault);
        error!(
            database = %record.info.id, actor = %principal.name, operation, error = %fault, source,
            "what was written could not be noted in the audit"
        );
    }
}
