"""A second process writes to the same table through `deltalake` while the server writes and compacts: nothing is lost."""
import threading
import time

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError

from test_delta_readers import by_deltalake, by_duckdb, delta

ROUNDS = 25
ATTEMPTS = 50


def foreign(table: DeltaTable, deleted: set, errors: list) -> None:
    """Appends rows from 1,000,000 on and deletes every third of them again, as a program of its own does."""
    try:
        for n in range(ROUNDS):
            row = pa.table({"id": pa.array([1_000_000 + n], pa.int64()), "n": pa.array([n], pa.int64())})
            retried(lambda: write_deltalake(table.table_uri, row, mode="append"))
            if n % 3 == 0:
                retried(lambda: DeltaTable(table.table_uri).delete(f"id = {1_000_000 + n}"))
                deleted.add(1_000_000 + n)
    except BaseException as error:  # noqa: BLE001 - the test that waits for the thread shows it
        errors.append(error)


def retried(work) -> None:
    """Optimistic writers try again when another changed what they read; that is the protocol, not a loss."""
    for attempt in range(ATTEMPTS):
        try:
            return work()
        except CommitFailedError:
            time.sleep(0.02 * (attempt + 1))
    raise AssertionError(f"still conflicts after {ATTEMPTS} attempts")


def test_nothing_is_lost_between_two_writers(server, lakehouse, table):
    lakehouse.upload(table, b"id,n\n0,0\n")
    stored = delta(server, table)
    deleted, errors = set(), []
    other = threading.Thread(target=foreign, args=(stored, deleted, errors))
    other.start()
    ours = {0}
    n = 0
    while other.is_alive() or n < ROUNDS:
        n += 1
        lakehouse.upload(table, f"id,n\n{n},{n}\n".encode(), mode="append")
        ours.add(n)
        if n % 5 == 0:
            lakehouse.rows(f"OPTIMIZE {table}")
    other.join()
    assert not errors, errors
    expected = ours | {1_000_000 + n for n in range(ROUNDS)} - deleted
    served = [row[0] for row in lakehouse.rows(f"SELECT id FROM {table} ORDER BY id")]
    assert served == sorted(expected)
    stored = delta(server, table)
    assert [row["id"] for row in by_deltalake(stored)] == served
    assert [row["id"] for row in by_duckdb(stored)] == served
    assert any(entry["operation"] == "OPTIMIZE" for entry in stored.history())


def test_versions_are_the_same_for_both(server, lakehouse, table):
    lakehouse.upload(table, b"id\n1\n")
    for n in range(2, 12):
        lakehouse.upload(table, f"id\n{n}\n".encode(), mode="append")
    lakehouse.rows(f"OPTIMIZE {table}")
    lakehouse.rows(f"RESTORE TABLE {table} TO VERSION 4")
    stored = delta(server, table)
    for version in range(stored.version() + 1):
        theirs = sorted(DeltaTable(stored.table_uri, version=version).to_pyarrow_table()["id"].to_pylist())
        ours = [row[0] for row in lakehouse.rows(f"SELECT id FROM {table} AT (VERSION => {version}) ORDER BY id")]
        assert theirs == ours, version
    operations = [entry["operation"] for entry in stored.history()]
    shown = [row[0] for row in lakehouse.rows(f"SELECT operation FROM table_history('{table}')")]
    assert shown == operations
