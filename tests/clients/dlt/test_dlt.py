"""dlt pipelines through the published destination, dlt-altertable 0.2.2: append with new columns, replace, merge, nested tables."""
import uuid
from collections.abc import Iterator
from datetime import date, datetime, time, timezone
from decimal import Decimal
from pathlib import Path

import dlt
import pytest
from dlt_altertable import altertable, verify_catalog, verify_load

from harness.process import PASSWORD, USERNAME, Boathouse


# The destination's naming convention keeps names as they are, and puts this between a table and the one below it.
LINES = "orders▶lines"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Boathouse]:
    with Boathouse(tmp_path_factory.mktemp("boathouse")) as running:
        yield running


def options(server: Boathouse) -> dict:
    host, port = server.address.removeprefix("http://").split(":")
    return {"host": host, "port": int(port), "tls": False, "username": USERNAME, "password": PASSWORD,
            "catalog": "lakehouse"}


class Loads:
    """One pipeline into a schema of its own, and the rows that came of it."""

    def __init__(self, server: Boathouse, home: Path, **more: object) -> None:
        self.dataset = f"d_{uuid.uuid4().hex[:10]}"
        destination = altertable(**options(server), **more)
        self.pipeline = dlt.pipeline(
            pipeline_name=self.dataset, destination=destination, dataset_name=self.dataset, pipelines_dir=str(home))

    def run(self, data: object, **how: object) -> None:
        info = self.pipeline.run(data, **how)
        info.raise_on_failed_jobs()
        assert verify_load(self.pipeline) == []

    def rows(self, columns: str, table: str, order: str | None = None) -> list[tuple]:
        statement = f'SELECT {columns} FROM "lakehouse"."{self.dataset}"."{table}" ORDER BY {order or columns}'
        return self.sql(statement)

    def sql(self, statement: str) -> list[tuple]:
        with self.pipeline.sql_client() as client:
            return [tuple(row) for row in client.execute_sql(statement)]

    def comments(self, table: str) -> dict[str, str | None]:
        return dict(self.sql(
            "SELECT column_name, column_comment FROM information_schema.columns "
            f"WHERE table_schema = '{self.dataset}' AND table_name = '{table}'"))


@pytest.fixture
def loads(server: Boathouse, tmp_path: Path) -> Loads:
    return Loads(server, tmp_path)


@pytest.fixture
def nested(server: Boathouse, tmp_path: Path) -> Loads:
    return Loads(server, tmp_path, max_table_nesting=2)


def test_the_catalog_can_be_loaded_into(server: Boathouse):
    assert verify_catalog(**options(server)) == []
    [problem] = verify_catalog(**(options(server) | {"catalog": "nowhere"}))
    assert "not attached" in problem and "lakehouse" in problem


def test_append_takes_new_columns(loads: Loads):
    loads.run([{"id": 1, "name": "Ann"}], table_name="people", write_disposition="append")
    loads.run([{"id": 2, "name": "Bob", "city": "Kyoto", "score": 1.5}], table_name="people", write_disposition="append")
    assert loads.rows("id, name, city, score", "people", "id") == [(1, "Ann", None, None), (2, "Bob", "Kyoto", 1.5)]


def test_replace_leaves_only_what_came_last(loads: Loads):
    loads.run([{"id": 1}, {"id": 2}], table_name="numbers", write_disposition="replace")
    loads.run([{"id": 3}], table_name="numbers", write_disposition="replace")
    assert loads.rows("id", "numbers") == [(3,)]


def test_merge_updates_and_adds(loads: Loads):
    merge = {"table_name": "people", "write_disposition": {"disposition": "merge", "strategy": "upsert"}, "primary_key": "id"}
    loads.run([{"id": 1, "name": "Ann"}, {"id": 2, "name": "Bob"}], **merge)
    loads.run([{"id": 2, "name": "Bobby"}, {"id": 3, "name": "Cid"}], **merge)
    assert loads.rows("id, name", "people") == [(1, "Ann"), (2, "Bobby"), (3, "Cid")]


def test_merge_keeps_the_newest_by_cursor(loads: Loads):
    @dlt.resource(
        name="events", primary_key="id", write_disposition={"disposition": "merge", "strategy": "upsert"},
        columns={"seen": {"dedup_sort": "desc"}})
    def events(rows):
        yield rows

    loads.run(events([{"id": 1, "seen": 10, "text": "new"}]))
    loads.run(events([{"id": 1, "seen": 5, "text": "late"}, {"id": 2, "seen": 1, "text": "other"}]))
    assert loads.rows("id, text", "events") == [(1, "new"), (2, "other")]


