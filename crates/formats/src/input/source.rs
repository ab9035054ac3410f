//! A body after decompression, with a way to look at its start.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use model::Result;

use super::Body;
use super::compression::{Compression, Inflate};

/// The decompressed bytes of a body.
pub(crate) struct Source {
    body: Body,
    /// Compressed bytes that have arrived.
    input: Bytes,
    inflate: Inflate,
    /// Decompressed bytes that were looked at and put back.
    ahead: VecDeque<Bytes>,
    over: bool,
}

impl Source {
    /// Reads as much of `body` as shows its compression, unless `content_encoding` names one.
    ///
    /// # Errors
    /// Those of the body; `Unsupported` for another encoding; `Invalid` for a body that is compressed twice.
    pub(crate) async fn open(mut body: Body, content_encoding: Option<&str>) -> Result<Self> {
        let named = Compression::from_content_encoding(content_encoding.unwrap_or_default())?;
        let mut start = BytesMut::new();
        while start.len() < Compression::MAGIC_BYTES {
            match body.next().await {
                Some(piece) => start.extend_from_slice(&piece?),
                None => break,
            }
        }
        let compression = named.or_else(|| Compression::sniff(&start));
        // A body without a byte is no damaged archive: the formats have words for it.
        let compression = compression.filter(|_| !start.is_empty());
        let inflate = Inflate::new(compression)?;
        let mut source = Self { body, input: start.freeze(), inflate, ahead: VecDeque::new(), over: false };
        if let Some(outer) = compression
            && let Some(inner) = Compression::sniff(&source.peek(Compression::MAGIC_BYTES).await?)
        {
            return Err(outer.twice(inner));
        }
        Ok(source)
    }

    /// The next bytes; none at the end of the body.
    ///
    /// # Errors
    /// Those of the body; `Invalid` where it is not what its compression promises.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>> {
        if let Some(piece) = self.ahead.pop_front() {
            return Ok(Some(piece));
        }
        while !self.over {
            if self.input.is_empty() && !self.inflate.holds_more() {
                match self.body.next().await {
                    Some(piece) => self.input = piece?,
                    None => {
                        self.over = true;
                        let rest = self.inflate.finish()?;
                        return Ok((!rest.is_empty()).then_some(rest));
                    }
                }
            }
            let piece = self.inflate.step(&mut self.input)?;
            if !piece.is_empty() {
                return Ok(Some(piece));
            }
        }
        Ok(None)
    }

    /// The first `count` bytes of what is left, or fewer where the body is over before; they are read again later.
    ///
    /// # Errors
    /// As [`Source::next`].
    pub(crate) async fn peek(&mut self, count: usize) -> Result<Bytes> {
        let mut pieces = BytesMut::new();
        while pieces.len() < count {
            match self.next().await? {
                Some(piece) => pieces.extend_from_slice(&piece),
                None => break,
            }
        }
        let all = pieces.freeze();
        self.put_back(all.clone());
        Ok(all.slice(..all.len().min(count)))
    }

    /// Puts bytes that were read before what is left.
    pub(crate) fn put_back(&mut self, bytes: Bytes) {
        if !bytes.is_empty() {
            self.ahead.push_front(bytes);
        }
    }
}
