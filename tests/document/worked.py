"""Sends every example of a document to a fresh demo server and compares the answers with the documented ones."""
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from demo import Demo
from operations import Operation, read
from turn import Turn

# So many servers at a time: one waits for its start while another answers.
SERVERS = 4


def worked(path: Path) -> list[str]:
    """What is wrong with the examples of the document at `path`. It knows no operation by name."""
    operations = {operation.id: operation for operation in read(path)}
    with Demo() as demo, ThreadPoolExecutor(SERVERS) as pool:
        turns = list(pool.map(lambda operation: taken(operation, operations, demo), operations.values()))
    counts = ((turn.requests, turn.others, len(turn.followed)) for turn in turns)
    requests, others, links = (sum(count) for count in zip(*counts))
    print(f"{path.name}: {len(operations)} operations, {requests} examples of requests and {others} of other answers "
          f"sent, {links} links followed", flush=True)
    return [f"{path.name}: {fault}" for turn in turns for fault in turn.faults]


def taken(operation: Operation, operations: dict[str, Operation], demo: Demo) -> Turn:
    """The turn of an operation on a fresh server, so that no example leans on one that it does not name."""
    with demo.fresh() as server:
        turn = Turn(operations, server, operation)
        turn.take()
    return turn
