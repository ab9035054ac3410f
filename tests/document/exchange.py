"""Requests made of examples, and what comes back."""
import http.client
import json
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from harness.process import authorization

from operations import Operation, essence, is_json

SECONDS = 60
FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data"
BOUNDARY = "part-of-an-example"


class NoExample(Exception):
    """An operation that cannot be called by what the document says."""


@dataclass(frozen=True)
class Request:
    """A request: parameters by place and name, a body by what the document says that it is."""
    operation: Operation
    name: str
    parameters: dict[tuple[str, str], Any]
    content_type: str | None = None
    body: Any = None
    headers: dict[str, str | None] = field(default_factory=dict)
    # Why it cannot be sent as it stands, where it cannot: `x-unsent` of the example.
    unsent: str | None = None

    def bytes(self) -> bytes | None:
        if self.body is None:
            return None
        if essence(self.content_type or "") == FORM and isinstance(self.body, dict):
            return urlencode({name: written(value) for name, value in self.body.items()}).encode()
        if essence(self.content_type or "") == PARTS and isinstance(self.body, dict):
            return b"".join(part(name, value) for name, value in self.body.items()) + f"--{BOUNDARY}--\r\n".encode()
        # A body that is said to be JSON stays so where an example of an error changes the content type alone.
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()

    def in_place(self, place: str) -> dict[str, Any]:
        return {name: value for (of, name), value in self.parameters.items() if of == place}

    def target(self) -> str:
        path = self.operation.path
        for name, value in self.in_place("path").items():
            path = path.replace(f"{{{name}}}", quote(written(value), safe=""))
        query = urlencode({name: written(value) for name, value in self.in_place("query").items()})
        return f"{path}?{query}" if query else path


@dataclass(frozen=True)
class Answer:
    """What came back."""
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def content_type(self) -> str | None:
        return self.headers.get("content-type")


def part(name: str, value: Any) -> bytes:
    """A part of a form; the one called `file` is a file."""
    of = f'form-data; name="{name}"' + ('; filename="example.csv"' if name == "file" else "")
    return f"--{BOUNDARY}\r\nContent-Disposition: {of}\r\n\r\n{written(value)}\r\n".encode()


def written(value: Any) -> str:
    """A value as it stands in an address or a header."""
    return value if isinstance(value, str) else json.dumps(value)


def send(address: str, request: Request) -> Answer:
    """Sends a request, by the admin account unless it says who else."""
    headers: dict[str, str | None] = {"Authorization": authorization()}
    if request.content_type:
        bound = f"; boundary={BOUNDARY}" if essence(request.content_type) == PARTS else ""
        headers["Content-Type"] = request.content_type + bound
    headers |= {name: written(value) for name, value in request.in_place("header").items()} | request.headers
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=SECONDS)
    try:
        sent = {name: value for name, value in headers.items() if value is not None}
        connection.request(request.operation.method.upper(), request.target(), request.bytes(), sent)
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, found, answer.read())
    finally:
        connection.close()


def parameters(operation: Operation, name: str, linked: dict[str, Any]) -> dict[tuple[str, str], Any]:
    """Those that have an example called `name`, else any example; ids that an earlier answer gave go before these."""
    found = {}
    for parameter in operation.parameters:
        examples = operation.examples(parameter) or operation.examples(operation.resolved(parameter.get("schema", {})))
        key = parameter["in"], parameter["name"]
        if parameter["name"] in linked:
            found[key] = linked[parameter["name"]]
        elif examples:
            found[key] = examples.get(name, next(iter(examples.values())))["value"]
        elif parameter.get("required"):
            raise NoExample(f"the parameter {parameter['name']} has no example")
    return found


def examples(operation: Operation, linked: dict[str, Any]) -> list[Request]:
    """One request for each named example of the body; without a body, for each name that parameters' examples have."""
    media = operation.request_media
    if not media:
        named = [list(operation.examples(parameter)) for parameter in operation.parameters]
        names = list(dict.fromkeys(name for names in named for name in names)) or ["example"]
        shown = [example for parameter in operation.parameters for example in operation.examples(parameter).items()]
        unsent = {name: example["x-unsent"] for name, example in shown if "x-unsent" in example}
        return [Request(operation, name, parameters(operation, name, linked), unsent=unsent.get(name)) for name in names]
    found = []
    for content_type, body in media.items():
        bodies = operation.examples(body)
        if not bodies and not operation.is_binary(body):
            raise NoExample(f"the request body {content_type} has no example")
        for name, example in bodies.items():
            unsent = example.get("x-unsent")
            if isinstance(example["value"], str) and is_json(content_type):
                example = {"value": json.dumps(example["value"])}
            values = parameters(operation, name, linked)
            found.append(Request(operation, name, values, content_type, example["value"], unsent=unsent))
    if not found:
        raise NoExample("no request body has an example")
    return found


def changed(request: Request, name: str, changes: dict) -> Request:
    """The request that leads to an example of an error: `changes` is what its `x-request` says."""
    known = {parameter["name"]: (parameter["in"], parameter["name"]) for parameter in request.operation.parameters}
    values = request.parameters | {known[key]: value for key, value in changes.get("parameters", {}).items()}
    return replace(
        request, name=name, parameters={key: value for key, value in values.items() if value is not None},
        body=changes.get("body", request.body), content_type=changes.get("contentType", request.content_type),
        headers=changes.get("headers", {}),
    )
