"""Airsequel: which databases, tables, teams and tokens there are, forms with real files, and things to change that may well be lost."""
import json
import sqlite3
import urllib.error
import urllib.request
import zlib
from typing import Any

import schemathesis
from hypothesis import strategies as st
from schemathesis import Case, CheckContext, HookContext, Response
from schemathesis.core.parameters import ParameterLocation
from seed import SHOP, TEAM

from ..record import DIRECTORY
from ..sqlite import READS, STATEMENTS

# What the seed made, by the names that paths have for it, and how the hooks reach the server.
FILE = DIRECTORY / "known.json"
KNOWN: dict[str, Any] = json.loads(FILE.read_text()) if FILE.exists() else {}
ROW = {"tableId": "files", "columnName": "content", "primaryKey": "rowid", "equalsValue": "1"}
TABLE = {"tableId": "customers", "columnName": "country", "searchTerm": "ann", "appId": "page"}
SQL = "POST /dbs/{dbId}/sql"
# Operations on one database that change what is in it, by id: they get one of their own. Those of the second kind leave it
# without what the next one needs.
CHANGING = {
    "change_database", "vacuum_database", "renew_readonly_id", "renew_readonly_id_by_link", "create_variable", "change_variable",
    "remove_variable", "change_database_settings", "add_column", "put_file", "create_chart", "change_chart", "remove_chart",
    "create_dashboard", "change_dashboard", "remove_dashboard", "put_app", "remove_app", "run_sql", "create_table",
}
LOSING = {
    "remove_database", "replace_database", "renew_database_id", "renew_database_id_by_link", "change_table", "drop_table",
    "change_column", "drop_column",
}
# Settings that would refuse everything after them.
LASTING = {"change_database_settings", "change_database"}
MAKING = {
    "create_database", "upload_database", "duplicate_database", "duplicate_database_by_link", "duplicate_linked_database",
    "duplicate_linked_database_by_link",
}
# How many changes a database is good for: it holds a hundred tables at the most.
MOST_CHANGES = 40


