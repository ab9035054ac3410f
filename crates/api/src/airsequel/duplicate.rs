//! `/dbs/{dbId}/duplicate` and `/readonly/{readonlyId}/duplicate`

use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, OpenApi};
use services::{DatabaseRecord, Databases, Staging};

use super::browser::NotCrossSite;
use super::caller::Anyone;
use super::create::DbCreated;
use super::{Reply, Tag};
use crate::name::Name;

/// The answer that leads to a database.
#[derive(ApiResponse)]
pub enum LedReply {
    /// Done; the database is at this address.
    #[oai(status = 303)]
    Led(
        Json<DbCreated>,
        /// Where the database is.
        #[oai(header = "Location")]
        String,
    ),
}

impl LedReply {
    pub(super) fn new(record: DatabaseRecord) -> Self {
        let location = format!("/dbs/{}", record.info.id);
        Self::Led(Json(record.into()), location)
    }
}

/// The operations that copy databases.
pub struct DuplicateApi {
    pub(super) databases: Databases,
    pub(super) staging: Staging,
}

#[OpenApi(tag = "Tag::Databases")]
impl DuplicateApi {
    /// Duplicate a database by its link
    ///
    /// As `POST /dbs/{dbId}/duplicate`, and leads to the new database. A browser that a page of another site sent here is
    /// 403.
    #[oai(path = "/dbs/:dbId/duplicate", method = "get", operation_id = "duplicate_database_by_link")]
    async fn visit(
        &self,
        Anyone(me): Anyone,
        _site: NotCrossSite,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
    ) -> Reply<LedReply> {
        Ok(LedReply::new(self.databases.duplicate(&me, &db_id.0, &self.staging).await?))
    }

    /// Duplicate a database
    ///
    /// A new database with new ids and everything that stands in this one, its charts, dashboards, apps and notes. Its
    /// variables are not copied, nor who may see it: it belongs to the caller's own team. Takes read access, and what
    /// `POST /api/dbs` takes.
    #[oai(path = "/dbs/:dbId/duplicate", method = "post", operation_id = "duplicate_database")]
    async fn duplicate(
        &self,
        Anyone(me): Anyone,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
    ) -> Reply<Json<DbCreated>> {
        Ok(Json(self.databases.duplicate(&me, &db_id.0, &self.staging).await?.into()))
    }

    /// Duplicate a linked database by its link
    ///
    /// As `POST /readonly/{readonlyId}/duplicate`, and leads to the new database. A browser that a page of another site sent
    /// here is 403.
    #[oai(path = "/readonly/:readonlyId/duplicate", method = "get", operation_id = "duplicate_linked_database_by_link")]
    async fn visit_linked(
        &self,
        Anyone(me): Anyone,
        _site: NotCrossSite,
        /// The read-only id of the database.
        #[oai(name = "readonlyId")]
        Path(readonly_id): Path<Name>,
    ) -> Reply<LedReply> {
        Ok(LedReply::new(self.databases.duplicate_linked(&me, &readonly_id.0, &self.staging).await?))
    }

    /// Duplicate a linked database
    ///
    /// As `POST /dbs/{dbId}/duplicate`, for whoever knows the read-only id: it gives the access that it takes to read.
    #[oai(path = "/readonly/:readonlyId/duplicate", method = "post", operation_id = "duplicate_linked_database")]
    async fn duplicate_linked(
        &self,
        Anyone(me): Anyone,
        /// The read-only id of the database.
        #[oai(name = "readonlyId")]
        Path(readonly_id): Path<Name>,
    ) -> Reply<Json<DbCreated>> {
        Ok(Json(self.databases.duplicate_linked(&me, &readonly_id.0, &self.staging).await?.into()))
    }
}
