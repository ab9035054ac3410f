//! `GET` and `DELETE /query/{query_id}`

use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi, payload};
use services::{Cancelling, Queries};

use super::Tag;
use super::failure::QueryFailure;
use super::logged::QueryLogEntry;
use super::query_id::QueryId;
use super::signed_in::SignedIn;

type Found<T> = Result<payload::Json<T>, QueryFailure>;

/// What became of a wish to cancel a query.
#[derive(Clone, Debug, Object)]
pub struct CancelReply {
    /// Whether the query has stopped, now or before.
    cancelled: bool,
    /// The same for people.
    message: String,
}

/// The operations on one query.
pub struct QueryLogApi {
    pub(super) queries: Queries,
}

#[OpenApi(tag = "Tag::Query")]
impl QueryLogApi {
    /// Look a query up
    ///
    /// How far a query is while it runs, and what it did afterwards, for as long as the server remembers it (30 days, unless
    /// it was started with another `--query-log-days`). Of several queries of one id it is the newest. Callers see their own
    /// queries, an admin everybody's.
    #[oai(path = "/query/:query_id", method = "get", operation_id = "get_query")]
    async fn get(
        &self,
        SignedIn(me): SignedIn,
        /// The id of the query: the caller's own, or the one that the answer to `POST /query` has.
        query_id: Path<QueryId>,
    ) -> Found<QueryLogEntry> {
        Ok(payload::Json(self.queries.get(&me, &query_id.0.0).await?.into()))
    }

    /// Cancel a query
    ///
    /// Stops every query that runs under this id in this session; their answers end with an error. A query that has ended
    /// counts as cancelled. One of another session goes on: the status is 200, and `cancelled` is false.
    #[oai(path = "/query/:query_id", method = "delete", operation_id = "cancel_query")]
    async fn cancel(
        &self,
        SignedIn(me): SignedIn,
        /// The id of the query: the caller's own, or the one that the answer to `POST /query` has.
        query_id: Path<QueryId>,
        /// The session of the query: the caller's own, or the one that the answer to `POST /query` has.
        session_id: Query<String>,
    ) -> Found<CancelReply> {
        Ok(payload::Json(self.queries.cancel(&me, &query_id.0.0, &session_id.0).await?.into()))
    }
}

impl From<Cancelling> for CancelReply {
    /// In the words that clients compare.
    fn from(outcome: Cancelling) -> Self {
        match outcome {
            Cancelling::Over => Self { cancelled: true, message: "Query cancelled".to_owned() },
            Cancelling::OtherSession => Self { cancelled: false, message: "Session ID does not match".to_owned() },
        }
    }
}
