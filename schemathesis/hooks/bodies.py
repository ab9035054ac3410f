"""What a document's types cannot say of a body: which tables, columns, charts, databases and teams there are."""
import re
from collections.abc import Callable
from typing import Any

from schemathesis.transport.serialization import Binary
from seed import READER, TEAM

from .databases import replacing, uploaded
from .throwaway import BENCH, KNOWN, PAGE, fresh, key, one

COLUMNS = {"customers": ["id", "name", "country"], "orders": ["id", "ordered_on", "total"], "sales": ["country", "total"], "files": ["name", "content"]}
TYPES = ["TEXT", "INTEGER", "REAL", "BLOB", "DECIMAL(10, 2)", "TEXT_EMAIL", "VARCHAR(20)", "", "INT_STARS", "double precision"]
DEFAULTS = ["0", "-1.5", "'née'", "x'00'", "NULL", "CURRENT_TIMESTAMP", "(1 + 1)", "''", "TRUE"]
SCRIPTS = [
    "", "CREATE TABLE t (a)", "CREATE TABLE a (id INTEGER PRIMARY KEY, b TEXT CHECK (b <> '')); INSERT INTO a (b) VALUES ('x'); SELECT 1",
    "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p REFERENCES p); CREATE VIEW v AS SELECT * FROM c",
]
# Years of this cycle begin on the same days as those of any other, and are to come.
CYCLE, TO_COME = 400, 2400
# What a property is set to that is to be left out.
GONE = object()


def fitted(operation: str, body: dict, path: dict) -> dict:
    """The body with what exists in place of what was made up."""
    fit = FITS.get(operation)
    whole = body | fit(body, path) if fit else body
    return {name: value for name, value in whole.items() if value is not GONE}


def drawn(body: dict, _path: dict) -> dict:
    if "table" not in body and "headers" not in body:
        return {}
    table = one(list(COLUMNS), body)
    wanted = len(body.get("headers") or []) % 4
    return {"table": table, "headers": COLUMNS[table][:wanted]}


def shown(body: dict, path: dict) -> dict:
    there = [KNOWN["chartId"] if path.get("dbId") == KNOWN["dbId"] else BENCH.parts.get("chartId", "none")]
    return {"charts": there[: len(body["charts"])]} if body.get("charts") else {}


def allowed(body: dict, _path: dict) -> dict:
    fit = {}
    if body.get("permissions"):
        fit["permissions"] = [{**permission, "db_id": KNOWN["dbId"]} for permission in body["permissions"]]
    if body.get("team_name") is not None:
        fit["team_name"] = TEAM
    year = re.match(r"\d{4}(?=-)", body.get("expiration_utc") or "")
    if year:
        fit["expiration_utc"] = f"{int(year.group()) % CYCLE + TO_COME}{body['expiration_utc'][4:]}"
    return fit


def owned(name: str) -> Callable[[dict, dict], dict]:
    """Makes the team one that there is."""
    return lambda body, _path: {name: TEAM} if body.get(name) else {}


def made(body: dict, path: dict) -> dict:
    fit = owned("team")(body, path)
    return fit | {"query": one(SCRIPTS, body)} if body.get("query") else fit


def declared(column: dict) -> dict:
    fit = {}
    if column.get("sqliteDataType") is not None:
        fit["sqliteDataType"] = one(TYPES, column)
    if isinstance(column.get("defaultValue"), str):
        fit["defaultValue"] = one(DEFAULTS, column)
    return fit


def column(body: dict, path: dict) -> dict:
    beside = {"drafts": "title"}.get(path.get("tableId"), "name")
    return declared(body) | ({"after": beside} if isinstance(body.get("after"), str) and beside != path.get("columnName") else {})


def table(body: dict, _path: dict) -> dict:
    fit: dict[str, Any] = {"after": "orders"} if isinstance(body.get("after"), str) else {}
    if isinstance(body.get("columns"), list):
        fit["columns"] = [each | declared(each) | {"name": f"{each['name'][:500]} {place}"} for place, each in enumerate(body["columns"])]
    return fit


def account(body: dict, _path: dict) -> dict:
    name = f"{body['username'][:400].strip() or 'user'} {next(fresh)}"
    fit = {"username": name, "email_address": f"new{next(fresh)}@example.org"}
    # An invitation is for its own address; who was not invited is made by the admin.
    return fit | {"inviteKey": GONE}


def credentials(_body: dict, _path: dict) -> dict:
    return {"username": READER.name, "password": READER.password}


def forgotten(_body: dict, _path: dict) -> dict:
    return {"resetKey": key("reset")}


def upload(body: dict, path: dict) -> dict:
    return uploaded(body, path) | owned("team")(body, path)


def named(_body: dict, _path: dict) -> dict:
    return {"name": f"KEY_{next(fresh)}"}


def page(_body: dict, _path: dict) -> dict:
    return {"file": Binary(PAGE)}


FITS: dict[str, Callable[[dict, dict], dict]] = {
    "create_chart": drawn, "change_chart": drawn, "create_dashboard": shown, "change_dashboard": shown,
    "create_token": allowed, "change_token": allowed, "create_database": made, "upload_database": upload, "replace_database": replacing,
    "change_database": owned("owner"), "add_column": column, "change_column": column, "create_table": table, "change_table": table,
    "create_variable": named, "change_variable": named, "create_server_variable": named, "change_server_variable": named,
    "create_user": account, "open_session": credentials, "reset_password": forgotten, "put_app": page,
}
