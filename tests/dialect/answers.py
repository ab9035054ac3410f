"""Answers of DuckDB and of the server in one form: types, and rows of what JSON has."""
import datetime
import decimal
import json
import math
import re
import urllib.error
import urllib.request
import uuid

import duckdb

# Types of DuckDB's that are another one here, by themselves and inside others.
TYPES = {"JSON": "VARCHAR", "UUID": "VARCHAR", "TIMESTAMP_NS": "TIMESTAMP", "TIMESTAMP_S": "TIMESTAMP",
         "TIMESTAMP_MS": "TIMESTAMP", "HUGEINT": "DECIMAL(38,0)", "TIME_NS": "TIME"}


class Oracle:
    """DuckDB, in memory."""

    def __init__(self, setup: list[str]) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("SET TimeZone = 'UTC'")
        for statement in setup:
            self.connection.execute(statement)

    def ask(self, query: str) -> tuple[list[str], list[list]] | str:
        """Types and rows, or the error."""
        try:
            answer = self.connection.execute(query)
            types = [kind(str(column[1])) for column in answer.description]
            rows = [[plain(value) for value in row] for row in answer.fetchall()]
            if "INTERVAL" in types:
                texts = self.connection.execute(f"SELECT COLUMNS(*)::VARCHAR FROM ({query})").fetchall()
                rows = [[text if kind == "INTERVAL" else value for kind, value, text in zip(types, row, line)]
                        for row, line in zip(rows, texts)]
            return types, rows
        except duckdb.Error as error:
            return str(error).splitlines()[0]


def kind(name: str) -> str:
    """The type's name, with what is known to be called otherwise."""
    name = re.sub(r"\bTUPLE\(", "STRUCT(", name)
    for duck, own in TYPES.items():
        name = re.sub(rf"(?<!\")\b{duck}\b(?!\")", own, name)
    return name


def plain(value: object) -> object:
    """A value as JSON has it."""
    match value:
        case dict():
            return {str(plain(key)): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case datetime.datetime():
            text = value.isoformat()
            date, _, zone = text.partition("+")
            return (date.rstrip("0").rstrip(".") if "." in date else date) + (f"+{zone}" if zone else "")
        case datetime.date() | datetime.time():
            text = value.isoformat()
            return text.rstrip("0").rstrip(".") if "." in text else text
        case decimal.Decimal():
            return float(value)
        case bytes():
            return value.hex()
        case uuid.UUID():
            return str(value)
        case float() if not math.isfinite(value):
            return None
        case _:
            return value


class Server:
    """Our server, through POST /query."""

    def __init__(self, address: str, authorization: str) -> None:
        self.address, self.authorization = address, authorization

    def ask(self, query: str) -> tuple[list[str], list[list]] | str:
        """Types and rows, or the error."""
        body = json.dumps({"statement": query}).encode()
        request = urllib.request.Request(self.address + "/query", body, {"Authorization": self.authorization, "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            lines = [json.loads(line) for line in answer.read().splitlines()]
        if isinstance(lines[-1], dict) and "error" in lines[-1]:
            return lines[-1]["error"]
        columns = lines[1]["columns"] if isinstance(lines[1], dict) else lines[1]
        return [kind(column["type"]) for column in columns], lines[2:]


def same(left: object, right: object) -> bool:
    """Whether two values are one, but for the last digits of a number."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return left == right or math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-12)
    if isinstance(left, dict) and isinstance(right, list):
        left = list(left.values())
    if isinstance(right, dict) and isinstance(left, list):
        right = list(right.values())
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, str) and isinstance(right, str) and left != right:
        # A fraction of a second has as many digits as it needs, or three, or six.
        left, right = (re.sub(r"(:\d\d\.\d*?)0+(?!\d)", r"\1", text).rstrip(".").replace("-1 days", "-1 day") for text in (left, right))
    return left == right


def same_type(left: str, right: str) -> bool:
    """Whether two types are one, but for the precision of a decimal. A NULL without a type is INTEGER in DuckDB; fields of a row have no names there."""
    left, right = ({"\"NULL\"": "INTEGER", "\"NULL\"[]": "INTEGER[]"}.get(name, name) for name in (left, right))
    left, right = (re.sub(r"DECIMAL\(\d+,", "DECIMAL(", name).replace('"', "") for name in (left, right))
    if left == right:
        return True
    unnamed = [re.sub(r"\b(?:c\d+|key|value|\"\w+\"|\w+) (?=[A-Z])", "", name) for name in (left, right)]
    return "STRUCT(" in left and unnamed[0] == unnamed[1]


def outermost(query: str) -> str:
    """The query without what stands in parentheses."""
    while (shorter := re.sub(r"\([^()]*\)", "", query)) != query:
        query = shorter
    return query


def difference(query: str, wanted: tuple, given: tuple) -> str | None:
    """How two answers differ, in words."""
    if len(wanted[0]) != len(given[0]):
        return f"{len(wanted[0])} columns in DuckDB, {len(given[0])} here"
    wrong = [f"{w} is {g} here" for w, g in zip(wanted[0], given[0]) if not same_type(w, g)]
    if wrong:
        return "types: " + "; ".join(wrong)
    rows = [wanted[1], given[1]]
    if "order by" not in outermost(query).lower():
        rows = [sorted(answer, key=lambda row: json.dumps(row, sort_keys=True, default=str)) for answer in rows]
    if len(rows[0]) != len(rows[1]):
        return f"{len(rows[0])} rows in DuckDB, {len(rows[1])} here"
    for left, right in zip(*rows):
        if not same(left, right):
            pairs = [f"{w!r} is {g!r} here" for w, g in zip(left, right) if not same(w, g)]
            return "; ".join(pairs)
    return None
