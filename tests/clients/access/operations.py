"""What every operation takes, as the API's description says it, and a request that its caller may then send.

An operation that is not here fails the test.
"""
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from access.stage import (
    ADMIN, CALLERS, INSERT, PASSWORD, READ, READER, SERVER, STRANGER, WRITE, WRITER, Stage, fresh, sqlite_file,
)
from airsequel import Form

# Who gets through, by what an operation takes.
PEOPLE = {STRANGER, READER, WRITER, ADMIN, SERVER}
LEVELS = {
    "nothing": set(CALLERS),
    "the read-only id": set(CALLERS),
    "read": {READER, WRITER, ADMIN, SERVER, READ},
    "insert": {WRITER, ADMIN, SERVER, INSERT, WRITE},
    "read or insert": {READER, WRITER, ADMIN, SERVER, READ, INSERT, WRITE},
    "write": {WRITER, ADMIN, SERVER, WRITE},
    "admin": {ADMIN, SERVER},
    "a user": PEOPLE,
    "a user, and read": {READER, WRITER, ADMIN, SERVER},
    "the role Editor": {WRITER, ADMIN, SERVER},
    "a member": {READER, WRITER, ADMIN, SERVER},
    "the role Admin": {ADMIN, SERVER},
    "server admin": {SERVER},
    "a session": PEOPLE,
}
Made = Callable[[Stage], Any]


@dataclass(frozen=True)
class Tried:
    """A request, with what it takes to send it."""

    takes: str
    body: Any | Made = None
    # Parts of the path that are others than the stage's.
    parts: dict[str, str | Made] = field(default_factory=dict)
    # What the row of the table says beside the operation, where it has several.
    of: str = ""
    # Whether it may change something.
    changes: bool = True

    def made(self, what: Any, stage: Stage) -> Any:
        """What is made of the stage, or given."""
        return what(stage) if callable(what) else what


def reads(takes: str, **rest: Any) -> list[Tried]:
    return [Tried(takes, changes=False, **rest)]


def does(takes: str, body: Any | Made = None, **rest: Any) -> list[Tried]:
    return [Tried(takes, body, **rest)]


def statement(takes: str, query: str, changes: bool = True) -> Tried:
    return Tried(takes, {"query": query}, of=query.split(" ", 1)[0], changes=changes)


def new_user(_stage: Stage) -> dict:
    number = next(fresh)
    return {"username": f"new-{number}", "email_address": f"new-{number}@example.org", "password": PASSWORD}


def reset_key(stage: Stage) -> str:
    number = next(fresh)
    stage.everybody.user(f"lost-{number}")
    stage.chief.must("POST", "/api/users/reset-password", {"email": f"lost-{number}@example.org"})
    return stage.mailed("reset", f"lost-{number}@example.org")


def invite_key(stage: Stage) -> str:
    email = f"invited-{next(fresh)}@example.org"
    stage.chief.must("POST", "/api/users/invite", {"email": email})
    return stage.mailed("invite", email)


def verify_key(stage: Stage) -> str:
    number = next(fresh)
    stage.everybody.user(f"verified-{number}")
    return stage.mailed("verify", f"verified-{number}@example.org")


def server_variable(stage: Stage) -> str:
    return stage.server_variable


def named(prefix: str) -> Callable[[Stage], dict]:
    """A body with a name that nothing has."""
    return lambda _stage: {"name": f"{prefix}-{next(fresh)}"}


CELL = {"tableId": "files", "columnName": "content"}
CHART = {"title": "New", "chartType": "BarChart", "table": "customers", "headers": ["country", "id"]}
NEW = {"tableId": "new"}
FILE = Form(b"bytes", "bytes.bin")

