"""SQLite databases over HTTP, beside Datasette, the sqlite3 shell and the same server's own measure."""
import contextlib
import csv
import http.client
import itertools
import json
import random
import shutil
import socket
import sqlite3
import statistics
import subprocess
import tempfile
import time
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path

from figures import Figure
from load import Load, ROUNDS, request
from server import AUTHORIZATION, READY_SECONDS, Server, checked

CONNECTIONS = 16
ROWS = 100_000
IMPORTED = 1_000_000
DATABASES = 10_000
USED = 100
# Times Datasette's rate, part of /healthz's, times one commit a request.
GOAL_SELECT, GOAL_HEALTH, GOAL_INSERT, GOAL_EXPORT = 30.0, 0.5, 5.0, 2.0
GOAL_MEMORY = 500.0
DEPTH = 16
CHUNK = 1 << 20
# Requests that are made before the clock runs.
MADE = 50_000
JSON = {"Authorization": AUTHORIZATION, "Content_Type": "application/json"}


def measure(binary: Path, python: Path, databases: int = DATABASES) -> list[Figure]:
    """Every part on a server of its own; best of three, in turn."""
    with tempfile.TemporaryDirectory(prefix="boathouse-bench-sqlite-") as directory:
        place = Path(directory)
        file = make_file(place / "bench.db", ROWS)
        with Server(binary) as server, datasette(python, file) as peer:
            database = upload(server, file)
            figures = selects(server, database, peer) + exports(server, database, peer)
        with Server(binary) as server:
            figures += inserts(server, upload(server, make_file(place / "empty.db", 0)))
        with Server(binary) as server:
            figures += imports(server, place)
        with Server(binary) as server:
            figures += many(server, databases)
    return figures


def row(number: int) -> tuple:
    """Row `number` of every file."""
    return number, f"customer {number * 7919 % 100_003}", number % 97, number / 8, f"2026-{number % 12 + 1:02}-{number % 28 + 1:02}"


