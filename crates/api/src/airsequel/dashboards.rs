//! `/api/dbs/{dbId}/dashboards`

use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};
use serde::Deserialize;
use services::{DashboardChange, Dashboards};

use super::caller::Anyone;
use super::nothing::Nothing;
use super::{Json as JsonBody, Reply, Tag};
use crate::name::Name;

/// Charts that are looked at together.
#[derive(Object)]
pub struct Dashboard {
    /// What it is known by.
    ulid: String,
    /// What it is called.
    title: String,
    /// The `ulid`s of its charts, in the order that they are shown in.
    charts: Vec<String>,
}

/// A dashboard that is to be kept.
#[derive(Object, Deserialize)]
pub struct DashboardDraft {
    /// What it is called.
    #[oai(validator(max_length = 500))]
    title: String,
    /// The `ulid`s of charts of the database, in the order that they are to be shown in.
    #[oai(validator(max_items = 200))]
    charts: Vec<Name>,
}

/// What is to be other than before. What is left out stays as it is.
#[derive(Object, Deserialize)]
pub struct DashboardPatch {
    /// What it is called.
    #[oai(validator(max_length = 500))]
    title: Option<String>,
    /// The `ulid`s of charts of the database.
    #[oai(validator(max_items = 200))]
    charts: Option<Vec<Name>>,
}

/// Dashboards.
#[derive(Object)]
pub struct DashboardList {
    /// The dashboards of the database, oldest first.
    dashboards: Vec<Dashboard>,
}

impl From<services::Dashboard> for Dashboard {
    fn from(dashboard: services::Dashboard) -> Self {
        let services::Dashboard { id, title, charts } = dashboard;
        Self { ulid: id, title, charts }
    }
}

/// The operations on dashboards.
pub struct DashboardApi {
    pub(super) dashboards: Dashboards,
}

#[OpenApi(tag = "Tag::Charts")]
impl DashboardApi {
    /// List dashboards
    ///
    /// Takes read access to the database.
    #[oai(path = "/api/dbs/:dbId/dashboards", method = "get", operation_id = "list_dashboards")]
    async fn list(
        &self,
        Anyone(me): Anyone,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
    ) -> Reply<Json<DashboardList>> {
        let dashboards = self.dashboards.list(&me, &db_id.0).await?;
        Ok(Json(DashboardList { dashboards: dashboards.into_iter().map(Dashboard::from).collect() }))
    }

    /// Keep a dashboard
    ///
    /// Takes write access to the database, to which its charts must belong.
    #[oai(path = "/api/dbs/:dbId/dashboards", method = "post", operation_id = "create_dashboard")]
    async fn create(
        &self,
        Anyone(me): Anyone,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
        draft: JsonBody<DashboardDraft>,
    ) -> Reply<Json<Dashboard>> {
        let DashboardDraft { title, charts } = draft.value;
        let charts = Name::texts(charts);
        Ok(Json(self.dashboards.create(&me, &db_id.0, title, charts).await?.into()))
    }

    /// Change a dashboard
    ///
    /// Takes write access to the database.
    #[oai(path = "/api/dbs/:dbId/dashboards/:dashboardId", method = "patch", operation_id = "change_dashboard")]
    async fn change(
        &self,
        Anyone(me): Anyone,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
        /// The `ulid` of the dashboard.
        #[oai(name = "dashboardId")]
        Path(dashboard_id): Path<Name>,
        patch: JsonBody<DashboardPatch>,
    ) -> Reply<Json<Nothing>> {
        let DashboardPatch { title, charts } = patch.value;
        let charts = charts.map(Name::texts);
        self.dashboards.change(&me, &db_id.0, &dashboard_id.0, DashboardChange { title, charts }).await?;
        Ok(Json(Nothing {}))
    }

    /// Remove a dashboard
    ///
    /// Its charts stay. Takes write access to the database.
    #[oai(path = "/api/dbs/:dbId/dashboards/:dashboardId", method = "delete", operation_id = "remove_dashboard")]
    async fn remove(
        &self,
        Anyone(me): Anyone,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
        /// The `ulid` of the dashboard.
        #[oai(name = "dashboardId")]
        Path(dashboard_id): Path<Name>,
    ) -> Reply<Json<Nothing>> {
        self.dashboards.remove(&me, &db_id.0, &dashboard_id.0).await?;
        Ok(Json(Nothing {}))
    }
}
