//! Where the reader of the page finds the server, for a line to copy.

use poem::Request;
use poem::http::{header, uri::Scheme};

/// A URL without a slash at its end, of characters that mean nothing to HTML or to a shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(String);

impl Address {
    /// What the request says it was sent to, or what a proxy before us says it was: its own host, scheme and prefix.
    ///
    /// Anybody can send such headers, but only whoever sends them reads the answer.
    pub fn of(request: &Request) -> Self {
        let sent = |name: &str| request.header(name).and_then(|list| list.split(',').next()).map(str::trim);
        let asked = request.uri().authority().map(|authority| authority.as_str());
        let hosts = [sent("x-forwarded-host"), asked, request.header(header::HOST)];
        let host = hosts.into_iter().flatten().find(|host| is_host(host)).unwrap_or("127.0.0.1:8080");
        let secure = sent("x-forwarded-proto").unwrap_or(request.scheme().as_str()) == Scheme::HTTPS.as_str();
        let prefix = sent("x-forwarded-prefix").filter(|prefix| is_prefix(prefix)).unwrap_or_default();
        let scheme = if secure { Scheme::HTTPS } else { Scheme::HTTP };
        Self(format!("{scheme}://{host}{}", prefix.trim_end_matches('/')))
    }

    /// The URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_host(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte))
}

fn is_prefix(text: &str) -> bool {
    text.starts_with('/') && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/.-_~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(headers: &[(&str, &str)]) -> String {
        let request =
            headers.iter().fold(Request::builder().uri_str("/"), |it, (name, value)| it.header(*name, *value));
        Address::of(&request.finish()).0
    }

    #[test]
    fn the_host_of_the_request_is_used() {
        assert_eq!(address(&[("host", "data.example:8443")]), "http://data.example:8443");
        assert_eq!(address(&[("host", "[::1]:8080")]), "http://[::1]:8080");
        assert_eq!(address(&[]), "http://127.0.0.1:8080");
    }

    #[test]
    fn a_proxy_tells_its_own() {
        let headers = [
            ("host", "10.0.0.7:8080"),
            ("x-forwarded-host", "data.example, inner"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-prefix", "/team/boathouse/"),
        ];
        assert_eq!(address(&headers), "https://data.example/team/boathouse");
    }

    #[test]
    fn what_could_mean_something_to_a_shell_is_left_out() {
        for host in ["x;rm", "x'y", "x y", "x$(y)", "x`y`", "<b>", "user@host", ""] {
            assert_eq!(address(&[("host", host)]), "http://127.0.0.1:8080", "{host}");
        }
        for prefix in ["nope", "/a b", "/a;b", "/$x", "/\"", "/?q", "/#f"] {
            assert_eq!(address(&[("host", "h"), ("x-forwarded-prefix", prefix)]), "http://h", "{prefix}");
        }
        assert_eq!(address(&[("host", "h"), ("x-forwarded-proto", "javascript")]), "http://h");
    }
}
