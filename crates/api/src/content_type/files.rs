//! The types of files that are tables, or may be.

use poem::http::HeaderMap;

use super::{ContentTypeRefused, essence, shown};

/// What a file may be sent as.
const ACCEPTS: &str = "text/csv, application/json, application/parquet, application/octet-stream";

/// The type that a file is said to have; none where nothing is said. Types that no one knows are let through: the first
/// bytes tell what the file is. `application/vnd.ms-excel` is among them, since browsers on Windows call CSV files that.
///
/// # Errors
/// For types that plainly are no table, for two of them, and for what is no type.
pub fn file(headers: &HeaderMap) -> Result<Option<String>, ContentTypeRefused> {
    let refused = |told| ContentTypeRefused { told, accepts: ACCEPTS };
    let found = essence(headers)
        .map_err(|told| refused(format!("{told}; send text/csv, application/json or application/parquet, or none")))?;
    match found.as_deref().and_then(no_table) {
        Some((what, advice)) => {
            Err(refused(format!("Content-Type {} is {what} and not a table; {advice}", shown(headers))))
        }
        None => Ok(found),
    }
}

/// Whether a body may be read as rows in JSON: clients are known to send those under any type. What plainly is something
/// else is refused as for a file.
///
/// # Errors
/// As [`file`].
pub fn rows(headers: &HeaderMap) -> Result<(), ContentTypeRefused> {
    const ACCEPTS: &str = "application/json";
    let refused = |told| ContentTypeRefused { told, accepts: ACCEPTS };
    let found = essence(headers).map_err(|told| refused(format!("{told}; send the body as {ACCEPTS}")))?;
    match found.as_deref().and_then(no_table) {
        Some((what, _)) => {
            let told = format!("Content-Type {} is {what} and not JSON; send the body as {ACCEPTS}", shown(headers));
            Err(refused(told))
        }
        None => Ok(()),
    }
}

const AS_BODY: &str = "send the file as the body itself, as curl -T FILE and curl --data-binary @FILE do";
const AS_TABLE: &str = "send CSV, JSON or Parquet";
const UNPACKED: &str = "send the CSV, JSON or Parquet file in it by itself, as it is or compressed with gzip or zstd";
const SAVED: &str = "save the sheet as CSV and send that";
const CONVERTED: &str = "convert it to CSV, JSON or Parquet and send that";

/// What a type that is no table is, and what to send instead.
fn no_table(essence: &str) -> Option<(&'static str, &'static str)> {
    let (kind, of_kind) = essence.split_once('/').unwrap_or((essence, ""));
    match (kind, of_kind) {
        ("multipart", _) => Some(("a form around a file", AS_BODY)),
        ("image", _) => Some(("an image", AS_TABLE)),
        ("audio", _) => Some(("a sound", AS_TABLE)),
        ("video", _) => Some(("a film", AS_TABLE)),
        ("font", _) => Some(("a font", AS_TABLE)),
        ("message", _) => Some(("a message", AS_TABLE)),
        ("text", "html") | ("application", "xhtml+xml") => Some(("a web page", CONVERTED)),
        ("text" | "application", "xml") => Some(("XML", CONVERTED)),
        (_, of_kind) if of_kind.ends_with("+xml") => Some(("XML", CONVERTED)),
        ("application", "pdf") => Some(("a PDF document", CONVERTED)),
        ("application", of_kind) if is_archive(of_kind) => Some(("an archive", UNPACKED)),
        ("application", of_kind) if is_spreadsheet(of_kind) => Some(("a spreadsheet", SAVED)),
        ("application", of_kind) if is_office(of_kind) => Some(("an office document", CONVERTED)),
        _ => None,
    }
}

fn is_archive(of_kind: &str) -> bool {
    matches!(
        of_kind,
        "zip"
            | "x-zip"
            | "x-zip-compressed"
            | "x-7z-compressed"
            | "x-rar-compressed"
            | "vnd.rar"
            | "x-tar"
            | "x-gtar"
            | "java-archive"
    )
}

fn is_spreadsheet(of_kind: &str) -> bool {
    of_kind.starts_with("vnd.openxmlformats-officedocument.spreadsheetml")
        || of_kind.starts_with("vnd.oasis.opendocument.spreadsheet")
        || of_kind.starts_with("vnd.ms-excel.")
}

fn is_office(of_kind: &str) -> bool {
    of_kind.starts_with("vnd.openxmlformats-officedocument.")
        || of_kind.starts_with("vnd.oasis.opendocument.")
        || of_kind.starts_with("vnd.ms-powerpoint")
        || of_kind.starts_with("vnd.ms-word")
        || matches!(of_kind, "msword" | "rtf")
}

#[cfg(test)]
mod tests {
    use poem::error::ResponseError;

    use super::*;
    use crate::content_type::tests::headers;

    #[test]
    fn what_may_be_a_table_is_let_through() {
        assert_eq!(file(&headers(&[])), Ok(None));
        for sent in [
            "text/csv",
            "application/parquet",
            "application/vnd.apache.parquet",
            "application/json",
            "application/geo+json",
            "application/x-ndjson",
            "application/x-www-form-urlencoded",
            "text/plain",
            "application/octet-stream",
            "binary/octet-stream",
            "application/gzip",
            "application/zstd",
            "application/vnd.ms-excel",
            "application/vnd.example",
        ] {
            assert_eq!(file(&headers(&[sent])), Ok(Some(sent.to_owned())), "{sent}");
        }
        assert_eq!(file(&headers(&["Text/CSV; header=present"])), Ok(Some("text/csv".to_owned())));
    }

    #[test]
    fn what_plainly_is_no_table_is_refused_with_what_to_do() {
        for (sent, told) in [
            ("multipart/form-data; boundary=x", "curl --data-binary @FILE"),
            ("image/png", "Content-Type \"image/png\" is an image and not a table; send CSV, JSON or Parquet"),
            ("image/svg+xml", "an image"),
            ("audio/mpeg", "a sound"),
            ("video/mp4", "a film"),
            ("font/woff2", "a font"),
            ("text/html; charset=utf-8", "a web page"),
            ("application/pdf", "a PDF document"),
            ("application/zip", "compressed with gzip or zstd"),
            ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "save the sheet as CSV"),
            ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "an office document"),
            ("application/msword", "an office document"),
            ("application/xml", "XML"),
            ("text/xml", "XML"),
            ("application/atom+xml", "XML"),
            ("csv", "Content-Type \"csv\" is not a media type; send text/csv"),
        ] {
            let refused = file(&headers(&[sent])).unwrap_err();
            assert!(refused.to_string().contains(told), "{sent}: {refused}");
            assert_eq!(refused.status().as_u16(), 415);
            assert!(refused.accept().to_str().unwrap().starts_with("text/csv, "));
        }
    }
}
