//! `GET /api/docs`: the document as one page to read.

mod page;
mod schema;

use std::sync::LazyLock;

use bytes::Bytes;
use poem::http::{HeaderValue, header};
use poem::{IntoResponse, Response};
use poem_openapi::payload::Payload;
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::{ApiResponse, OpenApi};

use super::{Reply, Tag};
use crate::document::document;
use crate::product::Product;

const CONTENT_TYPE: &str = "text/html; charset=utf-8";
/// Stylesheets and a picture of this server, and nothing that runs.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

/// The page. It is made of the document once, which is the same for everybody.
pub struct Documentation;

impl Payload for Documentation {
    const CONTENT_TYPE: &'static str = CONTENT_TYPE;

    fn schema_ref() -> MetaSchemaRef {
        // Of a page, as of bytes, a document shows no example.
        MetaSchemaRef::Inline(Box::new(MetaSchema::new_with_format("string", "html")))
    }
}

impl IntoResponse for Documentation {
    fn into_response(self) -> Response {
        static PAGE: LazyLock<Bytes> =
            LazyLock::new(|| page::page(document(Some(Product::Airsequel)).to_json()).into_string().into());
        let mut response = Response::builder().content_type(CONTENT_TYPE).body(PAGE.clone());
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

impl ApiResponse for Documentation {
    fn meta() -> MetaResponses {
        let response = MetaResponse {
            description: "The page.",
            status: Some(200),
            status_range: None,
            content: vec![MetaMediaType { content_type: CONTENT_TYPE, schema: <Self as Payload>::schema_ref() }],
            headers: Vec::new(),
        };
        MetaResponses { responses: vec![response] }
    }

    fn register(_registry: &mut Registry) {}
}

/// The operation that documents the others.
pub struct DocumentationApi;

#[OpenApi(tag = "Tag::Server")]
impl DocumentationApi {
    /// Read this documentation
    ///
    /// Every operation on one page of HTML without a script. Needs no credentials.
    #[oai(path = "/api/docs", method = "get", operation_id = "read_documentation")]
    async fn read(&self) -> Reply<Documentation> {
        Ok(Documentation)
    }
}
