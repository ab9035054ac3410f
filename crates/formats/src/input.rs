//! Bytes to rows: what a body is, and the way into its decoder.

mod chunks;
mod column;
mod compression;
mod decode;
mod format;
mod source;

use bytes::Bytes;
use futures::stream::BoxStream;

pub(crate) use chunks::{Boundaries, Chunk, MAX_RECORD_BYTES, Place, chunks};
pub(crate) use column::{Column, readable};
pub use compression::Compression;
pub use decode::{Decode, decode};
pub use format::InputFormat;
pub(crate) use source::Source;

/// A body as it arrives: pieces of any size, ended by the first error.
pub type Body = BoxStream<'static, model::Result<Bytes>>;

/// How much of a body is read before its types are decided, in bytes after decompression.
pub(crate) const SAMPLE_BYTES: usize = 4 << 20;

/// How many records of a body are read, at most, before its types are decided.
pub(crate) const SAMPLE_RECORDS: usize = 20_480;

/// The longest value that an error message quotes, in characters.
const QUOTED_CHARS: usize = 80;

/// A value for an error message: cut where it is long, with what cannot be printed escaped.
pub(crate) fn quoted(value: &[u8]) -> String {
    let text = String::from_utf8_lossy(value);
    match text.char_indices().nth(QUOTED_CHARS) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}
