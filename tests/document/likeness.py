"""Compares what came back with an example: the same, but for what differs from run to run."""
import json
import re
from datetime import datetime
from typing import Any

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def difference(example: Any, found: Any, at: str = "", key: str = "") -> str | None:
    """Where they differ; nothing where they do not. Ids, durations, times and sizes of files, which are told by the names of their
    properties, only have to be of one kind."""
    if key in ("uuid", "sessionToken", "body", "url") or key.endswith(
            ("_id", "_uuid", "_ms", "_time", "_at", "_utc", "Utc", "_bytes", "_bytes_estimate")):
        same = kind(example) == kind(found)
        return None if same else f"{at}: {found!r} is not like {example!r}"
    if isinstance(example, dict) and isinstance(found, dict):
        if example.keys() != found.keys():
            return f"{at or 'the object'} has {sorted(found)} and not {sorted(example)}"
        below = (difference(example[name], found[name], f"{at}.{name}", name) for name in example)
        return next(filter(None, below), None)
    if isinstance(example, list) and isinstance(found, list) and len(example) == len(found):
        below = (difference(*pair, f"{at}[{place}]") for place, pair in enumerate(zip(example, found)))
        return next(filter(None, below), None)
    if isinstance(example, str) and isinstance(found, str):
        example, found = UUID.sub("UUID", example), UUID.sub("UUID", found)
    same = example == found and isinstance(example, bool) == isinstance(found, bool)
    return None if same else f"{at or 'the body'}: {found!r} is not {example!r}"


def kind(value: Any) -> str:
    """What kind of value it is: ids and times are text with a form."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return type(value).__name__
    if not isinstance(value, str):
        return "number"
    if UUID.fullmatch(value):
        return "uuid"
    try:
        datetime.fromisoformat(value)
        return "time"
    except ValueError:
        return "text"


def text_difference(example: str, found: str) -> str | None:
    """The same for text. Lines that are JSON on both sides are compared as that."""
    lines = example.splitlines(), found.splitlines()
    if len(lines[0]) != len(lines[1]) or example.endswith("\n") != found.endswith("\n"):
        return f"{found!r} has not the lines of {example!r}"
    pairs = ((value(left), value(right)) for left, right in zip(*lines))
    told = (difference(left, right, f"line {place}") for place, (left, right) in enumerate(pairs, 1))
    return next(filter(None, told), None)


def value(line: str) -> Any:
    """The JSON of a line, or the line."""
    try:
        return json.loads(line)
    except ValueError:
        return line
