"""Airsequel: which databases, tables, teams and tokens there are, forms with real files, and things to change that may well be lost."""
import json
import sqlite3
import unicodedata
from typing import Any
from urllib.parse import quote

import schemathesis
from hypothesis import strategies as st
from schemathesis import Case, CheckContext, HookContext, Response
from schemathesis.core.parameters import ParameterLocation
from seed import DATABASE, READER

from .. import throwaway
from ..bodies import COLUMNS, fitted
from ..sqlite import READS, STATEMENTS
from ..throwaway import BENCH, KNOWN, call, dice, one

ROW = {"tableId": "files", "columnName": "content", "primaryKey": "rowid", "equalsValue": "1"}
TABLE = {"tableId": "customers", "columnName": "name", "searchTerm": "ann"}
KEYS = {"passwordResetKey": "reset", "emailVerificationKey": "verify", "inviteKey": "invite"}
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
# Operations on what no database holds that change it or take it away, and the part of the path that says what.
OUTSIDE = {
    "change_team": "teamName", "remove_team": "teamName", "set_member_roles": "teamName", "remove_member": "teamName",
    "change_token": "tokenId", "remove_token": "tokenId", "change_server_variable": "varName", "remove_server_variable": "varName",
}
# Operations that make what the path names.
NAMING = {"create_table": "tableId", "add_column": "columnName"}
# Settings that would refuse everything after them.
LASTING = {"change_database_settings", "change_database"}
# Where to remove what an operation made: it would pile up.
MADE = {
    "create_team": ("/api/teams/", "name"), "create_token": ("/api/tokens/", "id"), "create_server_variable": ("/api/settings/env/", "name"),
    "create_database": ("/api/dbs/", "id"), "upload_database": ("/api/dbs/", "id"), "duplicate_database": ("/api/dbs/", "id"),
    "duplicate_database_by_link": ("/api/dbs/", "id"), "duplicate_linked_database": ("/api/dbs/", "id"),
    "duplicate_linked_database_by_link": ("/api/dbs/", "id"),
}
# Operations that are refused for a while after many from one address.
LIMITED = {"open_session", "create_user", "request_password_reset"}


def operation_of(case: Case) -> str:
    return case.operation.definition.raw.get("operationId", "")


def phase_of(case: Case) -> str:
    return str(case.meta.phase.name.value) if case.meta else ""


def tried(case: Case, place: ParameterLocation) -> str | None:
    """The part of the path, or of what `place` names, whose limits the case is for; it keeps its value."""
    data = case.meta.phase.data if phase_of(case) == "coverage" else None
    return (data.parameter or "") if data and data.parameter_location == place else None


def stays(case: Case, place: ParameterLocation, part: object, one_in: int) -> bool:
    """Whether this part of the request stays as it was made: a chain goes where its links lead, what is wrong on purpose is to
    stay so, and of what is generated one in so many."""
    if is_wrong(case, place) or phase_of(case) == "stateful":
        return True
    return phase_of(case) == "fuzzing" and dice(part) % one_in == 0


def is_wrong(case: Case, place: ParameterLocation) -> bool:
    """Whether this part of the request is wrong on purpose."""
    return bool(case.meta and place in case.meta.components and case.meta.components[place].mode.is_negative)


def real(operation: str, given: str) -> dict[str, Any]:
    """The parts of a path that lead somewhere."""
    known = KNOWN | TABLE | {"tableId": one(["customers", "sales"], given)}
    if operation in CHANGING | LOSING:
        known |= BENCH.given() | {"tableId": "customers"}
    if "file" in operation:
        known |= ROW
    if operation in OUTSIDE:
        known[OUTSIDE[operation]] = outside(operation)
    match operation:
        case "change_table" | "drop_table" | "change_column" | "drop_column":
            # Of the other one nothing else is made.
            known |= one([{"tableId": "drafts", "columnName": "note"}, {"tableId": "files", "columnName": "name"}], given)
        case "remove_chart":
            known["chartId"] = throwaway.chart(known["dbId"])
        case "remove_dashboard":
            known["dashboardId"] = throwaway.dashboard(known["dbId"], known["chartId"])
        case "remove_variable" | "change_variable":
            known["varName"] = throwaway.variable(f"/api/dbs/{known['dbId']}")
        case "remove_app":
            call("PUT", f"/dbs/{known['dbId']}/apps/page", throwaway.PAGE)
        case "draw_chart":
            known["chartId"] = f"{known['chartId']}.svg"
        case "create_table" | "add_column":
            # A name that is there is 409; the strange one that was made is as good.
            known.pop("columnName" if operation == "add_column" else "tableId")
    return known


def outside(operation: str) -> Any:
    """A team, a token or a variable of the server that may be lost."""
    match OUTSIDE[operation]:
        case "teamName":
            return throwaway.team()
        case "tokenId":
            return throwaway.token()
    return throwaway.variable("/api/settings")


