"""Statements, files and names that mean harm: each is refused or bounded, and the file is as it was."""
import sqlite3
import threading
import time
import uuid
from pathlib import Path

import pytest
from airsequel import Answer, Caller, Form, admin, part

from harness.process import Boathouse

SCRIPT = "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO t VALUES (1, 'one'), (2, 'two')"
# What a statement may take: its own 20 seconds, and a busy machine.
MOST_SECONDS = 40
MOST_BYTES = 1 << 30

REFUSED = {
    "another file": "ATTACH DATABASE '{data}/metadata.sqlite' AS other",
    "a new file": "ATTACH DATABASE '{data}/made.sqlite' AS other",
    "vacuum into a file": "VACUUM INTO '{data}/made.sqlite'",
    "load_extension": "SELECT load_extension('libc.so.6')",
    "writable_schema": "PRAGMA writable_schema = ON",
    "the schema as a table": "UPDATE sqlite_master SET sql = 'CREATE TABLE t (x)' WHERE name = 't'",
    "writefile": "SELECT writefile('{data}/made', 'x')",
    "readfile": "SELECT readfile('/etc/passwd')",
    "edit": "SELECT edit('x', 'sh')",
    "journal_mode": "PRAGMA journal_mode = OFF",
    "page size": "PRAGMA page_size = 512",
    "synchronous": "PRAGMA synchronous = OFF",
    "temp_store_directory": "PRAGMA temp_store_directory = '{data}'",
    "fts3_tokenizer": "SELECT fts3_tokenizer('simple', x'4141414141414141')",
    "zeroblob": "SELECT length(hex(zeroblob(1000000000)))",
    "a big cell": "INSERT INTO t VALUES (3, zeroblob(1000000000))",
    "nested COMMIT": "INSERT INTO t VALUES (3, 'x'); COMMIT; INSERT INTO t VALUES (4, 'y')",
    "BEGIN": "BEGIN",
    "COMMIT": "COMMIT",
    "ROLLBACK": "ROLLBACK",
    "SAVEPOINT": "SAVEPOINT s",
    "two statements": "DELETE FROM t; SELECT 1",
    "too long": "SELECT 1 -- " + "x" * 100_000,
    "too deep": "SELECT " + "(" * 5_000 + "1" + ")" * 5_000,
    "no statement": "",
    "no SQL": "\x00",
    "NUL and more": "SELECT 1;\x00DELETE FROM t",
    "without rowid": "CREATE TABLE w (a INTEGER PRIMARY KEY) WITHOUT ROWID",
}
ENDLESS = {
    "a loop that counts": "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c",
    "a loop that doubles": "WITH RECURSIVE c(n) AS (SELECT 'xxxxxxxx' UNION ALL SELECT n || n FROM c) SELECT max(length(n)) FROM c",
    "a loop that writes": "INSERT INTO t (name) WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c",
    "a product": "SELECT count(*) FROM " + ", ".join(["(SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4)"] * 30),
    "a pattern": "SELECT replace(hex(zeroblob(5000000)), '0', hex(zeroblob(5000000)))",
}
NAMES = ("a/b", "..", ".", "../../metadata", "a%2Fb", "%2e%2e", 'q"uo"te', "it's", "`tick`", "[box]", "🛶 boat", "a\nb", "--", "; DROP TABLE t", "a b",
         "ＡＢＣ", "ß", "a\\b", "?x=1", "#frag")


@pytest.fixture(scope="module")
def chief(server: Boathouse) -> Caller:
    return admin(server)


@pytest.fixture
def database(chief: Caller) -> str:
    return chief.must("POST", "/api/dbs", {"name": f"db {uuid.uuid4().hex[:8]}", "query": SCRIPT})["id"]


def dump(server: Boathouse, database: str) -> list[str]:
    """What stands in the file, as Python's SQLite says it."""
    with sqlite3.connect(server.data / "databases" / database / "main.sqlite") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        told = list(connection.iterdump())
    connection.close()
    return told


def files(server: Boathouse) -> set[Path]:
    """Every file of the server, but for those that come and go beside databases and logs."""
    return {path.relative_to(server.data) for path in server.data.rglob("*") if not path.name.endswith(("-wal", "-shm", "-journal"))
            and "journal" not in path.parts and "lakehouse" not in path.parts and "scratch" not in path.parts}


