"""Upserts as other programs see them: the published client sends them, `deltalake` reads what they leave."""
import threading

import pyarrow as pa
import requests
from deltalake import write_deltalake
from deltalake.exceptions import CommitFailedError

from harness.process import PASSWORD, USERNAME
from test_delta_readers import by_deltalake, by_duckdb, delta


def upsert(lakehouse, table: str, rows: str, **parameters: str) -> None:
    query = {"catalog": "lakehouse", "schema": "main", "table": table} | parameters
    answer = requests.post(lakehouse.url + "/upsert", params=query, data=rows.encode(), auth=(USERNAME, PASSWORD),
                           headers={"Content-Type": "text/csv"}, timeout=60)
    assert (answer.status_code, answer.text) == (200, "")


def test_a_small_table_stays_readable_by_every_reader(server, lakehouse, table):
    upsert(lakehouse, table, "id,v,seen\n1,a,1\n2,b,1\n3,c,1\n", primary_key="id")
    for round_number in range(2, 6):
        rows = f"id,v,seen\n2,b{round_number},{round_number}\n{round_number + 10},new,1\n3,late,0\n"
        upsert(lakehouse, table, rows, primary_key="id", cursor_field="seen")
    expected = [{"id": 1, "v": "a", "seen": 1}, {"id": 2, "v": "b5", "seen": 5}, {"id": 3, "v": "c", "seen": 1}]
    expected += [{"id": round_number + 10, "v": "new", "seen": 1} for round_number in range(2, 6)]
    stored = delta(server, table)
    assert by_deltalake(stored) == expected
    assert by_duckdb(stored) == expected
    assert stored.metadata().configuration["boathouse.key"] == '["id"]'
    assert stored.protocol().min_reader_version == 1
    assert [entry["operation"] for entry in stored.history(2)] == ["MERGE", "MERGE"]


def test_a_subset_of_columns_keeps_the_others(server, lakehouse, table):
    lakehouse.upload(table, b"id,a,b\n1,x,1.5\n2,y,2.5\n")
    upsert(lakehouse, table, "b,id\n9.5,2\n0.5,7\n", primary_key=" id ,")
    assert by_deltalake(delta(server, table)) == [
        {"id": 1, "a": "x", "b": 1.5}, {"id": 2, "a": "y", "b": 9.5}, {"id": 7, "a": None, "b": 0.5},
    ]


def test_another_program_may_write_at_the_same_time(server, lakehouse, table):
    upsert(lakehouse, table, "id,v\n0,first\n", primary_key="id")
    place = delta(server, table).table_uri

    def write(number: int) -> None:
        row = pa.table({"id": pa.array([1000 + number], pa.int64()), "v": ["theirs"]})
        while True:
            try:
                write_deltalake(place, row, mode="append")
                return
            except CommitFailedError:
                pass  # delta-rs takes any file that an upsert replaced for one that its append has read.

    others = threading.Thread(target=lambda: [write(number) for number in range(15)])
    others.start()
    for number in range(1, 16):
        upsert(lakehouse, table, f"id,v\n{number},ours\n0,shared {number}\n", primary_key="id")
        lakehouse.upload(table, f"id,v\n{2000 + number},appended\n".encode(), mode="append")
    others.join()
    expected = [{"id": 0, "v": "shared 15"}] + [{"id": number, "v": "ours"} for number in range(1, 16)]
    expected += [{"id": 1000 + number, "v": "theirs"} for number in range(15)]
    expected += [{"id": 2000 + number, "v": "appended"} for number in range(1, 16)]
    assert by_deltalake(delta(server, table)) == expected
    assert lakehouse.rows(f"SELECT count(*), count(DISTINCT id) FROM {table}") == [[46, 46]]
