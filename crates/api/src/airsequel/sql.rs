//! `POST /dbs/{dbId}/sql`

use std::time::Instant;

use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use serde::Deserialize;
use services::{Statements, check_statement};

use super::caller::Anyone;
use super::sql_reply::SqlReply;
use super::{Json, Reply, Tag};
use crate::name::Name;
use crate::request_id::RequestId;
use crate::root::ApiSettings;
use crate::user_agent::UserAgent;

/// A statement to run.
#[derive(Debug, Object, Deserialize)]
pub struct SqlRequest {
    /// One statement, of at most 100,000 characters: in SQLite's dialect, or in DuckDB's for a database of Delta tables.
    query: String,
}

/// The operation on statements.
pub struct SqlApi {
    pub(super) statements: Statements,
    pub(super) settings: ApiSettings,
}

#[OpenApi(tag = "Tag::Sql")]
impl SqlApi {
    /// Run a SQL statement
    ///
    /// The status is 200 also where SQLite refuses the statement: `errors` says why, and nothing was changed. Rows of a
    /// statement that only reads stream; if it fails after some of them, `errors` stands behind them. A statement may run for
    /// 20 seconds unless the server was started with another `--statement-timeout`, and whoever runs it can cancel it by the
    /// ids in the headers.
    ///
    /// A statement can do what its caller may: reading takes read access, changing rows or tables write access; a token
    /// that may only insert can only do that. Where the schema is locked, a change of a definition is 403.
    #[oai(path = "/dbs/:dbId/sql", method = "post", operation_id = "run_sql")]
    async fn run(
        &self,
        Anyone(me): Anyone,
        id: RequestId,
        agent: UserAgent,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
        request: Json<SqlRequest>,
    ) -> Reply<SqlReply> {
        let sql = request.value.query;
        check_statement(&sql)?;
        let visit = self.statements.open(me, &db_id.0, agent.asks("run_sql")).await?;
        let started = Instant::now();
        SqlReply::of(started, self.statements.run(&visit, sql).await, id, &self.settings.workers).await
    }
}
