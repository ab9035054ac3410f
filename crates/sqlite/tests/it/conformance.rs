use super::storage;

#[tokio::test(flavor = "multi_thread")]
async fn does_what_every_storage_does() {
    let (storage, _directory) = storage();
    model::conformance::check(&storage).await;
}
