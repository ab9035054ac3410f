//! Deletion vectors: rows of a file that are gone though the file still has them.
//!
//! A vector is a Roaring bitmap of row numbers, in the log itself or in a file beside the data, as Delta's protocol has
//! it. Ours go into one file a commit.

use std::io::Cursor;

use bytes::Bytes;
use deltalake_core::kernel::{DeletionVectorDescriptor, StorageType};
use model::{Error, Result};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use parquet::arrow::arrow_reader::{RowSelection, RowSelector};
use roaring::RoaringTreemap;
use std::sync::Arc;
use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::fault::from_object_store;

/// The first four bytes of a bitmap in Delta's portable form.
const MAGIC: u32 = 1_681_511_377;

/// The first byte of a file of bitmaps.
const FORMAT: u8 = 1;

/// Characters of an encoded UUID at the end of a descriptor's path.
const ENCODED_UUID: usize = 20;

/// The rows that the log takes out of one file.
#[derive(Debug)]
pub struct Deletions {
    descriptor: DeletionVectorDescriptor,
    /// Where the bitmap is, below the root; none where the log has it.
    file: Option<Path>,
    rows: OnceCell<Arc<RoaringTreemap>>,
}

impl Deletions {
    /// The vector that a descriptor names, for a table whose directory is `directory` below the root.
    ///
    /// # Errors
    /// `Unsupported` for a vector outside of the table's directory.
    pub fn new(descriptor: DeletionVectorDescriptor, directory: &Path) -> Result<Self> {
        let file = match descriptor.storage_type {
            StorageType::Inline => None,
            StorageType::UuidRelativePath => Some(below(directory, &relative_path(&descriptor.path_or_inline_dv)?)),
            StorageType::AbsolutePath => {
                return Err(Error::unsupported(
                    "the Delta table has deletion vectors outside of its directory, which this server does not read",
                ));
            }
        };
        Ok(Self { descriptor, file, rows: OnceCell::new() })
    }

    /// Rows that are gone and that no log names yet: how a file will be when a change under way is committed.
    pub fn in_memory(rows: RoaringTreemap) -> Self {
        let descriptor = DeletionVectorDescriptor {
            storage_type: StorageType::Inline,
            path_or_inline_dv: String::new(),
            offset: None,
            size_in_bytes: 0,
            cardinality: i64::try_from(rows.len()).unwrap_or(i64::MAX),
        };
        Self { descriptor, file: None, rows: OnceCell::from(Arc::new(rows)) }
    }

    /// What the log says of it.
    pub fn descriptor(&self) -> &DeletionVectorDescriptor {
        &self.descriptor
    }

    /// The file that has it, below the root; none where the log has it. It lives as long as versions that name it.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_ref()
    }

    /// How many rows are gone.
    pub fn count(&self) -> u64 {
        u64::try_from(self.descriptor.cardinality).unwrap_or_default()
    }

    /// Which rows are gone. Read once, from the store that is rooted at the lakehouse.
    pub async fn rows(&self, root: &dyn ObjectStore) -> Result<Arc<RoaringTreemap>> {
        let read = async || -> Result<Arc<RoaringTreemap>> {
            let rows = match self.file() {
                Some(file) => self.read(root, file).await?,
                None => from_portable(&z85::decode(&self.descriptor.path_or_inline_dv).map_err(broken)?)?,
            };
            if rows.len() != self.count() {
                return Err(broken(format!("{} rows instead of {}", rows.len(), self.count())));
            }
            Ok(Arc::new(rows))
        };
        self.rows.get_or_try_init(read).await.cloned()
    }

    async fn read(&self, root: &dyn ObjectStore, file: &Path) -> Result<RoaringTreemap> {
        let start = u64::try_from(self.descriptor.offset.unwrap_or(1)).map_err(broken)?;
        let size = u64::try_from(self.descriptor.size_in_bytes).map_err(broken)?;
        let bytes = root.get_range(file, start..start + size + 8).await.map_err(from_object_store)?;
        let (length, rest) = bytes.split_first_chunk::<4>().ok_or_else(|| broken("it is cut short"))?;
        let (bitmap, sum) = rest.split_last_chunk::<4>().ok_or_else(|| broken("it is cut short"))?;
        if u64::from(u32::from_be_bytes(*length)) != size || crc32fast::hash(bitmap) != u32::from_be_bytes(*sum) {
            return Err(broken(format!("size or checksum in {file} are wrong")));
        }
        from_portable(bitmap)
    }
}

/// One new vector a list of rows, all in one file of the directory that `store` is rooted at. Answers the file's path
/// and the descriptors.
pub async fn write_vectors(
    store: &Arc<dyn ObjectStore>,
    vectors: &[&RoaringTreemap],
) -> Result<(Path, Vec<DeletionVectorDescriptor>)> {
    let id = Uuid::new_v4();
    let mut bytes = vec![FORMAT];
    let mut descriptors = Vec::with_capacity(vectors.len());
    for rows in vectors {
        let mut bitmap = MAGIC.to_le_bytes().to_vec();
        rows.serialize_into(&mut bitmap).map_err(Error::internal)?;
        let size = i32::try_from(bitmap.len()).map_err(Error::internal)?;
        descriptors.push(DeletionVectorDescriptor {
            storage_type: StorageType::UuidRelativePath,
            path_or_inline_dv: z85::encode(id.as_bytes()),
            offset: Some(i32::try_from(bytes.len()).map_err(Error::internal)?),
            size_in_bytes: size,
            cardinality: i64::try_from(rows.len()).map_err(Error::internal)?,
        });
        bytes.extend(size.to_be_bytes());
        bytes.extend(&bitmap);
        bytes.extend(crc32fast::hash(&bitmap).to_be_bytes());
    }
    let path = file_name(id);
    store.put(&path, Bytes::from(bytes).into()).await.map_err(from_object_store)?;
    Ok((path, descriptors))
}

