//! The operations on what is shown of databases, and the page that documents all of them.

use services::Services;

use super::apps::AppApi;
use super::chart_picture::ChartPictureApi;
use super::charts::ChartApi;
use super::dashboards::DashboardApi;
use super::documentation::DocumentationApi;

/// All of them.
pub type ShownApi = (ChartPictureApi, ChartApi, DashboardApi, AppApi, DocumentationApi);

/// The operations, over `services`.
pub fn operations(services: &Services) -> ShownApi {
    let Services { charts, dashboards, apps, .. } = services.clone();
    (
        ChartPictureApi { charts: charts.clone() },
        ChartApi { charts },
        DashboardApi { dashboards },
        AppApi { apps },
        DocumentationApi,
    )
}