def resident(server: Boathouse) -> int:
    """The most memory that the server has had."""
    text = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(text.split("VmHWM:")[1].split()[0]) << 10


def refusal(answer: Answer) -> str:
    """Why it did not happen: as a refusal, or in the result of a statement."""
    assert answer.status in (200, 400, 403, 413), f"{answer.status} {answer.body[:300]!r}"
    errors = answer.json["errors"]
    assert errors, f"it went through: {answer.body[:300]!r}"
    return errors[0] if isinstance(errors[0], str) else errors[0]["message"]


@pytest.mark.parametrize("name", REFUSED)
def test_hostile_statements_are_refused(server, chief, database, name):
    before, there = dump(server, database), files(server)
    query = REFUSED[name].replace("{data}", str(server.data))
    told = refusal(chief.send("POST", f"/dbs/{database}/sql", {"query": query}))
    assert told.strip() and "internal error" not in told, told
    assert dump(server, database) == before and files(server) == there
    # The next one finds a connection that is as it was.
    assert chief.sql(database, "SELECT count(*) AS n FROM t") == [{"n": 2}]
    chief.sql(database, "UPDATE t SET name = 'uno' WHERE id = 1")


def test_endless_statements_end(server, chief, database):
    """All at once, so that they take no longer than one; others get their turn meanwhile."""
    before, answers = dump(server, database), {}

    def run(name: str) -> None:
        answers[name] = admin(server).send("POST", f"/dbs/{database}/sql", {"query": ENDLESS[name]})

    started = time.monotonic()
    threads = [threading.Thread(target=run, args=(name,)) for name in ENDLESS]
    for thread in threads:
        thread.start()
    time.sleep(1)
    asked = time.monotonic()
    assert chief.sql(database, "SELECT count(*) AS n FROM t") == [{"n": 2}]
    assert time.monotonic() - asked < 10, "a reader waits for statements that do not end"
    for thread in threads:
        thread.join(MOST_SECONDS)
    assert answers.keys() == ENDLESS.keys(), f"no end after {time.monotonic() - started:.0f} s: {ENDLESS.keys() - answers.keys()}"
    for name, answer in answers.items():
        assert "internal error" not in refusal(answer), name
    assert dump(server, database) == before
    assert resident(server) < MOST_BYTES
    chief.sql(database, "INSERT INTO t VALUES (3, 'three')")


def crafted() -> bytes:
    """A file whose triggers and views call what no statement may."""
    return made("""
        CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT);
        CREATE VIEW v AS SELECT load_extension('libc.so.6') AS x;
        CREATE TRIGGER again AFTER INSERT ON t BEGIN INSERT INTO t (name) VALUES (new.name || 'x'); END;
        CREATE TRIGGER write AFTER DELETE ON t BEGIN SELECT writefile('/tmp/made-by-a-trigger', 'x'); END;
        INSERT INTO t VALUES (1, 'one');""", "PRAGMA recursive_triggers = OFF")


def made(script: str, *pragmas: str) -> bytes:
    connection = sqlite3.connect(":memory:")
    for pragma in pragmas:
        connection.execute(pragma)
    connection.executescript(script)
    connection.commit()
    return connection.serialize()


def scrambled() -> bytes:
    """A file with pages of something else."""
    whole = bytearray(made("CREATE TABLE t (a TEXT);" + "INSERT INTO t VALUES (hex(zeroblob(1000)));" * 50))
    whole[4096 * 2:4096 * 5] = b"\xff" * (4096 * 3)
    return bytes(whole)


