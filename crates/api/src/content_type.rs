//! What `Content-Type` may say of a request's body.
//!
//! Clients are known to send JSON and files under the type of a form, as plain text or without a type. What says nothing
//! is therefore read as what the operation takes; what plainly says something else is 415, with what to do instead.

mod files;

use std::fmt;

use poem::error::ResponseError;
use poem::http::{HeaderMap, HeaderValue, StatusCode, header};

pub use files::{file, rows};

/// The longest type that is repeated to the caller, in characters.
const TOLD: usize = 100;

/// A body of a type that the operation does not take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentTypeRefused {
    told: String,
    accepts: &'static str,
}

impl ContentTypeRefused {
    /// What would do, as the `Accept` header of the answer lists it.
    pub fn accept(&self) -> HeaderValue {
        HeaderValue::from_static(self.accepts)
    }
}

impl fmt::Display for ContentTypeRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.told)
    }
}

impl std::error::Error for ContentTypeRefused {}

impl ResponseError for ContentTypeRefused {
    fn status(&self) -> StatusCode {
        StatusCode::UNSUPPORTED_MEDIA_TYPE
    }
}

/// Whether a body may be read as JSON: without a type, under a type of JSON, or under one that says nothing.
///
/// # Errors
/// For every other type, for two of them, and for what is no type.
pub fn json(headers: &HeaderMap) -> Result<(), ContentTypeRefused> {
    const ACCEPTS: &str = "application/json";
    let refused = |told| ContentTypeRefused { told, accepts: ACCEPTS };
    let fits = match essence(headers).map_err(|told| refused(format!("{told}; send the body as {ACCEPTS}")))? {
        None => true,
        Some(essence) => is_json(&essence) || says_nothing(&essence),
    };
    if fits {
        return Ok(());
    }
    Err(refused(format!("Content-Type {} is not JSON; send the body as {ACCEPTS}", shown(headers))))
}

/// Whether a body may be read as a form with a file in it.
///
/// # Errors
/// For every other type, and for a form without the boundary that parts it.
pub fn form(headers: &HeaderMap) -> Result<(), ContentTypeRefused> {
    const ACCEPTS: &str = "multipart/form-data";
    let refused = |told| ContentTypeRefused { told, accepts: ACCEPTS };
    let advice = "send the file in a form, as curl -F file=@FILE does";
    let found = essence(headers).map_err(|told| refused(format!("{told}; {advice}")))?;
    let whole = headers.get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    match found.as_deref() {
        Some(ACCEPTS) if whole.to_ascii_lowercase().windows(9).any(|part| part == b"boundary=") => Ok(()),
        Some(ACCEPTS) => Err(refused(format!("Content-Type {} has no boundary; {advice}", shown(headers)))),
        Some(_) => Err(refused(format!("Content-Type {} is no form; {advice}", shown(headers)))),
        None => Err(refused(format!("there is no Content-Type; {advice}"))),
    }
}

/// Whether a body is said to be what an HTML form sends.
pub fn is_form(headers: &HeaderMap) -> bool {
    essence(headers).ok().flatten().as_deref() == Some("application/x-www-form-urlencoded")
}

fn is_json(essence: &str) -> bool {
    matches!(essence, "application/json" | "text/json") || essence.ends_with("+json")
}

/// Types that tools send for want of a better one.
fn says_nothing(essence: &str) -> bool {
    matches!(essence, "application/x-www-form-urlencoded" | "text/plain" | "application/octet-stream")
}

/// `type/subtype` in lower case, without parameters; none where the header is absent or empty.
///
/// # Errors
/// What is wrong with the header.
fn essence(headers: &HeaderMap) -> Result<Option<String>, String> {
    let mut given = headers.get_all(header::CONTENT_TYPE).iter();
    let (first, second) = (given.next(), given.next());
    if second.is_some() {
        return Err("there are two Content-Type headers".to_owned());
    }
    let Some(value) = first.map(HeaderValue::as_bytes).filter(|value| !value.trim_ascii().is_empty()) else {
        return Ok(None);
    };
    let media_type = value.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    let sides: Vec<&[u8]> = media_type.split(|byte| *byte == b'/').collect();
    match std::str::from_utf8(media_type) {
        Ok(text) if sides.len() == 2 && sides.iter().all(|side| is_token(side)) => Ok(Some(text.to_ascii_lowercase())),
        _ => Err(format!("Content-Type {} is not a media type", shown(headers))),
    }
}

/// RFC 9110, section 5.6.2.
fn is_token(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
}

fn shown(headers: &HeaderMap) -> String {
    let bytes = headers.get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    let text: String = String::from_utf8_lossy(bytes).chars().take(TOLD).collect();
    format!("{text:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    pub fn headers(types: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in types {
            headers.append(header::CONTENT_TYPE, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        headers
    }

    #[test]
    fn what_clients_are_known_to_send_is_read_as_json() {
        assert_eq!(json(&headers(&[])), Ok(()));
        for sent in [
            "",
            " ",
            "application/json",
            "Application/JSON; charset=utf-8",
            "application/json;",
            "application/problem+json",
            "application/x-www-form-urlencoded",
            "text/plain;charset=UTF-8",
            "application/octet-stream",
        ] {
            assert_eq!(json(&headers(&[sent])), Ok(()), "{sent:?}");
        }
    }

    #[test]
    fn what_is_not_json_is_named() {
        for (sent, told) in [
            (&["image/png"][..], "Content-Type \"image/png\" is not JSON; send the body as application/json"),
            (&["text/csv"], "Content-Type \"text/csv\" is not JSON; send the body as application/json"),
            (&["application/x-ndjson"], "\"application/x-ndjson\" is not JSON"),
            (&["multipart/form-data; boundary=x"], "\"multipart/form-data; boundary=x\" is not JSON"),
            (&["json"], "Content-Type \"json\" is not a media type; send the body as application/json"),
            (&["application/json, text/plain"], "is not a media type"),
            (&["application/"], "is not a media type"),
            (&["/json"], "is not a media type"),
            (&["a/b/c"], "is not a media type"),
            (&["ä/json"], "is not a media type"),
            (&["application/json", "application/json"], "there are two Content-Type headers"),
        ] {
            let refused = json(&headers(sent)).unwrap_err();
            assert!(refused.to_string().contains(told), "{sent:?}: {refused}");
            assert_eq!((refused.status().as_u16(), refused.accept().to_str().unwrap()), (415, "application/json"));
        }
    }

    #[test]
    fn a_long_type_is_cut() {
        let refused = json(&headers(&[&"x".repeat(100_000)])).unwrap_err();
        assert!(refused.to_string().len() < 200);
    }
}
