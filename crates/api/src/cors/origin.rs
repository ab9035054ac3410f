//! Origins as browsers write them (RFC 6454, section 6.2).

use model::{Error, Result};
use url::{Origin, Url};

/// `text` as a browser would send it: lower case, without the port that goes without saying.
///
/// # Errors
/// `Invalid` for what is no origin, with what to write instead.
pub fn normalised(text: &str) -> Result<String> {
    let wrong = |why: &str| {
        Error::invalid(format!(
            "the CORS origin {text:?} {why}; write it as https://example.com or http://localhost:3000"
        ))
    };
    let url = Url::parse(text).map_err(|cause| wrong(&format!("cannot be read ({cause})")))?;
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| wrong("names no host"))?;
    if host.contains('*') {
        return Err(wrong("has a * in it, which stands for every origin only when it stands alone"));
    }
    let origin = match url.origin() {
        origin @ Origin::Tuple(..) => origin.ascii_serialization(),
        // Of schemes that the library does not know, such as those of browser extensions.
        Origin::Opaque(_) => {
            let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
            format!("{}://{}{port}", url.scheme(), host.to_ascii_lowercase())
        }
    };
    let authority = text.split_once("://").map_or("", |(_, rest)| rest);
    if authority.contains(['/', '?', '#', '@', '\\']) {
        return Err(Error::invalid(format!(
            "the CORS origin {text:?} is more than scheme, host and port; write it as {origin}"
        )));
    }
    Ok(origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_become_what_browsers_send() {
        for (text, origin) in [
            ("https://example.com", "https://example.com"),
            ("HTTPS://Example.COM:443", "https://example.com"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("http://example.com:80", "http://example.com"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
            ("chrome-extension://abcdef", "chrome-extension://abcdef"),
            ("tauri://localhost:1420", "tauri://localhost:1420"),
        ] {
            assert_eq!(normalised(text).unwrap(), origin, "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_what_to_write() {
        for (text, told) in [
            ("example.com", "cannot be read"),
            ("localhost:3000", "names no host"),
            ("null", "cannot be read"),
            ("https://", "cannot be read"),
            ("file:///", "names no host"),
            ("https://*.example.com", "has a * in it"),
            ("https://example.com/", "write it as https://example.com"),
            ("https://example.com/app?x#y", "write it as https://example.com"),
            ("https://ann:secret@example.com", "write it as https://example.com"),
            ("https://example.com:99999", "cannot be read"),
        ] {
            let error = normalised(text).unwrap_err();
            assert!(error.message().contains(told), "{text}: {}", error.message());
            assert!(error.message().contains(text), "{}", error.message());
        }
    }
}
