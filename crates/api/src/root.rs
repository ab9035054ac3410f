//! Everything that the API serves, mounted at the root.

use formats::Workers;
use poem::endpoint::{BoxEndpoint, make_sync};
use poem::{Endpoint, EndpointExt, IntoEndpoint, IntoResponse, Request, Response, Result, Route};
use services::Services;

use crate::cors::{Cors, CorsOrigins};
use crate::document::{Document, document};
use crate::guard::Guard;
use crate::linger::Linger;
use crate::methods::{self, only_get};
use crate::product::Product;
use crate::request_id::RequestIds;
use crate::start_page::{self, ServerPath};
use crate::swagger;
use crate::{airsequel, altertable};

/// What the surface needs to know beside the services.
#[derive(Clone)]
pub struct ApiSettings {
    /// Where answers are encoded.
    pub workers: Workers,
    /// The largest JSON request body, in bytes; a larger one is 413. Uploads have no limit.
    pub body_limit: usize,
    /// The largest body of an append, in bytes; a larger one is 413.
    pub append_limit: usize,
    /// The largest file that becomes a database, in bytes; a larger one is 413.
    pub upload_limit: u64,
    /// The name of this server in the metadata line of a query's answer.
    pub server_name: String,
    /// What the server has beside the API, for the start page.
    pub server_paths: &'static [ServerPath],
    /// Which pages of other origins may call the server from a browser.
    pub cors: CorsOrigins,
}

impl ApiSettings {
    /// The largest JSON request body unless told otherwise: 1 MiB.
    pub const DEFAULT_BODY_LIMIT: usize = 1024 * 1024;

    /// The largest body of an append unless told otherwise: 16 MiB.
    pub const DEFAULT_APPEND_LIMIT: usize = 16 * 1024 * 1024;

    /// The largest file that becomes a database unless told otherwise: 100 MB.
    pub const DEFAULT_UPLOAD_LIMIT: u64 = 100_000_000;

    /// The defaults, with answers encoded on `workers`.
    pub fn new(workers: Workers) -> Self {
        Self {
            workers,
            body_limit: Self::DEFAULT_BODY_LIMIT,
            append_limit: Self::DEFAULT_APPEND_LIMIT,
            upload_limit: Self::DEFAULT_UPLOAD_LIMIT,
            server_name: "boathouse".to_owned(),
            server_paths: &[],
            cors: CorsOrigins::None,
        }
    }
}

/// All products, the documents and the Swagger UI. It answers every request and never fails; faults have the product's
/// own body, and every answer has an `x-request-id`.
pub fn endpoint(services: Services, settings: ApiSettings) -> impl Endpoint<Output = Response> + 'static {
    let cors = Cors(settings.cors.clone());
    let root = Root {
        own: own_routes(settings.server_paths).boxed(),
        airsequel: airsequel::endpoint(services.clone(), settings.clone()).boxed(),
        altertable: altertable::endpoint(services, settings).boxed(),
    };
    root.before(methods::settle).with(Guard::<altertable::Failure>::new()).with(Linger).with(RequestIds).with(cors)
}

/// Chooses by the first segment of the path: what is not the server's own belongs to a product.
struct Root {
    own: BoxEndpoint<'static>,
    airsequel: BoxEndpoint<'static>,
    altertable: BoxEndpoint<'static>,
}

impl Endpoint for Root {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let first = request.uri().path().split('/').nth(1).unwrap_or_default();
        match first {
            "" | "docs" | "openapi" | "openapi.json" | "openapi.yaml" => self.own.call(request).await,
            root if airsequel::ROOTS.contains(&root) => self.airsequel.call(request).await,
            _ => self.altertable.call(request).await,
        }
    }
}

fn own_routes(server_paths: &'static [ServerPath]) -> Route {
    let mut route = start_page::mount(Route::new(), server_paths);
    let documents = Product::ALL.iter().copied().map(|product| (format!("/openapi/{product}"), Some(product)));
    for (path, product) in documents.chain([("/openapi".to_owned(), None)]) {
        route = route.at(format!("{path}.json"), served(product, "application/json", Document::to_json));
        route = route.at(format!("{path}.yaml"), served(product, "application/yaml", Document::to_yaml));
    }
    swagger::mount(route)
}

fn served(product: Option<Product>, content_type: &'static str, text: fn(&Document) -> &str) -> impl IntoEndpoint {
    only_get(make_sync(move |_| text(document(product)).with_content_type(content_type).into_response()))
}