/// What is left of a file of so many rows.
///
/// # Errors
/// `Internal` for a vector with rows that the file has not.
pub fn remaining(gone: &RoaringTreemap, rows: u64) -> Result<RowSelection> {
    let length = |from: u64, to: u64| usize::try_from(to - from).map_err(Error::internal);
    let mut selectors = Vec::new();
    let mut next = 0;
    let mut numbers = gone.iter().peekable();
    while let Some(start) = numbers.next() {
        let mut end = start + 1;
        while numbers.next_if_eq(&end).is_some() {
            end += 1;
        }
        if end > rows {
            return Err(broken(format!("row {} of a file of {rows} rows", end - 1)));
        }
        if start > next {
            selectors.push(RowSelector::select(length(next, start)?));
        }
        selectors.push(RowSelector::skip(length(start, end)?));
        next = end;
    }
    if next < rows {
        selectors.push(RowSelector::select(length(next, rows)?));
    }
    Ok(RowSelection::from(selectors))
}

/// What tells versions of one file apart.
pub fn vector_id(descriptor: Option<&DeletionVectorDescriptor>) -> Option<String> {
    descriptor.map(|vector| {
        let offset = vector.offset.map(|offset| format!("@{offset}")).unwrap_or_default();
        format!("{}{}{offset}", vector.storage_type, vector.path_or_inline_dv)
    })
}

fn file_name(id: Uuid) -> Path {
    Path::from(format!("deletion_vector_{id}.bin"))
}

/// `ab^-aqEH.-t@S}K{vb[*k^` is the file of an encoded UUID in the folder `ab`.
fn relative_path(encoded: &str) -> Result<Path> {
    let split = encoded.len().checked_sub(ENCODED_UUID).filter(|split| encoded.is_char_boundary(*split));
    let (folder, id) = split.map(|split| encoded.split_at(split)).ok_or_else(|| broken("its path is too short"))?;
    let id = Uuid::from_slice(&z85::decode(id).map_err(broken)?).map_err(broken)?;
    Ok(below(&Path::from(folder), &file_name(id)))
}

fn below(directory: &Path, path: &Path) -> Path {
    Path::from_iter(directory.parts().chain(path.parts()))
}

fn from_portable(bitmap: &[u8]) -> Result<RoaringTreemap> {
    match bitmap.split_first_chunk::<4>() {
        Some((magic, rows)) if u32::from_le_bytes(*magic) == MAGIC => {
            RoaringTreemap::deserialize_from(Cursor::new(rows)).map_err(broken)
        }
        _ => Err(broken("it is of an unknown form")),
    }
}

fn broken(why: impl std::fmt::Display) -> Error {
    Error::internal(format!("a deletion vector cannot be read: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use object_store::memory::InMemory;

    #[tokio::test]
    async fn what_is_written_is_read_again() {
        let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
        let first = RoaringTreemap::from_iter([0, 1, 5]);
        let second = (1_000..9_000).step_by(7).collect::<RoaringTreemap>();
        let (path, descriptors) = write_vectors(&store, &[&first, &second]).await.unwrap();
        for (rows, descriptor) in [first, second].into_iter().zip(descriptors) {
            let deletions = Deletions::new(descriptor, &Path::default()).unwrap();
            assert_eq!(deletions.file.as_ref(), Some(&path));
            assert_eq!(*deletions.rows(store.as_ref()).await.unwrap(), rows);
        }
    }

    /// The example of Delta's kernel library: rows 3, 4, 7, 11, 18 and 29.
    #[tokio::test]
    async fn vectors_in_the_log_are_read() {
        let descriptor = DeletionVectorDescriptor {
            storage_type: StorageType::Inline,
            path_or_inline_dv: "^Bg9^0rr910000000000iXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L".to_owned(),
            offset: None,
            size_in_bytes: 44,
            cardinality: 6,
        };
        let rows = Deletions::new(descriptor, &Path::default()).unwrap().rows(&InMemory::new()).await.unwrap();
        assert_eq!(rows.iter().collect::<Vec<u64>>(), [3, 4, 7, 11, 18, 29]);
    }

    #[test]
    fn paths_are_those_of_the_protocol() {
        let path = relative_path("ab^-aqEH.-t@S}K{vb[*k^").unwrap();
        assert_eq!(path.as_ref(), "ab/deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin");
    }

    #[test]
    fn what_remains_is_what_was_not_deleted() {
        let gone = RoaringTreemap::from_iter([0, 1, 5, 9]);
        let kept = remaining(&gone, 10).unwrap();
        assert_eq!(kept.row_count(), 6);
        assert_eq!(kept.iter().map(|part| part.row_count).sum::<usize>(), 10);
        assert!(remaining(&gone, 9).is_err());
    }
}
