//! `POST /validate`

use std::collections::HashMap;

use model::{ErrorKind, Query};
use poem_openapi::{Object, OpenApi, payload};
use serde::Deserialize;
use services::{Queries, RunQuery};

use super::signed_in::SignedIn;
use super::{Failure, Json, Reply, Tag};
use crate::user_agent::UserAgent;

/// A statement to check. Unknown properties are ignored, and null is the same as absent.
#[derive(Clone, Debug, Object, Deserialize)]
#[oai(skip_serializing_if_is_none)]
pub struct ValidateRequest {
    /// SQL in DuckDB's dialect; several statements may stand in it, parted by `;`.
    statement: String,
    /// The catalog in which unqualified names are looked up. Default: `lakehouse`.
    catalog: Option<String>,
    /// The schema in which unqualified names are looked up. Default: `main`.
    schema: Option<String>,
    /// The session that the log of queries counts this to. Sessions keep no state.
    session_id: Option<String>,
}

/// Whether a statement could run.
#[derive(Clone, Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct ValidateReply {
    /// Whether every statement can be parsed and planned.
    valid: bool,
    /// What was checked.
    statement: String,
    /// Errors of attached connections by their name; always empty.
    connections_errors: HashMap<String, String>,
    /// What is wrong; absent where the statement is valid.
    error: Option<String>,
}

impl ValidateReply {
    fn of(statement: String, error: Option<String>) -> Self {
        Self { valid: error.is_none(), statement, connections_errors: HashMap::new(), error }
    }
}

/// The operation on statements that do not run.
pub struct ValidateApi {
    pub(super) queries: Queries,
}

#[OpenApi(tag = "Tag::Query")]
impl ValidateApi {
    /// Check a SQL statement
    ///
    /// Parses and plans the statement without running it. The status is 200 whether it is valid or not.
    #[oai(path = "/validate", method = "post", operation_id = "validate_statement")]
    async fn validate(
        &self,
        SignedIn(me): SignedIn,
        agent: UserAgent,
        request: Json<ValidateRequest>,
    ) -> Reply<payload::Json<ValidateReply>> {
        let ValidateRequest { statement, catalog, schema, session_id } = request.value;
        let query = Query { catalog, schema, ..Query::new(statement.trim()) };
        let asked = RunQuery { session_id, interface: "HttpValidate", user_agent: agent.0, ..RunQuery::new(query) };
        let checked = self.queries.validate(&me, asked).await;
        verdict(statement, checked).map(payload::Json)
    }
}

/// A fault of the statement is an answer; one of the server is not.
fn verdict(statement: String, checked: model::Result<()>) -> Reply<ValidateReply> {
    match checked {
        Ok(()) => Ok(ValidateReply::of(statement, None)),
        Err(error) => match error.kind() {
            ErrorKind::Internal | ErrorKind::Unavailable | ErrorKind::RateLimited => Err(Failure::from(error)),
            _ => Ok(ValidateReply::of(statement, Some(error.message().to_owned()))),
        },
    }
}