TRIED: dict[str, list[Tried]] = {
    # The server.
    "get_status": reads("nothing"),
    "read_documentation": reads("nothing"),
    # Accounts, sessions and mail.
    "open_session": reads("nothing", body={"username": "stranger", "password": PASSWORD}),
    "end_session": does("nothing", {}),
    "create_user": does("nothing", new_user),
    "get_user": [
        Tried("server admin", changes=False, of="of another"),
        Tried("server admin", parts={"username": "testuser"}, changes=False, of="oneself"),
    ],
    "invite_user": does("server admin", lambda _stage: {"email": f"friend-{next(fresh)}@example.org"}),
    "request_password_reset": does("nothing", lambda stage: {"email": f"{stage.subject}@example.org"}),
    "reset_password": does("nothing", lambda stage: {"password": "another horse", "resetKey": reset_key(stage)}),
    "show_password_reset": reads("nothing", parts={"passwordResetKey": reset_key}),
    "verify_email": does("nothing", parts={"emailVerificationKey": verify_key}),
    "show_invitation": reads("nothing", parts={"inviteKey": invite_key}),
    "list_mail_links": reads("server admin"),
    # Teams and tokens.
    "create_team": does("a user", named("team")),
    "get_team": reads("a member"),
    "change_team": does("the role Admin", named("renamed")),
    "remove_team": does("the role Admin", parts={"teamName": lambda stage: stage.spare}),
    "list_members": reads("a member"),
    "set_member_roles": does("the role Admin", {"roles": ["Editor"]}),
    "remove_member": does("the role Admin"),
    "list_tokens": reads("the role Admin"),
    "create_token": does("the role Admin", lambda stage: {
        "name": "t", "permissions": [{"db_id": stage.id, "name": "read"}], "team_name": stage.team}),
    "get_token": reads("a member"),
    "change_token": does("the role Admin", {"name": "renamed"}),
    "remove_token": does("the role Admin"),
    # Databases.
    "list_databases": reads("nothing"),
    "create_database": [
        Tried("a user", {"name": "one's own"}, of="of one's own"),
        Tried("the role Editor", lambda stage: {"name": "more", "team": stage.team}, of="of a team"),
    ],
    "get_database": reads("read"),
    "show_database": reads("read"),
    "download_database": reads("read"),
    "change_database": does("admin", {"description": "changed"}),
    "remove_database": does("admin"),
    "replace_database": does("admin", lambda _stage: Form(sqlite_file(), "other.sqlite")),
    "upload_database": [
        Tried("a user", Form(b"n\n1\n", "numbers.csv"), of="of one's own"),
        Tried("the role Editor", lambda stage: Form(b"n\n1\n", "numbers.csv", {"team": stage.team}), of="of a team"),
    ],
    "duplicate_database": does("a user, and read"),
    "duplicate_database_by_link": does("a user, and read"),
    "duplicate_linked_database": does("a user"),
    "duplicate_linked_database_by_link": does("a user"),
    "renew_database_id": does("admin"),
    "renew_database_id_by_link": does("admin"),
    "renew_readonly_id": does("admin"),
    "renew_readonly_id_by_link": does("admin"),
    "vacuum_database": does("admin"),
    # Settings and variables.
    "get_database_settings": reads("admin"),
    "change_database_settings": does("admin", {"environment": "testing"}),
    "list_audit_entries": reads("admin"),
    "list_variables": reads("admin"),
    "create_variable": does("admin", {"name": "NEW", "value": "v"}),
    "change_variable": does("admin", {"name": "KEY", "value": "v"}),
    "remove_variable": does("admin"),
    "get_settings": reads("server admin"),
    "change_settings": does("server admin", {"allowedHosts": ["example.org"]}),
    "list_server_variables": reads("server admin"),
    "create_server_variable": does("server admin", lambda _stage: {"name": f"NEW_{next(fresh)}", "value": "v"}),
    "change_server_variable": does(
        "server admin", lambda stage: {"name": stage.server_variable, "value": "v"}, parts={"varName": server_variable}),
    "remove_server_variable": does("server admin", parts={"varName": server_variable}),
    # SQL, tables and files.
    "run_sql": [
        statement("read", "SELECT * FROM customers", changes=False),
        statement("insert", "INSERT INTO customers (name) VALUES ('Cid')"),
        statement("write", "UPDATE customers SET name = 'Dan'"),
        statement("write", "DELETE FROM customers"),
        statement("write", "CREATE TABLE more (n INTEGER)"),
        statement("write", "DROP TABLE customers"),
    ],
    "get_schema": reads("read"),
    "get_azimutt_schema": reads("read"),
    "get_table": reads("read"),
    "search_table": reads("read"),
    "export_table": reads("read"),
    "create_table": does("write", {}, parts=NEW),
    "change_table": does("write", {"name": "clients"}),
    "drop_table": does("write"),
    "add_column": does("write", {}, parts={"columnName": "new"}),
    "change_column": does("write", {"name": "land"}),
    "drop_column": does("write"),
    "get_file": reads("read", parts=CELL),
    "get_linked_file": reads("the read-only id", parts=CELL),
    "put_file": does("write", FILE, parts=CELL),
    # Charts, dashboards and apps.
    "list_charts": reads("read"),
    "draw_chart": reads("read", parts={"chartId": lambda stage: f"{stage.chart}.svg"}),
    "create_chart": does("write", CHART),
    "change_chart": does("write", {"title": "Changed"}),
    "remove_chart": does("write"),
    "list_dashboards": reads("read"),
    "create_dashboard": does("write", {"title": "New", "charts": []}),
    "change_dashboard": does("write", {"title": "Changed"}),
    "remove_dashboard": does("write"),
    "list_apps": reads("read"),
    "get_app": reads("read"),
    "put_app": does("write", Form(b"<p>New</p>", "new.html"), parts={"appId": "new"}),
    "remove_app": does("write"),
}
