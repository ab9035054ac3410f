//! Versions, and care. A storage that has neither says so, and only that.

use super::{assert_kind, people, read, rows_of, table};
use crate::{AsOf, Care, Database, ErrorKind, Scan, WriteMode};

pub async fn versions(database: &dyn Database) {
    let name = table("restored");
    database.write(&name, WriteMode::Create, people(&[(1, Some("old"))])).await.expect("create");
    let history = match database.history(&name).await {
        Ok(history) => history,
        Err(error) => return assert_eq!(error.kind(), ErrorKind::Unsupported, "a storage without versions: {error}"),
    };
    let first = history.first().expect("a table has a version").version;
    database.write(&name, WriteMode::Overwrite, people(&[(2, Some("new"))])).await.expect("overwrite");
    let history = database.history(&name).await.expect("history");
    assert!(history[0].version > first, "newest first");
    assert!(history.iter().any(|version| version.version == first), "the version before is among them");
    let scan = Scan { version: Some(AsOf::Version(first)), ..Scan::all(name.clone()) };
    let old = rows_of(database.scan(scan).await.expect("an older version can be scanned")).await;
    assert_eq!(old, [(1, Some("old".into()))]);
    let never = AsOf::Version(history[0].version + 100);
    let scan = Scan { version: Some(never), ..Scan::all(name.clone()) };
    assert_kind(database.scan(scan).await, ErrorKind::NotFound, "a version that never was");
    assert_kind(database.restore(&name, never).await, ErrorKind::NotFound, "restore what never was");
    let restored = database.restore(&name, AsOf::Version(first)).await.expect("restore");
    assert!(restored > history[0].version, "a restored state is a new version");
    assert_eq!(read(database, &name).await, [(1, Some("old".into()))]);
    let again = database.restore(&name, AsOf::Version(first)).await.expect("restore what is there");
    assert_eq!(again, restored, "nothing to restore, nothing to commit");
    database.restore(&name, AsOf::Version(history[0].version)).await.expect("undo");
    assert_eq!(read(database, &name).await, [(2, Some("new".into()))]);
    assert_kind(database.history(&table("nowhere")).await, ErrorKind::NotFound, "the history of no table");
}

pub async fn changes_no_row(database: &dyn Database) {
    let name = table("cared_for");
    database.write(&name, WriteMode::Create, people(&[(0, None)])).await.expect("create");
    for id in 1..12 {
        database.write(&name, WriteMode::Append, people(&[(id, Some("x"))])).await.expect("append");
    }
    let before = read(database, &name).await;
    for care in Care::ALL {
        match database.care(&name, care).await {
            Ok(cared) => assert!(cared.files_after > 0, "{care} leaves files"),
            Err(error) => assert_eq!(error.kind(), ErrorKind::Unsupported, "{care}: {error}"),
        }
        assert_eq!(read(database, &name).await, before, "{care} changes no row");
    }
    if database.sort_by(&name, vec!["ID".into()]).await.is_ok() {
        assert_kind(database.sort_by(&name, vec!["nothing".into()]).await, ErrorKind::Invalid, "an unknown column");
        assert_eq!(read(database, &name).await, before, "an order changes no row");
    }
}
