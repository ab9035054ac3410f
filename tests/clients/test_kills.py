"""SIGKILL while eight clients append, upload and upsert and tables are put together: `deltalake` reads every table as the kill left
it, and after the next start every acknowledged row is in it once."""
import collections
import http.client
import json
import random
import threading
import time

import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder

from harness.process import Boathouse, authorization

ROUNDS = 10
WRITERS = 8
SECONDS = (0.3, 1.8)
HEADERS = {"Authorization": authorization()}


class Writer(threading.Thread):
    """Sends rows of its own until the server is gone, and remembers which of them have what value."""

    def __init__(self, number: int, address: str, before: "Writer | None") -> None:
        super().__init__()
        self.number, self.address = number, address
        self.sent: int = before.sent if before else 0
        self.values: dict[int, int] = before.values if before else {}
        self.committed: set[int] = set(self.values)
        self.unknown: dict[int, int] = {}
        self.error: str | None = None

    def run(self) -> None:
        connection = http.client.HTTPConnection(self.address.removeprefix("http://"), timeout=60)
        try:
            while True:
                self.one(connection)
        except (OSError, http.client.HTTPException):
            pass  # The server was killed.
        finally:
            connection.close()

    def one(self, connection: http.client.HTTPConnection) -> None:
        ids = [(self.sent + n) * WRITERS + self.number for n in range(random.randint(1, 3))]
        self.sent += len(ids)
        value, table = self.sent, "lakehouse&schema=main&table=t"
        kind = random.choice(("append", "append", "upload", "upsert"))
        if kind == "upsert":
            ids += random.sample(sorted(self.committed), min(4, len(self.committed)))
        self.unknown = {number: value for number in ids}
        if kind == "append":
            sync = random.random() < 0.3
            path = f"/append?catalog={table}&sync={str(sync).lower()}"
            body = json.dumps([{"id": number, "value": value} for number in ids])
            headers = HEADERS | {"Content-Type": "application/json"}
        else:
            sync = True
            path = f"/{kind}?catalog={table}" + ("&primary_key=id" if kind == "upsert" else "&mode=create_append")
            body = "id,value\n" + "".join(f"{number},{value}\n" for number in ids)
            headers = HEADERS | {"Content-Type": "text/csv"}
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status == 200:
            self.values |= self.unknown
            self.committed |= set(ids) if sync else set()
        elif answer.status != 409:  # Which says that nothing was done because of other writers.
            self.error = f"{answer.status} {text!r}"
            raise OSError(self.error)
        self.unknown = {}

    def check(self, found: dict[int, list[int]], durable: bool) -> None:
        """Compares with the rows that are there; before a restart those may be missing that the journal alone has."""
        for number, value in self.values.items():
            late = not durable and number not in self.committed
            allowed = [[value]] + ([[]] if late else []) + ([[self.unknown[number]]] if number in self.unknown else [])
            assert found[number] in allowed, (number, found[number], allowed)
        new = {number: value for number, value in self.unknown.items() if number not in self.values}
        assert all(found[number] in ([], [value]) for number, value in new.items()), (new, self.number)

    def learn(self, found: dict[int, list[int]]) -> None:
        """What became of the request that was not answered."""
        self.values |= {number: found[number][0] for number in self.unknown if found[number]}


def care(server: Boathouse) -> None:
    """Puts the table together until the server is gone."""
    try:
        while True:
            what = random.choice(("OPTIMIZE", "VACUUM", "CHECKPOINT"))
            server.post("/query", json.dumps({"statement": f"{what} t"}).encode())
            time.sleep(0.05)
    except (OSError, http.client.HTTPException):
        pass


def rows(data) -> dict[int, list[int]]:
    """Every row of the table by its id, read from its log and files alone."""
    found = collections.defaultdict(list)
    for log in data.rglob("_delta_log"):
        stored = DeltaTable(log.parent)
        # Reads deletion vectors, too.
        read = pa.table(QueryBuilder().register("t", stored).execute("SELECT id, value FROM t").read_all())
        for number, value in zip(read.column("id").to_pylist(), read.column("value").to_pylist(), strict=True):
            found[number].append(value)
    return found


def test_every_table_can_be_read_after_every_kill(tmp_path):
    writers = [None] * WRITERS
    for _ in range(ROUNDS):
        server = Boathouse(tmp_path, "--append-window", "20", "--file-retention", "0s")
        if any(writers):
            found = rows(tmp_path)
            for writer in writers:
                writer.check(found, durable=True)
                writer.learn(found)
        writers = [Writer(number, server.address, before) for number, before in enumerate(writers)]
        carer = threading.Thread(target=care, args=(server,))
        for thread in (*writers, carer):
            thread.start()
        time.sleep(random.uniform(*SECONDS))
        server.process.kill()
        server.process.wait()
        for thread in (*writers, carer):
            thread.join()
        assert not [writer.error for writer in writers if writer.error]
        found = rows(tmp_path)
        for writer in writers:
            writer.check(found, durable=False)
    with Boathouse(tmp_path):
        found = rows(tmp_path)
        for writer in writers:
            writer.check(found, durable=True)
        acknowledged = sum(len(writer.values) for writer in writers)
        assert acknowledged > 500 and len(found) >= acknowledged
