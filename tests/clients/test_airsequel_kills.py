"""SIGKILL while eight clients write to a SQLite database and another one makes databases: what the kill left is opened by Python's `sqlite3`,
which finds nothing wrong, every acknowledged change, and of others all or nothing."""
import http.client
import random
import shutil
import sqlite3
import threading
import time
from pathlib import Path

from airsequel import Caller, admin

from harness.process import Boathouse

ROUNDS = 50
WRITERS = 8
SECONDS = (0.05, 0.5)
# Tables of one script, which are there together.
TABLES = ("a", "b", "c")


class Client(threading.Thread):
    """Sends requests until the server is gone."""

    def __init__(self, caller: Caller) -> None:
        super().__init__()
        self.caller = caller
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            while True:
                self.one()
        except (OSError, http.client.HTTPException):
            pass  # The server was killed.
        except BaseException as error:
            self.error = error
        finally:
            self.caller.connection.close()

    def one(self) -> None:
        raise NotImplementedError


class Writer(Client):
    """Adds rows, several of them at once, and changes rows of its own; remembers what was acknowledged."""

    def __init__(self, caller: Caller, database: str, number: int, before: "Writer | None") -> None:
        super().__init__(caller)
        self.database, self.number = database, number
        self.sent: int = before.sent if before else 0
        self.values: dict[int, int] = before.values if before else {}
        # What was sent and not answered.
        self.unknown: dict[int, int] = {}

    def one(self) -> None:
        self.sent += 1
        if self.values and random.random() < 0.3:
            ids = random.sample(sorted(self.values), min(4, len(self.values)))
            query = f"UPDATE t SET value = {self.sent} WHERE id IN ({', '.join(map(str, ids))})"
        else:
            ids = [(self.sent * 3 + n) * WRITERS + self.number for n in range(random.randint(1, 3))]
            query = f"INSERT INTO t VALUES {', '.join(f'({number}, {self.sent})' for number in ids)}"
        self.unknown = dict.fromkeys(ids, self.sent)
        self.caller.sql(self.database, query)
        self.values |= self.unknown
        self.unknown = {}

    def check(self, found: dict[int, int]) -> None:
        """Compares with the rows that are there, and learns what became of the request that was not answered."""
        done = {found.get(number) == value for number, value in self.unknown.items()}
        assert len(done) <= 1, f"a statement happened in part: {self.unknown}, {[found.get(n) for n in self.unknown]}"
        if done == {True}:
            self.values |= self.unknown
        mine = {number: value for number, value in found.items() if number % WRITERS == self.number}
        assert mine == self.values, f"{len(mine)} rows instead of {len(self.values)}"


class Maker(Client):
    """Makes databases, and removes every other one."""

    def __init__(self, caller: Caller) -> None:
        super().__init__(caller)
        self.made: set[str] = set()
        self.removed: set[str] = set()
        self.unknown: str | None = None

    def one(self) -> None:
        script = ";".join(f"CREATE TABLE {table} (n INTEGER)" for table in TABLES)
        made = self.caller.must("POST", "/api/dbs", {"name": "many", "query": script})["id"]
        self.made.add(made)
        if random.random() < 0.5:
            self.unknown = made
            self.caller.must("DELETE", f"/api/dbs/{made}")
            self.removed.add(made)
            self.unknown = None
        time.sleep(0.02)


def found_in(left: Path, scratch: Path) -> dict[int, int]:
    """The rows of the file that a kill left, as SQLite finds them in a copy."""
    shutil.rmtree(scratch, ignore_errors=True)
    shutil.copytree(left, scratch)
    with sqlite3.connect(scratch / "main.sqlite") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        rows = connection.execute("SELECT id, value FROM t").fetchall()
    connection.close()
    assert len(dict(rows)) == len(rows), "an id stands twice"
    return dict(rows)


def made_databases(server: Boathouse, maker: Maker, kept: set[str]) -> set[str]:
    """Those that the maker made are there whole, those that it removed are gone, and no others are there."""
    chief = admin(server)
    listed = {found["id"]: [entry["name"] for entry in found["tables"]]
              for found in chief.must("GET", "/api/dbs")["databases"] if found["name"] == "many"}
    assert all(tables == list(TABLES) for tables in listed.values()), listed
    expected = (kept | maker.made) - maker.removed
    assert expected - {maker.unknown} <= listed.keys(), f"{expected - listed.keys()} are gone"
    assert not maker.removed & listed.keys(), f"{maker.removed & listed.keys()} are there again"
    # One that was being made when the kill came may be there.
    assert len(listed.keys() - expected) <= 1, f"{listed.keys() - expected} were never acknowledged"
    folders = {path.name for path in (server.data / "databases").iterdir()}
    assert listed.keys() <= folders, f"{listed.keys() - folders} have no files"
    for id_ in listed:
        chief.must("DELETE", f"/api/dbs/{id_}")
    return set()


def test_sqlite_finds_every_acknowledged_change_after_every_kill(tmp_path):
    data, scratch = tmp_path / "data", tmp_path / "scratch"
    with Boathouse(data) as server:
        script = "CREATE TABLE t (id INTEGER PRIMARY KEY, value INTEGER); CREATE INDEX by_value ON t (value)"
        database = admin(server).must("POST", "/api/dbs", {"name": "t", "query": script})["id"]
    writers: list[Writer | None] = [None] * WRITERS
    maker, kept = None, set()
    for _ in range(ROUNDS):
        server = Boathouse(data)
        try:
            if maker:
                kept = made_databases(server, maker, kept)
            writers = [Writer(admin(server), database, number, before) for number, before in enumerate(writers)]
            maker = Maker(admin(server))
            for thread in (*writers, maker):
                thread.start()
            time.sleep(random.uniform(*SECONDS))
        finally:
            server.process.kill()
            server.process.wait()
        for thread in (*writers, maker):
            thread.join()
        assert not [thread.error for thread in (*writers, maker) if thread.error]
        found = found_in(data / "databases" / database, scratch)
        for writer in writers:
            writer.check(found)
    with Boathouse(data) as server:
        made_databases(server, maker, kept)
        served = {row["id"]: row["value"] for row in admin(server).sql(database, "SELECT id, value FROM t")}
    rows = sum(len(writer.values) for writer in writers)
    assert len(served) == rows and all(served[number] == value for writer in writers for number, value in writer.values.items())
    assert rows > 500, f"only {rows} rows were acknowledged"
    print(f"{rows} rows over {ROUNDS} kills")
