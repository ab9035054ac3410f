"""Follows the links of answers, by their runtime expressions alone."""
import json
import re
from typing import Any

from exchange import Answer, Request

EMBEDDED = re.compile(r"\{(\$[^}]*)\}")


class Absent(Exception):
    """The exchange has no value for an expression."""


def evaluated(template: Any, request: Request, answer: Answer) -> Any:
    """A literal, an expression, text with expressions in it, or an object of these."""
    if isinstance(template, dict):
        return {key: evaluated(value, request, answer) for key, value in template.items()}
    if not isinstance(template, str):
        return template
    if template.startswith("$"):
        return expression(template, request, answer)
    return EMBEDDED.sub(lambda found: str(expression(found[1], request, answer)), template)


def expression(text: str, request: Request, answer: Answer) -> Any:
    """The value of a runtime expression; `Absent` where there is none."""
    plain = {"$statusCode": answer.status, "$method": request.operation.method.upper(), "$url": request.target()}
    if text in plain:
        return plain[text]
    side, _, rest = text.removeprefix("$").partition(".")
    source, _, name = rest.partition(".")
    if source.split("#")[0] == "body":
        body = request.bytes() if side == "request" else answer.body
        return pointed(json.loads(body), source.partition("#")[2])
    if side == "response":
        values = answer.headers if source == "header" else {}
        name = name.lower()
    else:
        values = request.in_place(source)
    if values.get(name) is None:
        raise Absent(text)
    return values[name]


def pointed(value: Any, pointer: str) -> Any:
    """What a JSON pointer names."""
    for key in pointer.split("/")[1:]:
        key = key.replace("~1", "/").replace("~0", "~")
        found = value.get(key) if isinstance(value, dict) else value[int(key)] if isinstance(value, list) else None
        if found is None:
            raise Absent(pointer)
        value = found
    return value
