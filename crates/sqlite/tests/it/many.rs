//! Thousands of databases, of which a few are open at any time.

use std::sync::Arc;
use std::time::Duration;

use model::{DatabaseId, Storage};
use sqlite::{SqliteConfig, SqliteStorage};

use super::statements::{count, run};

const DATABASES: usize = 1_000;
const OPEN: usize = 20;

/// Files of databases that this process has open.
fn open_files(directory: &std::path::Path) -> usize {
    let links = std::fs::read_dir("/proc/self/fd").unwrap().filter_map(Result::ok);
    let files = links.filter_map(|link| std::fs::read_link(link.path()).ok());
    files.filter(|file| file.starts_with(directory)).count()
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_bounded_number_is_open_and_all_can_be_used() {
    let directory = tempfile::tempdir().unwrap();
    let config = SqliteConfig {
        open_databases: OPEN,
        idle: Duration::from_secs(2),
        ..SqliteConfig::new(directory.path().join("databases"), directory.path())
    };
    let storage = SqliteStorage::open(config).unwrap();
    let template = DatabaseId::new("template").unwrap();
    storage.create(&template).await.unwrap();
    let id = |number: usize| DatabaseId::new(format!("d{number}")).unwrap();
    let file = |id: &DatabaseId| directory.path().join("databases").join(id.as_str()).join("main.sqlite");
    for number in 0..DATABASES {
        // A copy instead of a create: no durable commit for each.
        std::fs::create_dir(file(&id(number)).parent().unwrap()).unwrap();
        std::fs::copy(file(&template), file(&id(number))).unwrap();
    }
    let held = storage.open(&id(0)).await.unwrap();
    run(held.as_ref(), "CREATE TABLE t (a)").await;
    for number in 0..DATABASES {
        let db = storage.open(&id(number)).await.unwrap();
        assert_eq!(db.tables().await.unwrap().len(), usize::from(number == 0));
    }
    // A connection has at most the file, its log and what the log's readers share.
    let open = open_files(directory.path());
    assert!(open <= (OPEN + 1) * 6, "{open} files are open");
    run(held.as_ref(), "INSERT INTO t VALUES (1)").await;
    let again = storage.open(&id(0)).await.unwrap();
    assert_eq!(count(again.as_ref(), "t").await, 1, "one that is held stays open, and is the same for everybody");
    drop((held, again));
    // What nobody uses is closed without anybody opening another.
    for _ in 0..100 {
        if open_files(directory.path()) == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(open_files(directory.path()), 0);
    let db = storage.open(&id(0)).await.unwrap();
    assert_eq!(count(db.as_ref(), "t").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_open_one_at_once_and_have_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let config =
        SqliteConfig { open_databases: 1, ..SqliteConfig::new(directory.path().join("databases"), directory.path()) };
    let storage = Arc::new(SqliteStorage::open(config).unwrap());
    for number in 0..4 {
        let db = super::database(&storage, &format!("d{number}")).await;
        run(db.as_ref(), "CREATE TABLE t (id INTEGER PRIMARY KEY)").await;
    }
    let users = (0..16_i64).map(|user| {
        let storage = Arc::clone(&storage);
        tokio::spawn(async move {
            for round in 0..10 {
                // A handle for each request: between two of them the database may be closed and opened again.
                let db = storage.open(&DatabaseId::new(format!("d{}", (user + round) % 4)).unwrap()).await.unwrap();
                run(db.as_ref(), &format!("INSERT INTO t VALUES ({})", user * 10 + round)).await;
            }
        })
    });
    for user in users.collect::<Vec<_>>() {
        user.await.unwrap();
    }
    let mut rows = 0;
    for number in 0..4 {
        let db = storage.open(&DatabaseId::new(format!("d{number}")).unwrap()).await.unwrap();
        rows += count(db.as_ref(), "t").await;
    }
    assert_eq!(rows, 160);
}
