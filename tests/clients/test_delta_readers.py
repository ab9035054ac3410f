"""Other programs read the tables without the server: `deltalake` their log, `duckdb` their Parquet files."""
import io
import json
from datetime import date, datetime, timezone
from decimal import Decimal

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable


def delta(server, name: str) -> DeltaTable:
    """The table of this name, found by its log on disk alone."""
    logs = [path.parent for path in server.data.rglob("_delta_log")]
    found = [table for table in map(DeltaTable, logs) if table.metadata().name == name]
    assert len(found) == 1, f"{name} is in {len(found)} of {len(logs)} tables under {server.data}"
    return found[0]


def by_deltalake(table: DeltaTable) -> list[dict]:
    return table.to_pyarrow_table().sort_by("id").to_pylist()


def by_duckdb(table: DeltaTable) -> list[dict]:
    """The current files, read by DuckDB's own Parquet reader."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        files = [uri.removeprefix("file://") for uri in table.file_uris()]
        relation = connection.sql("SELECT * FROM read_parquet(?) ORDER BY id", params=[files])
        return relation.to_arrow_table().to_pylist()


def test_csv_values_nulls_and_dates(server, lakehouse, table):
    text = (
        "id,price,paid,day,seen,zoned,note\n"
        '1,9.5,true,2024-02-29,2024-02-29 23:59:59.123456,2024-02-29T23:59:59+02:00,"a ""quoted"", line\nand more"\n'
        "2,-1e-7,false,1969-12-31,1969-12-31 00:00:00,1970-01-01T00:00:00Z,Grüße ☃\n"
        '3,,,,,,""\n'
        "9223372036854775807,1e300,true,9999-12-31,2100-01-01 12:00:00,2100-01-01T12:00:00+00:00,plain\n"
    )
    lakehouse.upload(table, text.encode(), content_type="text/csv")
    utc = timezone.utc
    expected = [
        {"id": 1, "price": 9.5, "paid": True, "day": date(2024, 2, 29), "seen": datetime(2024, 2, 29, 23, 59, 59, 123456),
         "zoned": datetime(2024, 2, 29, 21, 59, 59, tzinfo=utc), "note": 'a "quoted", line\nand more'},
        {"id": 2, "price": -1e-7, "paid": False, "day": date(1969, 12, 31), "seen": datetime(1969, 12, 31),
         "zoned": datetime(1970, 1, 1, tzinfo=utc), "note": "Grüße ☃"},
        {"id": 3, "price": None, "paid": None, "day": None, "seen": None, "zoned": None, "note": None},
        {"id": 2**63 - 1, "price": 1e300, "paid": True, "day": date(9999, 12, 31), "seen": datetime(2100, 1, 1, 12),
         "zoned": datetime(2100, 1, 1, 12, tzinfo=utc), "note": "plain"},
    ]
    stored = delta(server, table)
    for rows in (by_deltalake(stored), by_duckdb(stored)):
        # A quoted empty field may be kept apart from a missing one, and it is up to the reader of CSV which it is.
        rows[2]["note"] = rows[2]["note"] or None
        assert rows == expected
    types = {field.name: field.type for field in stored.to_pyarrow_table().schema}
    assert types == {"id": pa.int64(), "price": pa.float64(), "paid": pa.bool_(), "day": pa.date32(),
                     "seen": pa.timestamp("us"), "zoned": pa.timestamp("us", "UTC"), "note": pa.string()}


def test_nested_json(server, lakehouse, table):
    records = [
        {"id": 1, "tags": ["a", "b"], "address": {"city": "Kyoto", "zip": None}, "lines": [{"sku": "x", "n": 1}]},
        {"id": 2, "tags": [], "address": None, "lines": [{"sku": "y", "n": None}, {"sku": None, "n": 2}]},
        {"id": 3, "tags": None, "address": {"city": None, "zip": "10115"}, "lines": None},
    ]
    for body in (json.dumps(records), "".join(json.dumps(record) + "\n" for record in records)):
        lakehouse.upload(table, body.encode(), mode="overwrite", content_type="application/json")
        stored = delta(server, table)
        assert by_deltalake(stored) == records
        assert by_duckdb(stored) == records


def test_parquet_decimals_and_every_width(server, lakehouse, table):
    source = pa.table({
        "id": pa.array([1, 2, 3], pa.int32()),
        "tiny": pa.array([-128, 127, None], pa.int8()),
        "small": pa.array([-32768, None, 32767], pa.int16()),
        "money": pa.array([Decimal("0.01"), Decimal("-9999999999.99"), None], pa.decimal128(12, 2)),
        "wide": pa.array([Decimal("1234567890123456789012345678.0123456789"), None, Decimal("-0.0000000001")],
                         pa.decimal128(38, 10)),
        "single": pa.array([0.1, None, -3.25e38], pa.float32()),
        "blob": pa.array([b"\x00\xff", b"", None], pa.binary()),
        "day": pa.array([date(1, 1, 1), None, date(2026, 11, 22)], pa.date32()),
        "zoned": pa.array([datetime(2026, 1, 2, 3, 4, 5, 678901, timezone.utc), None, None], pa.timestamp("us", "UTC")),
        "matrix": pa.array([[[1, 2], [], None], None, [[None]]], pa.list_(pa.list_(pa.int64()))),
        "pair": pa.array([{"a": Decimal("1.5"), "b": date(2020, 1, 1)}, None, {"a": None, "b": None}],
                         pa.struct([("a", pa.decimal128(5, 1)), ("b", pa.date32())])),
    })
    body = io.BytesIO()
    pq.write_table(source, body)
    lakehouse.upload(table, body.getvalue())
    stored = delta(server, table)
    assert by_deltalake(stored) == source.to_pylist()
    assert by_duckdb(stored) == source.to_pylist()
    assert {field.name: field.type for field in stored.to_pyarrow_table().schema}["money"] == pa.decimal128(12, 2)


def test_readers_follow_every_change(server, lakehouse, table):
    lakehouse.upload(table, b"id,n\n1,10\n2,20\n3,30\n")
    first = delta(server, table)
    lakehouse.upload(table, b"id,n\n4,40\n", mode="append")
    lakehouse.rows(f"INSERT INTO {table} VALUES (5, NULL)")
    lakehouse.rows(f"UPDATE {table} SET n = n + 1 WHERE id <= 2")
    lakehouse.rows(f"DELETE FROM {table} WHERE id = 3")
    expected = [{"id": 1, "n": 11}, {"id": 2, "n": 21}, {"id": 4, "n": 40}, {"id": 5, "n": None}]
    now = delta(server, table)
    assert by_deltalake(now) == expected
    assert by_duckdb(now) == expected
    assert by_deltalake(first) == [{"id": 1, "n": 10}, {"id": 2, "n": 20}, {"id": 3, "n": 30}]

    lakehouse.rows(f"ALTER TABLE {table} ADD COLUMN note VARCHAR")
    assert by_deltalake(delta(server, table)) == [row | {"note": None} for row in expected]
    lakehouse.upload(table, b"id\n7\n", mode="overwrite")
    assert by_deltalake(delta(server, table)) == [{"id": 7}]
    assert by_duckdb(delta(server, table)) == [{"id": 7}]


def test_names_are_data(server, lakehouse):
    for name in ('../../etc "passwd"', "Größe; DROP TABLE x", "a/b\\c", "x" * 300):
        lakehouse.upload(name, b"id\n1\n", mode="overwrite")
        assert by_deltalake(delta(server, name)) == [{"id": 1}]
        assert lakehouse.rows('SELECT * FROM lakehouse.main."{}"'.format(name.replace('"', '""'))) == [[1]]