def make_file(path: Path, rows: int) -> Path:
    """A file with the table `rows`, as an application leaves it."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, name TEXT, amount INTEGER, level REAL, day TEXT)")
        connection.executemany("INSERT INTO rows VALUES (?, ?, ?, ?, ?)", map(row, range(1, rows + 1)))
        connection.commit()
    return path


# --- Boathouse ------------------------------------------------------------------------------------------------------------

def upload(server: Server, file: Path, name: str | None = None) -> str:
    """Makes a database from a file, by `POST /dbs`; its id."""
    boundary = "boathouse-bench"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name or file.name}"\r\n'
    head += "Content-Type: application/octet-stream\r\n\r\n"
    tail = f"\r\n--{boundary}--\r\n"
    connection = server.connect()
    connection.putrequest("POST", "/dbs")
    connection.putheader("Authorization", AUTHORIZATION)
    connection.putheader("Content-Type", f"multipart/form-data; boundary={boundary}")
    connection.putheader("Content-Length", str(len(head) + file.stat().st_size + len(tail)))
    connection.endheaders(head.encode())
    with file.open("rb") as content:
        connection.sock.sendfile(content)
    connection.send(tail.encode())
    return json.loads(checked(connection.getresponse()))["id"]


def sql(server: Server, database: str, statement: str, connection: http.client.HTTPConnection | None = None) -> list[dict]:
    """The rows of one statement."""
    connection = connection or server.connect()
    headers = {"Authorization": AUTHORIZATION, "Content-Type": "application/json"}
    connection.request("POST", f"/dbs/{database}/sql", json.dumps({"query": statement}), headers)
    answer = json.loads(checked(connection.getresponse()))
    if answer["errors"]:
        raise SystemExit(f"{statement}: {answer['errors']}")
    return answer["rows"]


def statements(server: Server, database: str, texts: Iterator[str]):
    """Makes one request after the other."""
    line = f"POST /dbs/{database}/sql"
    return lambda: request(server.address, line, json.dumps({"query": next(texts)}).encode(), **JSON)


def made_before(make: Callable[[], bytes]) -> Callable[[], bytes]:
    """Requests that were made before the clock runs, over and over: each of them costs the client as little as any other."""
    return itertools.cycle([make() for _ in range(MADE)]).__next__


# --- Datasette ------------------------------------------------------------------------------------------------------------

@contextlib.contextmanager
def datasette(python: Path, file: Path) -> Iterator["Datasette"]:
    """Datasette on a file, as its documentation says to serve one that nobody changes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [python.parent / "datasette", "serve", "-i", file, "--host", "127.0.0.1", "--port", str(port),
               "--setting", "max_csv_mb", "0"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        peer = Datasette(f"127.0.0.1:{port}", process.pid)
        deadline = time.monotonic() + READY_SECONDS
        while True:
            try:
                peer.get(f"/{file.stem}.json")
                break
            except OSError:
                if time.monotonic() > deadline or process.poll() is not None:
                    raise SystemExit("Datasette did not start") from None
                time.sleep(0.1)
        yield peer
    finally:
        process.terminate()
        process.wait()


class Datasette:
    """A running Datasette."""

    def __init__(self, address: str, pid: int) -> None:
        self.address, self.pid = address, pid

    def get(self, path: str) -> bytes:
        connection = http.client.HTTPConnection(self.address, timeout=READY_SECONDS)
        connection.request("GET", path)
        return checked(connection.getresponse())

    def peak_mb(self) -> float:
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1000
        raise SystemExit("Datasette has ended")


# --- The works ------------------------------------------------------------------------------------------------------------

def selects(server: Server, database: str, peer: Datasette) -> list[Figure]:
    """One row by its primary key, another one each time."""
    keys = random.Random(5)
    texts = (f"SELECT * FROM rows WHERE id = {keys.randint(1, ROWS)}" for _ in itertools.count())
    wanted = dict(zip(("id", "name", "amount", "level", "day"), row(4711), strict=True))
    if (found := sql(server, database, "SELECT * FROM rows WHERE id = 4711")) != [wanted]:
        raise SystemExit(f"{found} is not {wanted}")
    if (found := json.loads(peer.get("/bench/rows/4711.json?_shape=array"))) != [wanted]:
        raise SystemExit(f"Datasette: {found} is not {wanted}")
    make = made_before(statements(server, database, texts))
    ours = Load("SELECT by primary key", server.address, make, CONNECTIONS, DEPTH)
    plain = Load("the same, one at a time on each", server.address, make, CONNECTIONS)
    healthz = request(server.address, "GET /healthz")
    health = Load("GET /healthz", server.address, lambda: healthz, CONNECTIONS, DEPTH)
    plain_health = Load("the same, one at a time on each", server.address, lambda: healthz, CONNECTIONS)
    query = urllib.parse.quote("select * from rows where id = :id")
    page = made_before(lambda: request(peer.address, f"GET /bench/rows/{keys.randint(1, ROWS)}.json?_shape=array"))
    asked = made_before(lambda: request(peer.address, f"GET /bench.json?sql={query}&id={keys.randint(1, ROWS)}&_shape=array"))
    # Whatever suits Datasette best.
    theirs = [Load(f"Datasette, {name}, {depth} at a time", peer.address, make, CONNECTIONS, depth)
              for name, make in (("page of a row", page), ("SQL", asked)) for depth in (1, DEPTH)]
    for _ in range(ROUNDS):
        for load in (ours, plain, health, plain_health, *theirs):
            load.run()
    best = max(load.best() for load in theirs)
    speed, share, plain_share = ours.best() / best, ours.best() / health.best(), plain.best() / plain_health.best()
    return [
        Figure("SELECT by primary key, 16 connections", ours.figure(), f"{best:,.0f} requests/s (Datasette)", speed,
               f"speed >= {GOAL_SELECT:.0f}", speed >= GOAL_SELECT),
        Figure("each client waiting for its answer, beside /healthz", plain.figure(), f"{plain_health.figure()} (GET /healthz)",
               plain_share, f"speed > {GOAL_HEALTH}", plain_share > GOAL_HEALTH),
        Figure(f"{DEPTH} under way on each connection, beside /healthz", ours.figure(), f"{health.figure()} (GET /healthz)", share),
    ]


def inserts(server: Server, database: str) -> list[Figure]:
    """Single rows, each durable when it is answered, on sixteen connections and on one."""
    numbers = itertools.count(1)
    texts = (f"INSERT INTO rows VALUES ({n}, 'customer {n}', {n % 97}, {n / 8}, '2026-01-02')" for n in numbers)
    make = statements(server, database, texts)
    together = Load("INSERT, 16 clients", server.address, make, CONNECTIONS)
    alone = Load("INSERT, one commit a request", server.address, make, 1)
    for _ in range(ROUNDS):
        together.run()
        alone.run()
    acknowledged = together.answers + alone.answers
    found = sql(server, database, "SELECT count(*) AS n FROM rows")[0]["n"]
    if found != acknowledged:
        raise SystemExit(f"{acknowledged} rows were acknowledged, {found} are there")
    speed = together.best() / alone.best()
    return [Figure("durable single-row INSERT, 16 clients", together.figure(), f"{alone.figure()} (one commit a request)",
                   speed, f"speed >= {GOAL_INSERT:.0f}", speed >= GOAL_INSERT)]


def imports(server: Server, place: Path) -> list[Figure]:
    """A CSV file of a million rows into a new database, beside the shell's `.import` into a new file."""
    file = place / "rows.csv"
    with file.open("w", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(("id", "name", "amount", "level", "day"))
        writer.writerows(map(row, range(1, IMPORTED + 1)))
    ours, theirs = [], []
    shell = shutil.which("sqlite3")
    for number in range(ROUNDS):
        start = time.perf_counter()
        database = upload(server, file)
        ours.append(time.perf_counter() - start)
        if shell:
            theirs.append(by_shell(shell, place / f"shell{number}.db", file))
        print(f"import {number + 1}/{ROUNDS}: Boathouse {ours[-1]:.2f} s, sqlite3 {theirs[-1:]} s", flush=True)
    found = sql(server, database, 'SELECT count(*) AS n, sum(amount) AS amounts FROM "rows"')
    if found != [{"n": IMPORTED, "amounts": sum(n % 97 for n in range(1, IMPORTED + 1))}]:
        raise SystemExit(f"after the import: {found}")
    size = file.stat().st_size / 1e6
    best = min(ours)
    figure = f"{best:.2f} s, {size / best:.0f} MB/s, peak {server.memory_mb('VmHWM'):.0f} MB"
    if not theirs:
        return [Figure("CSV import, 1 M rows", figure, "no sqlite3 shell on PATH")]
    speed = min(theirs) / best
    return [Figure("CSV import, 1 M rows", figure, f"{min(theirs):.2f} s (sqlite3 .import)", speed, "speed > 1", speed > 1)]


def by_shell(shell: str, target: Path, file: Path) -> float:
    """Seconds of `.import`, which makes the table from the first line, every column TEXT."""
    start = time.perf_counter()
    subprocess.run([shell, target, ".mode csv", f".import {file} rows"], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def exports(server: Server, database: str, peer: Datasette) -> list[Figure]:
    """Every row as CSV; the client counts lines and keeps nothing."""
    path = f"/api/dbs/{database}/tables/rows/export?format=csv"
    ours, theirs, peaks = [], [], []
    for number in range(ROUNDS):
        ours.append(drained(server.address, path))
        peaks.append(server.memory_mb("VmHWM"))
        theirs.append(drained(peer.address, "/bench/rows.csv?_stream=on&_size=max"))
        print(f"export {number + 1}/{ROUNDS}: Boathouse {ours[-1]:.2f} s, Datasette {theirs[-1]:.2f} s", flush=True)
    speed = min(theirs) / min(ours)
    rate = f"{ROWS / 1e6 / min(ours):.2f} M rows/s"
    return [
        Figure("CSV export, 100,000 rows", f"{min(ours):.3f} s, {rate}", f"{min(theirs):.2f} s (Datasette)", speed,
               f"speed >= {GOAL_EXPORT:.0f}", speed >= GOAL_EXPORT),
        Figure("CSV export, peak memory, first and third round", f"{peaks[0]:.0f}, {peaks[-1]:.0f} MB",
               f"{peer.peak_mb():.0f} MB (Datasette)", None, "flat", peaks[-1] <= peaks[0] * 1.1),
    ]


def drained(address: str, path: str) -> float:
    """Seconds until the last byte of a file with as many lines as there are rows, and one."""
    connection = http.client.HTTPConnection(address, timeout=600)
    start = time.perf_counter()
    connection.request("GET", path, headers={"Authorization": AUTHORIZATION, "Accept": "text/csv"})
    response = connection.getresponse()
    lines, tail = 0, b""
    while chunk := response.read1(CHUNK):
        lines += chunk.count(b"\n")
        tail = chunk
    seconds = time.perf_counter() - start
    if response.status != 200 or lines != ROWS + 1:
        raise SystemExit(f"{address}{path}: HTTP {response.status}, {lines} lines; the end is {tail[-300:]!r}")
    return seconds


def many(server: Server, databases: int) -> list[Figure]:
    """Databases by the thousand, of which a hundred are used after a restart: memory, and the time of each first request."""
    names = (f"many{number}" for number in itertools.count())
    script = "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT); INSERT INTO notes (text) VALUES ('first'), ('second')"
    ids: list[str] = []
    start = time.perf_counter()
    connection = server.connect()
    headers = {"Authorization": AUTHORIZATION, "Content-Type": "application/json"}
    for name in itertools.islice(names, databases):
        connection.request("POST", "/api/dbs", json.dumps({"name": name, "query": script}), headers)
        ids.append(json.loads(checked(connection.getresponse()))["id"])
    print(f"{databases:,} databases made in {time.perf_counter() - start:.0f} s", flush=True)
    server.restart()
    idle = server.memory_mb("VmRSS")
    picked = random.Random(7).sample(ids, 2 * USED + 1)
    used, others = picked[:USED], picked[USED:2 * USED]
    connection = server.connect()
    sql(server, picked[-1], "SELECT 1 AS one", connection)  # Signs in.
    ours, theirs, again = [], [], []
    read = "SELECT text FROM notes WHERE id = 2"
    with contextlib.ExitStack() as kept:
        opened = []
        # In turn, because what a new file costs changes with what was made and removed before. Whoever opens a database
        # first makes its log and the index of that, and removes them when it closes it: nobody does meanwhile.
        for database, other in zip(used, others, strict=True):
            start = time.perf_counter()
            found = sql(server, database, read, connection)
            ours.append(time.perf_counter() - start)
            if found != [{"text": "second"}]:
                raise SystemExit(f"{database}: {found}")
            file = server.directory / "data" / "databases" / other / "main.sqlite"
            start = time.perf_counter()
            opened.append(kept.enter_context(contextlib.closing(sqlite3.connect(file))))
            opened[-1].execute(read).fetchall()
            theirs.append(time.perf_counter() - start)
        # In turn again: each leaves the processor's caches to the other.
        for database, other in zip(used, opened, strict=True):
            start = time.perf_counter()
            sql(server, database, read, connection)
            again.append(time.perf_counter() - start)
            other.execute(read).fetchall()
    memory = server.memory_mb("VmRSS")
    # What HTTP itself takes is what a request takes to a database that is open already.
    opening = statistics.median(ours) - statistics.median(again)
    peer = statistics.median(theirs)
    return [
        Figure(f"{databases:,} databases, {USED} used, memory", f"{memory:.0f} MB ({idle:.0f} MB before)", "", None,
               f"< {GOAL_MEMORY:.0f} MB", memory < GOAL_MEMORY),
        Figure("first request to a database, beyond a second one", milliseconds(opening),
               f"{milliseconds(peer)} (Python's sqlite3 opens and reads)", peer / max(opening, 1e-9), "speed >= 1",
               opening <= peer),
        Figure("first and second request, whole", f"{milliseconds(statistics.median(ours))}, {milliseconds(statistics.median(again))}"),
    ]


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"
