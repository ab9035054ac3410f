//! Local files as an object store that keeps what it has acknowledged, and lists in order.

use std::fmt;
use std::fs::File;
use std::ops::Range;
use std::path::{Path as FilePath, PathBuf};

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, ObjectStoreExt,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, RenameOptions, Result, UploadPart,
};

/// [`LocalFileSystem`] with two additions: a write is acknowledged once the file and its place in the directory are on
/// the disk, so that a power cut loses nothing; and listings are sorted, as the Delta log expects of every store whose
/// URL is not a file's.
#[derive(Debug)]
pub struct LocalFiles {
    files: LocalFileSystem,
    root: PathBuf,
}

impl LocalFiles {
    /// The files below a directory that exists.
    pub fn new(root: &FilePath) -> Result<Self> {
        Ok(Self { files: LocalFileSystem::new_with_prefix(root)?.with_automatic_cleanup(true), root: root.to_owned() })
    }

    /// Waits until a file that was written is on the disk.
    async fn sync(&self, location: &Path) -> Result<()> {
        sync(self.files.path_to_filesystem(location)?, self.root.clone()).await
    }
}

impl fmt::Display for LocalFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.files.fmt(f)
    }
}

/// Syncs the file, and the directories above it up to the root: a new directory must survive, too.
async fn sync(file: PathBuf, root: PathBuf) -> Result<()> {
    let work = move || -> std::io::Result<()> {
        File::open(&file)?.sync_all()?;
        let above = file.ancestors().skip(1).take_while(|directory| directory.starts_with(&root));
        for directory in above {
            File::open(directory)?.sync_all()?;
        }
        Ok(())
    };
    let done = tokio::task::spawn_blocking(work).await.map_err(|error| generic(Box::new(error)))?;
    done.map_err(|error| generic(Box::new(error)))
}

fn generic(source: Box<dyn std::error::Error + Send + Sync>) -> Error {
    Error::Generic { store: "local files", source }
}

#[async_trait]
impl ObjectStore for LocalFiles {
    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        let put = self.files.put_opts(location, payload, options).await?;
        self.sync(location).await?;
        Ok(put)
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        let upload = self.files.put_multipart_opts(location, options).await?;
        let file = self.files.path_to_filesystem(location)?;
        Ok(Box::new(SyncedUpload { upload, file, root: self.root.clone() }))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.files.get_opts(location, options).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.files.get_ranges(location, ranges).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.files.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        sorted(self.files.list(prefix))
    }

    fn list_with_offset(&self, prefix: Option<&Path>, offset: &Path) -> BoxStream<'static, Result<ObjectMeta>> {
        let (files, prefix, offset) = (self.files.clone(), prefix.cloned(), offset.clone());
        sorted(stream::once(async move { files_after(&files, prefix.as_ref(), &offset).await }).try_flatten().boxed())
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.files.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.files.copy_opts(from, to, options).await?;
        self.sync(to).await
    }

    async fn rename_opts(&self, from: &Path, to: &Path, options: RenameOptions) -> Result<()> {
        self.files.rename_opts(from, to, options).await?;
        self.sync(to).await
    }
}

/// The files of a directory whose paths come after `offset`. A Delta log has tens of thousands of files, of which a writer
/// asks after each commit for the newest: only these are looked at, of the others no more than the names are read.
async fn files_after(
    files: &LocalFileSystem,
    prefix: Option<&Path>,
    offset: &Path,
) -> Result<BoxStream<'static, Result<ObjectMeta>>> {
    let prefix = prefix.cloned().unwrap_or_default();
    let directory = files.path_to_filesystem(&prefix)?;
    let (names, nested) = tokio::task::spawn_blocking(move || entries(&directory))
        .await
        .map_err(|error| generic(Box::new(error)))?
        .map_err(|error| generic(Box::new(error)))?;
    let mut found = Vec::new();
    // A name that cannot be part of a path is that of an upload which is not finished.
    for path in names.iter().filter_map(|name| Path::parse(format!("{prefix}/{name}").trim_start_matches('/')).ok()) {
        if path > *offset && !path.as_ref().contains('#') {
            match files.head(&path).await {
                Ok(meta) => found.push(Ok(meta)),
                Err(Error::NotFound { .. }) => {}
                Err(error) => return Err(error),
            }
        }
    }
    let mut all = stream::iter(found).boxed();
    for name in nested {
        let below = prefix.clone().join(name.as_str());
        all = all.chain(files.list_with_offset(Some(&below), offset)).boxed();
    }
    Ok(all)
}

/// The names of the files and of the directories in a directory; none where it does not exist.
fn entries(directory: &FilePath) -> std::io::Result<(Vec<String>, Vec<String>)> {
    let (mut names, mut nested) = (Vec::new(), Vec::new());
    let entries = match std::fs::read_dir(directory) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok((names, nested)),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        if entry.file_type()?.is_dir() { nested.push(name) } else { names.push(name) }
    }
    Ok((names, nested))
}

/// The whole listing, by path.
fn sorted(listing: BoxStream<'static, Result<ObjectMeta>>) -> BoxStream<'static, Result<ObjectMeta>> {
    let collected = async move {
        let mut files: Vec<ObjectMeta> = listing.try_collect().await?;
        files.sort_by(|a, b| a.location.cmp(&b.location));
        Ok::<_, Error>(stream::iter(files.into_iter().map(Ok)))
    };
    stream::once(collected).try_flatten().boxed()
}

/// An upload that is complete once its file is on the disk.
#[derive(Debug)]
struct SyncedUpload {
    upload: Box<dyn MultipartUpload>,
    file: PathBuf,
    root: PathBuf,
}

#[async_trait]
impl MultipartUpload for SyncedUpload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        self.upload.put_part(data)
    }

    async fn complete(&mut self) -> Result<PutResult> {
        let put = self.upload.complete().await?;
        sync(self.file.clone(), self.root.clone()).await?;
        Ok(put)
    }

    async fn abort(&mut self) -> Result<()> {
        self.upload.abort().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_comes_after_an_offset_is_listed_in_order() {
        let directory = tempfile::tempdir().unwrap();
        let files = LocalFiles::new(directory.path()).unwrap();
        let log = Path::from("t/_delta_log");
        for name in ["3.json", "1.json", "2.json", "_last_checkpoint", "_sidecars/9.parquet", "0.json"] {
            let path = Path::parse(format!("{log}/{name}")).unwrap();
            files.put_opts(&path, PutPayload::from(name.to_owned()), PutOptions::default()).await.unwrap();
        }
        std::fs::write(directory.path().join("t/_delta_log/4.json#1"), "unfinished").unwrap();
        let after = async |prefix: &Path, offset: &str| -> Vec<String> {
            let listed = files.list_with_offset(Some(prefix), &Path::parse(offset).unwrap());
            listed.map_ok(|file| file.location.to_string()).try_collect().await.unwrap()
        };
        let expected = ["2.json", "3.json", "_last_checkpoint", "_sidecars/9.parquet"];
        assert_eq!(after(&log, "t/_delta_log/1.json").await, expected.map(|name| format!("t/_delta_log/{name}")));
        assert_eq!(after(&log, "t/_delta_log/_sidecars/9.parquet").await, Vec::<String>::new());
        assert_eq!(after(&Path::from("nothing"), "a").await, Vec::<String>::new());
        let whole: Vec<ObjectMeta> = files.list(Some(&log)).try_collect().await.unwrap();
        assert_eq!(whole.iter().map(|file| file.size).sum::<u64>(), 4 * 6 + 16 + 19);
    }
}
