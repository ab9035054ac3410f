//! The OpenAPI documents: one a product, and the merged one. They come from types alone and need no services.
//!
//! The framework writes what the types say. That text is read into a tree that keeps its order, passes add and correct
//! what types cannot say or the framework cannot write, and the tree is written as JSON and YAML.

use std::sync::LazyLock;

use poem_openapi::{ContactObject, ExternalDocumentObject, LicenseObject, OpenApi, OpenApiService};

use self::merged::Part;
pub use self::overlay::Overlay;
use self::tree::Tree;
use crate::airsequel::{self, Airsequel};
use crate::altertable::{self, Altertable};
use crate::product::Product;
use crate::surface::{SpecOnly, Surface};

mod before;
mod defaults;
mod links;
mod merged;
mod nulls;
mod numbers;
mod overlay;
mod public;
mod tree;

/// An OpenAPI 3.0 document, written out. The same code always gives the same text.
#[derive(Clone, Debug)]
pub struct Document {
    json: String,
    yaml: String,
}

impl Document {
    fn of(tree: &Tree) -> Self {
        Self { json: tree::to_json(tree), yaml: tree::to_yaml(tree) }
    }

    /// As indented JSON that ends with a line feed.
    pub fn to_json(&self) -> &str {
        &self.json
    }

    /// As YAML that ends with a line feed.
    pub fn to_yaml(&self) -> &str {
        &self.yaml
    }
}

/// The document of one product, or the merged one of all.
pub fn document(product: Option<Product>) -> &'static Document {
    static ALL: LazyLock<Vec<(Option<Product>, Document)>> = LazyLock::new(all);
    let found = ALL.iter().find(|(of, _)| *of == product);
    &found.expect("there is one of every product and the merged one").1
}

fn all() -> Vec<(Option<Product>, Document)> {
    let products = Product::ALL.iter().map(|&product| (product, tree_of(product)));
    let products: Vec<(Product, Tree)> = products.collect();
    let parts = products.iter().map(|(product, tree)| Part { title: product.title(), document: tree.clone() });
    let merged = merged::merge(written((), "Boathouse", MERGED_DESCRIPTION, None), parts.collect())
        .unwrap_or_else(|fault| panic!("the products' documents do not go together: {fault}"));
    let own = products.iter().map(|(product, tree)| (Some(*product), Document::of(tree)));
    own.chain([(None, Document::of(&merged))]).collect()
}

fn tree_of(product: Product) -> Tree {
    match product {
        Product::Altertable => {
            let about =
                ExternalDocumentObject::new(altertable::DOCUMENTATION).description("The API at Altertable itself");
            let api = SpecOnly::<Surface<Altertable>>::new();
            let tree = written(api, "Boathouse: Altertable API", altertable::DESCRIPTION, Some(about));
            finished(tree, altertable::OVERLAYS)
        }
        Product::Airsequel => {
            let about =
                ExternalDocumentObject::new(airsequel::DOCUMENTATION).description("The API at Airsequel itself");
            let api = SpecOnly::<Surface<Airsequel>>::new();
            let tree = written(api, "Boathouse: Airsequel API", airsequel::DESCRIPTION, Some(about));
            finished(tree, airsequel::OVERLAYS)
        }
    }
}

/// Every pass over the document of one product, in their order.
fn finished(mut tree: Tree, overlays: &[Overlay]) -> Tree {
    numbers::whole(&mut tree);
    defaults::leave_out(&mut tree);
    public::say(&mut tree);
    let fitted = nulls::allow(&mut tree)
        .and_then(|()| overlay::add(&mut tree, overlays))
        .and_then(|()| links::derive(&mut tree));
    fitted.unwrap_or_else(|fault| panic!("{fault}"));
    before::tell(&mut tree);
    tree
}

const MERGED_DESCRIPTION: &str = "\
Boathouse is a self-hosted data server: it keeps databases as SQLite files and large tables as Delta Lake tables, and \
answers SQL over both at once. It serves the HTTP APIs that people already code against. This document holds all of \
them; each product also has a document of its own under `/openapi/`.";

/// Where the texts of both licences are. OpenAPI 3.0 has no place for a licence expression and takes one address.
const LICENCES: &str = "https://spdx.org/licenses/";

fn written<T: OpenApi>(api: T, title: &str, description: &str, about: Option<ExternalDocumentObject>) -> Tree {
    let service = OpenApiService::new(api, title, env!("CARGO_PKG_VERSION"))
        .description(description)
        .contact(ContactObject::new().name("The Boathouse developers"))
        .license(LicenseObject::new(env!("CARGO_PKG_LICENSE")).url(LICENCES))
        .server("/");
    let service = match about {
        Some(about) => service.external_document(about),
        None => service,
    };
    tree::read(&service.spec()).unwrap_or_else(|fault| panic!("the framework wrote what nobody can read: {fault}"))
}
