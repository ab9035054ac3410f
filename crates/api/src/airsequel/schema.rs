//! `GET /api/dbs/{dbId}/schema` and `GET /api/dbs/{dbId}/azimutt-schema`

use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::PlainText;
use services::Contents;

use super::azimutt::{self, AzimuttSchema};
use super::caller::Anyone;
use super::{Reply, Tag};
use crate::flag::Flag;
use crate::json_text::JsonText;
use crate::name::Name;
use crate::user_agent::UserAgent;

/// The operations on schemas as a whole.
pub struct SchemaApi {
    pub(super) contents: Contents,
}

#[OpenApi(tag = "Tag::Sql")]
impl SchemaApi {
    /// Read the schema as SQL
    ///
    /// The statements that made the tables, views, indexes and triggers, as `.schema` of the `sqlite3` shell prints them. Takes
    /// read access.
    #[oai(path = "/api/dbs/:dbId/schema", method = "get", operation_id = "get_schema")]
    async fn schema(
        &self,
        Anyone(me): Anyone,
        agent: UserAgent,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
    ) -> Reply<PlainText<String>> {
        let visit = self.contents.open(me, &db_id.0, agent.asks("get_schema")).await?;
        Ok(PlainText(self.contents.schema(&visit).await?))
    }

    /// Read the schema for Azimutt
    ///
    /// Tables, views and the relations between them as Azimutt reads a JSON source. Takes read access.
    #[oai(path = "/api/dbs/:dbId/azimutt-schema", method = "get", operation_id = "get_azimutt_schema")]
    async fn azimutt(
        &self,
        Anyone(me): Anyone,
        agent: UserAgent,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
        /// Leaves out what is null and what is an empty list, as today's Azimutt wants it.
        strict: Query<Option<Flag>>,
    ) -> Reply<JsonText<AzimuttSchema>> {
        let visit = self.contents.open(me, &db_id.0, agent.asks("get_azimutt_schema")).await?;
        let definitions = self.contents.definitions(&visit).await?;
        Ok(azimutt::written(&definitions, strict.0.is_some_and(|flag| flag.0)))
    }
}
