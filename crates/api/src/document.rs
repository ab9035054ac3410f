//! The OpenAPI documents: one a product, and the merged one. They come from types alone and need no services.

use std::sync::LazyLock;

use poem_openapi::{ContactObject, LicenseObject, OpenApi, OpenApiService};

use crate::altertable::{self, Altertable};
use crate::merged::Merged;
use crate::product::Product;
use crate::surface::{SpecOnly, Surface};

/// An OpenAPI 3.0 document, written out. The same code always gives the same text.
#[derive(Clone, Debug)]
pub struct Document {
    json: String,
    yaml: String,
}

impl Document {
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
    static MERGED: LazyLock<Document> = LazyLock::new(|| written(Merged, "Boathouse", MERGED_DESCRIPTION));
    static ALTERTABLE: LazyLock<Document> = LazyLock::new(|| {
        written(SpecOnly::<Surface<Altertable>>::new(), "Boathouse: Altertable API", altertable::DESCRIPTION)
    });
    match product {
        None => &MERGED,
        Some(Product::Altertable) => &ALTERTABLE,
    }
}

const MERGED_DESCRIPTION: &str = "\
Boathouse is a self-hosted data server: files go in over HTTP and become Delta Lake tables, SQL comes out. It serves the \
HTTP APIs that people already code against. This document holds all of them; each product also has a document of its own \
under `/openapi/`.";

fn written<T: OpenApi>(api: T, title: &str, description: &str) -> Document {
    let service = OpenApiService::new(api, title, env!("CARGO_PKG_VERSION"))
        .description(description)
        .contact(ContactObject::new().name("The Boathouse developers"))
        .license(LicenseObject::new("MIT OR Apache-2.0"))
        .server("/");
    let (mut json, mut yaml) = (service.spec(), service.spec_yaml());
    for text in [&mut json, &mut yaml] {
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    Document { json, yaml }
}
