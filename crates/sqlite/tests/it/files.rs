//! A database as the one file that it is.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use bytes::Bytes;
use futures::StreamExt;
use model::{
    CellPlace, ColumnDraft, Commented, Database, DatabaseId, ErrorKind, FileDatabase, SchemaChange, Statement, Storage,
    TableEdit, TableKind, TableName,
};
use rusqlite::Connection;

use super::{database, storage};

async fn run(database: &dyn Database, sql: &str) {
    let executed = database.execute(Statement::new(sql)).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    executed.rows.collect().await.unwrap();
}

async fn number(database: &dyn Database, sql: &str) -> i64 {
    let executed = database.execute(Statement::new(sql)).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    let rows = executed.rows.collect().await.unwrap();
    let column = rows[0].column(0);
    // What a longer look finds has the type that each cell has.
    match column.as_union_opt() {
        Some(cells) => cells.value(0).as_primitive::<Int64Type>().value(0),
        None => column.as_primitive::<Int64Type>().value(0),
    }
}

fn file(database: &dyn Database) -> &dyn FileDatabase {
    database.as_file().unwrap()
}

/// What a program that knows nothing of the server finds in a file.
fn seen(path: &Path, sql: &str) -> Vec<String> {
    let connection = Connection::open(path).unwrap();
    assert_eq!(connection.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0)).unwrap(), "ok");
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok(format!("{:?}", row.get::<_, rusqlite::types::Value>(0)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

fn upload(directory: &Path, script: &str) -> PathBuf {
    let path = directory.join("upload");
    Connection::open(&path).unwrap().execute_batch(script).unwrap();
    path
}

const MANY: &str = "INSERT INTO t(a) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000) \
                    SELECT printf('%0100d', i) FROM n";

#[tokio::test(flavor = "multi_thread")]
async fn another_file_takes_its_place_while_somebody_reads() {
    let (storage, directory) = storage();
    let db = database(&storage, "d").await;
    let main = directory.path().join("databases/d/main.sqlite");
    run(db.as_ref(), "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT)").await;
    run(db.as_ref(), MANY).await;
    let mut reading = db.execute(Statement::new("SELECT id FROM t")).await.unwrap().rows;
    let mut read = reading.next().await.unwrap().unwrap().num_rows();
    assert!(read < 30_000, "the reader is under way");

    let path = upload(directory.path(), "PRAGMA page_size = 1024; CREATE TABLE fresh(x); INSERT INTO fresh VALUES (1)");
    file(db.as_ref()).replace_with(&path).await.unwrap();
    assert!(!path.exists());
    run(db.as_ref(), "INSERT INTO fresh VALUES (2)").await;
    assert_eq!(number(db.as_ref(), "SELECT count(*) FROM fresh").await, 2);
    assert_eq!(file(db.as_ref()).kind_of("t").await.unwrap(), None);

    while let Some(batch) = reading.next().await {
        read += batch.unwrap().num_rows();
    }
    assert_eq!(read, 30_000, "who read the old file read all of it");
    drop(reading);
    // The old connection is closed by now; the log of the new file is another one's.
    run(db.as_ref(), "INSERT INTO fresh VALUES (3)").await;
    let log = directory.path().join("databases/d/main.sqlite-wal");
    assert!(std::fs::metadata(&log).unwrap().len() > 0, "the log is there under its name");
    assert_eq!(seen(&main, "SELECT x FROM fresh"), ["Integer(1)", "Integer(2)", "Integer(3)"]);
    drop((db, storage));
    assert_eq!(seen(&main, "SELECT x FROM fresh"), ["Integer(1)", "Integer(2)", "Integer(3)"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_database_changes_nothing() {
    let (storage, directory) = storage();
    let db = database(&storage, "d").await;
    run(db.as_ref(), "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT)").await;
    run(db.as_ref(), "INSERT INTO t VALUES (1, 'x')").await;
    let path = directory.path().join("upload");
    std::fs::write(&path, b"%PDF-1.7\n").unwrap();
    let error = file(db.as_ref()).replace_with(&path).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(path.exists());
    std::fs::remove_file(&path).unwrap();
    let crafted = "CREATE TABLE t(a); PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = \
                   'CREATE TABLE t(a CHECK (load_extension(''x'') IS NULL))'";
    let error = file(db.as_ref()).replace_with(&upload(directory.path(), crafted)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert_eq!(number(db.as_ref(), "SELECT count(*) FROM t WHERE a = 'x'").await, 1);
}

/// Killed after the new file was named as the next and before it was put there.
#[tokio::test(flavor = "multi_thread")]
async fn a_start_finishes_what_a_kill_interrupted() {
    let (storage, directory) = storage();
    let config = sqlite::SqliteConfig::new(directory.path().join("databases"), directory.path());
    let db = database(&storage, "d").await;
    run(db.as_ref(), "CREATE TABLE t(a)").await;
    run(db.as_ref(), "INSERT INTO t VALUES ('old')").await;
    let home = directory.path().join("databases/d");
    let killed = directory.path().join("databases/killed");
    std::fs::create_dir(&killed).unwrap();
    for name in ["main.sqlite", "main.sqlite-wal"] {
        std::fs::copy(home.join(name), killed.join(name)).unwrap();
    }
    let path = upload(directory.path(), "CREATE TABLE fresh(x); INSERT INTO fresh VALUES (7)");
    std::fs::rename(path, killed.join("main.sqlite-next")).unwrap();
    let again = sqlite::SqliteStorage::open(config).unwrap();
    let db = again.open(&DatabaseId::new("killed").unwrap()).await.unwrap();
    assert_eq!(number(db.as_ref(), "SELECT x FROM fresh").await, 7);
    run(db.as_ref(), "INSERT INTO fresh VALUES (8)").await;
    assert_eq!(seen(&killed.join("main.sqlite"), "SELECT x FROM fresh"), ["Integer(7)", "Integer(8)"]);
    assert!(!killed.join("main.sqlite-next").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_are_done_wholly_or_not_at_all() {
    let (storage, directory) = storage();
    let db = database(&storage, "d").await;
    file(db.as_ref())
        .run_script("CREATE TABLE t(a UNIQUE); INSERT INTO t VALUES (1); CREATE VIEW v AS SELECT a FROM t")
        .await
        .unwrap();
    let outside = directory.path().join("outside.sqlite");
    let attach = format!("ATTACH '{}' AS x", outside.display());
    for (script, part) in [
        ("INSERT INTO t VALUES (2);\nINSERT INTO t VALUES (1)", "statement 2 (line 2)"),
        ("INSERT INTO t VALUES (2); COMMIT; INSERT INTO t VALUES (3)", "statement 2 (line 1)"),
        ("INSERT INTO t VALUES (2); ROLLBACK", "statement 2 (line 1)"),
        ("INSERT INTO t VALUES (2); INSERT OR ROLLBACK INTO t VALUES (1)", "statement 2 (line 1)"),
        (attach.as_str(), "statement 1 (line 1)"),
        ("INSERT INTO t VALUES (2); PRAGMA writable_schema = ON", "statement 2 (line 1)"),
        ("INSERT INTO t VALUES (2); SELECT load_extension('x')", "statement 2 (line 1)"),
        ("DROP TABLE t; SELECT 'open", "line 1: a quote is opened"),
    ] {
        let error = file(db.as_ref()).run_script(script).await.expect_err(script);
        assert!(matches!(error.kind(), ErrorKind::Invalid), "{script}: {error:?}");
        assert!(error.message().contains(part), "{script}: {error}");
        assert_eq!(number(db.as_ref(), "SELECT count(*) FROM t").await, 1, "{script}");
    }
    assert!(!outside.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_that_nobody_waits_for_end_and_are_taken_back() {
    let (storage, _directory) = storage();
    let db = database(&storage, "d").await;
    run(db.as_ref(), "CREATE TABLE t(a)").await;
    const ENDLESS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n;";
    // One long statement, and very many that are short by themselves.
    for rest in [ENDLESS.to_owned(), "INSERT INTO t VALUES (2);\n".repeat(1_000_000)] {
        let script = format!("INSERT INTO t VALUES (1);\n{rest}");
        let waited = tokio::time::timeout(Duration::from_millis(500), file(db.as_ref()).run_script(&script)).await;
        assert!(waited.is_err(), "{waited:?}");
        // Writers take turns: this one has its own once the script has ended.
        let next = tokio::time::timeout(Duration::from_secs(10), run(db.as_ref(), "UPDATE t SET a = 3"));
        next.await.expect("nobody waits until the script's time is over");
        assert_eq!(number(db.as_ref(), "SELECT count(*) FROM t").await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_that_nobody_waits_for_are_taken_back() {
    let (storage, _directory) = storage();
    let db = database(&storage, "d").await;
    // Every row takes long to be written anew.
    run(db.as_ref(), "CREATE TABLE t(a INT, b AS (length(replace(hex(zeroblob(a)), '00', 'abc'))) STORED)").await;
    run(
        db.as_ref(),
        "INSERT INTO t(a) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000) SELECT 200000 FROM n",
    )
    .await;
    let change = TableEdit::ChangeColumn {
        name: "a".into(),
        draft: ColumnDraft { declared_type: Some("INTEGER".into()), ..ColumnDraft::default() },
    };
    let waited = tokio::time::timeout(Duration::from_millis(200), file(db.as_ref()).edit("t", change)).await;
    assert!(waited.is_err(), "{waited:?}");
    run(db.as_ref(), "DELETE FROM t WHERE rowid = 1").await;
    assert_eq!(db.definition("t").await.unwrap().columns[0].declared_type, "INT");
    assert_eq!(number(db.as_ref(), "SELECT count(*) FROM t").await, 999);
    assert_eq!(number(db.as_ref(), "SELECT count(*) FROM sqlite_schema").await, 1);
    assert_eq!(number(db.as_ref(), "PRAGMA foreign_keys").await, 1, "the connection is as before");
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_take_turns_with_writers_and_lose_nothing() {
    let (storage, directory) = storage();
    let db = database(&storage, "d").await;
    run(db.as_ref(), "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT)").await;
    let over = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..4)
        .map(|_| {
            let (db, over) = (Arc::clone(&db), Arc::clone(&over));
            tokio::spawn(async move {
                let mut acknowledged = 0_i64;
                while !over.load(Ordering::Relaxed) {
                    run(db.as_ref(), "INSERT INTO t(a) VALUES ('x')").await;
                    acknowledged += 1;
                }
                acknowledged
            })
        })
        .collect();
    for round in 0..10 {
        let draft = ColumnDraft { name: Some(format!("c{round}")), unique: Some(true), ..ColumnDraft::default() };
        file(db.as_ref()).edit("t", TableEdit::AddColumn(draft)).await.unwrap();
        file(db.as_ref()).vacuum().await.unwrap();
    }
    over.store(true, Ordering::Relaxed);
    let mut acknowledged = 0;
    for writer in writers {
        acknowledged += writer.await.unwrap();
    }
    assert!(acknowledged > 10, "{acknowledged} rows were written meanwhile");
    assert_eq!(number(db.as_ref(), "SELECT count(*) FROM t").await, acknowledged);
    assert_eq!(number(db.as_ref(), "SELECT max(id) FROM t").await, acknowledged);
    let main = directory.path().join("databases/d/main.sqlite");
    assert_eq!(seen(&main, "SELECT count(*) FROM t"), [format!("Integer({acknowledged})")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_and_comments_follow_an_edit() {
    let (storage, _directory) = storage();
    let db = database(&storage, "d").await;
    run(db.as_ref(), "CREATE TABLE t(a TEXT, b TEXT)").await;
    let name = |table: &str| TableName::new("main", table).unwrap();
    let text = Some("what it says".to_owned());
    let on = Commented::Column(name("t"), "a".into());
    db.change(SchemaChange::Comment { on, text: text.clone() }).await.unwrap();
    let id = db.table_id(&name("t")).await.unwrap();
    let draft = ColumnDraft { name: Some("z".into()), not_null: Some(true), ..ColumnDraft::default() };
    file(db.as_ref()).edit("T", TableEdit::ChangeColumn { name: "A".into(), draft }).await.unwrap();
    file(db.as_ref()).edit("T", TableEdit::Rename { to: "u".into() }).await.unwrap();
    assert_eq!(db.table_id(&name("u")).await.unwrap(), id);
    let columns = db.columns(&name("u")).await.unwrap();
    assert_eq!(columns.field(0).metadata().get(model::COMMENT), text.as_ref());
    let definition = db.definition("U").await.unwrap();
    assert_eq!(
        definition.columns.iter().map(|column| (column.name.as_str(), column.not_null)).collect::<Vec<_>>(),
        [("z", true), ("b", false)]
    );
    file(db.as_ref()).edit("u", TableEdit::Drop).await.unwrap();
    assert!(db.table_by_id(&id.unwrap()).await.unwrap().is_none());
    assert!(db.comments().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_counted_as_far_as_that_is_quick() {
    let (storage, _directory) = storage();
    let db = database(&storage, "d").await;
    for sql in [
        "CREATE TABLE empty(a)",
        "CREATE TABLE \"t\"\"s\"(a PRIMARY KEY, b) WITHOUT ROWID",
        "INSERT INTO \"t\"\"s\" VALUES (1, 2), (3, 4), (5, 6)",
        "CREATE TABLE t(id INTEGER PRIMARY KEY, a)",
        MANY,
        "DELETE FROM t WHERE id % 3 = 0",
        "CREATE VIEW v AS SELECT 1",
        "CREATE INDEX i ON t(a)",
    ] {
        run(db.as_ref(), sql).await;
    }
    let counted = async |most, millis| {
        let counts = file(db.as_ref()).row_counts(most, Duration::from_millis(millis)).await.unwrap();
        let mut counts: Vec<(String, u64)> = counts.into_iter().collect();
        counts.sort();
        counts
    };
    let named =
        |counts: &[(&str, u64)]| counts.iter().map(|(name, rows)| ((*name).to_owned(), *rows)).collect::<Vec<_>>();
    assert_eq!(counted(20_000, 60_000).await, named(&[("empty", 0), ("t", 20_000), ("t\"s", 3)]));
    // A row more than are wanted.
    assert_eq!(counted(19_999, 60_000).await, named(&[("empty", 0), ("t\"s", 3)]));
    // In no time nothing is found out that takes any; the connection counts on for whoever is next.
    assert!(!counted(20_000, 0).await.iter().any(|(name, _)| name == "t"));
    assert_eq!(number(db.as_ref(), "SELECT count(*) FROM t").await, 20_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_is_described_and_copied() {
    let (storage, directory) = storage();
    let db = database(&storage, "d").await;
    run(db.as_ref(), "CREATE TABLE t(id INTEGER PRIMARY KEY, a BLOB)").await;
    let before = file(db.as_ref()).state().await.unwrap();
    run(db.as_ref(), "INSERT INTO t VALUES (1, zeroblob(500000)), (2, NULL)").await;
    run(db.as_ref(), "CREATE VIEW v AS SELECT id FROM t").await;
    let after = file(db.as_ref()).state().await.unwrap();
    assert!(after.bytes > before.bytes + 490_000 && after.schema_version > before.schema_version);
    assert!(after.modified >= before.modified);
    let names: Vec<String> = file(db.as_ref()).objects().await.unwrap().into_iter().map(|object| object.name).collect();
    assert_eq!(names, ["t", "v"]);
    assert_eq!(file(db.as_ref()).kind_of("V").await.unwrap(), Some(TableKind::View));
    let place = |key: &str| CellPlace { table: "t".into(), column: "a".into(), key: "rowid".into(), value: key.into() };
    file(db.as_ref()).write_cell(&place("2"), Bytes::from_static(b"\x89PNG")).await.unwrap();
    assert_eq!(file(db.as_ref()).read_cell(&place("2")).await.unwrap().bytes.as_ref(), b"\x89PNG");
    assert_eq!(file(db.as_ref()).read_cell(&place("3")).await.unwrap_err().kind(), ErrorKind::NotFound);
    let copy = directory.path().join("copy");
    file(db.as_ref()).copy_to(&copy).await.unwrap();
    assert_eq!(seen(&copy, "SELECT hex(a) FROM t WHERE id = 2"), ["Text(\"89504E47\")"]);
    // A copy is what a database can be replaced with.
    let other = database(&storage, "e").await;
    file(other.as_ref()).replace_with(&copy).await.unwrap();
    assert_eq!(number(other.as_ref(), "SELECT length(a) FROM t WHERE id = 1").await, 500_000);
    run(db.as_ref(), "DELETE FROM t WHERE id = 1").await;
    file(db.as_ref()).vacuum().await.unwrap();
    assert!(file(db.as_ref()).state().await.unwrap().bytes < 100_000);
}
