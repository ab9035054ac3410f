//! Parquet in: the file is spooled to disk, since its end must be read first, then read row group by row group.

mod file;
mod read;
mod spool;

use std::path::Path;

use model::{Result, Rows};

use crate::Workers;
use crate::input::Source;

/// Rows of a Parquet body, which is kept in a file in `scratch` for as long as they are read.
///
/// # Errors
/// Those of the body; `Invalid` for a body that is not a whole Parquet file, `Internal` where `scratch` fails.
pub(crate) async fn decode(mut source: Source, scratch: &Path, workers: &Workers) -> Result<Rows> {
    let file = spool::spool(&mut source, scratch, workers).await?;
    read::read(file, workers).await
}
