//! Files that live no longer than what they are for: uploads that have to be whole, copies on their way out.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use formats::Body;
use futures::StreamExt;
use model::{Error, Result};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_util::io::ReaderStream;
use uuid::Uuid;

/// How much of a file is read at a time.
const READ_BYTES: usize = 1 << 20;

/// A directory for files that live no longer than a request. Clones share it.
#[derive(Clone, Debug)]
pub struct Staging(Arc<Path>);

/// A file of its own in that directory; it is removed when this drops.
#[derive(Debug)]
pub struct ScratchFile {
    path: PathBuf,
    staging: Staging,
}

impl Staging {
    /// The files in this directory, which must exist.
    pub fn new(directory: PathBuf) -> Self {
        Self(directory.into())
    }

    /// The directory.
    pub(crate) fn directory(&self) -> PathBuf {
        self.0.to_path_buf()
    }

    /// A place for a file that does not exist yet.
    pub fn file(&self) -> ScratchFile {
        let name = format!("{}.tmp", Uuid::new_v4().simple());
        ScratchFile { path: self.0.join(name), staging: self.clone() }
    }

    /// Writes what arrives into a file of at most `limit` bytes. Nothing is kept of one that passes it or is cut off.
    ///
    /// # Errors
    /// `TooLarge` past the limit, and the errors of the body.
    pub async fn receive(&self, mut body: Body, limit: u64) -> Result<ScratchFile> {
        let scratch = self.file();
        let mut file = File::create_new(&scratch.path).await.map_err(cannot_write)?;
        let mut arrived = 0;
        while let Some(chunk) = body.next().await {
            let chunk = chunk?;
            arrived += chunk.len() as u64;
            if arrived > limit {
                return Err(Error::too_large(format!("the file is larger than {limit} bytes; send a smaller one")));
            }
            file.write_all(&chunk).await.map_err(cannot_write)?;
        }
        file.flush().await.map_err(cannot_write)?;
        Ok(scratch)
    }
}

impl ScratchFile {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How long it is.
    ///
    /// # Errors
    /// `Internal` where it is not there, here and below.
    pub async fn bytes(&self) -> Result<u64> {
        Ok(tokio::fs::metadata(&self.path).await.map_err(Error::internal)?.len())
    }

    /// Its first bytes, at most `count`.
    ///
    /// # Errors
    /// As [`ScratchFile::bytes`].
    pub async fn head(&self, count: u64) -> Result<Vec<u8>> {
        let mut head = Vec::new();
        let file = File::open(&self.path).await.map_err(Error::internal)?;
        file.take(count).read_to_end(&mut head).await.map_err(Error::internal)?;
        Ok(head)
    }

    /// All of it, for files that are known to be small.
    ///
    /// # Errors
    /// As [`ScratchFile::bytes`].
    pub async fn read(&self) -> Result<Bytes> {
        tokio::fs::read(&self.path).await.map(Bytes::from).map_err(Error::internal)
    }

    /// Another file with the same bytes.
    ///
    /// # Errors
    /// As [`ScratchFile::bytes`].
    pub async fn copy(&self) -> Result<ScratchFile> {
        let copy = self.staging.file();
        tokio::fs::copy(&self.path, &copy.path).await.map_err(cannot_write)?;
        Ok(copy)
    }

    /// Its bytes as a stream, which holds the file until it ends.
    ///
    /// # Errors
    /// As [`ScratchFile::bytes`].
    pub async fn into_body(self) -> Result<Body> {
        let file = File::open(&self.path).await.map_err(Error::internal)?;
        let chunks = ReaderStream::with_capacity(file, READ_BYTES);
        Ok(chunks
            .map(move |chunk| {
                let _held = &self;
                chunk.map_err(Error::internal)
            })
            .boxed())
    }
}

impl Drop for ScratchFile {
    fn drop(&mut self) {
        // One that was moved away, or never written, is not there; the next start empties the directory.
        let _ = std::fs::remove_file(&self.path);
    }
}

fn cannot_write(source: std::io::Error) -> Error {
    if source.kind() == std::io::ErrorKind::StorageFull {
        return Error::unavailable("the disk that holds uploads is full").with_source(source);
    }
    Error::internal(source)
}
