"""The 22 TPC-H queries over HTTP on uploaded tables, beside DuckDB on the Parquet files they came from."""
import json
import math
import subprocess
import time
from pathlib import Path

from environment import HERE, TABLES, read_once
from figures import Figure
from peers import HERE as PEERS
from server import Server

ROUNDS = 3
GOAL_TIMES = 1.3


def measure(binary: Path, data: Path, python: Path) -> list[Figure]:
    """Best of three of each query, both sides in turn query by query; answers are compared."""
    for table in TABLES:
        read_once(data / "parquet" / f"{table}.parquet")
    with Server(binary) as server, DuckDb(python, data / "parquet") as duckdb:
        for table in TABLES:
            server.upload(table, data / "parquet" / f"{table}.parquet")
        connection = server.connect()
        figures, ours_sum, theirs_sum, agreed = [], 0.0, 0.0, 0
        for number in range(1, 23):
            statement = (HERE / "queries" / f"q{number}.sql").read_text()
            ours, theirs = [], []
            for _ in range(ROUNDS):
                start = time.perf_counter()
                rows = server.query(statement, connection)
                ours.append(time.perf_counter() - start)
                answer = duckdb.run(statement)
                theirs.append(answer["seconds"])
            difference = compare(rows, answer["rows"])
            agreed += difference is None
            best, peer = min(ours), min(theirs)
            print(f"query {number}: Boathouse {best * 1000:.0f} ms, DuckDB {peer * 1000:.0f} ms", flush=True)
            if difference:
                print(f"query {number}: the answers differ: {difference}", flush=True)
            figures.append(Figure(f"TPC-H {number}", f"{best * 1000:.0f} ms", f"{peer * 1000:.0f} ms (DuckDB)", peer / best))
            ours_sum, theirs_sum = ours_sum + best, theirs_sum + peer
        peak = server.memory_mb("VmHWM")
    total = Figure("TPC-H, sum of 22", f"{ours_sum:.2f} s", f"{theirs_sum:.2f} s (DuckDB)", theirs_sum / ours_sum,
                   f"speed >= {1 / GOAL_TIMES:.2f}", ours_sum <= GOAL_TIMES * theirs_sum)
    answers = Figure("TPC-H, answers as DuckDB's", f"{agreed} of 22", "", None, "22", agreed == 22)
    return [*figures, total, answers, Figure("TPC-H, peak memory", f"{peak:.0f} MB")]


class DuckDb:
    """One DuckDB process that answers statement by statement."""

    def __init__(self, python: Path, parquet: Path) -> None:
        command = [str(python), str(PEERS / "duckdb_tpch.py"), str(parquet)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> "DuckDb":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.stdin.close()
        self.process.wait(timeout=60)
        self.process.stdout.close()

    def run(self, statement: str) -> dict:
        self.process.stdin.write(json.dumps(statement) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def compare(ours: list, theirs: list) -> str | None:
    """Where the answers differ, if they do; rows that an ORDER BY leaves tied may change places."""
    if same(ours, theirs) or same(sorted(ours, key=tie_key), sorted(theirs, key=tie_key)):
        return None
    for mine, other in zip(ours, theirs):
        if not same([mine], [other]):
            return f"Boathouse has the row {mine}, DuckDB {other}"
    return f"Boathouse has {len(ours)} rows, DuckDB {len(theirs)}"


def same(ours: list, theirs: list) -> bool:
    if len(ours) != len(theirs):
        return False
    pairs = zip(ours, theirs)
    return all(len(mine) == len(other) and all(map(equal, mine, other)) for mine, other in pairs)


def equal(mine: object, other: object) -> bool:
    """Numbers may differ by a millionth: the two sum decimals and floats in different types and orders."""
    numbers = isinstance(mine, (int, float)) and isinstance(other, (int, float))
    return math.isclose(mine, other, rel_tol=1e-6) if numbers else mine == other


def tie_key(row: list) -> tuple:
    """Text first: it is exact on both sides. An empty cell counts as text, so that it never meets a number."""
    numbers = tuple(cell for cell in row if isinstance(cell, (int, float)))
    return tuple(str(cell) for cell in row if not isinstance(cell, (int, float))), numbers
