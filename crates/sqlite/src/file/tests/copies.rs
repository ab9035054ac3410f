//! Copies and the file without free space.

use std::fs;

use model::{Error, ErrorKind};
use rusqlite::Connection;

use super::super::copy::{copy_to, vacuum};
use super::super::state::{objects, state};
use super::super::swap::{finish, stage};
use super::rows;

fn filled(path: &std::path::Path) -> Connection {
    let connection = Connection::open(path).unwrap();
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL;
             CREATE TABLE bare(a TEXT); CREATE TABLE keyed(id INTEGER PRIMARY KEY AUTOINCREMENT, b BLOB);
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)
             INSERT INTO bare SELECT printf('%0500d', i) FROM n;
             INSERT INTO keyed(b) SELECT a FROM bare; PRAGMA user_version = 42;",
        )
        .unwrap();
    connection
}

#[test]
fn a_copy_is_one_committed_state_while_others_write() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("main.sqlite");
    let writer = filled(&path);
    let reader = Connection::open(&path).unwrap();
    let copy = directory.path().join("copy.sqlite");
    // Somebody writes between any two steps, and is not kept from it.
    let written = std::cell::Cell::new(0_u32);
    copy_to(&reader, &copy, &|| {
        writer.execute("INSERT INTO bare VALUES ('late')", []).unwrap();
        writer.execute("DELETE FROM keyed WHERE id IN (SELECT id FROM keyed LIMIT 10)", []).unwrap();
        written.set(written.get() + 1);
        Ok(())
    })
    .unwrap();
    assert!(written.get() > 2, "the copy took several steps");
    let header = fs::read(&copy).unwrap();
    assert_eq!(&header[18..20], [1, 1], "the copy needs no log beside it");
    assert_eq!(
        fs::read_dir(directory.path())
            .unwrap()
            .filter(|entry| { entry.as_ref().unwrap().file_name().to_string_lossy().starts_with("copy") })
            .count(),
        1
    );
    let copied = Connection::open(&copy).unwrap();
    assert_eq!(rows(&copied, "PRAGMA integrity_check"), ["'ok'"]);
    assert_eq!(rows(&copied, "SELECT (SELECT count(*) FROM bare), (SELECT count(*) FROM keyed)"), ["4000|4000"]);
    assert_eq!(rows(&copied, "PRAGMA user_version"), ["42"]);
    assert!(reader.is_autocommit());
    let error = copy_to(&reader, &copy, &|| Ok(())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(copy.exists(), "what was there is left alone");
}

#[test]
fn a_copy_that_is_stopped_leaves_no_file() {
    let directory = tempfile::tempdir().unwrap();
    let connection = filled(&directory.path().join("main.sqlite"));
    let copy = directory.path().join("copy.sqlite");
    let steps = std::cell::Cell::new(0);
    let error = copy_to(&connection, &copy, &|| {
        steps.set(steps.get() + 1);
        if steps.get() > 2 { Err(Error::cancelled()) } else { Ok(()) }
    })
    .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert!(!copy.exists());
    assert!(connection.is_autocommit());
}

#[test]
fn space_is_given_back_and_rows_keep_their_numbers() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("main.sqlite");
    let connection = filled(&path);
    let reader = Connection::open(&path).unwrap();
    connection.execute_batch("DELETE FROM bare WHERE rowid % 10 <> 7; DELETE FROM keyed WHERE id > 20;").unwrap();
    let before = state(&reader, &path).unwrap();
    let numbers = rows(&connection, "SELECT rowid, a FROM bare");
    assert_eq!(numbers.len(), 400);
    let scratch = directory.path().join("scratch.sqlite");
    reader.execute_batch("BEGIN; SELECT * FROM bare LIMIT 1;").unwrap();
    vacuum(&path, &scratch).unwrap();
    assert_eq!(rows(&reader, "SELECT count(*) FROM bare"), ["400"], "a reader goes on");
    reader.execute_batch("COMMIT").unwrap();
    assert_eq!(rows(&connection, "SELECT rowid, a FROM bare"), numbers);
    assert_eq!(rows(&reader, "SELECT rowid, a FROM bare"), numbers);
    let after = state(&reader, &path).unwrap();
    assert!(after.bytes * 4 < before.bytes, "{} after {}", after.bytes, before.bytes);
    assert_eq!(after.user_version, 42);
    assert!(after.schema_version > 0);
    assert!(!scratch.exists());
    for sql in ["PRAGMA integrity_check", "PRAGMA journal_mode"] {
        let expected = if sql.ends_with("check") { "'ok'" } else { "'wal'" };
        assert_eq!(rows(&connection, sql), [expected]);
    }
    assert_eq!(rows(&connection, "INSERT INTO keyed(b) VALUES (x'00') RETURNING id"), ["4001"]);
    connection.execute("INSERT INTO bare VALUES ('after')", []).unwrap();
    assert_eq!(rows(&reader, "SELECT count(*) FROM bare"), ["401"]);
}