def test_nested_merge_replaces_the_rows_below(nested: Loads):
    @dlt.resource(
        name="orders", primary_key="id", write_disposition={"disposition": "merge", "strategy": "upsert"})
    def orders(rows):
        yield rows

    nested.run(orders([
        {"id": 1, "who": "Ann", "lines": [{"sku": "a", "n": 1}, {"sku": "b", "n": 2}]},
        {"id": 2, "who": "Bob", "lines": [{"sku": "c", "n": 3}]},
    ]))
    assert nested.rows("sku, n", LINES) == [("a", 1), ("b", 2), ("c", 3)]
    nested.run(orders([
        {"id": 1, "who": "Anna", "lines": [{"sku": "z", "n": 9}]},
        {"id": 3, "who": "Cid", "lines": []},
    ]))
    assert nested.rows("id, who", "orders") == [(1, "Anna"), (2, "Bob"), (3, "Cid")]
    assert nested.rows("sku, n", LINES) == [("c", 3), ("z", 9)]
    staging = nested.sql("SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE '%staging%'")
    assert not [name for (name,) in staging if name.startswith(nested.dataset)], "the staging schema is dropped"


def test_a_nested_merge_that_fails_changes_nothing(nested: Loads):
    @dlt.resource(
        name="orders", primary_key="id", write_disposition={"disposition": "merge", "strategy": "upsert"})
    def orders(rows):
        yield rows

    nested.run(orders([{"id": 1, "who": "Ann", "lines": [{"sku": "a", "n": 1}]}]))
    with pytest.raises(Exception, match="one row per primary key"):
        nested.run(orders([
            {"id": 1, "who": "Bob", "lines": [{"sku": "b", "n": 1}]},
            {"id": 1, "who": "Cid", "lines": [{"sku": "c", "n": 1}]},
        ]))
    assert nested.rows("id, who", "orders") == [(1, "Ann")]
    assert nested.rows("sku, n", LINES) == [("a", 1)]


def test_hard_deletes(nested: Loads):
    @dlt.resource(
        name="users", primary_key="id", write_disposition={"disposition": "merge", "strategy": "upsert"},
        columns={"gone": {"hard_delete": True, "data_type": "bool"}})
    def users(rows):
        yield rows

    nested.run(users([{"id": 1, "name": "Ann", "gone": False}, {"id": 2, "name": "Bob", "gone": False}]))
    nested.run(users([{"id": 1, "name": "Ann", "gone": True}, {"id": 3, "name": "Cid", "gone": False}]))
    assert nested.rows("id, name", "users") == [(2, "Bob"), (3, "Cid")]


def test_every_type(loads: Loads):
    columns = {
        "id": {"data_type": "bigint"}, "price": {"data_type": "decimal", "precision": 12, "scale": 3},
        "ratio": {"data_type": "double"}, "yes": {"data_type": "bool"}, "day": {"data_type": "date"},
        "moment": {"data_type": "timestamp"}, "local": {"data_type": "timestamp", "timezone": False},
        "clock": {"data_type": "time"}, "raw": {"data_type": "binary"}, "tree": {"data_type": "json"},
    }
    row = {
        "id": 2**62, "price": Decimal("123456789.125"), "ratio": 0.5, "yes": True, "day": date(2026, 1, 2),
        "moment": datetime(2026, 1, 2, 3, 4, 5, 678901, timezone.utc), "local": datetime(2026, 1, 2, 3, 4, 5),
        "clock": time(12, 30, 1), "raw": b"\x00\xff", "tree": {"a": [1, 2]},
    }
    loads.run([row], table_name="types", columns=columns, write_disposition="append")
    [(number, price, ratio, yes, day, moment, local, clock, raw)] = loads.rows(
        "id, price, ratio, yes, day, moment, local, clock, raw", "types", "id")
    assert (number, price, ratio, yes, day, raw) == (2**62, row["price"], 0.5, True, row["day"], b"\x00\xff")
    assert (moment, local) == (row["moment"], row["local"])
    # Tables keep a time of day as text in ISO form.
    assert str(clock) == "12:30:01"


def test_descriptions_are_comments(loads: Loads):
    columns = {"id": {"data_type": "bigint", "description": "the number of it"}, "name": {"data_type": "text"}}
    loads.run([{"id": 1, "name": "Ann"}], table_name="people", columns=columns, write_disposition="append")
    columns["name"]["description"] = "what it is called; isn't it?"
    loads.run([{"id": 2, "name": "Bob"}], table_name="people", columns=columns, write_disposition="append")
    comments = loads.comments("people")
    assert comments["id"] == "the number of it"
    assert comments["name"] == "what it is called; isn't it?"
    assert comments["_dlt_id"] is None


def test_a_fresh_pipeline_finds_its_state(server: Boathouse, tmp_path: Path):
    @dlt.resource(name="ticks", write_disposition="append")
    def ticks(at=dlt.sources.incremental("at", initial_value=0)):
        yield [{"at": value} for value in (1, 2, 3) if value > at.last_value]

    first = Loads(server, tmp_path / "one")
    first.run(ticks())
    again = dlt.pipeline(
        pipeline_name=first.dataset, destination=altertable(**options(server)), dataset_name=first.dataset,
        pipelines_dir=str(tmp_path / "two"))
    again.run(ticks())
    assert first.rows("at", "ticks") == [(1,), (2,), (3,)]


def test_partition_hints_are_refused_clearly(loads: Loads):
    with pytest.raises(Exception, match="SET PARTITIONED BY is not supported"):
        loads.run([{"id": 1, "day": "2026-01-02"}], table_name="parts", columns={"day": {"partition": True}})
