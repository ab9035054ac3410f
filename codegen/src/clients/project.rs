//! The directory of one client in one language.

use std::path::{Path, PathBuf};

use super::document::{Document, MERGED};

/// A client project that is being made.
pub struct Project {
    /// The document, adapted to the language.
    pub document: Document,
    /// Where the project goes: absolute, and there.
    pub directory: PathBuf,
}

/// The adapted document, kept in the project so that one can see what the generator saw.
const DOCUMENT: &str = "openapi.json";

impl Project {
    /// Makes the directory anew and writes the adapted document into it.
    pub fn start(document: Document, directory: PathBuf) -> Result<Self, String> {
        let failed = |cause| format!("cannot write {}: {cause}", directory.display());
        if directory.exists() {
            std::fs::remove_dir_all(&directory).map_err(failed)?;
        }
        std::fs::create_dir_all(&directory).map_err(failed)?;
        let directory = directory.canonicalize().map_err(failed)?;
        let project = Self { document, directory };
        project.write(DOCUMENT, &project.document.to_json())?;
        Ok(project)
    }

    /// What the client is called: `boathouse` and the product, joined by what the language joins words with.
    pub fn package(&self, separator: &str) -> String {
        match self.document.name.as_str() {
            MERGED => MERGED.to_owned(),
            product => format!("{MERGED}{separator}{product}"),
        }
    }

    /// Writes a file of the project, and the folders that it is in.
    pub fn write(&self, path: impl AsRef<Path>, text: &str) -> Result<(), String> {
        let path = self.directory.join(path);
        let folder = path.parent().expect("every file is in a folder");
        let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&path, text));
        written.map_err(|cause| format!("cannot write {}: {cause}", path.display()))
    }

    /// Reads a file of the project.
    pub fn read(&self, path: impl AsRef<Path>) -> Result<String, String> {
        let path = self.directory.join(path);
        std::fs::read_to_string(&path).map_err(|cause| format!("cannot read {}: {cause}", path.display()))
    }

    /// Moves what is in a folder of the project up into the project, and removes the folder.
    pub fn raise(&self, folder: &str) -> Result<(), String> {
        let from = self.directory.join(folder);
        let failed = |cause: std::io::Error| format!("cannot move what is in {}: {cause}", from.display());
        for entry in std::fs::read_dir(&from).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            std::fs::rename(entry.path(), self.directory.join(entry.file_name())).map_err(failed)?;
        }
        self.remove(folder)
    }

    /// Removes a file or folder that the generator left and nobody needs.
    pub fn remove(&self, path: impl AsRef<Path>) -> Result<(), String> {
        let path = self.directory.join(path);
        let removed = if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
        removed.map_err(|cause| format!("cannot remove {}: {cause}", path.display()))
    }
}
