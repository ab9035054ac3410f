"""Files that tables can be made of, in every format, and files that are broken."""
import csv
import datetime
import io
import json
from dataclasses import dataclass

import pyarrow
import pyarrow.parquet
from hypothesis import strategies as st
from seed import LAYOUTS

KINDS = ("csv", "json", "parquet")
# Neither half of a surrogate pair, which UTF-8 has not, nor NUL, which no line-based tool carries.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
VALUES = {
    "BIGINT": (st.integers(-(2**63), 2**63 - 1), pyarrow.int64()),
    "VARCHAR": (TEXT, pyarrow.string()),
    "TIMESTAMP": (st.datetimes(datetime.datetime(1, 1, 1)), pyarrow.timestamp("us")),
    "DATE": (st.dates(datetime.date(1, 1, 1)), pyarrow.date32()),
    "BOOLEAN": (st.booleans(), pyarrow.bool_()),
    "DOUBLE": (st.floats(allow_nan=False, allow_infinity=False), pyarrow.float64()),
}


@dataclass(frozen=True)
class File:
    """A file that was made to be accepted."""

    kind: str
    layout: str
    rows: int
    content: bytes


# What was made, by content: a request carries bytes alone, and those who look at it want to know what they are.
MADE: dict[bytes, File] = {}


def made(content: object) -> File | None:
    """What is known of a request body; nothing of one that was generated otherwise."""
    return MADE.get(content) if isinstance(content, bytes) else None


def files(kind: str | None = None) -> st.SearchStrategy[File]:
    """Files of one format, or of any."""
    kinds = st.just(kind) if kind else st.sampled_from(KINDS)
    layouts = st.sampled_from(sorted(LAYOUTS))
    return st.tuples(kinds, layouts).flatmap(lambda pair: rows_of(pair[1]).map(lambda rows: write(*pair, rows)))


def rows_of(layout: str) -> st.SearchStrategy[list[tuple]]:
    values = [st.none() | VALUES[sql_type][0] for sql_type in LAYOUTS[layout].values()]
    return st.lists(st.tuples(*values), min_size=1, max_size=8)


def write(kind: str, layout: str, rows: list[tuple]) -> File:
    """A file with `rows`."""
    content = {"csv": as_csv, "json": as_json, "parquet": as_parquet}[kind](layout, rows)
    return MADE.setdefault(content, File(kind, layout, len(rows), content))


def as_csv(layout: str, rows: list[tuple]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(LAYOUTS[layout])
    writer.writerows([word(value) for value in row] for row in rows)
    return text.getvalue().encode()


def as_json(layout: str, rows: list[tuple]) -> bytes:
    return json.dumps([dict(zip(LAYOUTS[layout], row)) for row in rows], default=word).encode()


def as_parquet(layout: str, rows: list[tuple]) -> bytes:
    schema = pyarrow.schema([(name, VALUES[sql_type][1]) for name, sql_type in LAYOUTS[layout].items()])
    table = pyarrow.Table.from_pylist([dict(zip(LAYOUTS[layout], row)) for row in rows], schema)
    target = io.BytesIO()
    pyarrow.parquet.write_table(table, target)
    return target.getvalue()


def word(value: object) -> object:
    """A value as text formats carry it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, datetime.date) else value


def broken_files(kind: str | None = None) -> st.SearchStrategy[bytes]:
    """Files of which a part is missing or overwritten, and bytes that never were one."""
    places = st.integers(0, 400)
    return st.one_of(
        st.binary(max_size=200),
        st.tuples(files(kind), places).map(lambda pair: pair[0].content[: pair[1]]),
        st.tuples(files(kind), places, st.binary(max_size=8)).map(overwritten),
    )


def overwritten(given: tuple[File, int, bytes]) -> bytes:
    file, place, patch = given
    return file.content[:place] + patch + file.content[place + len(patch):]


def register_fixed() -> list[File]:
    """One file of each format and layout."""
    at = datetime.datetime(2026, 1, 2, 3, 4, 5)
    rows = {"names": [(1, "Ann"), (2, 'née "Bob", Jr.'), (None, None)], "readings": [(at, at.date(), True, 1.5)]}
    return [write(kind, layout, rows[layout]) for kind in KINDS for layout in LAYOUTS]


FIXED = register_fixed()