def call(method: str, path: str, body: Any = None) -> Any:
    """The JSON of an answer to the admin; nothing where it is a refusal."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": KNOWN["authorization"], "Content-Type": "application/json"}
    request = urllib.request.Request(KNOWN["address"] + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError:
        return None


class Bench:
    """A database to change, with what can be in one."""

    def __init__(self) -> None:
        self.parts: dict[str, str] = {}
        self.changes = 0

    def given(self) -> dict[str, str]:
        """The ids of one that is whole."""
        if not self.parts or self.changes >= MOST_CHANGES:
            self.drop()
            self.parts = self.made()
        self.changes += 1
        return self.parts

    def made(self) -> dict[str, str]:
        database = call("POST", "/api/dbs", {"name": "bench", "query": SHOP, "team": TEAM})["id"]
        of = f"/api/dbs/{database}"
        chart = {"title": "c", "chartType": "LineChart", "table": "customers", "headers": ["name", "id"]}
        found = call("POST", f"{of}/charts", chart)["ulid"]
        dashboard = call("POST", f"{of}/dashboards", {"title": "d", "charts": [found]})["ulid"]
        call("POST", f"{of}/env", {"name": "KEY", "value": "v"})
        return {"dbId": database, "chartId": found, "dashboardId": dashboard}

    def drop(self) -> None:
        """Forgets it, and takes it off the server."""
        if self.parts:
            call("DELETE", f"/api/dbs/{self.parts['dbId']}")
        self.parts, self.changes = {}, 0


BENCH = Bench()


def operation_of(case: Case) -> str:
    return case.operation.definition.raw.get("operationId", "")


def phase_of(case: Case) -> str:
    return str(case.meta.phase.name.value) if case.meta else ""


def is_wrong(case: Case, place: ParameterLocation) -> bool:
    """Whether this part of the request is wrong on purpose."""
    return bool(case.meta and place in case.meta.components and case.meta.components[place].mode.is_negative)


def real(operation: str) -> dict[str, Any]:
    """The parts of a path that lead somewhere."""
    known = KNOWN | TABLE
    if "file" in operation:
        known |= ROW
    if operation in CHANGING | LOSING:
        known |= BENCH.given()
    if operation in ("remove_team", "change_team"):
        name = f"team-{BENCH.changes}-{len(BENCH.parts)}-{next(NUMBERS)}"
        call("POST", "/api/teams", {"name": name})
        known["teamName"] = name
    if operation in ("remove_token", "change_token"):
        token = {"name": "t", "permissions": [], "team_name": TEAM}
        known["tokenId"] = call("POST", "/api/tokens", token)["id"]
    if operation in ("create_table", "add_column"):
        # A name that is there is 409; the strange one that was made is as good.
        known.pop("columnName" if operation == "add_column" else "tableId")
    return known


NUMBERS = iter(range(1, 1 << 40))


@schemathesis.hook("before_call")
def reachable(_context: HookContext, case: Case, _arguments: dict) -> None:
    """Most requests are for something that exists, so that what comes after 404 is tried as well. A chain goes where its links lead."""
    operation = operation_of(case)
    if not KNOWN or case.path_parameters is None or is_wrong(case, ParameterLocation.PATH) or phase_of(case) == "stateful":
        return
    given = "/".join(str(value) for value in case.path_parameters.values())
    if not case.path_parameters.keys() <= KNOWN.keys() | TABLE.keys() | ROW.keys() or zlib.crc32(given.encode()) % 5 == 0:
        return
    for name, value in real(operation).items():
        if name in case.path_parameters:
            case.path_parameters[name] = value
    if operation == "draw_chart":
        case.path_parameters["chartId"] = f"{case.path_parameters['chartId']}.svg"


@schemathesis.hook("before_call")
def own_session(_context: HookContext, case: Case, _arguments: dict) -> None:
    """Who signs out has a session of its own for that, or nobody would be signed in after it."""
    if operation_of(case) != "end_session" or not KNOWN:
        return
    made = call("POST", "/api/login", {"username": "reader", "password": "read-only pass"})
    if made and "Authorization" in (case.headers or {}):
        case.headers["Authorization"] = f"Bearer {made['sessionToken']}"
    elif made and case.cookies:
        case.cookies["sessionToken"] = made["sessionToken"]


@schemathesis.hook("after_call")
def tidied(_context: HookContext, case: Case, response: Response) -> None:
    """A database that lost something is changed no more, and copies do not pile up."""
    operation = operation_of(case)
    if not KNOWN or response.status_code not in (200, 303):
        return
    if operation in LOSING | LASTING and (case.path_parameters or {}).get("dbId") == BENCH.parts.get("dbId"):
        if operation.startswith("renew_database_id"):
            BENCH.parts["dbId"] = json.loads(response.content)["id"]
        BENCH.drop()
    if operation in MAKING and phase_of(case) != "stateful":
        call("DELETE", f"/api/dbs/{json.loads(response.content)['id']}")


@schemathesis.hook("flatmap_body").apply_to(name=SQL)
def real_statements(_context: HookContext, body: object) -> st.SearchStrategy:
    """SQL in place of most generated texts."""
    if not isinstance(body, dict) or not isinstance(body.get("query"), str):
        return st.just(body)
    statements = STATEMENTS.map(lambda query: body | {"query": query})
    return st.one_of(st.just(body), statements, statements, statements)


@schemathesis.hook("before_add_examples").apply_to(name=SQL)
def every_read(context: HookContext, examples: list[Case]) -> None:
    """Every statement that must run."""
    for query in READS if KNOWN else ():
        path = {"dbId": KNOWN["dbId"]}
        examples.append(context.operation.Case(path_parameters=path, body={"query": query}, media_type="application/json"))


@schemathesis.check
def sql_result(_context: CheckContext, response: Response, case: Case) -> bool | None:
    """A result has its five properties in their order; rows and errors fit together, and what must run does."""
    if operation_of(case) != "run_sql" or response.status_code != 200:
        return True
    result = json.loads(response.content)
    assert list(result) == ["affectedTables", "rows", "numChanges", "runtimeSeconds", "errors"], f"a result with {list(result)}"
    assert all(row.keys() == result["rows"][0].keys() for row in result["rows"]), "rows with different keys"
    assert all(isinstance(error, str) and error for error in result["errors"]), f"errors are {result['errors']}"
    query = case.body.get("query") if isinstance(case.body, dict) else None
    assert not result["errors"] or query not in READS, f"a statement that must run failed: {result['errors']}"
    return None


@schemathesis.check
def whole_file(_context: CheckContext, response: Response, case: Case) -> bool | None:
    """A download is a database that SQLite finds nothing wrong with."""
    if operation_of(case) != "download_database" or response.status_code != 200 or response.request.method == "HEAD":
        return True
    connection = sqlite3.connect(":memory:")
    connection.deserialize(response.content)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    return None


def is_refused(_case: Case, response: Response) -> bool:
    """Whether the request was understood, and something in it is wrong."""
    return response.status_code == 400 and response.content.startswith(b'{"errors":[{"message":')


def is_page(_case: Case, response: Response) -> bool:
    """Whether a form was refused with a page."""
    return response.status_code == 400 and b"<html" in response.content


def is_too_soon(_case: Case, response: Response) -> bool:
    """Whether it comes too early after others of its kind."""
    return response.status_code == 429 and "retry-after" in response.headers
