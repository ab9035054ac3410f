//! The Airsequel API: accounts and teams, SQLite databases, their tables and files, SQL.
//!
//! Airsequel's words live here alone. Its paths begin with `/api`, `/dbs`, `/readonly`, `/password-reset` or
//! `/verify-email`.

mod accepted;
mod accounts;
mod apps;
mod audit;
mod azimutt;
mod browser;
mod caller;
mod cell_reply;
mod cells;
mod chart_picture;
mod charts;
mod columns;
mod create;
mod dashboards;
mod database_page;
mod databases;
mod documentation;
mod download;
mod duplicate;
mod export;
mod failure;
mod inside;
mod leaving;
mod links;
mod mail_pages;
mod members;
mod nothing;
mod overlays;
mod page;
mod passwords;
mod schema;
mod session;
mod settings;
mod shapes;
mod shown;
mod sql;
mod sql_reply;
mod status;
mod submitted;
mod table_reply;
mod table_types;
mod tables;
mod team_summary;
mod teams;
mod text_nullable;
mod tokens;
mod upload;
mod users;
mod variables;
mod whole;
mod words;

use poem::{Endpoint, EndpointExt, IntoEndpoint, Response};
use poem_openapi::{OpenApiService, Tags};
use services::Services;

use self::accounts::AccountsApi;
pub use self::failure::Failure;
use self::inside::InsideApi;
pub use self::overlays::OVERLAYS;
use self::shown::ShownApi;
use self::status::StatusApi;
use self::whole::WholeApi;
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

/// The segments of paths after which there is a key that opens something by itself, which is no matter for a log.
pub const SECRET_AFTER: &[&str] = &["password-reset", "verify-email", "invite", "readonly"];

/// The groups of operations.
#[derive(Tags)]
enum Tag {
    /// Whether the server is well, and what it can do.
    Server,
    /// Databases as a whole: made, described, copied, replaced, removed.
    Databases,
    /// Statements, and what statements made a database.
    Sql,
    /// Tables and views, their columns and rows.
    Tables,
    /// Files in the cells of tables.
    Files,
    /// Settings and variables of databases and of the server, and what was written while auditing was on.
    Settings,
    /// Users, and the sessions that they open.
    Accounts,
    /// What links in mails lead to, and the links that were not mailed.
    Mail,
    /// Teams, which own databases, and who is what in them.
    Teams,
    /// Tokens with which programs use a team's databases.
    Tokens,
    /// What is drawn of tables, and what of that is looked at together.
    Charts,
    /// Pages that are kept beside a database and served with it.
    Apps,
}

/// The operations of this product, one entry a file.
pub type Airsequel = (StatusApi, AccountsApi, WholeApi, InsideApi, ShownApi);

type Reply<T> = Result<T, Failure>;
type Json<T> = JsonBody<T, Failure>;

/// The operations, over `services`.
pub fn endpoint(services: Services, settings: ApiSettings) -> impl Endpoint<Output = Response> + 'static {
    let accounts = services.accounts.clone();
    let staging = services.uploads.staging().clone();
    let status = StatusApi::new(accounts.sends_mail());
    let api: Airsequel = (
        status,
        accounts::operations(&accounts),
        whole::operations(&services),
        inside::operations(&services, &settings),
        shown::operations(&services),
    );
    let service = OpenApiService::new(Surface(api), "Airsequel", env!("CARGO_PKG_VERSION"));
    service.into_endpoint().with(Guard::<Failure>::new()).data(accounts).data(staging).data(settings)
}
