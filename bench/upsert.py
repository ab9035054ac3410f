"""100,000 rows, half of them new, into lineitem by its key, beside delta-rs' MERGE from Python on the same table, and
beside writing the table anew."""
import shutil
import tempfile
import time
import urllib.parse
from pathlib import Path

from figures import Figure
from peers import run_peer
from server import AUTHORIZATION, Server, checked

ROWS = 100_000
KEY = "l_orderkey,l_linenumber"
PEAK_MB = 600


def measure(binary: Path, data: Path, python: Path) -> list[Figure]:
    """One run each, in fresh processes, on tables of the same rows."""
    source = data / "parquet" / "lineitem.parquet"
    with tempfile.TemporaryDirectory(prefix="boathouse-bench-") as directory:
        rows = Path(directory) / "rows.parquet"
        made = run_peer(python, "deltalake_merge.py", "rows", source, rows, ROWS)
        total = made["table"] + ROWS // 2
        with Server(binary) as server:
            server.upload("lineitem", source)
            server.restart()
            idle = server.memory_mb("VmRSS")
            merged = upsert(server, "lineitem", rows)
            peak = server.memory_mb("VmHWM")
            check(server, total)
            logs = [path.parent for path in (server.directory / "data").rglob("_delta_log")]
            theirs_table = Path(directory) / "theirs"
            # The same files as ours before the upsert: version 0 of the log, without what came after.
            ours = next(log for log in logs if "lineitem" in log.name)
            copy_of_first_version(ours, theirs_table)
            statement = "CREATE TABLE lakehouse.main.again AS SELECT * FROM lakehouse.main.lineitem"
            start = time.perf_counter()
            server.query(statement)
            rewritten = time.perf_counter() - start
            start = time.perf_counter()
            server.query("SELECT sum(l_quantity), count(*) FROM lakehouse.main.lineitem")
            scanned = time.perf_counter() - start
        theirs = run_peer(python, "deltalake_merge.py", "merge", theirs_table, rows, total)
    print(f"upsert: Boathouse {merged:.2f} s, {peak:.0f} MB (idle {idle:.0f} MB); delta-rs {theirs}; "
          f"rewriting {rewritten:.2f} s; a scan afterwards {scanned * 1000:.0f} ms", flush=True)
    return [
        Figure(f"upsert of {ROWS:,} rows into {made['table']:,}", f"{merged:.2f} s", f"{theirs['seconds']:.2f} s (delta-rs MERGE)",
               theirs["seconds"] / merged, "speed > 1", merged < theirs["seconds"]),
        Figure("upsert, beside writing the table anew", f"{merged:.2f} s", f"{rewritten:.2f} s (CREATE TABLE AS)",
               rewritten / merged, "speed > 1", merged < rewritten),
        Figure("upsert, peak memory", f"{peak:.0f} MB", f"{theirs['peak_mb']} MB (delta-rs)", None, f"< {PEAK_MB} MB",
               peak < PEAK_MB),
    ]


def upsert(server: Server, table: str, rows: Path) -> float:
    """Sends a file to `POST /upsert`; the seconds it took."""
    target = {"catalog": "lakehouse", "schema": "main", "table": table, "primary_key": KEY}
    headers = {"Authorization": AUTHORIZATION, "Content-Type": "application/parquet"}
    connection, body = server.connect(), rows.read_bytes()
    start = time.perf_counter()
    connection.request("POST", "/upsert?" + urllib.parse.urlencode(target), body, headers)
    checked(connection.getresponse())
    return time.perf_counter() - start


def check(server: Server, total: int) -> None:
    """Every row that arrived is there once, and no other was lost."""
    statement = "SELECT count(*), sum(CASE WHEN l_comment = 'merged' THEN 1 ELSE 0 END) FROM lakehouse.main.lineitem"
    found = server.query(statement)[0]
    if found != [total, ROWS]:
        raise SystemExit(f"{found} rows and merged rows instead of {[total, ROWS]}")


def copy_of_first_version(table: Path, target: Path) -> None:
    """The table as it was made, for another program to change. Its data files are linked, which nobody writes to."""
    (target / "_delta_log").mkdir(parents=True)
    shutil.copy(table / "_delta_log" / f"{0:020}.json", target / "_delta_log")
    for file in table.glob("*.parquet"):
        (target / file.name).hardlink_to(file)
