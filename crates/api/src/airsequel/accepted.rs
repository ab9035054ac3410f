//! Which format of a file the header `Accept` wants.

use std::fmt;

use poem::error::ResponseError;
use poem::http::{HeaderMap, StatusCode, header};
use poem::{FromRequest, Request, RequestBody};
use services::ExportFormat;

use super::export::media_type;

/// The longest header that is repeated to the caller, in characters.
const TOLD: usize = 100;

/// The format that `Accept` wants most; CSV without the header, and where the request names its format itself: the header is
/// not looked at then.
pub struct Accepted(pub ExportFormat);

/// No format is any of those that the caller takes.
#[derive(Debug)]
pub struct NotAcceptable(String);

impl fmt::Display for NotAcceptable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let there_are = ExportFormat::ALL.map(media_type).join(", ");
        let accept: String = self.0.chars().take(TOLD).collect();
        write!(f, "Accept {accept:?} takes no format that tables are exported in; accept one of {there_are} or */*")
    }
}

impl std::error::Error for NotAcceptable {}

impl ResponseError for NotAcceptable {
    fn status(&self) -> StatusCode {
        StatusCode::NOT_ACCEPTABLE
    }
}

impl<'a> FromRequest<'a> for Accepted {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> poem::Result<Self> {
        let mut parameters = request.uri().query().unwrap_or_default().split('&');
        if parameters.any(|parameter| parameter.split('=').next() == Some("format")) {
            return Ok(Self(ExportFormat::Csv));
        }
        Ok(Self(accepted(request.headers())?))
    }
}

/// One range of the header.
struct Range<'a> {
    kind: &'a str,
    weight: f32,
}

impl<'a> Range<'a> {
    fn new(text: &'a str) -> Self {
        let (kind, parameters) = text.split_once(';').unwrap_or((text, ""));
        let weight = parameters.split(';').find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim().eq_ignore_ascii_case("q").then(|| value.trim().parse().unwrap_or(0.0))
        });
        Self { kind: kind.trim(), weight: weight.unwrap_or(1.0) }
    }

    /// How closely it names a type: 3 for itself, 2 for all of its family, 1 for everything; nothing where it does not.
    fn names(&self, media_type: &str) -> Option<u8> {
        let family = media_type.split('/').next().unwrap_or_default();
        let matched = self.kind.strip_suffix("/*").map(|kind| kind.eq_ignore_ascii_case(family));
        match matched {
            _ if self.kind.eq_ignore_ascii_case(media_type) => Some(3),
            Some(true) => Some(2),
            _ => (self.kind == "*/*").then_some(1),
        }
    }
}

fn accepted(headers: &HeaderMap) -> Result<ExportFormat, NotAcceptable> {
    let given: Vec<_> = headers.get_all(header::ACCEPT).iter().map(|value| value.to_str().unwrap_or("?")).collect();
    let whole = given.join(", ");
    let ranges: Vec<Range<'_>> = whole.split(',').filter(|range| !range.trim().is_empty()).map(Range::new).collect();
    if ranges.is_empty() {
        return Ok(ExportFormat::Csv);
    }
    // What is named most closely says how much a format is wanted. Of those that are wanted alike one that is named itself
    // goes first, and of these the one that is named first.
    let wanted = ExportFormat::ALL.into_iter().filter_map(|format| {
        let named =
            ranges.iter().enumerate().filter_map(|(at, range)| Some((range.names(media_type(format))?, at, range)));
        let (closeness, at, range) = named.max_by_key(|(closeness, at, _)| (*closeness, std::cmp::Reverse(*at)))?;
        (range.weight > 0.0).then_some((range.weight, closeness, at, format))
    });
    let mut wanted: Vec<_> = wanted.collect();
    wanted.sort_by(|one, other| other.0.total_cmp(&one.0).then(other.1.cmp(&one.1)).then(one.2.cmp(&other.2)));
    wanted.first().map(|(.., format)| *format).ok_or(NotAcceptable(whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(accept: &str) -> Option<&'static str> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, accept.parse().unwrap());
        accepted(&headers).ok().map(ExportFormat::as_str)
    }

    #[test]
    fn the_most_wanted_format_is_chosen() {
        assert_eq!(accepted(&HeaderMap::new()).unwrap().as_str(), "csv");
        for (accept, format) in [
            ("", "csv"),
            ("*/*", "csv"),
            ("text/*", "csv"),
            ("application/*", "json"),
            ("Application/JSON", "json"),
            ("application/json, text/plain, */*", "json"),
            ("text/html, application/x-ndjson;q=0.5, text/tab-separated-values; Q=0.9", "tsv"),
            ("application/json;q=0.5, */*", "csv"),
            ("application/json;q=0.5, */*;q=0.1", "json"),
            ("text/csv;q=0, text/*", "tsv"),
            ("*/*, text/*;q=0", "json"),
            ("application/sql;version=1", "sql"),
        ] {
            assert_eq!(chosen(accept), Some(format), "{accept:?}");
        }
    }

    #[test]
    fn what_no_format_answers_is_refused() {
        for accept in
            ["text/html", "application/xml, image/*", "application/json;q=0", "*/*;q=0", "json", "text/csv;q=x"]
        {
            assert_eq!(chosen(accept), None, "{accept:?}");
        }
        let told = NotAcceptable("image/png".repeat(1000)).to_string();
        assert!(told.len() < 400 && told.contains("text/csv"), "{told}");
    }
}
