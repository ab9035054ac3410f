//! `/api/dbs/{dbId}/charts`

use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};
use serde::Deserialize;
use services::{ChartChange, Charts, NewChart};

use super::caller::Anyone;
use super::nothing::Nothing;
use super::{Json as JsonBody, Reply, Tag};
use crate::name::Name;

/// What is drawn of a table, and how.
#[derive(Object)]
#[oai(rename_all = "camelCase")]
pub struct Chart {
    /// What it is known by.
    ulid: String,
    /// What stands above it.
    title: String,
    /// `BarChart`, `LineChart`, `AreaChart`, `ScatterChart`, `PieChart` or `TableChart`, which can be drawn; any other word.
    chart_type: String,
    /// The table or view.
    table: String,
    /// Columns of it. The first has labels or what stands along the axis, the others numbers.
    headers: Vec<String>,
    /// Whether rows without values are left out.
    hide_null_values: bool,
    /// By how many degrees labels are turned, clockwise.
    label_rotation: i64,
}

/// A chart that is to be kept.
#[derive(Object, Deserialize)]
#[serde(rename_all = "camelCase")]
#[oai(rename_all = "camelCase")]
pub struct ChartDraft {
    /// What stands above it.
    #[oai(validator(max_length = 500))]
    title: String,
    /// `BarChart`, `LineChart`, `AreaChart`, `ScatterChart`, `PieChart` or `TableChart`, which can be drawn; any other word.
    #[oai(validator(min_length = 1, max_length = 100))]
    chart_type: String,
    /// A table or view of the database.
    table: Name,
    /// Columns of it. The first has labels or what stands along the axis, the others numbers.
    #[oai(validator(max_items = 100))]
    headers: Vec<Name>,
    /// Whether rows without values are left out; they are not unless told to.
    hide_null_values: Option<bool>,
    /// By how many degrees labels are turned, clockwise; 0 unless given.
    #[oai(validator(minimum(value = "-360"), maximum(value = "360")))]
    label_rotation: Option<i64>,
}

/// What is to be other than before. What is left out stays as it is.
#[derive(Object, Deserialize)]
#[serde(rename_all = "camelCase")]
#[oai(rename_all = "camelCase")]
pub struct ChartPatch {
    /// What stands above it.
    #[oai(validator(max_length = 500))]
    title: Option<String>,
    /// How it is drawn.
    #[oai(validator(min_length = 1, max_length = 100))]
    chart_type: Option<String>,
    /// A table or view of the database.
    table: Option<Name>,
    /// Columns of it.
    #[oai(validator(max_items = 100))]
    headers: Option<Vec<Name>>,
    /// Whether rows without values are left out.
    hide_null_values: Option<bool>,
    /// By how many degrees labels are turned, clockwise.
    #[oai(validator(minimum(value = "-360"), maximum(value = "360")))]
    label_rotation: Option<i64>,
}

/// Charts.
#[derive(Object)]
pub struct ChartList {
    /// The charts of the database, oldest first.
    charts: Vec<Chart>,
}

impl From<services::Chart> for Chart {
    fn from(chart: services::Chart) -> Self {
        let services::Chart { id, title, chart_type, table, headers, hide_null_values, label_rotation } = chart;
        Self { ulid: id, title, chart_type, table, headers, hide_null_values, label_rotation }
    }
}

impl From<ChartDraft> for NewChart {
    fn from(draft: ChartDraft) -> Self {
        Self {
            title: draft.title,
            chart_type: draft.chart_type,
            table: draft.table.0,
            headers: Name::texts(draft.headers),
            hide_null_values: draft.hide_null_values.unwrap_or_default(),
            label_rotation: draft.label_rotation.unwrap_or_default(),
        }
    }
}

impl From<ChartPatch> for ChartChange {
    fn from(patch: ChartPatch) -> Self {
        let ChartPatch { title, chart_type, table, headers, hide_null_values, label_rotation } = patch;
        let (table, headers) = (table.map(|name| name.0), headers.map(Name::texts));
        Self { title, chart_type, table, headers, hide_null_values, label_rotation }
    }
}

/// The operations on what is drawn of tables.
pub struct ChartApi {
    pub(super) charts: Charts,
}

#[OpenApi(tag = "Tag::Charts")]
impl ChartApi {
    /// List charts
    ///
    /// Takes read access to the database.
    #[oai(path = "/api/dbs/:dbId/charts", method = "get", operation_id = "list_charts")]
    async fn list(
        &self,
        Anyone(me): Anyone,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
    ) -> Reply<Json<ChartList>> {
        let charts = self.charts.list(&me, &db_id.0).await?;
        Ok(Json(ChartList { charts: charts.into_iter().map(Chart::from).collect() }))
    }

    /// Keep a chart
    ///
    /// What is kept is what is to be drawn of which table; `GET /api/dbs/{dbId}/charts/{chartId}` draws it. The table must
    /// be there and have the columns. Takes write access to the database.
    #[oai(path = "/api/dbs/:dbId/charts", method = "post", operation_id = "create_chart")]
    async fn create(
        &self,
        Anyone(me): Anyone,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
        draft: JsonBody<ChartDraft>,
    ) -> Reply<Json<Chart>> {
        Ok(Json(self.charts.create(&me, &db_id.0, draft.value.into()).await?.into()))
    }

    /// Change a chart
    ///
    /// Takes write access to the database. Where a table or a column gets another name, its charts follow by themselves.
    #[oai(path = "/api/dbs/:dbId/charts/:chartId", method = "patch", operation_id = "change_chart")]
    async fn change(
        &self,
        Anyone(me): Anyone,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
        /// The `ulid` of the chart.
        #[oai(name = "chartId")]
        Path(chart_id): Path<Name>,
        patch: JsonBody<ChartPatch>,
    ) -> Reply<Json<Nothing>> {
        self.charts.change(&me, &db_id.0, &chart_id.0, patch.value.into()).await?;
        Ok(Json(Nothing {}))
    }

    /// Remove a chart
    ///
    /// Dashboards lose it as well. Takes write access to the database.
    #[oai(path = "/api/dbs/:dbId/charts/:chartId", method = "delete", operation_id = "remove_chart")]
    async fn remove(
        &self,
        Anyone(me): Anyone,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
        /// The `ulid` of the chart.
        #[oai(name = "chartId")]
        Path(chart_id): Path<Name>,
    ) -> Reply<Json<Nothing>> {
        self.charts.remove(&me, &db_id.0, &chart_id.0).await?;
        Ok(Json(Nothing {}))
    }
}
