//! A spooled file as the Parquet reader wants it, safe to read from several tasks at once.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::sync::Arc;

use bytes::Bytes;
use parquet::errors::Result;
use parquet::file::reader::{ChunkReader, Length};

/// How much of a column is read ahead, in bytes.
const BUFFER_BYTES: usize = 64 << 10;

/// A file that is read by position, never by a shared cursor. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct SpooledFile {
    file: Arc<File>,
    length: u64,
}

impl SpooledFile {
    pub(super) fn new(file: File, length: u64) -> Self {
        Self { file: Arc::new(file), length }
    }

    /// The bytes from `start` on, as many as there are up to `length`.
    pub(super) fn start(&self, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        PositionedReader { file: self.file.clone(), position: 0 }.take(length as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

impl Length for SpooledFile {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for SpooledFile {
    type T = BufReader<PositionedReader>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        let reader = PositionedReader { file: self.file.clone(), position: start };
        Ok(BufReader::with_capacity(BUFFER_BYTES, reader))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        // A damaged footer can ask for more than there is; that must not become an allocation.
        let end = start.checked_add(length as u64).filter(|end| *end <= self.length);
        if end.is_none() {
            return Err(parquet::errors::ParquetError::EOF(format!(
                "{length} bytes at {start} are past the end of the file"
            )));
        }
        let mut bytes = vec![0; length];
        PositionedReader { file: self.file.clone(), position: start }.read_exact(&mut bytes)?;
        Ok(bytes.into())
    }
}

/// Reads on from a position of its own.
pub(super) struct PositionedReader {
    file: Arc<File>,
    position: u64,
}

impl Read for PositionedReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = read_at(&self.file, buffer, self.position)?;
        self.position += count as u64;
        Ok(count)
    }
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], position: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, position)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], position: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, position)
}
