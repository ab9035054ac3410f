//! The operations on what is shown of databases: charts, dashboards and apps.

use services::Services;

use super::apps::AppApi;
use super::chart_picture::ChartPictureApi;
use super::charts::ChartApi;
use super::dashboards::DashboardApi;

/// The operations of this module, one entry a file.
pub type ShownApi = (ChartApi, ChartPictureApi, DashboardApi, AppApi);

/// The operations, over `services`.
pub fn operations(services: &Services) -> ShownApi {
    let Services { charts, dashboards, apps, .. } = services.clone();
    (ChartApi { charts: charts.clone() }, ChartPictureApi { charts }, DashboardApi { dashboards }, AppApi { apps })
}
