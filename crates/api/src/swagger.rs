//! The Swagger UI under `/docs/`, out of the binary: a browser fetches nothing from anywhere else.
//!
//! The program is Swagger UI's own; the page that starts it, what it is told and how it looks on a phone are ours.

use bytes::Bytes;
use poem::endpoint::make_sync;
use poem::error::NotFoundError;
use poem::http::{StatusCode, header};
use poem::{Request, Response, Result, Route};
use utoipa_swagger_ui::Config;

use crate::html::{self, Html};
use crate::methods::only_get;
use crate::product::Product;
use crate::web_file::WebFile;

/// Everything comes from this server. Styles stand in files; the small pictures of Swagger UI's stylesheet are `data:`.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Files of ours; one that Swagger UI also has takes its place.
const OWN: &[(&str, &str, &str)] = &[
    ("swagger-initializer.js", "text/javascript; charset=utf-8", include_str!("swagger/swagger-initializer.js")),
    ("boathouse.css", CSS, include_str!("swagger/boathouse.css")),
    ("palette.css", CSS, include_str!("swagger/palette.css")),
    ("start-page.css", CSS, include_str!("start_page/start-page.css")),
    ("documentation.css", CSS, include_str!("airsequel/documentation/documentation.css")),
    ("form-page.css", CSS, include_str!("airsequel/pages/form-page.css")),
    ("mark.svg", "image/svg+xml", include_str!("swagger/mark.svg")),
];
const CSS: &str = "text/css; charset=utf-8";

/// What the merged document is called among the choices.
const MERGED_TITLE: &str = "All products";

/// Adds the UI. `/docs` leads to `/docs/`, since the page names its files relative to itself.
pub fn mount(route: Route) -> Route {
    let redirect = make_sync(|_| {
        Response::builder().status(StatusCode::PERMANENT_REDIRECT).header(header::LOCATION, "docs/").finish()
    });
    route
        .at("/docs", only_get(redirect))
        .at("/docs/", only_get(make_sync(file)))
        .at("/docs/*file", only_get(make_sync(file)))
}

/// The page: it names the merged document first, then each product's. Addresses are relative, so that a proxy may serve
/// all of this under a prefix.
fn page() -> String {
    let products = Product::ALL.iter().map(|product| (product.title(), format!("../openapi/{product}.json")));
    let documents = std::iter::once((MERGED_TITLE, "../openapi.json".to_owned())).chain(products);
    let link = |(title, address): (&str, String)| {
        let values = [("title", Html::text(title)), ("address", Html::text(&address))];
        html::fill(include_str!("swagger/document.html"), &values)
    };
    html::fill(include_str!("swagger/index.html"), &[("documents", documents.map(link).collect())]).into_string()
}

fn file(request: Request) -> Result<Response> {
    let name = request.uri().path().strip_prefix("/docs/").unwrap_or_default();
    let own = OWN.iter().find(|own| own.0 == name);
    let file = match (name, own) {
        ("" | "index.html", _) => of_ours("text/html; charset=utf-8", page().into()),
        (_, Some(&(_, content_type, text))) => of_ours(content_type, Bytes::from_static(text.as_bytes())),
        (_, None) => of_swagger_ui(name)?,
    };
    Ok(file.answer(&request))
}

fn of_ours(content_type: &str, bytes: Bytes) -> WebFile {
    WebFile { content_type: content_type.to_owned(), bytes, policy: POLICY }
}

fn of_swagger_ui(name: &str) -> Result<WebFile> {
    let found = utoipa_swagger_ui::serve(name, Config::default().into())
        .map_err(|cause| (StatusCode::INTERNAL_SERVER_ERROR, cause.to_string().into()))?;
    // The library would take a slash more for its own first page.
    let file = found.filter(|_| !name.starts_with('/')).ok_or(NotFoundError)?;
    Ok(WebFile { content_type: file.content_type, bytes: file.bytes.into_owned().into(), policy: POLICY })
}
