//! `/api/dbs/{dbId}/apps` and `/dbs/{dbId}/apps/{appId}`

use poem::http::{HeaderValue, header};
use poem::{IntoResponse, Response};
use poem_openapi::param::Path;
use poem_openapi::payload::{Json, Payload};
use poem_openapi::registry::{
    MetaHeader, MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry,
};
use poem_openapi::types::Type;
use poem_openapi::{ApiResponse, Object, OpenApi};
use services::{AppUpload, Apps, MAX_APP_BYTES};

use super::caller::Anyone;
use super::nothing::Nothing;
use super::{Failure, Reply, Tag};
use crate::count::Count;
use crate::html::url_part;
use crate::multipart::{FileForm, Form, TextPart};
use crate::name::Name;
use crate::root::ApiSettings;

/// A page that somebody stored runs in an origin of its own: it sees no cookie of this server's pages, and asks the API as any
/// other site would.
const POLICY: &str = "sandbox allow-scripts allow-forms allow-modals allow-popups allow-downloads";
const CONTENT_TYPE: &str = "text/html; charset=utf-8";

/// A page beside a database.
#[derive(Object)]
#[oai(rename_all = "camelCase")]
pub struct App {
    /// What it is known by within its database.
    id: String,
    /// What it is called.
    name: String,
    /// What it is for.
    description: Option<String>,
    /// Where it is served.
    url: String,
    /// When it was made: UTC, with milliseconds.
    created_utc: String,
    /// Bytes of its page.
    size: Count,
}

/// Apps.
#[derive(Object)]
pub struct AppList {
    /// The apps of the database, oldest first.
    apps: Vec<App>,
}

impl App {
    fn of(database: &str, app: services::App) -> Self {
        let services::App { id, name, description, created_at, size } = app;
        let url = format!("/dbs/{}/apps/{id}", url_part(database));
        Self { id, name, description, url, created_utc: created_at, size: Count(size) }
    }
}

/// The form around a page.
pub struct AppForm;

impl Form for AppForm {
    const TEXTS: &'static [TextPart] = &[
        TextPart {
            most: 255,
            ..TextPart::new("name", "What the app is called; that of the file, or the id, unless given.")
        },
        TextPart::new("description", "What it is for."),
    ];
    const FILE: &'static str = "A page of HTML in UTF-8, of at most 4 MiB.";
    const NAMED: bool = true;

    fn limit(_settings: &ApiSettings) -> u64 {
        MAX_APP_BYTES as u64
    }
}

/// The page of an app.
pub struct AppPage(Vec<u8>);

impl Payload for AppPage {
    const CONTENT_TYPE: &'static str = CONTENT_TYPE;

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema::new_with_format("string", "html")))
    }
}

impl IntoResponse for AppPage {
    fn into_response(self) -> Response {
        let mut response = Response::builder().content_type(CONTENT_TYPE).body(self.0);
        for (name, value) in [
            (header::CACHE_CONTROL, "no-cache"),
            (header::CONTENT_SECURITY_POLICY, POLICY),
            (header::REFERRER_POLICY, "no-referrer"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ] {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

impl ApiResponse for AppPage {
    fn meta() -> MetaResponses {
        let policy = MetaHeader {
            name: "Content-Security-Policy".to_owned(),
            description: Some("That the page runs in an origin of its own.".to_owned()),
            required: true,
            deprecated: false,
            schema: String::schema_ref(),
        };
        let response = MetaResponse {
            description: "The page, as it was stored.",
            status: Some(200),
            status_range: None,
            content: vec![MetaMediaType { content_type: CONTENT_TYPE, schema: <Self as Payload>::schema_ref() }],
            headers: vec![policy],
        };
        MetaResponses { responses: vec![response] }
    }

    fn register(_registry: &mut Registry) {}
}

/// The operations on apps.
pub struct AppApi {
    pub(super) apps: Apps,
}

#[OpenApi(tag = "Tag::Apps")]
impl AppApi {
    /// List apps
    ///
    /// Takes read access to the database.
    #[oai(path = "/api/dbs/:dbId/apps", method = "get", operation_id = "list_apps")]
    async fn list(
        &self,
        Anyone(me): Anyone,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
    ) -> Reply<Json<AppList>> {
        let apps = self.apps.list(&me, &db_id.0).await?;
        Ok(Json(AppList { apps: apps.into_iter().map(|app| App::of(&db_id.0, app)).collect() }))
    }

    /// Open an app
    ///
    /// The page as it was stored. It runs in a sandbox with an origin of its own: it has no part in who is signed in on this
    /// server, and its requests to the API come from the origin `null`. Takes read access to the database.
    #[oai(path = "/dbs/:dbId/apps/:appId", method = "get", operation_id = "get_app")]
    async fn get(
        &self,
        Anyone(me): Anyone,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
        /// The id of the app.
        #[oai(name = "appId")]
        Path(app_id): Path<Name>,
    ) -> Reply<AppPage> {
        Ok(AppPage(self.apps.page(&me, &db_id.0, &app_id.0).await?))
    }

    /// Store an app
    ///
    /// The page takes the place of the one that has this id, which is any of up to 64 letters, digits, hyphens and
    /// underscores; name and description stay where they are not given. A page of more than 4 MiB is 413. Takes write access
    /// to the database.
    #[oai(path = "/dbs/:dbId/apps/:appId", method = "put", operation_id = "put_app")]
    async fn put(
        &self,
        Anyone(me): Anyone,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
        /// The id of the app.
        #[oai(name = "appId", validator(max_length = 64, pattern = "^[A-Za-z0-9_-]+$"))]
        Path(app_id): Path<String>,
        mut form: FileForm<AppForm, Failure>,
    ) -> Reply<Json<App>> {
        let upload = AppUpload {
            name: form.text("name"),
            description: form.text("description"),
            file_name: form.file_name.take(),
            html: form.file.read().await?.to_vec(),
        };
        let app = self.apps.put(&me, &db_id.0, &app_id, upload).await?;
        Ok(Json(App::of(&db_id.0, app)))
    }

    /// Remove an app
    ///
    /// Takes write access to the database.
    #[oai(path = "/dbs/:dbId/apps/:appId", method = "delete", operation_id = "remove_app")]
    async fn remove(
        &self,
        Anyone(me): Anyone,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
        /// The id of the app.
        #[oai(name = "appId")]
        Path(app_id): Path<Name>,
    ) -> Reply<Json<Nothing>> {
        self.apps.remove(&me, &db_id.0, &app_id.0).await?;
        Ok(Json(Nothing {}))
    }
}
