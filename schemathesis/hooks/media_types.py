"""Bodies that are no JSON: how an answer is read, and what a request may carry."""
import csv
import io
import json

import pyarrow.parquet
import schemathesis
from hypothesis import strategies as st
from schemathesis.core.parameters import ParameterLocation

from .files import broken_files, files

CSV = "text/csv"
NDJSON = "application/x-ndjson"
PARQUET = ("application/parquet", "application/vnd.apache.parquet")
ANY = "application/octet-stream"


def csv_records(text: str) -> list[list[str]]:
    """The records of a CSV text; one that has not as many fields as the header is an error."""
    records = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    for number, record in enumerate(records, 1):
        # An empty line is how a record of one empty field looks.
        if len(record or [""]) != len(records[0]):
            raise ValueError(f"record {number} has {len(record)} fields, the header has {len(records[0])}")
    return records


def json_lines(text: str) -> list[object]:
    """The values of lines of JSON, each of which ends in a line feed."""
    if text and not text.endswith("\n"):
        raise ValueError("the last line does not end in a line feed")
    # Not splitlines(): U+2028 and others may stand in a line of JSON.
    return [json.loads(line, parse_constant=no_number) for line in text.split("\n")[:-1]]


def no_number(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


def parquet_table(content: bytes) -> pyarrow.Table:
    """A Parquet file, read whole."""
    return pyarrow.parquet.read_table(io.BytesIO(content))


READERS = {
    CSV: lambda content: csv_records(content.decode("utf-8")),
    NDJSON: lambda content: json_lines(content.decode("utf-8")),
    PARQUET[0]: parquet_table,
    PARQUET[1]: parquet_table,
}


def media_type(response: schemathesis.Response) -> str:
    """The media type of an answer, without parameters."""
    return response.headers.get("content-type", [""])[0].split(";")[0].strip()


def read(response: schemathesis.Response) -> object:
    """What an answer holds; nothing where its media type has no reader. One that cannot be read fails who asks."""
    reader = READERS.get(media_type(response))
    try:
        return reader(response.content) if reader else None
    except Exception as cause:
        raise AssertionError(f"{media_type(response)} that cannot be read: {cause}") from cause


@schemathesis.deserializer(CSV, NDJSON, *PARQUET)
def as_text(_context: object, response: schemathesis.Response) -> str:
    """Documents call these bodies a string. Whether it is what it should be is a check of its own: an error here would
    end the run instead of being reported."""
    return response.content.decode("utf-8", "replace")


@schemathesis.hook
def filter_case(_context: schemathesis.HookContext, case: schemathesis.Case) -> bool:
    """Leaves out what cannot be wrong: whatever is put in place of a text arrives as another text."""
    wrong = {place for place, part in case.meta.components.items() if part.mode.is_negative} if case.meta else set()
    return not (wrong == {ParameterLocation.BODY} and (case.media_type or "").startswith("text/"))


def register() -> None:
    """Bodies of bytes: mostly files that can be read, sometimes broken ones.

    Texts are left alone: what a document gives as their example is no bytes, and would be refused beside a strategy.
    """
    for kind, names in {"parquet": PARQUET, None: (ANY,)}.items():
        content = files(kind).map(lambda file: file.content)
        strategy = st.one_of(content, content, content, broken_files(kind))
        schemathesis.openapi.media_type(names[0], strategy, aliases=names[1:])


register()
