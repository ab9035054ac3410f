//! `POST /explain`

use std::collections::HashMap;

use model::{ErrorKind, Explained, FileScan, PlanNode, Query, TableScan};
use poem_openapi::{Object, OpenApi, payload};
use serde::Deserialize;
use services::{Queries, RunQuery};

use super::signed_in::SignedIn;
use super::{Failure, Json, Reply, Tag};
use crate::count::Count;
use crate::user_agent::UserAgent;

/// A statement to explain. Unknown properties are ignored, and null is the same as absent.
#[derive(Clone, Debug, Object, Deserialize)]
#[oai(skip_serializing_if_is_none)]
pub struct ExplainRequest {
    /// SQL in DuckDB's dialect; several statements may stand in it, parted by `;`.
    statement: String,
    /// The catalog in which unqualified names are looked up. Default: `lakehouse`.
    catalog: Option<String>,
    /// The schema in which unqualified names are looked up. Default: `main`.
    schema: Option<String>,
    /// The session that the log of queries counts this to. Sessions keep no state.
    session_id: Option<String>,
    /// Whether the answer has the physical plan as well. Default: false.
    include_plan: Option<bool>,
}

/// What a statement would read.
#[derive(Clone, Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct ExplainReply {
    /// Every scan of a table; a table that is read twice is there twice.
    tables: Vec<ExplainedTable>,
    /// What was explained.
    statement: String,
    /// Errors of attached connections by their name; always empty.
    connections_errors: HashMap<String, String>,
    /// What is wrong with the statement; absent where nothing is.
    error: Option<String>,
    /// The physical plan, one tree a statement that reads rows; where it was asked for.
    plan: Option<Vec<ExplainPlan>>,
    /// Files of all tables together.
    total_files: Option<Count>,
    /// Their bytes.
    total_bytes: Option<Count>,
    /// Files that would be read.
    scanned_files_estimate: Option<Count>,
    /// Their bytes.
    scanned_bytes_estimate: Option<Count>,
}

/// One scan of a table.
#[derive(Clone, Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct ExplainedTable {
    /// `catalog.schema.table`.
    table_name: String,
    /// Rows of the files that would be read.
    estimated_rows: Count,
    /// What the scan knows of the condition, as DuckDB writes it: `id>50 AND name='x'`.
    filters: Option<String>,
    /// All files of the table.
    total_files: Option<Count>,
    /// Their bytes.
    total_bytes: Option<Count>,
    /// Files that would be read: those whose statistics leave open whether a row matches.
    scanned_files_estimate: Option<Count>,
    /// Their bytes. Of a file only the columns that are needed are read.
    scanned_bytes_estimate: Option<Count>,
}

/// An operator of a plan.
#[derive(Clone, Debug, Object)]
pub struct ExplainPlan {
    /// What it is called.
    name: String,
    /// What it reads from.
    children: Vec<ExplainPlan>,
    /// What else there is to say of it.
    extra_info: HashMap<String, String>,
}

/// The operation on what statements would read.
pub struct ExplainApi {
    pub(super) queries: Queries,
}

#[OpenApi(tag = "Tag::Query")]
impl ExplainApi {
    /// Explain a SQL statement
    ///
    /// Plans the statement without running it, and says which tables it would read and how much of them is left after
    /// whole files were passed over. The status is 200 whether the statement can be planned or not.
    #[oai(path = "/explain", method = "post", operation_id = "explain_statement")]
    async fn explain(
        &self,
        SignedIn(me): SignedIn,
        agent: UserAgent,
        request: Json<ExplainRequest>,
    ) -> Reply<payload::Json<ExplainReply>> {
        let ExplainRequest { statement, catalog, schema, session_id, include_plan } = request.value;
        let query = Query { catalog, schema, ..Query::new(statement.trim()) };
        let asked = RunQuery { session_id, interface: "HttpExplain", user_agent: agent.0, ..RunQuery::new(query) };
        let explained = self.queries.explain(&me, asked).await;
        reply(statement, explained, include_plan.unwrap_or(false)).map(payload::Json)
    }
}

/// A fault of the statement is an answer; one of the server is not.
fn reply(statement: String, explained: model::Result<Explained>, with_plan: bool) -> Reply<ExplainReply> {
    match explained {
        Ok(explained) => Ok(ExplainReply::of(statement, explained, with_plan)),
        Err(error) => match error.kind() {
            ErrorKind::Internal | ErrorKind::Unavailable | ErrorKind::RateLimited => Err(Failure::from(error)),
            _ => Ok(ExplainReply::refused(statement, error.message().to_owned())),
        },
    }
}

impl ExplainReply {
    fn of(statement: String, explained: Explained, with_plan: bool) -> Self {
        let sum = |part: fn(&FileScan) -> u64| {
            let files = explained.tables.iter().filter_map(|table| table.files.as_ref());
            Some(Count(files.map(part).fold(0, u64::saturating_add)))
        };
        Self {
            total_files: sum(|files| files.total_files),
            total_bytes: sum(|files| files.total_bytes),
            scanned_files_estimate: sum(|files| files.scanned_files),
            scanned_bytes_estimate: sum(|files| files.scanned_bytes),
            tables: explained.tables.into_iter().map(ExplainedTable::from).collect(),
            plan: with_plan.then(|| explained.plan.into_iter().map(ExplainPlan::from).collect()),
            error: None,
            statement,
            connections_errors: HashMap::new(),
        }
    }

    fn refused(statement: String, error: String) -> Self {
        Self {
            tables: Vec::new(),
            statement,
            connections_errors: HashMap::new(),
            error: Some(error),
            plan: None,
            total_files: None,
            total_bytes: None,
            scanned_files_estimate: None,
            scanned_bytes_estimate: None,
        }
    }
}

impl From<TableScan> for ExplainedTable {
    fn from(scan: TableScan) -> Self {
        let part = |part: fn(&FileScan) -> u64| scan.files.as_ref().map(part).map(Count);
        Self {
            total_files: part(|files| files.total_files),
            total_bytes: part(|files| files.total_bytes),
            scanned_files_estimate: part(|files| files.scanned_files),
            scanned_bytes_estimate: part(|files| files.scanned_bytes),
            table_name: scan.table,
            estimated_rows: Count(scan.estimated_rows),
            filters: scan.filters,
        }
    }
}

impl From<PlanNode> for ExplainPlan {
    fn from(node: PlanNode) -> Self {
        Self {
            name: node.name,
            children: node.children.into_iter().map(Self::from).collect(),
            extra_info: node.details.into_iter().collect(),
        }
    }
}
