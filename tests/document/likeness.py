"""Compares what came back with an example: the same, but for what differs from run to run."""
import json
import re
from datetime import datetime
from typing import Any

from exchange import Answer
from operations import is_json

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
VERSION = re.compile(r"\d+\.\d+\.\d+")
# What a server makes up or finds out, wherever it stands in a text.
RANDOM = (
    (UUID, "UUID"),
    # Ids as ULIDs in lower case.
    (re.compile(r"\b[0-7][0-9a-hjkmnp-tv-z]{25}\b"), "ULID"),
    # Secrets: of sessions and mail, and of tokens, which are shown whole once and then in part.
    (re.compile(r"\b[A-Za-z0-9]{32}\b"), "SECRET"),
    (re.compile(r"\bast_[A-Za-z0-9]{9,}"), "TOKEN"),
    (re.compile(r"\bast_[A-Za-z0-9]{8}…"), "PART"),
    (re.compile(r"https?://[^/\s\"]+"), "SERVER"),
)
# Ids of 16 letters and digits could be words elsewhere.
READONLY = re.compile(r"[a-z2-7]{16}")
BY_KIND = ("_id", "_uuid", "_ms", "_time", "_at", "_utc", "Utc", "_bytes", "_bytes_estimate", "Seconds")
OF_KIND = ("uuid", "readonlyId", "version", "sqliteVersion")


def unlike(example: Any, answer: Answer) -> str | None:
    """Where the answer differs from an example."""
    if is_json(answer.content_type or ""):
        return difference(example, json.loads(answer.body))
    return text_difference(example, answer.body.decode(errors="replace"))


def difference(example: Any, found: Any, at: str = "", key: str = "") -> str | None:
    """Where they differ; nothing where they do not. Ids, secrets and the server's own address only have to be of one kind,
    and so do durations, times, versions and sizes of files, which are told by the names of their properties."""
    if key in OF_KIND or key.endswith(BY_KIND):
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
        for pattern, name in RANDOM:
            example, found = pattern.sub(name, example), pattern.sub(name, found)
    same = example == found and isinstance(example, bool) == isinstance(found, bool)
    return None if same else f"{at or 'the body'}: {found!r} is not {example!r}"


def kind(value: Any) -> str:
    """What kind of value it is: ids and times are text with a form."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return type(value).__name__
    if not isinstance(value, str):
        return "number"
    for name, pattern in (("uuid", UUID), ("version", VERSION), ("read-only id", READONLY)):
        if pattern.fullmatch(value):
            return name
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
