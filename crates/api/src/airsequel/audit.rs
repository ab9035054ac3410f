//! `GET /api/dbs/{dbId}/audit`

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};
use services::Audit;

use super::caller::Anyone;
use super::{Reply, Tag};
use crate::count::Count;
use crate::name::Name;

/// Something that was written.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct AuditEntry {
    /// A number that grows from entry to entry.
    id: i64,
    /// When: UTC, with milliseconds.
    utc: String,
    /// Who: the name of a user, `token 7`, `link` or `anonymous`.
    actor: String,
    /// The operation, by its id in this document; or what was done by name, as in SQL over several databases: `write_rows`,
    /// `append_rows`, `upsert_rows`, `create_table` and so on.
    operation: String,
    /// The table, where it is about one.
    table: Option<String>,
    /// The statement, where there was one; a long one is cut.
    statement: Option<String>,
    /// How many rows it changed, where that is known.
    changes: Option<Count>,
}

/// What was written.
#[derive(Debug, Object)]
pub struct AuditList {
    /// The entries, newest first.
    entries: Vec<AuditEntry>,
}

impl From<services::AuditEntry> for AuditEntry {
    fn from(entry: services::AuditEntry) -> Self {
        Self {
            id: entry.id,
            utc: entry.at,
            actor: entry.actor,
            operation: entry.operation,
            table: entry.table,
            statement: entry.statement,
            changes: entry.changes.and_then(|changes| u64::try_from(changes).ok()).map(Count),
        }
    }
}

/// The operation on the audit.
pub struct AuditApi {
    pub(super) audit: Audit,
}

#[OpenApi(tag = "Tag::Settings")]
impl AuditApi {
    /// Read what was written in a database
    ///
    /// Newest first. There is an entry for each write that was made while the setting `auditing` was on; the last 100,000
    /// are kept. Takes the role Admin in the team that owns the database.
    #[oai(path = "/api/dbs/:dbId/audit", method = "get", operation_id = "list_audit_entries")]
    async fn list(
        &self,
        Anyone(me): Anyone,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
        /// How many entries at most.
        #[oai(default = "default_limit", validator(minimum(value = "1"), maximum(value = "1000")))]
        Query(limit): Query<u32>,
        /// Only entries with smaller numbers than this, for the next page.
        Query(before): Query<Option<i64>>,
    ) -> Reply<Json<AuditList>> {
        let entries = self.audit.list(&me, &db_id.0, limit, before).await?;
        Ok(Json(AuditList { entries: entries.into_iter().map(AuditEntry::from).collect() }))
    }
}

fn default_limit() -> u32 {
    100
}
