"""Everybody who calls, and a team with a database and all that can be in one, made anew whenever something has changed."""
import itertools
import json
import re
import sqlite3
import tempfile
import time
from pathlib import Path

from airsequel import Caller, Form, admin, signed_in

from harness.process import Boathouse

NOBODY, STRANGER, READER, WRITER, ADMIN, SERVER = "nobody", "stranger", "Viewer", "Editor", "Admin", "server admin"
READ, INSERT, WRITE = "read token", "insert token", "write token"
# In the order of the table.
CALLERS = (NOBODY, STRANGER, READER, WRITER, ADMIN, SERVER, READ, INSERT, WRITE)
TOKENS = {READ: "read", INSERT: "insert", WRITE: "write"}
# Whom others do something to.
SUBJECT = "subject"
MEMBERS = {READER: "viewer", WRITER: "editor", ADMIN: "admin"}

PASSWORD = "correct horse"
MAIL_SECONDS = 10
SCHEMA = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, country TEXT);
CREATE TABLE files (content BLOB);
INSERT INTO customers VALUES (1, 'Ann', 'NO'), (2, 'Bob', 'SE');
INSERT INTO files VALUES (x'0102');
"""
fresh = itertools.count(1)


def sqlite_file() -> bytes:
    """A SQLite file that `sqlite3` wrote."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "other.sqlite"
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE other (n INTEGER)")
        connection.commit()
        connection.close()
        return path.read_bytes()


MODIFIED = re.compile(r'"lastModifiedUtc":"[^"]*",?')


class Everybody:
    """The callers of a server, but for the tokens, which belong to a stage."""

    def __init__(self, server: Boathouse) -> None:
        self.server, self.chief = server, admin(server)
        for name in (*MEMBERS.values(), "stranger", SUBJECT):
            self.user(name)
        names = {STRANGER: "stranger"} | MEMBERS
        self.callers = {who: signed_in(server, name, PASSWORD) for who, name in names.items()}
        self.callers |= {NOBODY: Caller(server.address), SERVER: signed_in(server, "testuser", "testpass")}

    def user(self, name: str) -> None:
        """A new user."""
        new = {"username": name, "email_address": f"{name}@example.org", "password": PASSWORD}
        self.chief.must("POST", "/api/users", new)

    def back(self, who: str) -> None:
        """Signs in again whoever signed out."""
        if who in MEMBERS or who in (STRANGER, SERVER):
            name, password = ("testuser", "testpass") if who == SERVER else (MEMBERS.get(who, "stranger"), PASSWORD)
            self.callers[who] = signed_in(self.server, name, password)


class Stage:
    """A team, its database and what is in it, by the names that the document has for its parts."""

    def __init__(self, everybody: Everybody) -> None:
        self.everybody, self.chief, number = everybody, everybody.chief, next(fresh)
        must = self.chief.must
        self.team, self.spare = f"team-{number}", f"spare-{number}"
        for team in (self.team, self.spare):
            must("POST", "/api/teams", {"name": team})
            for role, name in MEMBERS.items():
                must("PATCH", f"/api/teams/{team}/members/{name}", {"roles": [role]})
        must("PATCH", f"/api/teams/{self.team}/members/{SUBJECT}", {"roles": ["Viewer"]})
        new = {"name": f"shop {number}", "query": SCHEMA, "team": self.team}
        self.id = must("POST", "/api/dbs", new)["id"]
        of, database = f"/api/dbs/{self.id}", must("GET", f"/api/dbs/{self.id}")
        chart = {"title": "Countries", "chartType": "BarChart", "table": "customers", "headers": ["country", "id"],
                 "hideNullValues": False, "labelRotation": 0}
        self.chart = must("POST", f"{of}/charts", chart)["ulid"]
        self.dashboard = must("POST", f"{of}/dashboards", {"title": "All", "charts": [self.chart]})["ulid"]
        must("POST", f"{of}/env", {"name": "KEY", "value": "secret"})
        must("PUT", f"/dbs/{self.id}/apps/page", Form(b"<p>Hello</p>", "page.html", {"name": "Page"}))
        self.server_variable = f"KEY_{number}"
        must("POST", "/api/settings/env", {"name": self.server_variable, "value": "secret"})
        self.callers = dict(everybody.callers)
        for who, permission in TOKENS.items():
            self.callers[who] = Caller(everybody.server.address, f"Bearer {self.token(who, permission)['body']}")
        self.parts = {
            "dbId": self.id, "readonlyId": database["readonlyId"], "chartId": self.chart, "dashboardId": self.dashboard,
            "appId": "page", "varName": "KEY", "tableId": "customers", "columnName": "country", "primaryKey": "rowid",
            "equalsValue": "1", "searchTerm": "ann", "teamName": self.team, "username": SUBJECT,
            "tokenId": str(self.token("spare", "read")["id"]),
        }

    def token(self, name: str, permission: str) -> dict:
        """A new token of the team for its database."""
        permissions = [{"db_id": self.id, "name": permission}]
        return self.chief.must("POST", "/api/tokens", {"name": name, "permissions": permissions, "team_name": self.team})

    def mailed(self, purpose: str, email: str) -> str:
        """The key of the newest link that would have been mailed to an address, which is after the answer."""
        deadline = time.monotonic() + MAIL_SECONDS
        while time.monotonic() < deadline:
            links = self.chief.must("GET", "/api/mail-links")["links"]
            for link in reversed(links):
                if (link["purpose"], link["email_address"]) == (purpose, email):
                    return link["url"].rpartition("/")[2]
            time.sleep(0.01)
        raise AssertionError(f"no link to {purpose} for {email} among {links}")

    def contents(self) -> str:
        """All that the stage and the server hold, as the admin of the server reads it."""
        get, of = self.chief.send, f"/api/dbs/{self.id}"
        team = f"/api/teams/{self.team}"
        paths = (
            of, f"{of}/settings", f"{of}/schema", f"{of}/tables/customers", f"{of}/tables/files", f"{of}/charts",
            f"{of}/dashboards", f"{of}/apps", f"{of}/env", f"/dbs/{self.id}/apps/page", team, f"{team}/members",
            f"{team}/tokens", f"/api/teams/{self.spare}", f"/api/users/{SUBJECT}", "/api/users/testuser", "/api/dbs",
            "/api/settings", f"/readonly/{self.parts['readonlyId']}/tables/files/columns/content/files/rowid/1",
        )
        answers = {path: get("GET", path) for path in paths}
        # Reading moves the log into the file, sooner or later, and the file is newer then.
        told = {path: [answer.status, MODIFIED.sub("", answer.body.decode())] for path, answer in answers.items()}
        return json.dumps(told)
