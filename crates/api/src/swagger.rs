//! The Swagger UI under `/docs/`, out of the binary: a browser fetches nothing from anywhere else.

use std::sync::Arc;

use poem::endpoint::make_sync;
use poem::error::NotFoundError;
use poem::http::{StatusCode, header};
use poem::{Request, Response, Result, Route};
use utoipa_swagger_ui::{Config, Url};

use crate::methods::only_get;
use crate::product::Product;

/// Adds the UI. `/docs` leads to `/docs/`, since the page names its files relative to itself.
pub fn mount(route: Route) -> Route {
    let config = Arc::new(config());
    let files = move || {
        let config = Arc::clone(&config);
        only_get(make_sync(move |request| file(&request, Arc::clone(&config))))
    };
    let redirect = make_sync(|_| {
        Response::builder().status(StatusCode::PERMANENT_REDIRECT).header(header::LOCATION, "docs/").finish()
    });
    route.at("/docs", only_get(redirect)).at("/docs/", files()).at("/docs/*file", files())
}

/// The merged document first, each product as a choice. Addresses are relative, so that a proxy may serve all of this
/// under a prefix. Without a validator: it would send the document to a server of its makers.
fn config() -> Config<'static> {
    let merged = Url::with_primary("All products", "../openapi.json", true);
    let products = Product::ALL.iter().map(|&product| Url::new(product.title(), address(product)));
    Config::new(std::iter::once(merged).chain(products))
        .persist_authorization(true)
        .try_it_out_enabled(true)
        .display_request_duration(true)
        .deep_linking(true)
        .validator_url("none")
}

/// Where the document of a product is, seen from `/docs/`.
fn address(product: Product) -> &'static str {
    match product {
        Product::Altertable => "../openapi/altertable.json",
    }
}

fn file(request: &Request, config: Arc<Config<'static>>) -> Result<Response> {
    let path = request.uri().path().strip_prefix("/docs/").unwrap_or_default();
    let found = utoipa_swagger_ui::serve(path, config)
        .map_err(|cause| (StatusCode::INTERNAL_SERVER_ERROR, cause.to_string().into()))?;
    let file = found.ok_or(NotFoundError)?;
    let response = Response::builder().content_type(&file.content_type);
    let response = if file.gzpipped { response.header(header::CONTENT_ENCODING, "gzip") } else { response };
    Ok(response.body(file.bytes.into_owned()))
}
