//! The Altertable lakehouse API: queries and what is asked of them, uploads, upserts and appends.
//!
//! Altertable's words live here alone: what it calls a catalog is a database to the rest of the server.

mod append;
mod append_body;
mod append_reply;
mod autocomplete;
mod column_list;
mod envelope;
mod explain;
mod failure;
mod logged;
mod overlays;
mod query;
mod query_id;
mod query_log;
mod query_reply;
mod query_request;
mod signed_in;
mod tasks;
mod upload;
mod upload_body;
mod upsert;
mod validate;

use poem::{Endpoint, EndpointExt, IntoEndpoint, Response};
use poem_openapi::{OpenApiService, Tags};
use services::Services;

use self::append::AppendApi;
use self::autocomplete::AutocompleteApi;
use self::explain::ExplainApi;
pub use self::failure::Failure;
pub use self::overlays::OVERLAYS;
use self::query::QueryApi;
use self::query_log::QueryLogApi;
use self::tasks::TasksApi;
use self::upload::UploadApi;
use self::upsert::UpsertApi;
use self::validate::ValidateApi;
use crate::guard::Guard;
use crate::json_body::JsonBody;
use crate::root::ApiSettings;
use crate::surface::Surface;

/// What the document says first.
pub const DESCRIPTION: &str = "\
The Altertable lakehouse API, served by Boathouse. Send a CSV, JSON or Parquet file to `POST /upload` and ask SQL \
questions of the table with `POST /query`; the answer streams back row by row. Statements are read in DuckDB's dialect. \
A catalog is a Boathouse database; a fresh server has one, `lakehouse`, with the schema `main`.\n\n\
Every operation takes the name and password of a user, as HTTP Basic credentials or as the same payload, base64 of \
`name:password`, after `Bearer`. Refusals are plain text.";

/// The vendor's own description of this API.
pub const DOCUMENTATION: &str = "https://altertable.ai/docs/api-references/lakehouse";

/// The groups of operations.
#[derive(Tags)]
enum Tag {
    /// Run, watch, cancel, check, explain and complete SQL statements.
    #[oai(external_docs = "https://duckdb.org/docs/stable/sql/introduction")]
    Query,
    /// Load files into tables.
    Upload,
    /// Add rows to tables a few at a time.
    Append,
}

/// The operations of this product, one entry a file.
pub type Altertable =
    (QueryApi, QueryLogApi, ValidateApi, ExplainApi, AutocompleteApi, UploadApi, UpsertApi, AppendApi, TasksApi);

type Reply<T> = Result<T, Failure>;
type Json<T> = JsonBody<T, Failure>;

/// The operations, over `services`.
pub fn endpoint(services: Services, settings: ApiSettings) -> impl Endpoint<Output = Response> + 'static {
    let accounts = services.accounts.clone();
    let api: Altertable = (
        QueryApi { queries: services.queries.clone(), settings: settings.clone() },
        QueryLogApi { queries: services.queries.clone() },
        ValidateApi { queries: services.queries.clone() },
        ExplainApi { queries: services.queries.clone() },
        AutocompleteApi { queries: services.queries },
        UploadApi { tables: services.tables.clone() },
        UpsertApi { tables: services.tables },
        AppendApi { appends: services.appends.clone() },
        TasksApi { appends: services.appends },
    );
    let service = OpenApiService::new(Surface(api), "Altertable", env!("CARGO_PKG_VERSION"));
    service.into_endpoint().with(Guard::<Failure>::new()).data(accounts).data(settings)
}
