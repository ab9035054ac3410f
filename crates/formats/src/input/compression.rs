//! Decompression of a body as it arrives.

use std::io::Write;

use bytes::Bytes;
use flate2::write::MultiGzDecoder;
use model::{Error, Result};
use zstd::stream::raw::{Decoder as ZstdDecoder, Operation};

/// The most that one step may write, for the decoder that lets us choose.
const STEP_BYTES: usize = 256 << 10;

/// The most that gzip is fed at once. It unfolds a byte into a thousand at most, so this bounds a step's output too.
const GZIP_STEP_BYTES: usize = 4 << 10;

/// How a body is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Compression {
    /// One or more gzip members.
    Gzip,
    /// One or more Zstandard frames.
    Zstd,
}

impl Compression {
    /// How many first bytes of a body [`Compression::sniff`] needs.
    pub(crate) const MAGIC_BYTES: usize = 4;

    /// The compression that a Content-Encoding names; none for `identity` and for nothing at all.
    ///
    /// # Errors
    /// `Unsupported` for any other name.
    pub fn from_content_encoding(name: &str) -> Result<Option<Self>> {
        match name.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Ok(None),
            "gzip" | "x-gzip" => Ok(Some(Self::Gzip)),
            "zstd" => Ok(Some(Self::Zstd)),
            _ => Err(Error::unsupported(format!(
                "Content-Encoding {name:?} is not supported; use gzip or zstd, or send the body as it is"
            ))),
        }
    }

    /// The compression that the first bytes of a body show.
    pub fn sniff(start: &[u8]) -> Option<Self> {
        if start.starts_with(&[0x1F, 0x8B]) {
            Some(Self::Gzip)
        } else if start.starts_with(&[0x28, 0xB5, 0x2F, 0xFD]) {
            Some(Self::Zstd)
        } else {
            None
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    /// What is said of a body that is compressed the `inner` way before it is compressed this way.
    pub(super) fn twice(self, inner: Self) -> Error {
        Error::invalid(format!(
            "the body is compressed twice ({} inside {}); compress it once: send a file that is compressed already as it \
             is",
            inner.name(),
            self.name()
        ))
    }

    fn damaged(self, source: std::io::Error) -> Error {
        Error::invalid(format!("the {} body is damaged; compress it again and send it again", self.name()))
            .with_source(source)
    }

    fn truncated(self) -> Error {
        Error::invalid(format!("the {} body is truncated: it ends in the middle of the compressed data", self.name()))
    }
}

/// A decompressor that is fed pieces and gives pieces of bounded size.
pub(crate) enum Inflate {
    Plain,
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
    Zstd {
        decoder: ZstdDecoder<'static>,
        /// Whether the last frame is at its end.
        whole: bool,
        /// Whether the last step filled its output, so that more may wait inside.
        full: bool,
    },
}

impl Inflate {
    pub(crate) fn new(compression: Option<Compression>) -> Result<Self> {
        match compression {
            None => Ok(Self::Plain),
            Some(Compression::Gzip) => Ok(Self::Gzip(Box::new(MultiGzDecoder::new(Vec::new())))),
            Some(Compression::Zstd) => {
                let decoder = ZstdDecoder::new().map_err(Error::internal)?;
                Ok(Self::Zstd { decoder, whole: true, full: false })
            }
        }
    }

    /// Whether [`Inflate::step`] may give more without more input.
    pub(crate) fn holds_more(&self) -> bool {
        matches!(self, Self::Zstd { full: true, .. })
    }

    /// Takes some of `input` and gives what it stands for, which may be nothing yet.
    pub(crate) fn step(&mut self, input: &mut Bytes) -> Result<Bytes> {
        match self {
            Self::Plain => Ok(std::mem::take(input)),
            Self::Gzip(decoder) => {
                while !input.is_empty() && decoder.get_ref().len() < STEP_BYTES {
                    let piece = input.split_to(input.len().min(GZIP_STEP_BYTES));
                    decoder.write_all(&piece).map_err(|error| Compression::Gzip.damaged(error))?;
                }
                decoder.flush().map_err(|error| Compression::Gzip.damaged(error))?;
                Ok(std::mem::take(decoder.get_mut()).into())
            }
            Self::Zstd { decoder, whole, full } => {
                let mut output = vec![0; STEP_BYTES];
                let status =
                    decoder.run_on_buffers(input, &mut output).map_err(|error| Compression::Zstd.damaged(error))?;
                let _read = input.split_to(status.bytes_read);
                *whole = status.remaining == 0;
                *full = status.bytes_written == output.len();
                output.truncate(status.bytes_written);
                Ok(output.into())
            }
        }
    }

    /// Gives what is left once the body is over.
    ///
    /// # Errors
    /// `Invalid` for a body that ends too early.
    pub(crate) fn finish(&mut self) -> Result<Bytes> {
        match self {
            Self::Plain => Ok(Bytes::new()),
            Self::Gzip(decoder) => {
                decoder.try_finish().map_err(|error| Compression::Gzip.truncated().with_source(error))?;
                Ok(std::mem::take(decoder.get_mut()).into())
            }
            Self::Zstd { whole, .. } => {
                if *whole {
                    Ok(Bytes::new())
                } else {
                    Err(Compression::Zstd.truncated())
                }
            }
        }
    }
}
