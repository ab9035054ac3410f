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
    _folder: TempDir,
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
}

impl Server {
    /// With the users `testuser:testpass` (write access) and `reader:testpass` (read access).
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let engine = Arc::new(FakeEngine::default());
        let storage = FakeStorage::default();
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
            scratch: folder.path().to_owned(),
            default_database: DatabaseName::new("lakehouse").unwrap(),
            appends: AppendConfig::new(folder.path().join("journal")),
            secret_key: SecretKey::new([7; SecretKey::BYTES]),
            rules: DatabaseRules::default(),
            accounts: services::AccountsConfig::default(),
        });
        services.prepare().await.unwrap();
        let password = SecretString::from("testpass");
        services.accounts.create("testuser", &password, Access::Write).await.unwrap();
        services.accounts.create("reader", &password, Access::Read).await.unwrap();
        let endpoint = endpoint(services.clone(), ApiSettings::new(workers)).boxed();
        Self { endpoint, engine, storage, services, _folder: folder }
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

    /// Posts as `testuser`, without a `Content-Type`.
    pub async fn post(&self, uri: &str, body: impl Into<poem::Body>) -> Answer {
        self.send(post(uri, body)).await
    }
}

/// A request of `testuser`, without a `Content-Type`.
pub fn post(uri: &str, body: impl Into<poem::Body>) -> Request {
    signed(Request::builder().method(Method::POST).uri_str(uri).body(body), "Basic", "testuser:testpass")
}

/// Gives a request credentials.
pub fn signed(mut request: Request, scheme: &str, credentials: &str) -> Request {
    let value = format!("{scheme} {}", BASE64_STANDARD.encode(credentials));
    request.headers_mut().insert(header::AUTHORIZATION, value.parse().unwrap());
    request
}
