//! The Airsequel API: accounts and teams, SQLite databases, their tables and files, SQL.
//!
//! Airsequel's words live here alone. Its paths begin with `/api`, `/dbs`, `/readonly`, `/password-reset` or
//! `/verify-email`.

mod caller;
mod failure;
mod overlays;
mod status;
mod text_nullable;

use poem::{Endpoint, EndpointExt, IntoEndpoint, Response};
use poem_openapi::{OpenApiService, Tags};
use services::Services;

pub use self::failure::Failure;
pub use self::overlays::OVERLAYS;
use self::status::StatusApi;
pub use self::text_nullable::TextNullable;
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
}

/// The operations of this product, one entry a file.
pub type Airsequel = StatusApi;

type Reply<T> = Result<T, Failure>;
type Json<T> = JsonBody<T, Failure>;

/// The operations, over `services`.
pub fn endpoint(services: Services, settings: ApiSettings) -> impl Endpoint<Output = Response> + 'static {
    let accounts = services.accounts.clone();
    let api: Airsequel = StatusApi::new();
    let service = OpenApiService::new(Surface(api), "Airsequel", env!("CARGO_PKG_VERSION"));
    service.into_endpoint().with(Guard::<Failure>::new()).data(accounts).data(settings)
}
