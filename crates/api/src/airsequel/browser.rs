//! What a browser says of where a request comes from.

use model::Error;
use poem::http::{HeaderMap, header};
use poem::{FromRequest, Request, RequestBody};

use super::Failure;

/// A request that a page of another site did not cause: a link there must not change anything here in the name of
/// whoever follows it. Programs say nothing of this and pass.
pub struct NotCrossSite;

impl<'a> FromRequest<'a> for NotCrossSite {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> poem::Result<Self> {
        if is_cross_site(request.headers()) {
            let told = "a page of another site led here, and this changes something; open the address by itself, or \
                        send the request with POST";
            return Err(Failure(Error::forbidden(told)).into());
        }
        Ok(Self)
    }
}

fn is_cross_site(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site").map(|site| site.as_bytes().trim_ascii());
    site.is_some_and(|site| !site.eq_ignore_ascii_case(b"same-origin") && !site.eq_ignore_ascii_case(b"none"))
}

/// Whether a browser goes where the answer leads, rather than a program that reads it.
pub struct Visiting(pub bool);

impl<'a> FromRequest<'a> for Visiting {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> poem::Result<Self> {
        let accept = request.header(header::ACCEPT).unwrap_or_default();
        let page = accept.split(',').any(|kind| kind.trim().to_ascii_lowercase().starts_with("text/html"));
        Ok(Self(page))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_and_one_s_own_pages_pass() {
        let from = |site: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("sec-fetch-site", site.parse().unwrap());
            is_cross_site(&headers)
        };
        assert!(!is_cross_site(&HeaderMap::new()));
        for (site, crossed) in [("same-origin", false), ("none", false), ("same-site", true), ("cross-site", true)] {
            assert_eq!(from(site), crossed, "{site}");
        }
    }
}
