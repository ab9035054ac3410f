"""What the server under test holds: principals, databases, tables of every type, tables to append to."""
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.process import Boathouse


@dataclass(frozen=True)
class Principal:
    """Somebody to sign in as."""

    name: str
    password: str
    # read, write or admin; the server makes the admin account itself.
    access: str

    @property
    def token(self) -> str:
        """What schemes with a token of their own are given."""
        return f"{self.name}-token"


ADMIN = Principal("testuser", "testpass", "admin")
# The colon belongs to the password: the first one of the credentials ends the name.
WRITER = Principal("writer", "wr:te pass", "write")
READER = Principal("reader", "read-only pass", "read")

CATALOGS = ("lakehouse", "harbour")

# What files are made with, and what tables to append them to have, by the name of the layout.
LAYOUTS = {
    "names": {"id": "BIGINT", "name": "VARCHAR"},
    "readings": {"at": "TIMESTAMP", "day": "DATE", "calm": "BOOLEAN", "height": "DOUBLE"},
}

KINDS = """CREATE TABLE lakehouse.main.kinds (
    b BOOLEAN, t TINYINT, s SMALLINT, i INTEGER, l BIGINT, f FLOAT, d DOUBLE, m DECIMAL(18,3), v VARCHAR NOT NULL,
    x BLOB, dt DATE, ts TIMESTAMP, tz TIMESTAMP WITH TIME ZONE, li INTEGER[], st STRUCT(a INTEGER, b VARCHAR))"""
ROWS = (
    """true, 1, -2, 3, 9007199254740993, 1.5, -2.25, 12.345, 'Ann', 'ab'::BLOB, DATE '2026-01-02',
    TIMESTAMP '2026-01-02 03:04:05', TIMESTAMPTZ '2026-01-02 03:04:05+02', [1, 2, NULL], {'a': 1, 'b': 'x'}""",
    """false, -128, 32767, -2147483648, -9223372036854775808, 'NaN'::FLOAT, 'Infinity'::DOUBLE, -0.001,
    'née "Bob", Jr.', ''::BLOB, DATE '0001-01-01', TIMESTAMP '1969-12-31 23:59:59.999999',
    TIMESTAMPTZ '2038-01-19 03:14:08+00', [], {'a': NULL, 'b': NULL}""",
    "NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '', NULL, NULL, NULL, NULL, NULL, NULL",
)


def seed(server: "Boathouse") -> None:
    """Fills a fresh server."""
    for principal in (WRITER, READER):
        server.create_user(principal.name, principal.password, principal.access)
    server.load_sample()
    statements = [
        KINDS,
        *(f"INSERT INTO lakehouse.main.kinds VALUES ({row})" for row in ROWS),
        "CREATE TABLE lakehouse.main.empty (id BIGINT, name VARCHAR)",
        "CREATE VIEW lakehouse.main.rainy AS SELECT date, precipitation FROM weather WHERE precipitation > 20",
        "CREATE DATABASE harbour",
        "CREATE TABLE harbour.main.boats AS SELECT i AS id, 'boat ' || i AS name FROM generate_series(1, 1000) AS g(i)",
        'CREATE SCHEMA harbour."a schema"',
        'CREATE TABLE harbour."a schema"."a ""table""" AS SELECT 1 AS "a column", \'x\' AS "select"',
    ]
    for catalog in CATALOGS:
        for layout, columns in LAYOUTS.items():
            named = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
            statements.append(f"CREATE TABLE {catalog}.main.{layout} ({named})")
    for statement in statements:
        execute(server, statement)


def execute(server: "Boathouse", statement: str) -> list[list]:
    """The rows of a statement that the admin runs. One that fails is an error."""
    answer = server.post("/query", json.dumps({"statement": statement}).encode()).decode()
    lines = [json.loads(line) for line in answer.splitlines()]
    if "error" in lines[-1]:
        raise RuntimeError(f"{statement}\n{lines[-1]['error']}")
    return lines[2:]


def contents(server: "Boathouse") -> dict[str, int]:
    """How many rows every table of the server has."""
    rows = execute(server, "SELECT table_catalog, table_schema, table_name FROM information_schema.tables")
    tables = [".".join(f'"{quoted(part)}"' for part in row) for row in rows]
    return {table: execute(server, f"SELECT count(*) FROM {table}")[0][0] for table in sorted(tables)}


def quoted(name: str) -> str:
    """A name as it stands between double quotes."""
    return name.replace('"', '""')
