//! `POST /append`

use poem_openapi::OpenApi;
use poem_openapi::param::Query;
use services::Appends;

use super::append_body::AppendBody;
use super::append_reply::AppendReply;
use super::signed_in::SignedIn;
use super::{Reply, Tag};
use crate::flag::Flag;
use crate::name::Name;

/// The operation on rows that arrive a few at a time.
pub struct AppendApi {
    pub(super) appends: Appends,
}

#[OpenApi(tag = "Tag::Append")]
impl AppendApi {
    /// Append rows to a table
    ///
    /// The rows are checked against the table and durably kept before the answer; then they are committed together with
    /// what else arrives for the table within a short while. `task_id` names that commit for `GET /tasks/{task_id}`. With
    /// `sync` the answer comes when the rows are in the table, where every query that is sent later sees them.
    ///
    /// Columns are matched by name, without regard to letter case. The table and its schema are created where they do not
    /// exist, the catalog is not; a key that no column has becomes a new column, unless its values are all null. Rows that
    /// cannot go into the table change nothing and are 200 with `ok` false, a code, and a message that names row, column
    /// and value. A body that is not JSON, or neither an object nor an array of objects, is 400. Appending needs write
    /// access.
    #[oai(path = "/append", method = "post", operation_id = "append_rows")]
    async fn append(
        &self,
        SignedIn(me): SignedIn,
        /// The catalog of the table.
        #[oai(validator(min_length = 1))]
        Query(catalog): Query<Name>,
        /// The schema of the table.
        #[oai(validator(min_length = 1))]
        Query(schema): Query<Name>,
        /// The table.
        #[oai(validator(min_length = 1))]
        Query(table): Query<Name>,
        /// Whether to answer only when the rows are in the table. Letter case does not matter.
        Query(sync): Query<Option<Flag>>,
        body: AppendBody,
    ) -> Reply<AppendReply> {
        let target = self.appends.open(&me, &catalog.0, schema.0, table.0).await?;
        let sync = sync.is_some_and(|sync| sync.0);
        Ok(AppendReply::from(target.append(sync, body.read().await?).await?))
    }
}
