"""Transactions beside a writer of another process, and what other readers find of comments."""
import threading
import time

import pyarrow as pa
import pytest
from altertable_lakehouse import errors
from deltalake import DeltaTable, write_deltalake

from test_delta_readers import delta

# Long enough for another process to commit something while it runs.
BUSY = "SELECT count(*) FROM range(600000000) r(i) WHERE i % 7 = 3"


def test_a_commit_of_another_process_in_between_is_a_conflict(server, lakehouse, table):
    other = f"{table}_other"
    for name in (table, other):
        lakehouse.rows(f"CREATE TABLE {name} AS SELECT 1::BIGINT AS n")
    told: list[str] = []

    def change() -> None:
        try:
            lakehouse.rows(f"BEGIN; UPDATE {table} SET n = n + 1; UPDATE {other} SET n = n + 1; {BUSY}; COMMIT")
        except errors.QueryError as error:
            told.append(str(error))

    running = threading.Thread(target=change)
    running.start()
    time.sleep(0.5)
    stored = delta(server, table)
    write_deltalake(stored.table_uri, pa.table({"n": pa.array([100], pa.int64())}), mode="append")
    assert running.is_alive(), "the other process was to write while the transaction runs"
    running.join()
    assert told and "another writer changed the table" in told[0] and "nothing was changed" in told[0]
    assert lakehouse.rows(f"SELECT n FROM {table} ORDER BY n") == [[1], [100]]
    assert lakehouse.rows(f"SELECT n FROM {other}") == [[1]]


def test_comments_are_where_other_tools_look(server, lakehouse, table):
    lakehouse.rows(f"CREATE TABLE {table} (id BIGINT, name VARCHAR)")
    lakehouse.rows(f"BEGIN; COMMENT ON TABLE {table} IS 'boats'; COMMENT ON COLUMN {table}.name IS 'on the bow'; "
                   f"INSERT INTO {table} VALUES (1, 'Ann'); COMMIT")
    stored: DeltaTable = delta(server, table)
    assert stored.metadata().description == "boats"
    assert {field.name: field.metadata.get("comment") for field in stored.schema().fields} == {
        "id": None, "name": "on the bow"}
    assert stored.to_pyarrow_table().to_pylist() == [{"id": 1, "name": "Ann"}]


@pytest.mark.parametrize("change", [
    "MERGE INTO {t} USING (SELECT 2 AS id, 'Bobby' AS name UNION ALL SELECT 3, 'Cid') s ON {t}.id = s.id "
    "WHEN MATCHED THEN UPDATE SET name = s.name WHEN NOT MATCHED THEN INSERT *",
    "BEGIN; DELETE FROM {t} WHERE id = 2; INSERT INTO {t} VALUES (2, 'Bobby'), (3, 'Cid'); COMMIT",
])
def test_readers_follow_a_change_of_many_rows(server, lakehouse, table, change):
    lakehouse.upload(table, b"id,name\n1,Ann\n2,Bob\n")
    lakehouse.rows(change.format(t=table))
    rows = sorted(delta(server, table).to_pyarrow_table().to_pylist(), key=lambda row: row["id"])
    assert rows == [{"id": 1, "name": "Ann"}, {"id": 2, "name": "Bobby"}, {"id": 3, "name": "Cid"}]
