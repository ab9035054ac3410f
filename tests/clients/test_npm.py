"""The published npm client, @altertable/lakehouse 0.2.2: validates, uploads, upserts, appends, and queries with columns that are strings."""
import json
import subprocess
from pathlib import Path

import pytest

from harness import tools
from harness.process import PASSWORD, USERNAME

FOLDER = Path(__file__).parent / "npm"


@pytest.fixture(scope="module")
def seen(lakehouse) -> dict:
    """What the client saw in one run."""
    modules = tools.node_packages("npm-client", FOLDER / "package.json")
    command = [tools.node() / "node", FOLDER / "client.mjs", modules, lakehouse.url, USERNAME, PASSWORD, "npm_people"]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_validate(seen):
    assert seen["valid"]["valid"] is True
    assert seen["invalid"]["valid"] is False
    assert seen["invalid"]["error"].startswith("Parser Error: ")


def test_upload_and_upsert(seen):
    assert seen["uploaded"]["columns"] == ["id", "name"]
    assert seen["uploaded"]["rows"] == [{"id": 1, "name": "Ann"}, {"id": 2, "name": "Bob"}]
    assert [row["name"] for row in seen["upserted"]["rows"]] == ["Ann", "Bobby", "Cid"]


def test_append(seen):
    assert seen["appended"]["ok"] is True and seen["appendedMany"]["ok"] is True
    assert [(row["id"], row["name"]) for row in seen["after"]["rows"]] == [
        (1, "Ann"), (2, "Bobby"), (3, "Cid"), (4, "Dee"), (5, "Eve"), (6, None)]


def test_an_error_of_a_query_is_told(seen):
    assert "nowhere_at_all" in seen["failure"]
