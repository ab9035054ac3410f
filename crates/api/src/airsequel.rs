//! The Airsequel API: accounts and teams, SQLite databases, their tables and files, SQL.
//!
//! Airsequel's words live here alone. Its paths begin with `/api`, `/dbs`, `/readonly`, `/password-reset` or
//! `/verify-email`.

mod apps;
mod audit;
mod browser;
mod caller;
mod chart_picture;
mod charts;
mod create;
mod dashboards;
mod databases;
mod download;
mod duplicate;
mod failure;
mod links;
mod nothing;
mod overlays;
mod settings;
mod status;
mod text_nullable;
mod upload;
mod variables;

use poem::{Endpoint, EndpointExt, IntoEndpoint, Response};
use poem_openapi::{OpenApiService, Tags};
use services::Services;

use self::apps::AppApi;
use self::audit::AuditApi;
use self::chart_picture::ChartPictureApi;
use self::charts::ChartApi;
use self::create::CreateApi;
use self::dashboards::DashboardApi;
use self::databases::DatabaseApi;
use self::download::DownloadApi;
use self::duplicate::DuplicateApi;
pub use self::failure::Failure;
use self::links::LinkApi;
pub use self::overlays::OVERLAYS;
use self::settings::SettingsApi;
use self::status::StatusApi;
use self::upload::DatabaseUploadApi;
use self::variables::VariableApi;
use crate::guard::Guard;
use crate::json_body::JsonBody;
use crate::root::ApiSettings;
use crate::surface::Surface;

/// What the document says first.
pub const DESCRIPTION: &str = "\
The Airsequel API, served by Boathouse. Each database is one SQLite file that `sqlite3` opens. Create one with \
`POST /api/dbs` or upload a SQLite or CSV file to `POST /dbs`, and ask SQL questions with `POST /dbs/{dbId}/sql`.\n\n\
Most operations take a session token from `POST /api/login`, or an API token of a team, after `Bearer`; name and password \
as HTTP Basic credentials do as well. Refusals are `{\"errors\": [{\"message\": \"…\"}]}`.";

/// The vendor's own description of this API.
pub const DOCUMENTATION: &str = "https://www.airsequel.com/api/docs";

/// The first segments of this product's paths.
pub const ROOTS: &[&str] = &["api", "dbs", "readonly", "password-reset", "verify-email"];

/// The groups of operations.
#[derive(Tags)]
enum Tag {
    /// Whether the server is well, and what it can do.
    Server,
    /// Databases as a whole: made, described, copied, replaced, removed.
    Databases,
    /// Settings and variables of databases and of the server, and what was written while auditing was on.
    Settings,
    /// What is drawn of tables, and what of that is looked at together.
    Charts,
    /// Pages that are kept beside a database and served with it.
    Apps,
}

/// The operations of this product, one entry a file.
pub type Airsequel = (StatusApi, Whole, Shown);

/// The operations on databases as a whole, and on settings.
type Whole =
    (DatabaseApi, CreateApi, DatabaseUploadApi, DownloadApi, DuplicateApi, LinkApi, VariableApi, SettingsApi, AuditApi);

/// The operations on what is shown of databases.
type Shown = (ChartApi, ChartPictureApi, DashboardApi, AppApi);

type Reply<T> = Result<T, Failure>;
type Json<T> = JsonBody<T, Failure>;

/// The operations, over `services`.
pub fn endpoint(services: Services, settings: ApiSettings) -> impl Endpoint<Output = Response> + 'static {
    let accounts = services.accounts.clone();
    let staging = services.uploads.staging().clone();
    let api: Airsequel = (StatusApi::new(), whole(&services), shown(&services));
    let service = OpenApiService::new(Surface(api), "Airsequel", env!("CARGO_PKG_VERSION"));
    service.into_endpoint().with(Guard::<Failure>::new()).data(accounts).data(staging).data(settings)
}

fn whole(services: &Services) -> Whole {
    let Services { databases, variables, settings, uploads, audit, .. } = services.clone();
    let staging = uploads.staging().clone();
    (
        DatabaseApi { databases: databases.clone() },
        CreateApi { databases: databases.clone() },
        DatabaseUploadApi { uploads, audit: audit.clone() },
        DownloadApi { databases: databases.clone(), staging: staging.clone() },
        DuplicateApi { databases: databases.clone(), staging },
        LinkApi { databases: databases.clone() },
        VariableApi { variables: variables.clone() },
        SettingsApi { databases, variables, settings },
        AuditApi { audit },
    )
}

fn shown(services: &Services) -> Shown {
    let Services { charts, dashboards, apps, .. } = services.clone();
    (ChartApi { charts: charts.clone() }, ChartPictureApi { charts }, DashboardApi { dashboards }, AppApi { apps })
}
