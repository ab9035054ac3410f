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
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
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
        sorted(self.files.list_with_offset(prefix, offset))
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
