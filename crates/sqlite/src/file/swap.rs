//! One file in the place of another, whatever is killed meanwhile.
//!
//! SQLite keeps what is not in a file yet in a log beside it, found by name. The old file's log must never be read into
//! the new one, and the old file is not whole without it. So the new file is first put beside the old one under a name
//! that means: from now on this is the database. Who finds that name, now or after a crash, takes away the old logs and
//! gives the new file its place.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use model::{Error, Result};

use super::copy::{beside, remove_with_logs};

/// What is added to the name of the file that is next, and of one that is still copied.
const NEXT: &str = "-next";
const PART: &str = "-part";

/// Whether what lies in a database's directory says that a kill came between: [`finish`] has something to do.
pub(crate) fn is_unfinished(names: &[OsString]) -> bool {
    names.iter().filter_map(|name| name.to_str()).any(|name| name.ends_with(NEXT) || name.ends_with(PART))
}

/// Makes the file at `path`, which is moved away, the next state of the database at `main`. After a success the next
/// [`finish`] puts it there; after a failure nothing is other than before.
pub(crate) fn stage(path: &Path, main: &Path) -> Result<()> {
    let next = next(main);
    let run = || -> std::io::Result<()> {
        File::open(path)?.sync_all()?;
        if fs::rename(path, &next).is_err() {
            // Another file system: the bytes go through a name that means nothing.
            let part = beside(main, PART);
            fs::copy(path, &part)?;
            File::open(&part)?.sync_all()?;
            fs::rename(&part, &next)?;
            fs::remove_file(path)?;
        }
        sync_directory(main)
    };
    run().map_err(|error| {
        // Not known to be on disk, it must not come to life at a later start.
        remove_with_logs(&next);
        Error::internal(error)
    })
}

/// Gives a staged file its place; without one there is nothing to do. No connection may be made to `main` meanwhile;
/// those that are open go on with the old file, and must not be what takes away its log: that is done here. `forget` drops
/// what is known of the old file beside it; after a crash it is called again.
pub(crate) fn finish(main: &Path, forget: impl FnOnce() -> Result<()>) -> Result<()> {
    let next = next(main);
    remove_with_logs(&beside(main, PART));
    if !next.try_exists().map_err(Error::internal)? {
        return Ok(());
    }
    forget()?;
    let run = || -> std::io::Result<()> {
        for suffix in ["-wal", "-shm", "-journal"] {
            match fs::remove_file(beside(main, suffix)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        sync_directory(main)?;
        fs::rename(&next, main)?;
        sync_directory(main)
    };
    run().map_err(Error::internal)
}

fn next(main: &Path) -> PathBuf {
    beside(main, NEXT)
}

fn sync_directory(main: &Path) -> std::io::Result<()> {
    main.parent().map_or(Ok(()), |directory| File::open(directory)?.sync_all())
}
