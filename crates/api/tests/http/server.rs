//! The endpoint with everything under it.

use std::sync::Arc;
use std::time::Duration;

use api::{ApiSettings, endpoint};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use formats::Workers;
use model::{Access, DatabaseName};
use poem::endpoint::{BoxEndpoint, EndpointExt};
use poem::http::{Method, header};
use poem::{Endpoint, Request, Response};
use secrecy::SecretString;
use serde_json::Value;
use services::{AppendConfig, DatabaseRules, Metadata, Parts, QueryLog, QueryLogLimits, SecretKey, Services};
use sqlite::{SqliteConfig, SqliteStorage};
use tempfile::TempDir;

use crate::engine::FakeEngine;
use crate::storage::FakeStorage;

pub struct Server {
    pub endpoint: BoxEndpoint<'static>,
    pub engine: Arc<FakeEngine>,
    pub storage: FakeStorage,
    pub services: Services,
    pub folder: TempDir,
}

/// What was answered, read whole. `text` is `None` where the transfer was cut off.
pub struct Answer {
    pub status: u16,
    pub headers: poem::http::HeaderMap,
    pub text: Option<String>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub fn text(&self) -> &str {
        self.text.as_deref().unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(self.text()).unwrap_or_else(|_| panic!("{} is no JSON: {}", self.status, self.text()))
    }

    /// The message of a refusal.
    pub fn told(&self) -> String {
        self.json()["errors"][0]["message"].as_str().unwrap().to_owned()
    }
}

impl Server {
    /// With the users `testuser:testpass` (write access) and `reader:testpass` (read access).
    pub async fn start() -> Self {
        Self::start_with(DatabaseRules::default(), |settings| settings).await
    }

    /// The same with other rules and settings.
    pub async fn start_with(rules: DatabaseRules, change: impl FnOnce(ApiSettings) -> ApiSettings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let engine = Arc::new(FakeEngine::default());
        let storage = FakeStorage::default();
        std::fs::create_dir(folder.path().join("scratch")).unwrap();
        let limits = QueryLogLimits { age: Duration::from_secs(3600), bytes: 1 << 30 };
        let files = SqliteConfig::new(folder.path().join("databases"), folder.path());
        let files = SqliteStorage::open(files).unwrap();
        let workers = Workers::new(tokio::runtime::Handle::current(), 2);
        let services = Services::new(Parts {
            metadata: Metadata::open(&folder.path().join("metadata.sqlite")).unwrap(),
            query_log: QueryLog::open(&folder.path().join("queries.sqlite"), limits).unwrap(),
            storages: vec![Arc::new(storage.clone()), Arc::new(files)],
            engine: Arc::clone(&engine) as Arc<dyn model::Engine>,
            workers: workers.clone(),
            scratch: folder.path().join("scratch"),
            default_database: DatabaseName::new("lakehouse").unwrap(),
            appends: AppendConfig::new(folder.path().join("journal")),
            secret_key: SecretKey::new([7; SecretKey::BYTES]),
            rules,
            accounts: services::AccountsConfig::default(),
        });
        services.prepare().await.unwrap();
        let password = SecretString::from("testpass");
        services.accounts.create("testuser", &password, Access::Write).await.unwrap();
        services.accounts.create("reader", &password, Access::Read).await.unwrap();
        let endpoint = endpoint(services.clone(), change(ApiSettings::new(workers))).boxed();
        Self { endpoint, engine, storage, services, folder }
    }

    /// The ids of the SQLite databases that have files.
    pub fn database_ids(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path().join("databases")).unwrap();
        let mut ids: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        ids.sort();
        ids
    }

    /// The file of a SQLite database.
    pub fn database_file(&self, id: &str) -> std::path::PathBuf {
        self.folder.path().join("databases").join(id).join("main.sqlite")
    }

    /// Moves the endpoint out, for a listener.
    pub fn take_endpoint(&mut self) -> BoxEndpoint<'static> {
        std::mem::replace(&mut self.endpoint, poem::Route::new().boxed())
    }

    pub async fn respond(&self, request: Request) -> Response {
        self.endpoint.get_response(request).await
    }

    pub async fn send(&self, request: Request) -> Answer {
        let response = self.respond(request).await;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { status, headers, text: response.into_body().into_string().await.ok() }
    }

    /// Sends JSON as `testuser`, or nothing where it is null.
    pub async fn json(&self, method: &str, uri: &str, body: Value) -> Answer {
        self.send(json(method, uri, body, "testuser:testpass")).await
    }

    /// Posts as `testuser`, without a `Content-Type`.
    pub async fn post(&self, uri: &str, body: impl Into<poem::Body>) -> Answer {
        self.send(post(uri, body)).await
    }
}

/// A request of `testuser`, without a `Content-Type`.
pub fn post(uri: &str, body: impl Into<poem::Body>) -> Request {
    signed(Request::builder().method(Method::POST).uri_str(uri).body(body), "Basic", "testuser:testpass")
}

/// A request with JSON as its body, or none where it is null, of a user.
pub fn json(method: &str, uri: &str, body: Value, credentials: &str) -> Request {
    let body = if body.is_null() { poem::Body::empty() } else { poem::Body::from(body.to_string()) };
    let request = Request::builder().method(method.parse().unwrap()).uri_str(uri).body(body);
    signed(request, "Basic", credentials)
}

/// A request with a form as its body, of `testuser`: parts by name, a file name where it is a file, and bytes.
pub fn form(method: &str, uri: &str, parts: &[(&str, Option<&str>, &[u8])]) -> Request {
    let mut body = Vec::new();
    for (name, file_name, bytes) in parts {
        let file_name = file_name.map(|file_name| format!("; filename=\"{file_name}\"")).unwrap_or_default();
        let head = format!("--xyz\r\nContent-Disposition: form-data; name=\"{name}\"{file_name}\r\n\r\n");
        body.extend([head.as_bytes(), bytes, b"\r\n"].concat());
    }
    body.extend(b"--xyz--\r\n");
    let request = Request::builder().method(method.parse().unwrap()).uri_str(uri);
    signed(request.content_type("multipart/form-data; boundary=xyz").body(body), "Basic", "testuser:testpass")
}

/// Gives a request credentials.
pub fn signed(mut request: Request, scheme: &str, credentials: &str) -> Request {
    let value = format!("{scheme} {}", BASE64_STANDARD.encode(credentials));
    request.headers_mut().insert(header::AUTHORIZATION, value.parse().unwrap());
    request
}