#[test]
fn objects_are_listed_in_the_order_of_their_creation() {
    let connection = super::database(
        "CREATE TABLE b(id INTEGER PRIMARY KEY AUTOINCREMENT, x UNIQUE); CREATE VIEW v AS SELECT 1;
         CREATE INDEX i ON b(x); CREATE TABLE a(y); CREATE TRIGGER g AFTER INSERT ON a BEGIN SELECT 1; END;",
    );
    let listed: Vec<String> = objects(&connection)
        .unwrap()
        .into_iter()
        .map(|object| {
            format!(
                "{:?} {} {} {} {}",
                object.kind,
                object.name,
                object.table,
                object.root_page > 0,
                object.sql.is_some()
            )
        })
        .collect();
    assert_eq!(
        listed,
        [
            "Table b b true true",
            "Index sqlite_autoindex_b_1 b true false",
            "View v v false true",
            "Index i b true true",
            "Table a a true true",
            "Trigger g a false true",
        ]
    );
}

/// Whatever step a crash comes after, the next start finds the old file or the new one, whole.
#[test]
fn a_swap_survives_a_crash_after_any_step() {
    let new_file = |directory: &std::path::Path| {
        let path = directory.join("upload");
        let new = Connection::open(&path).unwrap();
        new.execute_batch("CREATE TABLE fresh(a); INSERT INTO fresh VALUES (1), (2), (3);").unwrap();
        path
    };
    let check_new = |main: &std::path::Path| {
        let opened = Connection::open(main).unwrap();
        opened.execute_batch("PRAGMA journal_mode = WAL").unwrap();
        assert_eq!(rows(&opened, "PRAGMA integrity_check"), ["'ok'"]);
        assert_eq!(rows(&opened, "SELECT count(*) FROM fresh"), ["3"]);
        assert_eq!(rows(&opened, "SELECT name FROM sqlite_schema"), ["'fresh'"]);
    };
    let directory = tempfile::tempdir().unwrap();
    // A process that was killed: what it committed is in the log alone.
    let killed = |name: &str| {
        let source = directory.path().join(format!("{name}-source"));
        let main = directory.path().join(name);
        let writer = filled(&source);
        for suffix in ["", "-wal"] {
            fs::copy(super::super::copy::beside(&source, suffix), super::super::copy::beside(&main, suffix)).unwrap();
        }
        drop(writer);
        main
    };
    let main = killed("before");
    finish(&main, || Ok(())).unwrap();
    assert_eq!(
        rows(&Connection::open(&main).unwrap(), "SELECT count(*) FROM bare"),
        ["4000"],
        "nothing staged, nothing done"
    );

    let main = killed("staged");
    stage(&new_file(directory.path()), &main).unwrap();
    finish(&main, || Ok(())).unwrap();
    check_new(&main);

    let main = killed("logs-gone");
    stage(&new_file(directory.path()), &main).unwrap();
    fs::remove_file(super::super::copy::beside(&main, "-wal")).unwrap();
    finish(&main, || Ok(())).unwrap();
    finish(&main, || Ok(())).unwrap();
    check_new(&main);
}
