//! Cuts a body into chunks of whole records.

use bytes::{Buf, Bytes};
use futures::Stream;
use futures::stream;
use memchr::{memchr_iter, memrchr};
use model::Result;

use super::Source;

/// How large a chunk grows before it is cut off, in bytes.
const CHUNK_BYTES: usize = 2 << 20;

/// How many bytes are looked at before deciding again.
const STEP_BYTES: usize = 256 << 10;

/// The largest record, in bytes.
pub(crate) const MAX_RECORD_BYTES: usize = 32 << 20;

/// Whole records of a body, and where in it they stand.
pub(crate) struct Chunk {
    pub(crate) bytes: Vec<u8>,
    pub(crate) place: Place,
    /// Where its records end, as far as its format tells them apart when cutting.
    pub(crate) ends: Vec<usize>,
    /// Set on the last chunk when its record passes [`MAX_RECORD_BYTES`] and was given up.
    pub(crate) oversized: bool,
}

/// Knows where the records of a format end.
pub(crate) trait Boundaries: Send + 'static {
    /// Reads `buffer` from `from` on, having read what is before, and adds to `ends` where whole records end: all of
    /// them or the last alone. May blank out what stands between records.
    ///
    /// # Errors
    /// `Invalid` for bytes that cannot stand between records; `place` tells where `buffer` begins.
    fn read(&mut self, buffer: &mut [u8], from: usize, ends: &mut Vec<usize>, place: Place) -> Result<()>;

    /// Says whether a body may end here, after every record.
    ///
    /// # Errors
    /// `Invalid` where something must follow.
    fn finish(&self, _place: Place) -> Result<()> {
        Ok(())
    }
}

/// A place in a body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// Counted from 1.
    pub(crate) line: u64,
    /// How many bytes of the line come before.
    pub(crate) column: u64,
}

impl Place {
    /// The place after `bytes`, which begin here.
    pub(crate) fn after(self, bytes: &[u8]) -> Self {
        match memrchr(b'\n', bytes) {
            Some(at) => Self {
                line: self.line + memchr_iter(b'\n', bytes).count() as u64,
                column: (bytes.len() - at - 1) as u64,
            },
            None => Self { column: self.column + bytes.len() as u64, ..self },
        }
    }
}

struct Splitter<B> {
    source: Source,
    boundaries: B,
    /// Bytes that were taken from the source and not yet put into `buffer`.
    input: Bytes,
    buffer: Vec<u8>,
    /// Where records in `buffer` end.
    ends: Vec<usize>,
    /// Where `buffer` begins.
    place: Place,
    /// Whether the last chunk was given.
    over: bool,
}

/// The rest of `source`, which begins with line `line`, as chunks.
pub(crate) fn chunks(
    source: Source,
    boundaries: impl Boundaries,
    line: u64,
) -> impl Stream<Item = Result<Chunk>> + Send + 'static {
    let splitter = Splitter {
        source,
        boundaries,
        input: Bytes::new(),
        buffer: Vec::new(),
        ends: Vec::new(),
        place: Place { line, column: 0 },
        over: false,
    };
    stream::try_unfold(splitter, |mut splitter| async { Ok(splitter.next().await?.map(|chunk| (chunk, splitter))) })
}

impl<B: Boundaries> Splitter<B> {
    async fn next(&mut self) -> Result<Option<Chunk>> {
        while !self.over {
            if self.input.is_empty() {
                match self.source.next().await? {
                    Some(piece) => self.input = piece,
                    None => {
                        self.over = true;
                        let chunk = self.cut(self.buffer.len());
                        self.boundaries.finish(self.place)?;
                        return Ok((!chunk.bytes.is_empty()).then_some(chunk));
                    }
                }
            }
            self.take_input()?;
            let whole = self.ends.last().copied().unwrap_or(0);
            if whole >= CHUNK_BYTES {
                return Ok(Some(self.cut(whole)));
            }
            if self.buffer.len() - whole > MAX_RECORD_BYTES {
                if whole > 0 {
                    return Ok(Some(self.cut(whole)));
                }
                self.over = true;
                let mut chunk = self.cut(self.buffer.len());
                chunk.oversized = true;
                return Ok(Some(chunk));
            }
        }
        Ok(None)
    }

    fn take_input(&mut self) -> Result<()> {
        if self.buffer.capacity() == 0 {
            self.buffer.reserve_exact(CHUNK_BYTES + 2 * STEP_BYTES);
        }
        let from = self.buffer.len();
        let count = self.input.len().min(STEP_BYTES);
        self.buffer.extend_from_slice(&self.input[..count]);
        self.input.advance(count);
        self.boundaries.read(&mut self.buffer, from, &mut self.ends, self.place)
    }

    /// Cuts off the first `length` bytes, which end with a record, and goes on with the rest.
    fn cut(&mut self, length: usize) -> Chunk {
        let rest = &self.buffer[length..];
        let mut next = Vec::new();
        if !rest.is_empty() {
            next.reserve_exact(rest.len() + CHUNK_BYTES + 2 * STEP_BYTES);
            next.extend_from_slice(rest);
        }
        let mut bytes = std::mem::replace(&mut self.buffer, next);
        bytes.truncate(length);
        let mut ends = std::mem::take(&mut self.ends);
        if ends.last() != Some(&length) {
            ends.push(length);
        }
        let chunk = Chunk { bytes, place: self.place, ends, oversized: false };
        self.place = self.place.after(&chunk.bytes);
        chunk
    }
}
