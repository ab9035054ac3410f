"""Things to change or to lose, made by the admin when a request needs them: what the seed made stays as it is."""
import itertools
import json
import time
import urllib.error
import urllib.request
import zlib
from typing import Any

from seed import READER, SHOP, TEAM, multipart

from .record import DIRECTORY

# What the seed made, by the names that paths have for it, and how the server is reached.
FILE = DIRECTORY / "known.json"
KNOWN: dict[str, Any] = json.loads(FILE.read_text()) if FILE.exists() else {}
# Beside the shop, a table without rows: what rows forbid is not all there is to try.
SCRIPT = SHOP + "CREATE TABLE drafts (title TEXT, pages INTEGER, note TEXT);"
# How many changes a database is good for: it holds a hundred tables at the most.
MOST_CHANGES = 40
PAGE = b"<!doctype html><title>Hello</title>"
fresh = itertools.count(1)


def dice(value: object) -> int:
    """A number that is the same whenever the same was generated."""
    return zlib.crc32(repr(value).encode("utf-8", "surrogatepass"))


def one(values: list, of: object) -> Any:
    """One of the values, the same whenever the same was generated."""
    return values[dice(of) // 7 % len(values)]


def call(method: str, path: str, body: Any = None) -> Any:
    """The JSON of an answer to the admin; nothing where it is a refusal. Bytes are a form with a file."""
    content, data = "application/json", None
    if isinstance(body, bytes):
        content, data = multipart(body)
    elif body is not None:
        data = json.dumps(body).encode()
    headers = {"Authorization": KNOWN["authorization"], "Content-Type": content, "X-Forwarded-For": address()}
    request = urllib.request.Request(KNOWN["address"] + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError:
        return None


def address() -> str:
    """Where a caller is who has not called before, as a proxy says it: the limits are by address."""
    return f"198.18.{next(fresh) // 250 % 250}.{next(fresh) % 250}"


class Bench:
    """A database to change, with what can be in one."""

    def __init__(self) -> None:
        self.parts: dict[str, str] = {}
        self.changes = 0

    def given(self) -> dict[str, str]:
        """The ids of one that is whole."""
        if not self.parts or self.changes >= MOST_CHANGES:
            self.drop()
            database = call("POST", "/api/dbs", {"name": "bench", "query": SCRIPT, "team": TEAM})["id"]
            self.parts = {"dbId": database, "chartId": chart(database), "appId": "page", "varName": variable(f"/api/dbs/{database}")}
            self.parts["dashboardId"] = dashboard(database, self.parts["chartId"])
            call("PUT", f"/dbs/{database}/apps/page", PAGE)
        self.changes += 1
        return self.parts

    def drop(self) -> None:
        """Forgets it, and takes it off the server."""
        if self.parts:
            call("DELETE", f"/api/dbs/{self.parts['dbId']}")
        self.parts, self.changes = {}, 0


BENCH = Bench()


def chart(database: str) -> str:
    drawn = {"title": "c", "chartType": "LineChart", "table": "customers", "headers": ["name", "id"]}
    return call("POST", f"/api/dbs/{database}/charts", drawn)["ulid"]


def dashboard(database: str, shown: str) -> str:
    return call("POST", f"/api/dbs/{database}/dashboards", {"title": "d", "charts": [shown]})["ulid"]


def variable(of: str) -> str:
    return call("POST", f"{of}/env", {"name": f"KEY_{next(fresh)}", "value": "v"})["name"]


def team() -> str:
    """A team with a member."""
    name = f"team {next(fresh)}"
    call("POST", "/api/teams", {"name": name})
    call("PATCH", f"/api/teams/{name.replace(' ', '%20')}/members/{READER.name}", {"roles": ["Viewer"]})
    return name


def token() -> int:
    return call("POST", "/api/tokens", {"name": "t", "permissions": [], "team_name": TEAM})["id"]


def key(purpose: str) -> str:
    """The key of a link that would have been mailed: to verify an address, to reset a password, or of an invitation."""
    name = f"user{next(fresh)}"
    email = f"{name}@example.org"
    if purpose == "invite":
        call("POST", "/api/users/invite", {"email": email})
    else:
        call("POST", "/api/users", {"username": name, "email_address": email, "password": "long enough"})
    if purpose == "reset":
        call("POST", "/api/users/reset-password", {"email": email})
    # The link comes after the answer, which is not to tell by its time whether there is such an account.
    for _ in range(500):
        for link in reversed(call("GET", "/api/mail-links")["links"]):
            if (link["purpose"], link["email_address"]) == (purpose, email):
                return link["url"].rsplit("/", 1)[-1]
        time.sleep(0.01)
    raise TimeoutError(f"no link to {purpose} for {email}")
