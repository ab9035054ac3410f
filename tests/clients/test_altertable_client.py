"""The published Python client, altertable-lakehouse 0.5.1, on the operations query, upload and validate."""
import base64
import io
import uuid

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from altertable_lakehouse import Client, errors, models

from harness.process import PASSWORD, USERNAME

METADATA = {"statement", "rows_limit", "rows_offset", "init_time_ms", "connections_errors", "session_id", "query_id",
            "worker_slug"}


def test_query_answers_metadata_columns_and_rows(lakehouse):
    answer = lakehouse.client.query_all(models.QueryRequest(statement="SELECT 1 AS n, 'a' AS s, NULL::BIGINT AS b"))
    assert answer.rows == [[1, "a", None]]
    assert [column["name"] for column in answer.columns] == ["n", "s", "b"]
    assert [column["type"] for column in answer.columns][1:] == ["VARCHAR", "BIGINT"]
    assert set(answer.metadata.values) == METADATA
    assert answer.metadata.values["connections_errors"] == {}
    assert answer.metadata.values["init_time_ms"] >= 1
    uuid.UUID(answer.metadata.values["query_id"])
    uuid.UUID(answer.metadata.values["session_id"])


def test_query_takes_every_field_of_the_request(lakehouse):
    query_id, session_id = str(uuid.uuid4()), str(uuid.uuid4())
    metadata, columns, rows = lakehouse.client.query(models.QueryRequest(
        statement="SELECT * FROM range(10) t(i) ORDER BY i", catalog="lakehouse", schema="main", query_id=query_id,
        session_id=session_id, limit=3, offset=2, timezone="UTC", ephemeral=False, visible=True, requested_by="me",
        cache=False, sanitize=True, compute_size=models.ComputeSize.S,
    ))
    assert list(rows) == [[2], [3], [4]]
    assert [column["name"] for column in columns] == ["i"]
    values = metadata.values
    assert (values["rows_limit"], values["rows_offset"]) == (3, 2)
    assert (values["query_id"], values["session_id"]) == (query_id, session_id)


def test_unknown_table_is_an_error_in_place_of_the_columns(lakehouse):
    with pytest.raises(errors.QueryError, match="Catalog Error: Table with name nope does not exist") as failure:
        lakehouse.rows("SELECT * FROM nope")
    assert failure.value.line_index == 2


def test_failure_in_the_middle_comes_after_the_rows(lakehouse):
    statement = "SELECT CAST(CASE WHEN i < 299999 THEN '7' ELSE 'seven' END AS INTEGER) FROM range(300000) t(i)"
    _, _, rows = lakehouse.client.query(models.QueryRequest(statement=statement))
    received = 0
    with pytest.raises(errors.QueryError, match="seven"):
        for row in rows:
            assert row == [7]
            received += 1
    assert received < 300_000


def test_validate_says_what_is_wrong(lakehouse):
    good = lakehouse.client.validate(models.ValidateRequest(statement="SELECT 1"))
    assert (good.valid, good.error, good.connections_errors) == (True, None, {})
    bad = lakehouse.client.validate(models.ValidateRequest(statement="SELECT FROM WHERE"))
    assert not bad.valid and bad.error.startswith("Parser Error: ")
    unknown = lakehouse.client.validate(models.ValidateRequest(statement="SELECT * FROM nope"))
    assert not unknown.valid and unknown.error.startswith("Catalog Error: ")


def test_uploads_of_every_kind_of_body_and_mode(lakehouse, table):
    lakehouse.upload(table, b"id,name\n1,Ann\n2,Bob\n", content_type="text/csv")
    lakehouse.upload(table, io.BytesIO(b"name,id\nCid,3\n"), mode="append")
    lakehouse.upload(table, (part for part in (b"id,na", b"me\n4,D", b"ee\n")), mode="append", content_type="text/csv")
    lakehouse.upload(table, b'[{"id": 5, "name": null}]', mode="append", content_type="application/json")
    expected = [[1, "Ann"], [2, "Bob"], [3, "Cid"], [4, "Dee"], [5, None]]
    assert lakehouse.rows(f"SELECT id, name FROM {table} ORDER BY id") == expected

    lakehouse.upload(table, b'{"day": "2026-01-02"}\n{"day": null}\n', mode="overwrite")
    assert lakehouse.rows(f"SELECT * FROM {table} ORDER BY day NULLS LAST") == [["2026-01-02"], [None]]


