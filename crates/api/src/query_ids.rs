//! The ids of a query as headers of its answer: the formats without a line of metadata have no other place for them.

use poem::Response;
use poem::http::{HeaderName, HeaderValue};
use poem_openapi::registry::{MetaHeader, MetaSchema, MetaSchemaRef};
use poem_openapi::types::Type;

const QUERY: HeaderName = HeaderName::from_static("x-query-id");
const SESSION: HeaderName = HeaderName::from_static("x-session-id");

/// The longest session id that goes into a header, in bytes: clients bound the size of headers.
const MAX_BYTES: usize = 128;

/// The query's id and its session's.
pub struct QueryIds {
    query: Option<HeaderValue>,
    session: Option<HeaderValue>,
}

impl QueryIds {
    /// These. A session id is the caller's own text: what does not go into a header is left out.
    pub fn of(query: Option<&str>, session: Option<&str>) -> Self {
        let value = |id: Option<&str>| {
            // By its length: the framework's `Type`, which is in scope here, has an `is_empty` that is never true.
            let fits =
                |id: &&str| (1..=MAX_BYTES).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
            id.filter(fits).and_then(|id| HeaderValue::from_str(id).ok())
        };
        Self { query: value(query), session: value(session) }
    }

    /// `response` with them.
    pub fn on(self, mut response: Response) -> Response {
        for (name, value) in [(QUERY, self.query), (SESSION, self.session)] {
            if let Some(value) = value {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }

    /// How the document describes them. Only an answer that each time is a query's has `always` the query's id.
    pub fn headers(always: bool) -> Vec<MetaHeader> {
        let header = |name: &HeaderName, description: &str, required, schema| MetaHeader {
            name: name.to_string(),
            description: Some(description.to_owned()),
            required,
            deprecated: false,
            schema,
        };
        let uuid = MetaSchemaRef::Inline(Box::new(MetaSchema::new_with_format("string", "uuid")));
        vec![
            header(&QUERY, "The id of the query.", always, uuid),
            header(
                &SESSION,
                "The id of its session; absent if the caller's own is longer than 128 characters or has any that are not \
                 visible ASCII.",
                false,
                String::schema_ref(),
            ),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_header_can_hold_becomes_one() {
        let told = |session: &str| {
            let query = "019f1d9b-6a4c-7d31-9c55-3f3d1c9b6f02";
            let response = QueryIds::of(Some(query), Some(session)).on(Response::default());
            assert_eq!(response.headers()["x-query-id"], query);
            response.headers().get("x-session-id").map(|value| value.to_str().unwrap().to_owned())
        };
        assert_eq!(told("mine"), Some("mine".to_owned()));
        assert_eq!(told(&"x".repeat(128)), Some("x".repeat(128)));
        for unfit in ["", "two words", "né", "a\nb", &"x".repeat(129)] {
            assert_eq!(told(unfit), None, "{unfit:?}");
        }
    }
}
