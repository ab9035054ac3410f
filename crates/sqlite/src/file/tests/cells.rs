//! Cells by key.

use bytes::Bytes;
use model::{CellPlace, ErrorKind};
use rusqlite::Connection;

use super::super::Limits;
use super::super::cell::{read_cell, write_cell};
use super::{database, rows};

fn place(table: &str, column: &str, key: &str, value: &str) -> CellPlace {
    CellPlace { table: table.into(), column: column.into(), key: key.into(), value: value.into() }
}

fn shop() -> Connection {
    database(
        "CREATE TABLE files(name TEXT, content BLOB, size REAL, note);
         INSERT INTO files VALUES ('1', x'00ff', 1.5, 'hi'), ('a b', NULL, 2, 7), ('x', x'', 3, 'it''s'), ('x', x'01', 3, NULL);
         CREATE VIEW shown AS SELECT rowid AS number, name, content FROM files;
         CREATE TABLE taken(rowid TEXT, c TEXT); INSERT INTO taken VALUES ('seven', 'c7');
         CREATE TABLE strict_one(id INTEGER PRIMARY KEY, c TEXT NOT NULL, g TEXT AS (c || '!')) STRICT;
         INSERT INTO strict_one VALUES (1, 'x');
         CREATE TABLE keyed(k TEXT PRIMARY KEY, c) WITHOUT ROWID; INSERT INTO keyed VALUES ('01', 'one');",
    )
}

#[test]
fn cells_are_found_by_column_and_by_number() {
    let connection = shop();
    let cases: &[(&str, &str, &str, &str, bool, &[u8])] = &[
        ("files", "content", "rowid", "1", false, b"\x00\xff"),
        ("FILES", "CONTENT", "oid", "1", false, b"\x00\xff"),
        ("files", "content", "_rowid_", " 1.0 ", false, b"\x00\xff"),
        ("files", "content", "name", "1", false, b"\x00\xff"),
        ("files", "content", "size", "1.5", false, b"\x00\xff"),
        ("files", "size", "rowid", "1", true, b"1.5"),
        ("files", "note", "name", "a b", true, b"7"),
        ("files", "content", "rowid", "3", false, b""),
        ("shown", "content", "number", "4", false, b"\x01"),
        ("taken", "c", "rowid", "seven", true, b"c7"),
        ("taken", "c", "oid", "1", true, b"c7"),
        ("strict_one", "g", "id", "1", true, b"x!"),
        ("keyed", "c", "k", "01", true, b"one"),
    ];
    for (table, column, key, value, text, bytes) in cases {
        let cell = read_cell(&connection, &place(table, column, key, value), &Limits::default()).unwrap();
        assert_eq!((cell.text, cell.bytes.as_ref()), (*text, *bytes), "{table}.{column} {key}={value}");
    }
}

#[test]
fn what_cannot_be_read_says_why() {
    let connection = shop();
    let cases = [
        ("nothing", "content", "rowid", "1", ErrorKind::NotFound, "Table \"nothing\" does not exist"),
        ("files", "nothing", "rowid", "1", ErrorKind::NotFound, "Column \"nothing\" of table \"files\" does not exist"),
        ("files", "content", "nothing", "1", ErrorKind::NotFound, "Column \"nothing\" of table \"files\""),
        ("files", "content", "rowid", "99", ErrorKind::NotFound, "no row where \"rowid\" is \"99\""),
        ("files", "content", "rowid", "1; DROP", ErrorKind::NotFound, "no row"),
        ("files", "content", "rowid", "2", ErrorKind::NotFound, "is NULL"),
        ("files", "content", "name", "x", ErrorKind::Invalid, "several rows"),
        ("keyed", "c", "k", "1", ErrorKind::NotFound, "no row"),
        ("keyed", "c", "rowid", "1", ErrorKind::NotFound, "Column \"rowid\""),
        ("shown", "content", "rowid", "1", ErrorKind::NotFound, "Column \"rowid\""),
    ];
    for (table, column, key, value, kind, part) in cases {
        let at = place(table, column, key, value);
        let error = read_cell(&connection, &at, &Limits::default()).unwrap_err();
        assert_eq!(error.kind(), kind, "{table}.{column} {key}={value}: {error}");
        assert!(error.message().contains(part), "{error}");
    }
    let small = Limits { cell_bytes: 1, ..Limits::default() };
    let error = read_cell(&connection, &place("files", "content", "rowid", "1"), &small).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
}

#[test]
fn bytes_are_put_into_one_cell() {
    let connection = shop();
    let limits = Limits { cell_bytes: 4, ..Limits::default() };
    let write = |at: &CellPlace, bytes: &'static [u8]| write_cell(&connection, at, &Bytes::from_static(bytes), &limits);
    write(&place("files", "content", "rowid", "2"), b"\x00'\"\x01").unwrap();
    write(&place("keyed", "c", "k", "01"), b"").unwrap();
    assert_eq!(
        rows(&connection, "SELECT hex(content), typeof(content) FROM files WHERE rowid = 2"),
        ["'00272201'|'blob'"]
    );
    assert_eq!(rows(&connection, "SELECT hex(c), typeof(c) FROM keyed"), ["''|'blob'"]);
    let before = super::everything(&connection);
    let cases = [
        (place("files", "content", "rowid", "9"), ErrorKind::NotFound),
        (place("files", "content", "name", "x"), ErrorKind::Invalid),
        (place("files", "nothing", "rowid", "1"), ErrorKind::NotFound),
        (place("shown", "content", "number", "1"), ErrorKind::Invalid),
        (place("strict_one", "c", "id", "1"), ErrorKind::Invalid),
        (place("strict_one", "g", "id", "1"), ErrorKind::Invalid),
        (place("nothing", "c", "id", "1"), ErrorKind::NotFound),
    ];
    for (at, kind) in cases {
        let error = write(&at, b"x").unwrap_err();
        assert_eq!(error.kind(), kind, "{at:?}: {error}");
    }
    assert_eq!(write(&place("files", "content", "rowid", "1"), b"12345").unwrap_err().kind(), ErrorKind::TooLarge);
    assert_eq!(super::everything(&connection), before);
}
