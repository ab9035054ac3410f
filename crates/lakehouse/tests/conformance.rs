//! The lakehouse passes the suite of every storage, on local files and in memory.

mod open;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_local_files() {
    let directory = tempfile::tempdir().unwrap();
    let url = url::Url::from_directory_path(directory.path()).unwrap();
    let lakehouse = open::lakehouse(url).await;
    model::conformance::check(lakehouse.storage().as_ref()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_deletion_vectors() {
    let lakehouse = open::lakehouse_that_rewrites("memory:///".parse().unwrap(), 0).await;
    model::conformance::check(lakehouse.storage().as_ref()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_memory() {
    let lakehouse = open::lakehouse("memory:///".parse().unwrap()).await;
    model::conformance::check(lakehouse.storage().as_ref()).await;
}
