"""Every row of lineitem as JSON arrays over HTTP, beside chDB's JSONCompactEachRow into a file."""
import json
import time
from pathlib import Path

from environment import LINEITEM_ROWS, read_once
from figures import Figure
from peers import run_peer
from server import AUTHORIZATION, Server

ROUNDS = 3
CHUNK = 1 << 20


def measure(binary: Path, data: Path, python: Path) -> list[Figure]:
    """Best of three each, in turn."""
    parquet = data / "parquet" / "lineitem.parquet"
    read_once(parquet)
    ours, theirs = [], []
    with Server(binary) as server:
        server.upload("lineitem", parquet)
        server.restart()
        for round_number in range(1, ROUNDS + 1):
            ours.append(export(server))
            theirs.append(run_peer(python, "chdb_export.py", parquet))
            print(f"export {round_number}/{ROUNDS}: Boathouse {ours[-1]}, chDB {theirs[-1]}", flush=True)
    best, peer = min(run["seconds"] for run in ours), min(run["seconds"] for run in theirs)
    # Flat: what the first round needed is enough for the others.
    first, last = ours[0]["peak_mb"], ours[-1]["peak_mb"]
    return [
        Figure("JSON rows out, 6 M rows", rate(best), rate(peer) + " (chDB)", peer / best, "speed >= 1", peer >= best),
        Figure("JSON rows out, bytes", f"{ours[0]['bytes'] / 1e6:.0f} MB", f"{theirs[0]['bytes'] / 1e6:.0f} MB (chDB)"),
        Figure("JSON rows out, peak memory, first and third round", f"{first}, {last} MB",
               f"{theirs[0]['peak_mb']} MB (chDB)", None, "flat", last <= first * 1.1),
    ]


def rate(seconds: float) -> str:
    return f"{seconds:.2f} s, {LINEITEM_ROWS / 1e6 / seconds:.2f} M rows/s"


def export(server: Server) -> dict:
    """Reads the whole answer and keeps none of it; counts lines, and looks at the last one for an error."""
    connection = server.connect()
    body = json.dumps({"statement": "SELECT * FROM lakehouse.main.lineitem"})
    start = time.perf_counter()
    connection.request("POST", "/query", body, {"Authorization": AUTHORIZATION, "Content-Type": "application/json"})
    response = connection.getresponse()
    lines, size, tail = 0, 0, b""
    while chunk := response.read1(CHUNK):
        lines += chunk.count(b"\n")
        size += len(chunk)
        tail = chunk
    seconds = time.perf_counter() - start
    if lines != LINEITEM_ROWS + 2:
        raise SystemExit(f"{lines - 2} rows came of {LINEITEM_ROWS}; the answer ends in {tail[-300:]!r}")
    return {"seconds": round(seconds, 2), "bytes": size, "peak_mb": round(server.memory_mb("VmHWM"))}
