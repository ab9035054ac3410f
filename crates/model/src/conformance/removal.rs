//! Databases come and go.

use super::{assert_kind, people, read, table};
use crate::{DatabaseId, ErrorKind, Storage, WriteMode};

pub async fn create_open_and_remove(storage: &dyn Storage) {
    let id = DatabaseId::new("comes-and-goes").expect("a plain id");
    assert_kind(storage.open(&id).await, ErrorKind::NotFound, "open what does not exist");
    assert_kind(storage.remove(&id).await, ErrorKind::NotFound, "remove what does not exist");
    storage.create(&id).await.expect("create");
    assert_kind(storage.create(&id).await, ErrorKind::Conflict, "create what exists");
    let first = storage.open(&id).await.expect("open");
    let second = storage.open(&id).await.expect("open again");
    assert_eq!(first.schemas().await.expect("schemas"), ["main"], "a new database has the schema main");
    let name = table("shared");
    first.write(&name, WriteMode::Create, people(&[(1, Some("Ann"))])).await.expect("write");
    assert_eq!(read(second.as_ref(), &name).await, [(1, Some("Ann".into()))], "handles see each other's changes");
    storage.remove(&id).await.expect("remove");
    assert_kind(first.tables().await, ErrorKind::NotFound, "a handle of a removed database");
    assert_kind(storage.open(&id).await, ErrorKind::NotFound, "open what was removed");
    storage.create(&id).await.expect("create again");
    let again = storage.open(&id).await.expect("open again");
    assert!(again.tables().await.expect("tables").is_empty(), "a database made again is empty");
}
