//! The page at `/`: what this server is, where to go, a first request, and every operation of every product.
//!
//! What it says of products comes from their documents, so a new product or operation stands here without an edit.

mod address;
mod outline;

use std::sync::LazyLock;

use poem::endpoint::make_sync;
use poem::{Request, Response, Route};

use crate::document::document;
use crate::html::{self, Html};
use crate::methods::only_get;
use crate::product::Product;
use crate::web_file::WebFile;
use address::Address;
use outline::{Operation, Outline, Tag};

/// A path that the server has beside the API.
#[derive(Clone, Copy, Debug)]
pub struct ServerPath {
    /// Without the slash before it.
    pub path: &'static str,
    /// What it answers, for somebody who sees it for the first time.
    pub purpose: &'static str,
}

/// One stylesheet and one picture from this server, and nothing that runs.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

/// Adds the page. `server_paths` are those that the server has beside the API.
pub fn mount(route: Route, server_paths: &'static [ServerPath]) -> Route {
    route.at("/", only_get(make_sync(move |request| answer(&request, server_paths))))
}

fn answer(request: &Request, server_paths: &[ServerPath]) -> Response {
    let text = page(&Address::of(request), server_paths).into_string();
    WebFile { content_type: "text/html; charset=utf-8".to_owned(), bytes: text.into(), policy: POLICY }.answer(request)
}

fn page(address: &Address, server_paths: &[ServerPath]) -> Html {
    static PRODUCTS: LazyLock<Html> = LazyLock::new(|| Product::ALL.iter().copied().map(product).collect());
    let values = [
        ("version", Html::text(env!("CARGO_PKG_VERSION"))),
        ("address", Html::text(address.as_str())),
        ("contents", Product::ALL.iter().copied().map(entry).collect()),
        ("server_paths", server_paths.iter().map(server_path).collect()),
        ("products", PRODUCTS.clone()),
    ];
    html::fill(include_str!("start_page/page.html"), &values)
}

fn outline(product: Product) -> Outline {
    Outline::read(document(Some(product)).to_json())
}

/// The product in the list at the top.
fn entry(product: Product) -> Html {
    let count = match outline(product).operations().count() {
        1 => "1 operation".to_owned(),
        count => format!("{count} operations"),
    };
    let values = [
        ("product", Html::text(product.as_str())),
        ("title", Html::text(product.title())),
        ("count", Html::text(&count)),
    ];
    html::fill(include_str!("start_page/entry.html"), &values)
}

fn server_path(path: &ServerPath) -> Html {
    let values = [("path", Html::text(path.path)), ("purpose", Html::text(path.purpose))];
    html::fill(include_str!("start_page/server_path.html"), &values)
}

fn product(product: Product) -> Html {
    let outline = outline(product);
    let tags = outline.tags().map(|(described, operations)| tag(product, described, operations));
    let values = [
        ("product", Html::text(product.as_str())),
        ("title", Html::text(product.title())),
        ("choice", Html::text(&html::url_part(product.title()))),
        ("description", Html::prose(outline.first_paragraph())),
        ("tags", tags.collect()),
    ];
    html::fill(include_str!("start_page/product.html"), &values)
}

fn tag(product: Product, tag: &Tag, operations: Vec<&Operation>) -> Html {
    let values = [
        ("name", Html::text(&tag.name)),
        ("description", Html::prose(&tag.description)),
        ("operations", operations.into_iter().map(|described| operation(product, &tag.name, described)).collect()),
    ];
    html::fill(include_str!("start_page/tag.html"), &values)
}

fn operation(product: Product, tag: &str, operation: &Operation) -> Html {
    // As Swagger UI writes the address of an operation in one of its documents.
    let [choice, tag, id] = [product.title(), tag, &operation.id].map(html::url_part);
    let values = [
        ("target", Html::text(&format!("docs/?urls.primaryName={choice}#/{tag}/{id}"))),
        ("method", Html::text(&operation.method)),
        ("METHOD", Html::text(&operation.method.to_uppercase())),
        ("path", Html::text(&operation.path)),
        ("summary", Html::prose(&operation.summary)),
        ("id", Html::text(&operation.id)),
    ];
    html::fill(include_str!("start_page/operation.html"), &values)
}
