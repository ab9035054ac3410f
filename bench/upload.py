"""CSV over HTTP into a committed table, beside DuckDB's CSV to Parquet."""
from pathlib import Path

from environment import LINEITEM_ROWS, read_once
from figures import Figure
from peers import run_peer
from server import Server

ROUNDS = 3
BIG_COPIES = 7
PEAK_MB = 400


def measure(binary: Path, data: Path, python: Path, big: bool) -> list[Figure]:
    """Best of three each, in turn, every round in fresh processes; `big` adds a body of over 5 GB."""
    csv = data / "csv" / "lineitem.csv"
    read_once(csv)
    ours, theirs = [], []
    for round_number in range(1, ROUNDS + 1):
        ours.append(upload(binary, csv))
        theirs.append(run_peer(python, "duckdb_upload.py", csv))
        print(f"upload {round_number}/{ROUNDS}: Boathouse {ours[-1]}, DuckDB {theirs[-1]}", flush=True)
    figures = compare(csv.stat().st_size, ours, theirs)
    if big:
        figures += big_body(binary, csv, max(run["peak_mb"] for run in ours))
    return figures


def upload(binary: Path, csv: Path, copies: int = 1) -> dict:
    with Server(binary) as server:
        seconds, length = server.upload("lineitem", csv, copies)
        peak = server.memory_mb("VmHWM")
        rows = server.query("SELECT count(*) FROM lakehouse.main.lineitem")[0][0]
    if rows != LINEITEM_ROWS * copies:
        raise SystemExit(f"{rows} rows arrived of {LINEITEM_ROWS * copies}")
    return {"seconds": round(seconds, 2), "mb_per_s": round(length / 1e6 / seconds), "peak_mb": round(peak)}


def compare(size: int, ours: list[dict], theirs: list[dict]) -> list[Figure]:
    best, peer = min(run["seconds"] for run in ours), min(run["seconds"] for run in theirs)
    peak, peer_peak = max(run["peak_mb"] for run in ours), max(run["peak_mb"] for run in theirs)
    return [
        Figure(f"CSV upload, {size / 1e6:.0f} MB", rate(size, best), rate(size, peer) + " (DuckDB)", peer / best,
               "speed >= 1", peer >= best),
        Figure("CSV upload, peak memory", f"{peak} MB", f"{peer_peak} MB (DuckDB)", None, f"< {PEAK_MB} MB",
               peak < PEAK_MB),
    ]


def rate(size: int, seconds: float) -> str:
    return f"{seconds:.2f} s, {size / 1e6 / seconds:.0f} MB/s"


def big_body(binary: Path, csv: Path, small_peak: float) -> list[Figure]:
    run = upload(binary, csv, BIG_COPIES)
    print(f"upload, big body: {run}", flush=True)
    work = f"CSV upload, {csv.stat().st_size * BIG_COPIES / 1e9:.1f} GB"
    # A tenth of play: two runs of the same body differ by a few MB.
    flat = run["peak_mb"] < small_peak * 1.1 and run["peak_mb"] < PEAK_MB
    return [
        Figure(work, f"{run['seconds']} s, {run['mb_per_s']} MB/s"),
        Figure(f"{work}, peak memory", f"{run['peak_mb']} MB", "", None, f"as for the small body ({small_peak} MB)", flat),
    ]
