"""Airsequel's API as its callers speak it: requests with a credential, JSON and forms."""
import http.client
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from harness.process import PASSWORD, USERNAME, Boathouse, authorization

BOUNDARY = "one-part-from-the-next"
SECONDS = 60


@dataclass(frozen=True)
class Form:
    """A form with a file: `multipart/form-data`."""

    file: bytes
    name: str = "file.bin"
    texts: dict[str, str] = field(default_factory=dict)

    def bytes(self) -> bytes:
        parts = [f'name="{name}"\r\n\r\n{value}'.encode() for name, value in self.texts.items()]
        parts.append(f'name="file"; filename="{self.name}"\r\n\r\n'.encode() + self.file)
        lines = [f"--{BOUNDARY}\r\nContent-Disposition: form-data; ".encode() + part + b"\r\n" for part in parts]
        return b"".join(lines) + f"--{BOUNDARY}--\r\n".encode()


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def told(self) -> str:
        """The first message of a refusal."""
        return self.json["errors"][0]["message"]


class Caller:
    """Somebody who sends requests over a connection of their own; nobody without credentials."""

    def __init__(self, address: str, credentials: str | None = None) -> None:
        self.connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=SECONDS)
        self.credentials = credentials

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Sends a request: a form, bytes, or anything else as JSON."""
        if self.credentials:
            headers = {"Authorization": self.credentials} | headers
        if isinstance(body, Form):
            headers, body = headers | {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}, body.bytes()
        elif body is not None and not isinstance(body, bytes):
            headers, body = headers | {"Content-Type": "application/json"}, json.dumps(body).encode()
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, found, answer.read())

    def must(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON of an answer that is no refusal."""
        answer = self.send(method, path, body)
        assert answer.status == 200, f"{method} {path}: {answer.status} {answer.body[:500]!r}"
        return answer.json

    def sql(self, database: str, query: str) -> list[dict]:
        """The rows of a statement that does not fail."""
        result = self.must("POST", f"/dbs/{database}/sql", {"query": query})
        assert not result["errors"], f"{query}: {result['errors']}"
        return result["rows"]


def admin(server: Boathouse) -> Caller:
    """The admin of a test's server."""
    return Caller(server.address, authorization(USERNAME, PASSWORD))


def signed_in(server: Boathouse, name: str, password: str) -> Caller:
    """A user, by the token of a new session."""
    session = Caller(server.address).must("POST", "/api/login", {"username": name, "password": password})
    return Caller(server.address, f"Bearer {session['sessionToken']}")


def part(text: str) -> str:
    """A name as one part of a path."""
    return quote(text, safe="")