WHOLE = made("CREATE TABLE t (a TEXT);" + "INSERT INTO t VALUES (hex(zeroblob(1000)));" * 50)
UPLOADS = {
    "a PDF": Form(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n" + bytes(range(256)), "paper.pdf"),
    "half a file": Form(WHOLE[: len(WHOLE) // 2], "half.sqlite"),
    "a header alone": Form(WHOLE[:100], "head.sqlite"),
    "sixteen bytes": Form(b"SQLite format 3\0", "head.sqlite"),
    "a scrambled file": Form(scrambled(), "scrambled.sqlite"),
    "CSV with 10,000 columns": Form((",".join(f"c{n}" for n in range(10_000)) + "\n").encode(), "wide.csv"),
    "nothing": Form(b"", "nothing.sqlite"),
    "zeros": Form(bytes(100_000), "zeros.bin"),
}


@pytest.mark.parametrize("name", UPLOADS)
def test_hostile_uploads_are_refused(server, chief, database, name):
    there, before = files(server), dump(server, database)
    for method, path in (("POST", "/dbs"), ("PUT", f"/dbs/{database}")):
        answer = chief.send(method, path, UPLOADS[name])
        assert answer.status in (400, 413), f"{answer.status} {answer.body[:300]!r}"
        assert answer.told and "internal error" not in answer.told
    assert files(server) == there and dump(server, database) == before


def test_a_line_that_does_not_end_is_refused_in_little_memory(server, chief):
    there = files(server)
    answer = chief.send("POST", "/dbs", Form(b"a,b\n1," + b"x" * (90 << 20), "line.csv"))
    assert answer.status in (400, 413) and answer.told
    larger = chief.send("POST", "/dbs", Form(b"a,b\n" + b"1,2\n" * (26 << 20), "large.csv"))
    assert larger.status == 413, larger.body[:300]
    assert files(server) == there and resident(server) < MOST_BYTES


def test_a_crafted_schema_does_no_harm(server, chief):
    Path("/tmp/made-by-a-trigger").unlink(missing_ok=True)
    answer = chief.send("POST", "/dbs", Form(crafted(), "crafted.sqlite"))
    if answer.status != 200:
        assert answer.status == 400 and answer.told
        return
    crafted_id = answer.json["id"]
    for query in ("SELECT * FROM v", "DELETE FROM t", "INSERT INTO t (name) VALUES ('x')"):
        result = chief.must("POST", f"/dbs/{crafted_id}/sql", {"query": query})
        assert result["errors"] or query.startswith("INSERT"), result
    assert not Path("/tmp/made-by-a-trigger").exists()
    assert chief.must("GET", f"/api/dbs/{crafted_id}/tables/t")["numberOfRows"] <= 1_000


@pytest.mark.parametrize("name", NAMES)
def test_path_characters_in_names_are_data(server, chief, database, name):
    there = files(server)
    of = f"/api/dbs/{database}/tables/{part(name)}"
    created = chief.send("PUT", of, {})
    if created.status == 200:
        assert created.json["name"] == name
        assert chief.must("GET", of)["name"] == name
        quoted = name.replace('"', '""')
        chief.sql(database, f"""INSERT INTO "{quoted}" VALUES ('x')""")
        assert chief.must("GET", of)["numberOfRows"] == 1
        assert chief.send("GET", f"{of}/export").body.splitlines()[1] == b"x"
        chief.must("PUT", f"{of}/columns/{part(name)}", {})
        chief.must("DELETE", of)
    else:
        assert created.status == 400 and created.told, created.body[:300]
    assert chief.sql(database, "SELECT name FROM t ORDER BY id") == [{"name": "one"}, {"name": "two"}]
    assert files(server) == there
    new = chief.send("POST", "/api/dbs", {"name": name, "query": SCRIPT})
    assert new.status in (200, 400), new.body[:300]
    if new.status == 200:
        made_at = new.json["id"]
        assert chief.must("GET", f"/api/dbs/{made_at}")["name"] == name
        assert files(server) - there == {Path("databases") / made_at, Path("databases") / made_at / "main.sqlite"}
        chief.must("DELETE", f"/api/dbs/{made_at}")


@pytest.mark.parametrize("path", (
    "/api/dbs/..%2F..%2Fmetadata", "/api/dbs/%2e%2e", "/dbs/..%2Fmetadata.sqlite/download", "/api/dbs/a%00b", "/readonly/..%2F..%2F/duplicate",
    "/dbs/x/apps/..%2F..%2Fmain.sqlite", "/api/dbs/%F0%9F%9B%B6",
))
def test_ids_are_no_paths(chief, path):
    answer = chief.send("GET", path)
    assert answer.status in (400, 404) and answer.told, f"{answer.status} {answer.body[:300]!r}"


def test_nul_in_a_name_is_refused(chief, database):
    answer = chief.send("PUT", f"/api/dbs/{database}/tables/a%00b", {})
    assert answer.status == 400 and answer.told
    answer = chief.send("POST", "/api/dbs", {"name": "a\0b"})
    assert answer.status == 400 and answer.told
