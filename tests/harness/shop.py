"""The SQLite database `shop`, with a chart, a dashboard and an app, under the ids that the documents' examples name."""
import json
import sqlite3
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING

from .places import REPOSITORY, binary

if TYPE_CHECKING:
    from .process import Boathouse

DEMO = REPOSITORY / "src" / "demo"


def load(server: "Boathouse") -> None:
    """Makes it, beside the running server."""
    command = [binary(), "database", "create", "shop", "--storage", "sqlite", "--data-dir", server.data]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for statement in statements((DEMO / "shop.sql").read_text()):
        answer = json.loads(server.post("/dbs/shop/sql", json.dumps({"query": statement}).encode()))
        if answer["errors"]:
            raise RuntimeError(f"{statement[:80]}: {answer['errors']}")
    describe(server)


def statements(script: str) -> list[str]:
    """The statements of the script; no text in it has a semicolon."""
    return [statement.strip() for statement in script.split(";") if statement.strip()]


def describe(server: "Boathouse") -> None:
    """What the server keeps beside the file. Through the API ids are chosen by the server, and these are fixed."""
    sample = json.loads((DEMO / "shop.json").read_text())
    chart, dashboard, app = sample["chart"], sample["dashboard"], sample["app"]
    # `closing` closes what a connection's own block only commits.
    with closing(sqlite3.connect(server.data / "metadata.sqlite", timeout=30)) as metadata, metadata:
        metadata.execute("PRAGMA foreign_keys = ON")
        metadata.execute(
            "INSERT INTO charts (id, database_id, title, chart_type, table_name, headers, hide_null_values, label_rotation) "
            "VALUES (?, 'shop', ?, ?, ?, ?, ?, ?)",
            (chart["ulid"], chart["title"], chart["chartType"], chart["table"], json.dumps(chart["headers"]),
             chart["hideNullValues"], chart["labelRotation"]))
        metadata.execute("INSERT INTO dashboards (id, database_id, title, charts) VALUES (?, 'shop', ?, ?)",
                         (dashboard["ulid"], dashboard["title"], json.dumps(dashboard["charts"])))
        metadata.execute("INSERT INTO apps (id, database_id, name, description, html) VALUES (?, 'shop', ?, ?, ?)",
                         (app["id"], app["name"], app["description"], (DEMO / "customers.html").read_bytes()))
