"""What a document says of its operations."""
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def essence(content_type: str) -> str:
    """A content type without its parameters."""
    return content_type.split(";")[0].strip().lower()


def is_json(content_type: str) -> bool:
    """Whether it holds one JSON value."""
    return essence(content_type) == "application/json" or essence(content_type).endswith("+json")


@dataclass
class Operation:
    """One operation of a document."""
    document: dict
    path: str
    method: str
    node: dict

    @property
    def id(self) -> str:
        return self.node["operationId"]

    @property
    def parameters(self) -> list[dict]:
        shared = self.document["paths"][self.path].get("parameters", [])
        return [self.resolved(parameter) for parameter in shared + self.node.get("parameters", [])]

    @property
    def request_media(self) -> dict[str, dict]:
        """What the request body may be; empty where there is none."""
        return self.resolved(self.node.get("requestBody", {})).get("content", {})

    @property
    def responses(self) -> dict[str, dict]:
        return {status: self.resolved(response) for status, response in self.node["responses"].items()}

    @property
    def after(self) -> list[dict[str, str]]:
        """The examples that go before its own: `operation: example`."""
        return self.node.get("x-after", [])

    def response(self, status: int) -> tuple[str, dict] | None:
        """What is said of this status: by itself, as one of its hundred, or by default."""
        for key in (str(status), f"{status // 100}XX", "default"):
            if key in self.responses:
                return key, self.responses[key]
        return None

    def resolved(self, node: dict) -> dict:
        """What `node` is, or what its `$ref` names."""
        while "$ref" in node:
            target, node = node["$ref"], self.document
            for key in target.removeprefix("#/").split("/"):
                node = node[key.replace("~1", "/").replace("~0", "~")]
        return node

    def is_binary(self, media: dict) -> bool:
        """Bytes, of which a document can hold no example, and pages, of which it shows none."""
        return self.resolved(media.get("schema", {})).get("format") in ("binary", "html")

    def examples(self, media: dict) -> dict[str, dict]:
        """The named examples of a media type or a parameter; one without a name is called `example`."""
        named = {name: self.resolved(example) for name, example in media.get("examples", {}).items()}
        return named | ({"example": {"value": media["example"]}} if "example" in media else {})


def read(path: Path) -> list[Operation]:
    """Every operation of a document, in its order."""
    document = json.loads(path.read_text())
    return list(of(document))


def of(document: dict) -> Iterator[Operation]:
    """Every operation of a document, in its order."""
    for path, methods in document["paths"].items():
        for method, node in methods.items():
            if method in METHODS:
                yield Operation(document, path, method, node)
