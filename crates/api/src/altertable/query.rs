//! `POST /query`

use poem_openapi::OpenApi;
use services::Queries;

use super::envelope::ColumnsStyle;
use super::query_reply::QueryReply;
use super::query_request::QueryRequest;
use super::signed_in::SignedIn;
use super::{Json, Reply, Tag};
use crate::request_id::RequestId;
use crate::root::ApiSettings;
use crate::user_agent::UserAgent;

/// The operation on queries.
pub struct QueryApi {
    pub(super) queries: Queries,
    pub(super) settings: ApiSettings,
}

#[OpenApi(tag = "Tag::Query")]
impl QueryApi {
    /// Run a SQL statement
    ///
    /// The answer streams: rows leave while later ones are computed, and a caller who goes away stops the work.
    ///
    /// In the default format the status is 200 as soon as the request was understood. A statement that fails has
    /// `{"error":"…"}` in place of the columns line or of a row, and that line is the last. In the other formats a
    /// statement that fails before its first row is 500 with the bare message; one that fails later ends the transfer
    /// before its end.
    #[oai(path = "/query", method = "post", operation_id = "run_query")]
    async fn run(
        &self,
        SignedIn(me): SignedIn,
        id: RequestId,
        style: ColumnsStyle,
        agent: UserAgent,
        request: Json<QueryRequest>,
    ) -> Reply<QueryReply> {
        let format = request.value.format()?;
        let run = request.value.into_run(agent);
        QueryReply::stream(self.queries.clone(), me, run, format, style, id, &self.settings).await
    }
}
