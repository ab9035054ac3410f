"""What the server under test holds: principals, databases, tables of every type, tables to append to, a team with a SQLite database."""
import json
import time
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.process import authorization

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
    def authorization(self) -> str:
        """Its name and password, as the `Authorization` header carries them."""
        return authorization(self.name, self.password)


ADMIN = Principal("testuser", "testpass", "admin")
# The colon belongs to the password: the first one of the credentials ends the name.
WRITER = Principal("writer", "wr:te pass", "write")
READER = Principal("reader", "read-only pass", "read")

CATALOGS = ("lakehouse", "harbour")

# An append into a table of its own, which has a task.
APPEND = "/append?catalog=lakehouse&schema=main&table=appended"

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


# A SQLite database as programs of Airsequel's have it: what can be linked, drawn, edited, and a cell for a file.
SHOP = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, country TEXT CHECK (country IN ('NO', 'SE', 'DK')));
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers(id), ordered_on TEXT, total REAL DEFAULT 0);
CREATE TABLE files (name TEXT, content BLOB);
CREATE VIEW sales AS SELECT country, sum(total) AS total FROM orders JOIN customers ON customers.id = customer_id GROUP BY country;
INSERT INTO customers VALUES (1, 'Ann', 'NO'), (2, 'Bob "Jr."', 'SE'), (3, 'Çelik', NULL);
INSERT INTO orders VALUES (1, 1, '2026-01-02', 12.5), (2, 1, '2026-01-03', -3), (3, 2, NULL, 1e300), (4, NULL, '', NULL);
INSERT INTO files VALUES ('picture', x'89504E470D0A1A0A'), ('text', 'née'), ('nothing', NULL);
"""
TEAM, DATABASE = "crew", "shop"


def seed(server: "Boathouse") -> dict[str, Any]:
    """Fills a fresh server; answers with the ids that it gave, by the names that documents have for them."""
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
    return seed_team(server) | {"task_id": append(server)}


def append(server: "Boathouse") -> str:
    """The id of a task that is over."""
    task = call(server, "POST", APPEND, {"id": 1})["task_id"]
    while call(server, "GET", f"/tasks/{task}")["status"] != "completed":
        time.sleep(0.01)
    return task


def call(server: "Boathouse", method: str, path: str, body: Any = None, by: Principal = ADMIN) -> Any:
    """The JSON of an answer that is no refusal. Bytes are sent as the file of a form."""
    content, data = "application/json", None
    if isinstance(body, bytes):
        content, data = multipart(body)
    elif body is not None:
        data = json.dumps(body).encode()
    headers = {"Authorization": by.authorization, "Content-Type": content}
    request = urllib.request.Request(server.address + path, data, headers, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read())


def multipart(content: bytes) -> tuple[str, bytes]:
    """The content type of a form with a file, and the form."""
    head = b'--file\r\nContent-Disposition: form-data; name="file"; filename="file"\r\n\r\n'
    return "multipart/form-data; boundary=file", head + content + b"\r\n--file--\r\n"


def seed_team(server: "Boathouse") -> dict[str, Any]:
    """A team of everybody with a database and all that can be in one."""
    call(server, "POST", "/api/teams", {"name": TEAM})
    for principal, role in ((WRITER, "Admin"), (READER, "Viewer")):
        call(server, "PATCH", f"/api/teams/{TEAM}/members/{principal.name}", {"roles": [role]})
    database = call(server, "POST", "/api/dbs", {"name": DATABASE, "query": SHOP, "team": TEAM})["id"]
    of = f"/api/dbs/{database}"
    chart = {"title": "Sales", "chartType": "BarChart", "table": "sales", "headers": ["country", "total"]}
    charts = call(server, "POST", f"{of}/charts", chart)["ulid"]
    dashboard = call(server, "POST", f"{of}/dashboards", {"title": "All", "charts": [charts]})["ulid"]
    call(server, "PUT", f"/dbs/{database}/apps/page", b"<!doctype html><title>Hello</title>")
    call(server, "POST", f"{of}/env", {"name": "KEY", "value": "secret"})
    call(server, "POST", "/api/settings/env", {"name": "KEY", "value": "secret"})
    token = {"name": "program", "permissions": [{"db_id": database, "name": "read"}], "team_name": TEAM}
    return {
        "dbId": database, "readonlyId": call(server, "GET", of)["readonlyId"], "chartId": charts, "dashboardId": dashboard,
        "teamName": TEAM, "username": READER.name, "varName": "KEY", "appId": "page",
        "tokenId": call(server, "POST", "/api/tokens", token)["id"],
    }


def session(server: "Boathouse", principal: Principal) -> str:
    """The token of a new session, for schemes with a token of their own."""
    login = {"username": principal.name, "password": principal.password}
    return call(server, "POST", "/api/login", login)["sessionToken"]


def execute(server: "Boathouse", statement: str) -> list[list]:
    """The rows of a statement that the admin runs. One that fails is an error."""
    answer = server.post("/query", json.dumps({"statement": statement}).encode()).decode()
    lines = [json.loads(line) for line in answer.splitlines()]
    if "error" in lines[-1]:
        raise RuntimeError(f"{statement}\n{lines[-1]['error']}")
    return lines[2:]


def contents(server: "Boathouse") -> dict[str, int]:
    """How many rows every table has that the seed made, or that somebody put beside these."""
    rows = execute(server, f"""SELECT table_catalog, table_schema, table_name FROM information_schema.tables
        WHERE table_catalog IN ({", ".join(f"'{name}'" for name in (*CATALOGS, DATABASE))})""")
    tables = [".".join(f'"{quoted(part)}"' for part in row) for row in rows]
    return {table: execute(server, f"SELECT count(*) FROM {table}")[0][0] for table in sorted(tables)}


def quoted(name: str) -> str:
    """A name as it stands between double quotes."""
    return name.replace('"', '""')
