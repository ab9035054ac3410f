//! Pages that links in mails lead to. They work without a script, and load a stylesheet and a picture of this server alone.

use model::{Error, ErrorKind};
use poem::http::{HeaderValue, header};
use poem::{IntoResponse, Response};
use poem_openapi::payload::Payload;
use poem_openapi::registry::{MetaSchema, MetaSchemaRef};

use crate::html::{self, Html};

const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; \
                      frame-ancestors 'none'";

/// A page, as a payload.
pub struct Page(String);

impl Page {
    /// A page with this heading; `depth` is how many segments of its path are above it.
    pub(super) fn new(title: &str, depth: usize, content: Html) -> Self {
        let root = Html::text(&"../".repeat(depth));
        let values = [("title", Html::text(title)), ("root", root), ("content", content)];
        Self(html::fill(include_str!("pages/page.html"), &values).into_string())
    }

    /// A page that says something and asks nothing.
    pub fn told(title: &str, depth: usize, text: &str) -> Self {
        let content = html::fill(include_str!("pages/told.html"), &[("text", Html::text(text))]);
        Self::new(title, depth, content)
    }

    /// Why something could not be done. A fault of the server's own says no more than that there was one.
    pub fn refused(title: &str, depth: usize, error: &Error) -> Self {
        Self::told(title, depth, &sentence(error.message()))
    }

    /// The form for a new password.
    pub fn reset(key: &str) -> Self {
        let content = html::fill(include_str!("pages/reset.html"), &[("key", Html::text(key))]);
        Self::new("Choose a new password", 1, content)
    }

    /// The form for a new account.
    pub fn invitation(key: &str, email: &str) -> Self {
        let values = [("key", Html::text(key)), ("email", Html::text(email))];
        Self::new("Make your account", 3, html::fill(include_str!("pages/invitation.html"), &values))
    }
}

/// A message as a sentence.
fn sentence(message: &str) -> String {
    let mut characters = message.chars();
    let first = characters.next().map(char::to_uppercase).into_iter().flatten();
    first.chain(characters).chain(['.']).collect()
}

/// Whether a page is the place for a refusal: faults of the server are answered and logged like every other.
pub fn is_for_a_page(error: &Error) -> bool {
    !matches!(error.kind(), ErrorKind::Internal | ErrorKind::Unavailable | ErrorKind::RateLimited)
}

impl Payload for Page {
    const CONTENT_TYPE: &'static str = "text/html; charset=utf-8";

    fn schema_ref() -> MetaSchemaRef {
        // Of a page, as of bytes, a document shows no example.
        MetaSchemaRef::Inline(Box::new(MetaSchema::new_with_format("string", "html")))
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let mut response = Response::builder().content_type(Self::CONTENT_TYPE).body(self.0);
        for (name, value) in [
            // There is a key in its address and in it.
            (header::CACHE_CONTROL, "no-store"),
            (header::REFERRER_POLICY, "no-referrer"),
            (header::CONTENT_SECURITY_POLICY, POLICY),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ] {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_given_is_text() {
        for page in [Page::reset("\"><script>"), Page::invitation("\"><script>", "<b>@example.org")] {
            assert!(!page.0.contains("<script>") && !page.0.contains("<b>"), "{}", page.0);
        }
        let told = Page::refused("No", 3, &Error::invalid("the <key> is used"));
        assert!(told.0.contains("<p>The &lt;key&gt; is used.</p>"), "{}", told.0);
        assert!(told.0.contains("href=\"../../../docs/palette.css\""));
    }
}