@schemathesis.hook("before_call")
def spared(_context: HookContext, case: Case, _arguments: dict) -> None:
    """What the seed made is known by answers as well, from which requests are made. It stays as it is."""
    operation, parts = operation_of(case), case.path_parameters or {}
    if not KNOWN:
        return
    if operation in CHANGING | LOSING and parts.get("dbId") in (KNOWN["dbId"], DATABASE):
        parts["dbId"] = BENCH.given()["dbId"]
    name = OUTSIDE.get(operation)
    if name and parts.get(name) == KNOWN[name]:
        parts[name] = outside(operation)


@schemathesis.hook("before_call")
def reachable(_context: HookContext, case: Case, _arguments: dict) -> None:
    """Most requests are for something that exists, so that what comes after 404 is tried as well."""
    parts, operation = case.path_parameters or {}, operation_of(case)
    if not KNOWN or not parts or stays(case, ParameterLocation.PATH, parts, 5):
        return
    if not parts.keys() <= KNOWN.keys() | TABLE.keys() | ROW.keys() | KEYS.keys():
        return
    kept = tried(case, ParameterLocation.PATH)
    found = real(operation, repr(parts)) | {name: throwaway.key(KEYS[name]) for name in parts if name in KEYS}
    if operation in NAMING and phase_of(case) != "fuzzing":
        # The example would be there from the first request on.
        found[NAMING[operation]] = f"new {next(throwaway.fresh)}"
    for name in parts.keys() & found.keys() - {kept}:
        parts[name] = found[name]
    if case.query and "orderBy" in case.query and not stays(case, ParameterLocation.QUERY, case.query, 5):
        case.query["orderBy"] = one(COLUMNS.get(parts["tableId"], ["id"]), case.query)


@schemathesis.hook("before_call")
def fitting(_context: HookContext, case: Case, _arguments: dict) -> None:
    """Most bodies name what exists."""
    if not KNOWN or not isinstance(case.body, dict) or stays(case, ParameterLocation.BODY, case.body, 4):
        return
    if tried(case, ParameterLocation.BODY) is not None and dice(case.body) % 4 == 0:
        return
    case.body = fitted(operation_of(case), case.body, case.path_parameters or {})
    if case.media_type == "multipart/form-data":
        # Bytes would be taken for something wrong from here on, as no schema has a type for them.
        case._record_starting_state()


@schemathesis.hook("before_call")
def from_elsewhere(_context: HookContext, case: Case, _arguments: dict) -> None:
    """Whoever is counted by address comes from another one each time, but for a few."""
    if KNOWN and operation_of(case) in LIMITED and dice(case.body) % 8:
        case.headers["X-Forwarded-For"] = throwaway.address()


@schemathesis.hook("before_call")
def own_session(_context: HookContext, case: Case, _arguments: dict) -> None:
    """Who signs out has a session of its own for that, or nobody would be signed in after it."""
    if not KNOWN or operation_of(case) != "end_session":
        return
    for place, name, value in ((case.headers, "Authorization", "Bearer {}"), (case.cookies, "sessionToken", "{}")):
        if place and place.get(name) == value.format(KNOWN["session"]):
            made = call("POST", "/api/login", {"username": READER.name, "password": READER.password})
            place[name] = value.format(made["sessionToken"])


@schemathesis.hook("after_call")
def tidied(_context: HookContext, case: Case, response: Response) -> None:
    """A database that lost something is changed no more, and what was made does not pile up."""
    operation = operation_of(case)
    if not KNOWN or response.status_code not in (200, 303) or response.request.method != case.operation.method.upper():
        return
    if operation in LOSING | LASTING and (case.path_parameters or {}).get("dbId") == BENCH.parts.get("dbId"):
        if operation.startswith("renew_database_id"):
            BENCH.parts["dbId"] = json.loads(response.content)["id"]
        BENCH.drop()
    if operation in MADE and phase_of(case) != "stateful":
        below, name = MADE[operation]
        call("DELETE", below + quote(str(json.loads(response.content)[name]), safe=""))


@schemathesis.hook("filter_case")
def writable(_context: HookContext, case: Case) -> bool:
    """Leaves out forms that no client writes, as a name with a control character breaks the line that it stands in; and those
    that cannot be wrong, as whatever is put in place of a text arrives as another text."""
    if case.media_type != "multipart/form-data" or not isinstance(case.body, dict):
        return True
    if is_wrong(case, ParameterLocation.BODY) and not all(isinstance(value, str) for value in case.body.values()):
        return False
    return not any(unicodedata.category(character) == "Cc" for name in case.body for character in name)


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
    # Other databases may have other tables.
    must_run = query in READS and (case.path_parameters or {}).get("dbId") == BENCH.parts.get("dbId")
    assert not result["errors"] or not must_run, f"a statement that must run failed: {result['errors']}"
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
