"""The curl commands of the product's documentation, word for word but for the host, the statement and the names."""
import base64
import json
import shutil
import subprocess

import pytest

from harness.process import PASSWORD, USERNAME

QUERY = """curl {host}/query \\
-H "Authorization: Bearer $ALTERTABLE_BASIC_AUTH_TOKEN" \\
-H "Content-Type: application/json" \\
-d '{{"statement": "{statement}"}}'"""

# The documentation breaks the address before its query; to curl it is one word.
UPLOAD = """curl {host}/upload"?catalog=lakehouse&schema=public&table={table}&format=csv&mode={mode}" \\
-H "Authorization: Bearer $ALTERTABLE_BASIC_AUTH_TOKEN" \\
-H "Content-Type: application/octet-stream" \\
--data-binary @data.csv"""


@pytest.fixture
def shell(lakehouse, tmp_path):
    assert shutil.which("curl"), "curl is missing; install it (on Debian: sudo apt-get install curl)"
    token = base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()

    def run(command: str, **words: str) -> str:
        text = command.format(host=lakehouse.url, **words).replace("curl ", "curl --silent --fail-with-body ", 1)
        environment = {"ALTERTABLE_BASIC_AUTH_TOKEN": token, "PATH": "/usr/local/bin:/usr/bin:/bin"}
        done = subprocess.run(["sh", "-c", text], cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def test_query(shell):
    lines = [json.loads(line) for line in shell(QUERY, statement="SELECT 1 AS n, true AS yes").splitlines()]
    assert lines[0]["statement"] == "SELECT 1 AS n, true AS yes"
    assert [column["name"] for column in lines[1]] == ["n", "yes"]
    assert lines[2:] == [[1, True]]


def test_upload_of_each_mode(shell, tmp_path, table):
    (tmp_path / "data.csv").write_text("id,name\n1,Ann\n2,Bob\n")
    rows = f"SELECT id, name FROM lakehouse.public.{table} ORDER BY id"

    def now() -> list:
        return [json.loads(line) for line in shell(QUERY, statement=rows).splitlines()[2:]]

    assert shell(UPLOAD, table=table, mode="create") == ""
    assert now() == [[1, "Ann"], [2, "Bob"]]
    shell(UPLOAD, table=table, mode="append")
    assert now() == [[1, "Ann"], [1, "Ann"], [2, "Bob"], [2, "Bob"]]
    shell(UPLOAD, table=table, mode="overwrite")
    assert now() == [[1, "Ann"], [2, "Bob"]]
    (tmp_path / "data.csv").write_text("id,name\n2,Bobby\n3,Cid\n")
    shell(UPLOAD.replace("mode={mode}", "mode=upsert&primary_key=id"), table=table)
    assert now() == [[1, "Ann"], [2, "Bobby"], [3, "Cid"]]
