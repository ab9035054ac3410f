//! Bytes, which text formats have no word for.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::text::push_hex;

/// How bytes are written in text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Blobs {
    /// In hexadecimal.
    #[default]
    Hex,
    /// In base64.
    Base64,
    /// In JSON as `{"type":"blob"}`, so that a reader sees that something is there; in hexadecimal elsewhere.
    Named,
}

impl Blobs {
    /// Appends bytes without quotes.
    pub(super) fn push(self, out: &mut Vec<u8>, bytes: &[u8]) {
        match self {
            Self::Hex | Self::Named => push_hex(out, bytes),
            Self::Base64 => push_base64(out, bytes),
        }
    }

    /// Appends bytes as a JSON value.
    pub(super) fn push_json(self, out: &mut Vec<u8>, bytes: &[u8]) {
        if self == Self::Named {
            out.extend_from_slice(br#"{"type":"blob"}"#);
            return;
        }
        out.push(b'"');
        self.push(out, bytes);
        out.push(b'"');
    }
}

fn push_base64(out: &mut Vec<u8>, bytes: &[u8]) {
    let start = out.len();
    out.resize(start + bytes.len().div_ceil(3) * 4, 0);
    let written =
        STANDARD.encode_slice(bytes, &mut out[start..]).expect("there is room for four letters a three bytes");
    out.truncate(start + written);
}
