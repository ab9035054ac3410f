//! A body into a file that nobody else sees.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use bytes::{Bytes, BytesMut};
use model::{Error, Result};

use super::file::SpooledFile;
use crate::Workers;
use crate::input::Source;

/// How much is written at a time, in bytes.
const WRITE_BYTES: usize = 4 << 20;

/// Writes `source` to a file without a name in `scratch`: the system deletes it when it is closed, however that comes.
pub(super) async fn spool(source: &mut Source, scratch: &Path, workers: &Workers) -> Result<SpooledFile> {
    let scratch = scratch.to_owned();
    let mut file = workers.block(move || tempfile::tempfile_in(scratch).map_err(full)).await?;
    let mut length = 0;
    let mut pending = BytesMut::new();
    while let Some(piece) = source.next().await? {
        length += piece.len() as u64;
        pending.extend_from_slice(&piece);
        if pending.len() >= WRITE_BYTES {
            file = write(file, std::mem::take(&mut pending).freeze(), workers).await?;
        }
    }
    let file = write(file, pending.freeze(), workers).await?;
    Ok(SpooledFile::new(file, length))
}

async fn write(mut file: File, bytes: Bytes, workers: &Workers) -> Result<File> {
    workers.block(move || file.write_all(&bytes).map(|()| file).map_err(full)).await
}

/// The disk's faults are the server's, except that a full one may have room again later.
fn full(error: std::io::Error) -> Error {
    if error.kind() == std::io::ErrorKind::StorageFull {
        return Error::unavailable("the server has no room on its disk for the body now").with_source(error);
    }
    Error::internal(error)
}
