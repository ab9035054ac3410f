"""Airsequel's programs do their work: Airput's uploads and the Sheet-Music app's pictures, request by request. (Airput is a program in
Haskell, and no client is published for Python or Node.js.) `sqlite3` opens the files that the server writes, while it writes them."""
import re
import shutil
import sqlite3
import subprocess
import threading
import uuid
from pathlib import Path

import pytest
from airsequel import Caller, Form, admin

from harness.process import Boathouse

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
# What Airput makes of a repository, and the Sheet-Music app of a sheet.
SCRIPT = """
CREATE TABLE repos (rowid INTEGER PRIMARY KEY, github_id INTEGER UNIQUE, owner TEXT, name TEXT, stars INTEGER);
CREATE TABLE files (filename TEXT, filetype TEXT, content BLOB);
CREATE VIEW by_stars AS SELECT owner || '/' || name AS repo, stars FROM repos ORDER BY stars DESC;
"""


@pytest.fixture
def chief(server: Boathouse) -> Caller:
    return admin(server)


@pytest.fixture
def database(chief: Caller) -> str:
    return chief.must("POST", "/api/dbs", {"name": f"db {uuid.uuid4().hex[:8]}", "query": SCRIPT})["id"]


def token(chief: Caller, database: str, *names: str) -> str:
    """The credentials of a new token with these permissions."""
    team = chief.must("GET", f"/api/dbs/{database}")["owner"]
    permissions = [{"db_id": database, "name": name} for name in names]
    new = {"name": "program", "permissions": permissions, "team_name": team}
    return f"Bearer {chief.must('POST', '/api/tokens', new)['body']}"


def file_of(server: Boathouse, database: str) -> Path:
    return server.data / "databases" / database / "main.sqlite"


def test_airput_adds_a_row_puts_a_file_into_it_and_the_link_shows_it(server, chief, database):
    program = Caller(server.address, token(chief, database, "read", "write"))
    insert = "INSERT INTO files (filename, filetype) VALUES ('sheet.png', 'image/png') RETURNING rowid"
    answer = program.send("POST", f"/dbs/{database}/sql", {"query": insert})
    # Airput looks for these characters, and for the row's number under this key.
    assert answer.status == 200 and b'"errors":[]' in answer.body
    number = answer.json["rows"][0]["rowid"]
    cell = f"tables/files/columns/content/files/rowid/{number}"
    put = program.send("PUT", f"/api/dbs/{database}/{cell}", Form(PICTURE, "sheet.png"))
    assert (put.status, put.json) == (200, {})
    link = chief.must("GET", f"/api/dbs/{database}")["readonlyId"]
    # The app knows a link by its 16 characters.
    assert re.fullmatch(r"[a-z2-7]{16}", link)
    shown = Caller(server.address).send("GET", f"/readonly/{link}/{cell}")
    assert (shown.status, shown.headers["content-type"], shown.body) == (200, "image/png", PICTURE)
    some = Caller(server.address).send("GET", f"/readonly/{link}/{cell}", Range="bytes=0-7")
    assert (some.status, some.body) == (206, PICTURE[:8])
    again = Caller(server.address).send("GET", f"/readonly/{link}/{cell}", **{"If-None-Match": shown.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    with sqlite3.connect(file_of(server, database)) as connection:
        assert connection.execute("SELECT rowid, filename, content FROM files").fetchall() == [(number, "sheet.png", PICTURE)]


def test_airput_upserts_repositories(chief, database):
    for stars in (7, 9):
        rows = chief.sql(database, f"""
            INSERT INTO repos (github_id, owner, name, stars) VALUES (1, 'airsequel', 'airput', {stars}), (2, 'ad-si', 'tasklite', 1)
            ON CONFLICT (github_id) DO UPDATE SET stars = excluded.stars RETURNING rowid""")
        assert rows == [{"rowid": 1}, {"rowid": 2}]
    assert chief.sql(database, "SELECT * FROM by_stars") == [
        {"repo": "airsequel/airput", "stars": 9}, {"repo": "ad-si/tasklite", "stars": 1}]


def test_a_program_is_told_of_a_statement_that_fails_in_the_result(chief, database):
    result = chief.must("POST", f"/dbs/{database}/sql", {"query": "INSERT INTO repos (nope) VALUES (1)"})
    assert list(result) == ["affectedTables", "rows", "numChanges", "runtimeSeconds", "errors"]
    assert result["rows"] == [] and result["numChanges"] == 0 and "nope" in result["errors"][0]


def test_sqlite_reads_while_the_server_writes(server, chief, database):
    """Another process sees whole transactions, and what it holds open stands in nobody's way."""
    def write(number: int) -> None:
        caller = admin(server)
        for n in range(50):
            name = number * 1000 + n
            caller.sql(database, f"INSERT INTO repos (github_id, stars) VALUES ({name}, 1), ({-name - 1}, 1)")

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    with sqlite3.connect(file_of(server, database)) as connection:
        while any(writer.is_alive() for writer in writers):
            assert connection.execute("SELECT count(*) FROM repos").fetchone()[0] % 2 == 0
        for writer in writers:
            writer.join()
        assert connection.execute("SELECT count(*), sum(stars) FROM repos").fetchone() == (400, 400)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def test_what_sqlite_writes_the_server_reads(server, chief, database):
    """Somebody who has the file may write to it beside the server."""
    with sqlite3.connect(file_of(server, database), timeout=30) as connection:
        connection.execute("INSERT INTO repos (owner, name, stars) VALUES ('örn', 'ño', 3)")
    connection.close()
    assert chief.sql(database, "SELECT owner, name, stars FROM repos") == [{"owner": "örn", "name": "ño", "stars": 3}]
    chief.sql(database, "UPDATE repos SET stars = 4")
    with sqlite3.connect(file_of(server, database)) as connection:
        assert connection.execute("SELECT stars FROM repos").fetchone() == (4,)
    connection.close()


def test_the_schema_is_what_the_shell_prints(server, chief, database):
    told = chief.send("GET", f"/api/dbs/{database}/schema").body.decode()
    with sqlite3.connect(":memory:") as copy:
        copy.executescript(told)
        assert [name for name, in copy.execute("SELECT name FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")] == [
            "by_stars", "files", "repos"]
    copy.close()
    if shell := shutil.which("sqlite3"):
        printed = subprocess.run([shell, file_of(server, database), ".schema"], capture_output=True, text=True, check=True)
        assert told.split() == printed.stdout.split()


def test_a_download_is_a_file_for_sqlite(server, chief, database, tmp_path):
    chief.sql(database, "INSERT INTO repos (owner, stars) VALUES ('a', 1), ('b', NULL)")
    (tmp_path / "copy.sqlite").write_bytes(chief.send("GET", f"/dbs/{database}/download").body)
    with sqlite3.connect(tmp_path / "copy.sqlite") as connection:
        assert connection.execute("SELECT owner, stars FROM repos").fetchall() == [("a", 1), ("b", None)]
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    again = chief.send("POST", "/dbs", Form((tmp_path / "copy.sqlite").read_bytes(), "copy.sqlite"))
    assert chief.sql(again.json["id"], "SELECT count(*) AS n FROM repos") == [{"n": 2}]
