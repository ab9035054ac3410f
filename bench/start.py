"""Start to first answer, idle memory and the size of the stripped binary."""
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from figures import Figure
from server import Server

ROUNDS = 9
IDLE_SECONDS = 3


def measure(binary: Path) -> list[Figure]:
    """Median of nine starts, each on a fresh directory and again on the same one."""
    fresh, again, idle = [], [], 0.0
    for _ in range(ROUNDS):
        start = time.perf_counter()
        with Server(binary) as server:
            fresh.append(first_answer(server, start))
            server.stop()
            start = time.perf_counter()
            server.start()
            again.append(first_answer(server, start))
            if len(again) == ROUNDS:
                time.sleep(IDLE_SECONDS)
                idle = server.memory_mb("VmRSS")
    return [
        Figure("start to first answer of POST /query", median(again)),
        Figure("first start of all (creates the account)", median(fresh)),
        Figure("idle memory after an answer", f"{idle:.0f} MB"),
        Figure("stripped binary", f"{stripped_mb(binary):.0f} MB"),
    ]


def median(seconds: list[float]) -> str:
    return f"{statistics.median(seconds) * 1000:.0f} ms"


def first_answer(server: Server, start: float) -> float:
    """Seconds from the start of the process to the answer of a first query."""
    if server.query("SELECT 1") != [[1]]:
        raise SystemExit("SELECT 1 is not 1")
    return time.perf_counter() - start


def stripped_mb(binary: Path) -> float:
    with tempfile.TemporaryDirectory() as directory:
        target = Path(directory) / "stripped"
        subprocess.run(["strip", "-o", target, binary], check=True)
        return target.stat().st_size / 1e6
