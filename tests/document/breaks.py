"""Proves that the comparison sees what breaks: changes a document in known ways and looks at what is said of it."""
import copy
import json
from collections.abc import Callable
from pathlib import Path

from harness.places import documents

from changes import changes
from operations import Operation, of

Mutation = Callable[[list[Operation]], None]


def first(operations: list[Operation], has: Callable[[Operation], object]) -> Operation:
    return next(operation for operation in operations if has(operation))


def optional_parameter(operation: Operation) -> dict | None:
    return next((parameter for parameter in operation.parameters if not parameter.get("required")), None)


def words(operation: Operation) -> list | None:
    """The list of words that a parameter takes."""
    schemas = (parameter["schema"] for parameter in operation.parameters)
    return next((schema["enum"] for schema in schemas if "enum" in schema), None)


def body_schema(operation: Operation) -> dict | None:
    """The schema of a request that is a JSON object."""
    schemas = (operation.resolved(media["schema"]) for media in operation.request_media.values())
    return next((schema for schema in schemas if "properties" in schema), None)


def remove_parameter(operations: list[Operation]) -> None:
    operation = first(operations, optional_parameter)
    operation.node["parameters"].remove(optional_parameter(operation))


def require_parameter(operations: list[Operation]) -> None:
    optional_parameter(first(operations, optional_parameter))["required"] = True


def add_parameter(operations: list[Operation]) -> None:
    parameters = operations[0].node.setdefault("parameters", [])
    parameters.append({"name": "more", "in": "query", "schema": {"type": "string"}})


def narrow_words(operations: list[Operation]) -> None:
    words(first(operations, words)).pop()


def widen_words(operations: list[Operation]) -> None:
    words(first(operations, words)).append("more")


def require_property(operations: list[Operation]) -> None:
    schema = body_schema(first(operations, body_schema))
    schema["properties"]["more"] = {"type": "string"}
    schema.setdefault("required", []).append("more")


def add_property(operations: list[Operation]) -> None:
    body_schema(first(operations, body_schema))["properties"]["more"] = {"type": "string"}


def remove_property(operations: list[Operation]) -> None:
    schema = body_schema(first(operations, body_schema))
    name = next(name for name in schema["properties"] if name not in schema.get("required", []))
    del schema["properties"][name]


def remove_status(operations: list[Operation]) -> None:
    del operations[0].node["responses"]["400"]


def remove_content_type(operations: list[Operation]) -> None:
    operation = first(operations, lambda operation: len(operation.responses["200"].get("content", {})) > 1)
    operation.responses["200"]["content"].popitem()


def remove_operation(operations: list[Operation]) -> None:
    operation = operations[-1]
    del operation.document["paths"][operation.path][operation.method]


def rename_operation(operations: list[Operation]) -> None:
    operations[0].node["operationId"] = "do_more"


def describe(operations: list[Operation]) -> None:
    operations[0].node["description"] = "Other words."


BREAKING: tuple[Mutation, ...] = (
    remove_parameter, require_parameter, narrow_words, require_property, remove_property, remove_status,
    remove_content_type, remove_operation, rename_operation,
)
COMPATIBLE: tuple[Mutation, ...] = (add_parameter, widen_words, add_property, describe)


def proven(packages: Path) -> list[str]:
    """What the comparison gets wrong."""
    path = next(path for path in documents() if path.stem == "boathouse")
    old, faults = json.loads(path.read_text()), []
    for breaking, mutations in ((True, BREAKING), (False, COMPATIBLE)):
        for mutation in mutations:
            new = copy.deepcopy(old)
            mutation(list(of(new)))
            found = changes(old, new, packages)
            if not found:
                faults.append(f"{mutation.__name__} is not seen")
            elif breaking != any(change.breaking for change in found):
                faults.append(f"{mutation.__name__} is {'not ' if breaking else ''}told as breaking: {found[0]}")
    print(f"the comparison knows {len(BREAKING)} changes as breaking and {len(COMPATIBLE)} as compatible", flush=True)
    return faults
