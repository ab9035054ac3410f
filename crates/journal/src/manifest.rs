//! The file that says which segments there must be, so that one that is gone is missed.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use uuid::Uuid;

const FIRST_LINE: &str = "boathouse journal 1";

/// What a journal is besides its segments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Chosen when the journal was made.
    pub id: Uuid,
    /// Grows whenever records were found to be lost.
    pub generation: u32,
    /// No record has this position or a later one but those in the segments.
    pub next: u64,
    /// `first` of every segment.
    pub segments: Vec<u64>,
}

/// Where it stands.
pub fn path(directory: &Path) -> PathBuf {
    directory.join("manifest")
}

impl Manifest {
    /// A new journal's.
    pub fn new() -> Self {
        Self { id: Uuid::new_v4(), generation: 0, next: 1, segments: Vec::new() }
    }

    /// Reads the manifest of a directory; `Ok(None)` where there is none.
    ///
    /// # Errors
    /// `InvalidData` for one that is damaged, and those of the file system.
    pub fn read(directory: &Path) -> io::Result<Option<Self>> {
        match fs::read_to_string(path(directory)) {
            Ok(text) => Self::parse(&text).map(Some).ok_or_else(|| io::ErrorKind::InvalidData.into()),
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Puts this manifest in the place of the one that is there, in one step, and waits until it is on disk.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn write(&self, directory: &Path) -> io::Result<()> {
        let new = directory.join("manifest.new");
        let mut file = File::create(&new)?;
        file.write_all(self.text().as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, path(directory))?;
        sync_directory(directory)
    }

    fn text(&self) -> String {
        let mut text = format!("{FIRST_LINE}\nid {}\ngeneration {}\nnext {}\n", self.id, self.generation, self.next);
        for segment in &self.segments {
            text.push_str(&format!("segment {segment}\n"));
        }
        let checksum = crc32fast::hash(text.as_bytes());
        text.push_str(&format!("checksum {checksum:08x}\n"));
        text
    }

    fn parse(text: &str) -> Option<Self> {
        let (body, checksum) = text.strip_suffix('\n')?.rsplit_once("checksum ")?;
        if u32::from_str_radix(checksum, 16).ok()? != crc32fast::hash(body.as_bytes()) {
            return None;
        }
        let mut lines = body.lines();
        (lines.next()? == FIRST_LINE).then_some(())?;
        let id = lines.next()?.strip_prefix("id ")?.parse().ok()?;
        let generation = lines.next()?.strip_prefix("generation ")?.parse().ok()?;
        let next = lines.next()?.strip_prefix("next ")?.parse().ok()?;
        let segments = lines.map(|line| line.strip_prefix("segment ")?.parse().ok()).collect::<Option<_>>()?;
        Some(Self { id, generation, next, segments })
    }
}

/// A file is only there for good when its directory is on disk.
pub fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_reads_back() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Manifest::read(dir.path()).unwrap(), None);
        let manifest = Manifest { segments: vec![4, 9], next: 12, generation: 3, ..Manifest::new() };
        manifest.write(dir.path()).unwrap();
        assert_eq!(Manifest::read(dir.path()).unwrap(), Some(manifest));
    }

    #[test]
    fn a_damaged_manifest_is_none() {
        let whole = Manifest { segments: vec![4], ..Manifest::new() }.text();
        for at in 0..whole.len() {
            let mut bytes = whole.clone().into_bytes();
            bytes[at] ^= 1;
            assert_eq!(Manifest::parse(&String::from_utf8(bytes).unwrap()), None, "{at}");
            assert_eq!(Manifest::parse(&whole[..at]), None, "{at}");
        }
    }
}
