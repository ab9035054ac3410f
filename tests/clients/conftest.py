"""One server for the whole run; every test uses tables of its own."""
import uuid
from collections.abc import Iterator

import pytest
from altertable_lakehouse import Client, models

from harness.process import PASSWORD, USERNAME, Boathouse


class Lakehouse:
    """The published client on one database, with the two calls that every test makes."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.client = Client(base_url=url, username=USERNAME, password=PASSWORD)

    def rows(self, statement: str) -> list:
        return self.client.query_all(models.QueryRequest(statement=statement)).rows

    def upload(self, table: str, content, mode: str = "create", content_type: str | None = None) -> None:
        self.client.upload("lakehouse", "main", table, models.UploadMode(mode), content, content_type)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Boathouse]:
    running = Boathouse(tmp_path_factory.mktemp("boathouse"))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def lakehouse(server: Boathouse) -> Lakehouse:
    return Lakehouse(server.address)


@pytest.fixture
def table() -> str:
    """A name that no other test uses."""
    return f"t_{uuid.uuid4().hex[:12]}"
