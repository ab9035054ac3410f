//! The data directory: what stands where in it, and who may use it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use model::{Error, Result};
use services::SecretKey;
use url::Url;

/// An existing data directory.
#[derive(Clone, Debug)]
pub struct DataDir {
    path: PathBuf,
}

/// Held by the one server of a data directory; the system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub struct ServerLock {
    _file: File,
}

/// Directories for files that live no longer than a request.
#[derive(Clone, Debug)]
pub struct Scratch {
    /// Uploads that have to be whole before they can be read.
    pub uploads: PathBuf,
    /// What queries cannot keep in memory.
    pub spill: PathBuf,
}

impl DataDir {
    /// Opens a data directory, which is made where it does not exist.
    ///
    /// # Errors
    /// `Invalid`, naming the directory.
    pub fn create(path: &Path) -> Result<Self> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(path).map_err(|source| fault("make", path, source))?;
        Self::open(path)
    }

    /// Opens a data directory that exists.
    ///
    /// # Errors
    /// `Invalid`, naming the directory.
    pub fn open(path: &Path) -> Result<Self> {
        // Absolute, because object store URLs are.
        let path = path.canonicalize().map_err(|source| fault("open", path, source))?;
        Ok(Self { path })
    }

    /// Takes the directory for a server. Commands that change users and databases work beside it.
    ///
    /// # Errors
    /// `Conflict` where another server has it.
    pub fn lock(&self) -> Result<ServerLock> {
        let path = self.path.join("server.lock");
        let mut options = OpenOptions::new();
        let file = options.create(true).append(true).open(&path).map_err(|source| fault("open", &path, source))?;
        match file.try_lock() {
            Ok(()) => Ok(ServerLock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Error::conflict(format!(
                "another server runs on the data directory {}; stop it, or give this one another --data-dir",
                self.path.display()
            ))),
            Err(TryLockError::Error(source)) => Err(fault("lock", &path, source)),
        }
    }

    /// The metadata database.
    pub fn metadata(&self) -> PathBuf {
        self.path.join("metadata.sqlite")
    }

    /// Where the journal of appends is kept.
    pub fn journal(&self) -> PathBuf {
        self.path.join("journal")
    }

    /// Where SQLite databases are kept.
    pub fn databases(&self) -> PathBuf {
        self.path.join("databases")
    }

    /// The log of queries.
    pub fn query_log(&self) -> PathBuf {
        self.path.join("queries.sqlite")
    }

    /// The key that variables are encrypted with, which is made where there is none. It stands in a file of its own, for its
    /// owner alone, so that a copy of the metadata database gives no value away.
    ///
    /// # Errors
    /// `Invalid`, naming the file.
    pub fn secret_key(&self) -> Result<SecretKey> {
        let path = self.path.join("secret.key");
        match fs::read(&path) {
            Ok(bytes) => {
                let bytes = bytes.try_into().map_err(|_| {
                    Error::invalid(format!("{} is not a key of {} bytes", path.display(), SecretKey::BYTES))
                })?;
                Ok(SecretKey::new(bytes))
            }
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => {
                let key = SecretKey::generate();
                self.keep(&path, key.bytes()).map_err(|source| fault("write", &path, source))?;
                Ok(key)
            }
            Err(source) => Err(fault("read", &path, source)),
        }
    }

    /// Writes a file for its owner alone, wholly or not at all.
    fn keep(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let draft = path.with_extension("tmp");
        let mut options = OpenOptions::new();
        options.create(true).truncate(true).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&draft)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&draft, path)?;
        File::open(&self.path)?.sync_all()
    }

    /// A file that stands in the directory.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Where tables are kept unless told otherwise.
    ///
    /// # Errors
    /// `Internal`; the path is absolute, so it never happens on the systems that Boathouse runs on.
    pub fn lakehouse_url(&self) -> Result<Url> {
        Url::from_directory_path(self.path.join("lakehouse"))
            .map_err(|()| Error::internal(format!("{} has no URL", self.path.display())))
    }

    /// Empty directories for files that live no longer than a request. What a killed server left there is removed:
    /// hence the lock.
    ///
    /// # Errors
    /// `Invalid`, naming the directory.
    pub fn fresh_scratch(&self, _lock: &ServerLock) -> Result<Scratch> {
        let path = self.path.join("scratch");
        match fs::remove_dir_all(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => return Err(fault("empty", &path, source)),
            _ => {}
        }
        let scratch = Scratch { uploads: path.join("uploads"), spill: path.join("spill") };
        for part in [&scratch.uploads, &scratch.spill] {
            fs::create_dir_all(part).map_err(|source| fault("make", part, source))?;
        }
        Ok(scratch)
    }
}

fn fault(action: &str, path: &Path, source: io::Error) -> Error {
    Error::invalid(format!("cannot {action} {}: {source}", path.display())).with_source(source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_server_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::create(&dir.path().join("a/b")).unwrap();
        let lock = data.lock().unwrap();
        assert!(data.lock().unwrap_err().message().contains("another server"));
        drop(lock);
        data.lock().unwrap();
    }

    #[test]
    fn the_secret_key_stays_and_is_for_its_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::create(dir.path()).unwrap();
        let key = data.secret_key().unwrap();
        assert_eq!(data.secret_key().unwrap().bytes(), key.bytes());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(data.file("secret.key")).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        fs::write(data.file("secret.key"), "short").unwrap();
        assert!(data.secret_key().unwrap_err().message().contains("secret.key"));
    }

    #[test]
    fn scratch_is_emptied() {
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::create(dir.path()).unwrap();
        let lock = data.lock().unwrap();
        let scratch = data.fresh_scratch(&lock).unwrap();
        fs::write(scratch.uploads.join("left"), "over").unwrap();
        assert_eq!(fs::read_dir(data.fresh_scratch(&lock).unwrap().uploads).unwrap().count(), 0);
    }

    #[test]
    fn a_missing_directory_is_named() {
        let error = DataDir::open(Path::new("/nowhere/at/all")).unwrap_err();
        assert!(error.message().contains("/nowhere/at/all"), "{error}");
    }
}
