//! `GET /api/status`

use std::time::Instant;

use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

use super::{Reply, Tag};
use crate::count::Count;

/// Whether the server is well, and what it can do.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct Status {
    /// `ok`.
    status: String,
    /// The version of the server.
    version: String,
    /// The version of SQLite in it.
    sqlite_version: String,
    /// Whole seconds since the server started.
    uptime_seconds: Count,
    /// What it was set up for.
    features: Features,
}

/// What a server was set up for.
#[derive(Clone, Debug, Object)]
pub struct Features {
    /// Whether functions run.
    functions: bool,
    /// Whether a language model answers prompts.
    prompts: bool,
    /// Whether mail is sent. Without it links go to the server's log.
    mail: bool,
    /// Whether teams are billed.
    billing: bool,
}

/// The operation on the server's state.
pub struct StatusApi {
    started: Instant,
    mail: bool,
}

impl StatusApi {
    /// A server that starts now; `mail` says whether it sends any.
    pub fn new(mail: bool) -> Self {
        Self { started: Instant::now(), mail }
    }
}

#[OpenApi(tag = "Tag::Server")]
impl StatusApi {
    /// Ask how the server is
    ///
    /// Needs no credentials.
    #[oai(path = "/api/status", method = "get", operation_id = "get_status")]
    async fn status(&self) -> Reply<Json<Status>> {
        Ok(Json(Status {
            status: "ok".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            sqlite_version: services::sqlite_version().to_owned(),
            uptime_seconds: Count(self.started.elapsed().as_secs()),
            features: Features { functions: false, prompts: false, mail: self.mail, billing: false },
        }))
    }
}
