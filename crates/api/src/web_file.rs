//! Files for a browser, out of the binary: pages, their styles and scripts.

use std::hash::{DefaultHasher, Hash, Hasher};

use bytes::Bytes;
use poem::http::{HeaderValue, StatusCode, header};
use poem::{Request, Response};

/// A file, and what the page made of it may load.
#[derive(Clone, Debug)]
pub struct WebFile {
    /// Its media type.
    pub content_type: String,
    /// What is in it.
    pub bytes: Bytes,
    /// The `Content-Security-Policy` that it is answered with.
    pub policy: &'static str,
}

impl WebFile {
    /// The file as an answer. A browser asks again each time and has 304 where nothing changed: after an upgrade it never
    /// mixes files of two versions.
    pub fn answer(self, request: &Request) -> Response {
        let tag = tag(&self.bytes);
        let known =
            request.header(header::IF_NONE_MATCH).is_some_and(|tags| tags.split(',').any(|it| it.trim() == tag));
        let mut response = if known {
            Response::builder().status(StatusCode::NOT_MODIFIED).finish()
        } else {
            Response::builder().content_type(&self.content_type).body(self.bytes)
        };
        let tag = HeaderValue::try_from(tag).expect("digits and quotes may stand in a header");
        response.headers_mut().insert(header::ETAG, tag);
        for (name, value) in [
            (header::CACHE_CONTROL, "no-cache"),
            (header::CONTENT_SECURITY_POLICY, self.policy),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::REFERRER_POLICY, "no-referrer"),
        ] {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

/// What changes when the content does.
fn tag(bytes: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    format!("\"{:016x}\"", hasher.finish())
}