def test_parquet_body(lakehouse, table):
    body = io.BytesIO()
    pq.write_table(pa.table({"id": [1, 2], "tags": [["a", "b"], None]}), body)
    lakehouse.upload(table, body.getvalue())
    assert lakehouse.rows(f"SELECT * FROM {table} ORDER BY id") == [[1, ["a", "b"]], [2, None]]


def test_refused_uploads_change_nothing(lakehouse, table):
    with pytest.raises(errors.BadRequestError, match=table):
        lakehouse.upload(table, b"id\n1\n", mode="append")
    lakehouse.upload(table, b"id\n1\n")
    with pytest.raises(errors.BadRequestError, match="already exists"):
        lakehouse.upload(table, b"id\n2\n")
    with pytest.raises(errors.BadRequestError, match="line 3"):
        lakehouse.upload(table, b"id\n2\nthree\n", mode="append")
    assert lakehouse.rows(f"SELECT * FROM {table}") == [[1]]
    with pytest.raises(errors.BadRequestError, match='Catalog "demo" does not exist'):
        lakehouse.client.upload("demo", "main", table, models.UploadMode.CREATE, b"id\n1\n")


def test_a_schema_is_created_by_the_upload(lakehouse, table):
    schema = f"s_{table}"
    lakehouse.client.upload("lakehouse", schema, table, models.UploadMode.CREATE, b"id\n1\n")
    assert lakehouse.rows(f"SELECT * FROM lakehouse.{schema}.{table}") == [[1]]
    request = models.QueryRequest(statement=f"SELECT * FROM {table}", catalog="lakehouse", schema=schema)
    assert lakehouse.client.query_all(request).rows == [[1]]


def test_a_second_database(lakehouse, table):
    lakehouse.rows("CREATE DATABASE memory")
    lakehouse.client.upload("memory", "main", table, models.UploadMode.CREATE, b"id\n1\n2\n")
    assert lakehouse.rows(f"SELECT sum(id) FROM memory.main.{table}") == [[3]]
    assert lakehouse.rows(
        f"SELECT table_catalog FROM information_schema.tables WHERE table_name = '{table}'") == [["memory"]]


def test_parquet_answers_have_types_with_and_without_rows(lakehouse):
    columns = "1::INTEGER AS a, NULL::BIGINT AS b, NULL::DECIMAL(12,3) AS c, NULL::UUID AS d, "
    columns += "TIMESTAMPTZ '2026-01-02 03:04:05+00' AS e, DATE '2026-01-02' AS f"
    expected = {"a": pa.int32(), "b": pa.int64(), "c": pa.decimal128(12, 3), "d": pa.string(),
                "e": pa.timestamp("us", "UTC"), "f": pa.date32()}
    for condition, count in (("", 1), (" WHERE false", 0)):
        body = lakehouse.client.query_parquet(models.QueryRequest(statement=f"SELECT {columns}{condition}"))
        answer = pq.read_table(io.BytesIO(body))
        assert answer.num_rows == count
        assert {field.name: field.type for field in answer.schema} == expected
    with pytest.raises(errors.ApiError, match="Catalog Error") as failure:
        lakehouse.client.query_parquet(models.QueryRequest(statement="SELECT * FROM nope"))
    assert failure.value.status_code == 500


def test_credentials(lakehouse):
    request = models.ValidateRequest(statement="SELECT 1")
    for username, password in (("x", "y"), (USERNAME, "wrong"), (USERNAME.upper(), "wrong")):
        with pytest.raises(errors.AuthError):
            Client(base_url=lakehouse.url, username=username, password=password).validate(request)
    token = base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
    assert Client(base_url=lakehouse.url, token=token).validate(request).valid
