//! Answers with bytes of which a caller may have some already, or want only a part: `If-None-Match`, `Range`, `If-Range`.

use std::ops::Range;

use bytes::Bytes;
use poem::http::{HeaderMap, HeaderValue, StatusCode, header};
use poem::{FromRequest, Request, RequestBody, Response};

/// What a request says of what it has and what it wants.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    known: Vec<String>,
    range: Option<String>,
    if_range: Option<String>,
}

impl<'a> FromRequest<'a> for Conditions {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> poem::Result<Self> {
        Ok(Self::of(request.headers()))
    }
}

/// Which bytes are to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Wanted {
    None,
    All,
    Part(Range<usize>),
    Impossible,
}

impl Conditions {
    fn of(headers: &HeaderMap) -> Self {
        let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).map(str::to_owned);
        let known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        let known = known.flat_map(|tags| tags.split(',')).map(|tag| tag.trim().trim_start_matches("W/").to_owned());
        Self { known: known.collect(), range: text(header::RANGE), if_range: text(header::IF_RANGE) }
    }

    /// Of bytes so many, whose tag, in its quotes, is this.
    fn wanted(&self, length: usize, tag: &str) -> Wanted {
        if self.known.iter().any(|known| known == "*" || known == tag) {
            return Wanted::None;
        }
        let same = self.if_range.as_deref().is_none_or(|known| known == tag);
        self.range.as_deref().filter(|_| same).map_or(Wanted::All, |range| part(range, length))
    }

    /// `bytes`, as far as the request wants them; `refuse` makes the body of a refusal of a range that there is not. The tag is
    /// without quotes.
    pub fn answer(&self, bytes: &Bytes, tag: &str, refuse: impl FnOnce(StatusCode, String) -> Response) -> Response {
        let (tag, length) = (format!("\"{tag}\""), bytes.len());
        let mut response = match self.wanted(length, &tag) {
            Wanted::None => Response::builder().status(StatusCode::NOT_MODIFIED).finish(),
            Wanted::All => Response::builder().body(bytes.clone()),
            Wanted::Part(range) => Response::builder()
                .status(StatusCode::PARTIAL_CONTENT)
                .header(header::CONTENT_RANGE, format!("bytes {}-{}/{length}", range.start, range.end - 1))
                .body(bytes.slice(range)),
            Wanted::Impossible => {
                let told =
                    format!("the range is not one of {length} bytes; ask for bytes from 0 to {}", length.max(1) - 1);
                let mut refusal = refuse(StatusCode::RANGE_NOT_SATISFIABLE, told);
                let all = HeaderValue::try_from(format!("bytes */{length}")).expect("digits may stand in a header");
                refusal.headers_mut().insert(header::CONTENT_RANGE, all);
                refusal
            }
        };
        let tag = HeaderValue::try_from(tag).expect("hexadecimal digits in quotes may stand in a header");
        response.headers_mut().insert(header::ETAG, tag);
        response.headers_mut().insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        response
    }
}

/// The one part that a range names. Several parts, other units and what is no range are as if nothing was asked.
fn part(range: &str, length: usize) -> Wanted {
    let Some((first, last)) = range.trim().strip_prefix("bytes=").and_then(|part| part.split_once('-')) else {
        return Wanted::All;
    };
    let number = |text: &str| text.trim().parse::<usize>();
    let found = match (first.trim(), last.trim()) {
        ("", last) => number(last).map(|count| length.saturating_sub(count)..length),
        (first, "") => number(first).map(|first| first..length),
        (first, last) => match (number(first), number(last)) {
            (Ok(first), Ok(last)) if first <= last => Ok(first..length.min(last.saturating_add(1))),
            _ => return Wanted::All,
        },
    };
    match found {
        Ok(range) if range.start < range.end => Wanted::Part(range),
        Ok(_) => Wanted::Impossible,
        Err(_) => Wanted::All,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(headers: &[(&str, &str)]) -> Wanted {
        let map = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        Conditions::of(&map).wanted(10, "\"a1\"")
    }

    #[test]
    fn what_is_known_is_not_sent_again() {
        for tags in ["\"a1\"", "W/\"a1\"", "\"b2\", \"a1\"", "*"] {
            assert_eq!(wanted(&[("if-none-match", tags), ("range", "bytes=0-1")]), Wanted::None, "{tags}");
        }
        assert_eq!(wanted(&[("if-none-match", "\"b2\"")]), Wanted::All);
    }

    #[test]
    fn one_part_of_the_bytes_is_a_range() {
        for (range, expected) in [
            ("bytes=0-3", Wanted::Part(0..4)),
            ("bytes=4-", Wanted::Part(4..10)),
            ("bytes=-3", Wanted::Part(7..10)),
            ("bytes=-30", Wanted::Part(0..10)),
            ("bytes=8-99", Wanted::Part(8..10)),
            ("bytes=10-", Wanted::Impossible),
            ("bytes=-0", Wanted::Impossible),
            ("bytes=5-4", Wanted::All),
            ("bytes=0-1,3-4", Wanted::All),
            ("lines=1-2", Wanted::All),
            ("bytes=a-b", Wanted::All),
        ] {
            assert_eq!(wanted(&[("range", range)]), expected, "{range}");
        }
        assert_eq!(wanted(&[("range", "bytes=0-1"), ("if-range", "\"b2\"")]), Wanted::All);
        assert_eq!(wanted(&[("range", "bytes=0-1"), ("if-range", "\"a1\"")]), Wanted::Part(0..2));
    }
}
