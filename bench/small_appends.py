"""A table made by 10,000 small appends and cared for by itself, queried beside the same rows loaded by one upload."""
import http.client
import tempfile
import threading
import time
import urllib.parse
from pathlib import Path

from figures import Figure
from server import AUTHORIZATION, Server, checked

APPENDS, ROWS, CLIENTS = 10_000, 20, 8
GOAL = 1.5
ROUNDS = 7
REST_SECONDS = 120
QUERIES = {
    "count": "SELECT count(*) FROM {}",
    "group": "SELECT kind, count(*), sum(amount), max(price) FROM {} GROUP BY kind ORDER BY kind",
    "filter": "SELECT sum(amount) FROM {} WHERE id BETWEEN 90000 AND 90999",
    "top": "SELECT id, price FROM {} ORDER BY price DESC, id LIMIT 10",
}


def measure(binary: Path) -> list[Figure]:
    """Appends over HTTP from several clients, waits until care has come to rest, and asks both tables in turn."""
    with Server(binary) as server:
        seconds = append_all(server)
        load_at_once(server)
        files, waited = wait_for_rest(server)
        print(f"small appends: {APPENDS} in {seconds:.0f} s, at rest {waited:.0f} s later in {files} files", flush=True)
        figures = [Figure(f"{APPENDS:,} appends of {ROWS} rows, {CLIENTS} clients", f"{APPENDS / seconds:.0f} a second")]
        for name, statement in QUERIES.items():
            ours, whole = compare(server, statement)
            figures.append(Figure(f"{name} over {APPENDS:,} appends", f"{ours * 1000:.1f} ms", f"{whole * 1000:.1f} ms (one upload)",
                                  whole / ours, f"<= {GOAL} times", ours <= GOAL * whole))
    return figures


def lines(append: int) -> str:
    ids = range(append * ROWS, (append + 1) * ROWS)
    return "".join(f"{i},kind {i % 7},{i % 1000},{(i * 7919) % 100_003 / 100}\n" for i in ids)


def append_all(server: Server) -> float:
    send(server, server.connect(), "appended", "create", "id,kind,amount,price\n" + lines(0))
    start = time.perf_counter()
    failures: list[BaseException] = []

    def client(number: int) -> None:
        try:
            connection = server.connect()
            for append in range(1 + number, APPENDS, CLIENTS):
                send(server, connection, "appended", "append", "id,kind,amount,price\n" + lines(append))
        except BaseException as failure:
            failures.append(failure)

    clients = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for thread in clients:
        thread.start()
    for thread in clients:
        thread.join()
    if failures:
        raise SystemExit(f"an append failed: {failures[0]}")
    return time.perf_counter() - start


def send(server: Server, connection: http.client.HTTPConnection, table: str, mode: str, body: str) -> None:
    target = urllib.parse.urlencode({"catalog": "lakehouse", "schema": "main", "table": table, "mode": mode})
    connection.request("POST", "/upload?" + target, body, {"Authorization": AUTHORIZATION})
    checked(connection.getresponse())


def load_at_once(server: Server) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
        file.write("id,kind,amount,price\n")
        file.writelines(lines(append) for append in range(APPENDS))
        file.flush()
        server.upload("whole", Path(file.name))


def wait_for_rest(server: Server) -> tuple[int, float]:
    """How many files the table is in once care has nothing more to do, and how long that took."""
    statement = "SELECT sum(files_added) - sum(files_removed) FROM table_history('appended')"
    start, last, since = time.perf_counter(), None, time.perf_counter()
    while time.perf_counter() - start < REST_SECONDS:
        files = int(server.query(statement)[0][0])
        if files != last:
            last, since = files, time.perf_counter()
        elif time.perf_counter() - since > 15:
            break
        time.sleep(1)
    return last, since - start


def compare(server: Server, statement: str) -> tuple[float, float]:
    """The best time of each, in turn, after both have answered the same."""
    answers = [server.query(statement.format(f"lakehouse.main.{table}")) for table in ("appended", "whole")]
    if answers[0] != answers[1]:
        raise SystemExit(f"{statement}: {answers[0][:3]} of the appended table, {answers[1][:3]} of the whole one")
    connection, best = server.connect(), {"appended": [], "whole": []}
    for _ in range(ROUNDS):
        for table, times in best.items():
            start = time.perf_counter()
            server.query(statement.format(f"lakehouse.main.{table}"), connection)
            times.append(time.perf_counter() - start)
    return min(best["appended"]), min(best["whole"])
