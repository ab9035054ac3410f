"""Tables on S3: a real S3 server process (moto), the server with the usual AWS variables, and an independent reader."""
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from altertable_lakehouse import errors
from deltalake import DeltaTable

from conftest import Lakehouse
from harness.process import Boathouse, Process

BUCKET = "harbour"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test-key", "AWS_SECRET_ACCESS_KEY": "test-secret", "AWS_REGION": "eu-central-1"}


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of an S3 server with one empty bucket."""
    command = [Path(sys.executable).parent / "moto_server", "--host", "127.0.0.1", "--port", "0"]
    moto = Process(command, r"Running on (http://\S+)", os.environ | {"PYTHONUNBUFFERED": "1"})
    client(moto.address).create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    yield moto.address
    moto.stop()


def client(endpoint: str):
    return boto3.client(
        "s3", endpoint_url=endpoint, region_name=CREDENTIALS["AWS_REGION"],
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"], aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"])


def start(data: Path, endpoint: str) -> Boathouse:
    environment = CREDENTIALS | {"AWS_ENDPOINT_URL": endpoint, "AWS_ALLOW_HTTP": "true"}
    return Boathouse(data, "--lakehouse-url", f"s3://{BUCKET}/lake", environment=environment)


def keys(endpoint: str) -> list[str]:
    return [entry["Key"] for entry in client(endpoint).list_objects_v2(Bucket=BUCKET).get("Contents", [])]


def test_tables_live_on_s3_and_outlast_the_server(s3: str, tmp_path: Path):
    server = start(tmp_path / "data", s3)
    try:
        lakehouse = Lakehouse(server.address)
        lakehouse.upload("boats", b"id,name,built\n1,Ann,1990-05-01\n2,,\n")
        lakehouse.upload("boats", b'[{"id": 3, "name": "Cid", "built": "2001-01-01"}]', mode="append")
        with pytest.raises(errors.BadRequestError, match="already exists"):
            lakehouse.upload("boats", b"id\n9\n")
        lakehouse.rows("CREATE TABLE fleets AS SELECT count(*) AS boats FROM boats")
        lakehouse.rows("DELETE FROM boats WHERE id = 2")
    finally:
        server.stop()

    stored = keys(s3)
    assert stored and all(key.startswith("lake/") for key in stored)
    assert not list((tmp_path / "data").rglob("*.parquet")), "rows are on S3 alone"

    server = start(tmp_path / "data", s3)
    try:
        lakehouse = Lakehouse(server.address)
        expected = [[1, "Ann", "1990-05-01"], [3, "Cid", "2001-01-01"]]
        assert lakehouse.rows("SELECT * FROM boats ORDER BY id") == expected
        assert lakehouse.rows("SELECT * FROM fleets") == [[3]]
        lakehouse.rows("DROP TABLE fleets")
        assert lakehouse.rows("SELECT table_name FROM information_schema.tables WHERE table_schema = 'main'") == [["boats"]]
    finally:
        server.stop()

    options = CREDENTIALS | {"AWS_ENDPOINT_URL": s3, "AWS_ALLOW_HTTP": "true"}
    directories = {match.group(1) for key in stored if (match := re.match(r"(.*)/_delta_log/", key))}
    tables = [DeltaTable(f"s3://{BUCKET}/{directory}", storage_options=options) for directory in directories]
    boats = [table for table in tables if table.metadata().name == "boats"]
    assert [sorted(table.to_pyarrow_table()["id"].to_pylist()) for table in boats] == [[1, 3]]


def test_a_bucket_that_is_not_there_is_said_at_the_start(s3: str, tmp_path: Path):
    environment = CREDENTIALS | {"AWS_ENDPOINT_URL": s3, "AWS_ALLOW_HTTP": "true"}
    with pytest.raises(RuntimeError, match="nowhere"):
        Boathouse(tmp_path / "data", "--lakehouse-url", "s3://nowhere/lake", environment=environment)
