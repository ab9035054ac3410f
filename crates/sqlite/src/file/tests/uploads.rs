//! Files from elsewhere.

use std::fs;
use std::path::{Path, PathBuf};

use model::ErrorKind;
use rusqlite::Connection;

use super::super::upload::inspect;

fn file(directory: &Path, script: &str) -> PathBuf {
    let path = directory.join(format!("upload-{}", fs::read_dir(directory).unwrap().count()));
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch(script).unwrap();
    connection.close().unwrap();
    path
}

fn changed(directory: &Path, change: impl FnOnce(&mut Vec<u8>)) -> PathBuf {
    let path = file(
        directory,
        "CREATE TABLE t(a TEXT); CREATE INDEX i ON t(a);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
         INSERT INTO t SELECT printf('%0200d', i) FROM n;",
    );
    let mut bytes = fs::read(&path).unwrap();
    change(&mut bytes);
    fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn sound_files_pass() {
    let directory = tempfile::tempdir().unwrap();
    let scripts = [
        "CREATE TABLE t(a)",
        "PRAGMA page_size = 512; CREATE TABLE t(a); INSERT INTO t VALUES (zeroblob(100000))",
        "PRAGMA page_size = 65536; CREATE TABLE t(a)",
        "PRAGMA encoding = 'UTF-16'; CREATE TABLE t(a); INSERT INTO t VALUES ('ü')",
        "PRAGMA auto_vacuum = FULL; CREATE TABLE t(a); INSERT INTO t VALUES (1)",
        "CREATE TABLE t(a CHECK (a > 0), b AS (a + 1), UNIQUE (b)); INSERT INTO t VALUES (1)",
        "CREATE VIRTUAL TABLE d USING fts5(a); INSERT INTO d VALUES ('hello world')",
        "CREATE VIRTUAL TABLE d USING fts4(a); INSERT INTO d VALUES ('hello world')",
        "CREATE VIRTUAL TABLE r USING rtree(id, x1, x2); INSERT INTO r VALUES (1, 0, 1)",
        "CREATE VIEW broken AS SELECT * FROM missing",
        "CREATE TABLE t(a); CREATE TABLE sink(a);
         CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO sink VALUES (new.a); END",
    ];
    for script in scripts {
        let path = file(directory.path(), script);
        let before = fs::read(&path).unwrap();
        inspect(&path).unwrap_or_else(|error| panic!("{script}: {error}"));
        assert!(fs::read(&path).unwrap() == before, "{script}: looking changes nothing");
    }
}

#[test]
fn files_that_are_no_sound_database_say_why() {
    let directory = tempfile::tempdir().unwrap();
    let plain = |name: &str, bytes: &[u8]| {
        let path = directory.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let noise: Vec<u8> = (0..8192_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let cases = [
        (plain("empty", b""), "no SQLite database"),
        (
            plain("pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF"),
            "no SQLite database",
        ),
        (plain("csv", b"a,b\n1,2\n"), "no SQLite database"),
        (plain("encrypted", &noise), "encrypted"),
        (plain("header", b"SQLite format 3\0"), "truncated"),
        (changed(directory.path(), |bytes| bytes.truncate(bytes.len() - 4096)), "truncated"),
        (changed(directory.path(), |bytes| bytes.truncate(5000)), "truncated"),
        (changed(directory.path(), |bytes| bytes[16..18].copy_from_slice(&[3, 3])), "damaged"),
        (changed(directory.path(), |bytes| bytes[8192..12288].fill(0xff)), "damaged"),
        (changed(directory.path(), |bytes| bytes[4096 * 3..4096 * 4].fill(0)), "damaged"),
        (changed(directory.path(), |bytes| bytes[100..4096].fill(7)), "no sound database"),
        (changed(directory.path(), |bytes| bytes[18..20].fill(9)), "format 9/9"),
        (changed(directory.path(), |bytes| bytes[44..48].fill(9)), "no sound database"),
        (file(directory.path(), "PRAGMA journal_mode = WAL; CREATE TABLE t(a)"), "WAL mode"),
    ];
    for (path, part) in cases {
        let error = inspect(&path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{}: {error}", path.display());
        assert!(error.message().contains(part), "{}: {error}", path.display());
    }
}

#[test]
fn crafted_schemas_run_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let crafted =
        |script: &str| file(directory.path(), &format!("CREATE TABLE t(a); PRAGMA writable_schema = ON; {script}"));
    let refused = [
        (
            crafted(
                "INSERT INTO sqlite_schema VALUES ('table', 'x', 'x', 0, 'CREATE VIRTUAL TABLE x USING csv(filename=''/etc/passwd'')')",
            ),
            "module \"csv\"",
        ),
        (
            crafted("INSERT INTO sqlite_schema VALUES ('table', 'x', 'x', 0, 'CREATE VIRTUAL TABLE x USING fsdir')"),
            "module \"fsdir\"",
        ),
        (crafted("UPDATE sqlite_schema SET sql = 'CREATE TABLE t(a'"), "no sound database"),
        (crafted("UPDATE sqlite_schema SET rootpage = 999"), "no sound database"),
        (crafted("INSERT INTO sqlite_schema VALUES ('trigger', 'g', 't', 0, 'DROP TABLE t')"), "no sound database"),
    ];
    for (path, part) in refused {
        let error = inspect(&path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
        assert!(error.message().contains(part), "{error}");
    }
    // A CHECK is looked at with every row: this one would load a library.
    let path = crafted(
        "INSERT INTO t VALUES (1); UPDATE sqlite_schema SET sql = 'CREATE TABLE t(a CHECK (load_extension(''x'') IS NULL))'",
    );
    let error = inspect(&path).unwrap_err();
    assert!(error.message().contains("unsafe use of load_extension"), "{error}");
    // A CHECK counts as it stands, and what it says of the rows is looked at.
    let path = crafted("INSERT INTO t VALUES (1); UPDATE sqlite_schema SET sql = 'CREATE TABLE t(a CHECK (a > 7))'");
    assert!(inspect(&path).unwrap_err().message().contains("CHECK constraint failed in t"));
    let path = crafted("INSERT INTO t VALUES (1); UPDATE sqlite_schema SET sql = 'CREATE TABLE t(a CHECK (a > 0))'");
    inspect(&path).unwrap();
}
