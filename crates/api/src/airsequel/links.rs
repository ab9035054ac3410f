//! `/dbs/{dbId}/regenerate-db-id` and `/dbs/{dbId}/regenerate-readonly-id`

use poem_openapi::OpenApi;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use services::Databases;

use super::browser::NotCrossSite;
use super::caller::Anyone;
use super::create::DbCreated;
use super::duplicate::LedReply;
use super::{Reply, Tag};
use crate::name::Name;

/// The operations on the ids of databases.
pub struct LinkApi {
    pub(super) databases: Databases,
}

#[OpenApi(tag = "Tag::Databases")]
impl LinkApi {
    /// Give a database another id by its link
    ///
    /// As `POST /dbs/{dbId}/regenerate-db-id`, and leads to the database. A browser that a page of another site sent here is
    /// 403.
    #[oai(path = "/dbs/:dbId/regenerate-db-id", method = "get", operation_id = "renew_database_id_by_link")]
    async fn visit_id(
        &self,
        Anyone(me): Anyone,
        _site: NotCrossSite,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
    ) -> Reply<LedReply> {
        Ok(LedReply::new(self.databases.renew_id(&me, &db_id.0).await?))
    }

    /// Give a database another id
    ///
    /// Answers the new id. The old one is unknown from then on, everything else stays. Takes the role Admin in the team that
    /// owns the database.
    #[oai(path = "/dbs/:dbId/regenerate-db-id", method = "post", operation_id = "renew_database_id")]
    async fn renew_id(
        &self,
        Anyone(me): Anyone,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
    ) -> Reply<Json<DbCreated>> {
        Ok(Json(self.databases.renew_id(&me, &db_id.0).await?.into()))
    }

    /// Give a database another read-only id by its link
    ///
    /// As `POST /dbs/{dbId}/regenerate-readonly-id`, and leads to the database. A browser that a page of another site sent
    /// here is 403.
    #[oai(path = "/dbs/:dbId/regenerate-readonly-id", method = "get", operation_id = "renew_readonly_id_by_link")]
    async fn visit_readonly_id(
        &self,
        Anyone(me): Anyone,
        _site: NotCrossSite,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
    ) -> Reply<LedReply> {
        Ok(LedReply::new(self.databases.renew_readonly_id(&me, &db_id.0).await?))
    }

    /// Give a database another read-only id
    ///
    /// Links with the old one lead nowhere from then on; `GET /api/dbs/{dbId}` has the new one. Takes the role Admin in the
    /// team that owns the database.
    #[oai(path = "/dbs/:dbId/regenerate-readonly-id", method = "post", operation_id = "renew_readonly_id")]
    async fn renew_readonly_id(
        &self,
        Anyone(me): Anyone,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
    ) -> Reply<Json<DbCreated>> {
        Ok(Json(self.databases.renew_readonly_id(&me, &db_id.0).await?.into()))
    }
}
