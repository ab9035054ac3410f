"""Answers that break a check and are right: each says which check and operation, why, and where that is agreed.

An entry holds for the answers that `applies` names and for no others. One that is `certain` and that no answer met in a
whole run fails it.
"""
from collections.abc import Callable
from dataclasses import dataclass

from schemathesis import Case, Response

from hooks.products import altertable
from hooks.refusals import is_page_of, says


@dataclass(frozen=True)
class Exclusion:
    """One exception to one check."""

    check: str
    # One operation, or all that the same holds for.
    operation: str | tuple[str, ...]
    reason: str
    link: str
    applies: Callable[[Case, Response], bool]
    # Whether every run meets it: a chain of requests that leads there is found by chance.
    certain: bool = True

    # What it is about, where there are several of one check and operation.
    about: str = ""

    @property
    def operations(self) -> tuple[str, ...]:
        return (self.operation,) if isinstance(self.operation, str) else self.operation

    @property
    def name(self) -> str:
        """What a run calls it."""
        return f"{self.check} · {self.about or self.operations[0]}"


# Paths of Airsequel's.
DATABASE = "/api/dbs/{dbId}"
TABLE = f"{DATABASE}/tables/{{tableId}}"
COLUMN = f"{TABLE}/columns/{{columnName}}"
CELL = "files/{primaryKey}/{equalsValue}"

EXCLUSIONS = (
    Exclusion(
        check="not_a_server_error",
        operation="POST /query",
        reason="In the formats that have no line for errors, a statement that fails before its first row is 500 with "
        "the bare message under the format's own content type. Altertable does so, and its clients look for it.",
        link="docs/altertable.md#post-query",
        applies=altertable.is_bare_message,
    ),
    Exclusion(
        check="positive_data_acceptance",
        operation="POST /upload",
        reason="A schema cannot tell a file from other bytes, nor which catalogs and tables exist. Requests that were "
        "not made from a real file may be refused, with 400 and the reason.",
        link="docs/altertable.md#post-upload",
        applies=altertable.is_no_real_file,
    ),
    Exclusion(
        check="positive_data_acceptance",
        operation="POST /upsert",
        reason="A schema cannot tell which columns a file has, nor that each row has a value in those of the key. "
        "Requests may be refused, with 400 and the reason.",
        link="docs/altertable.md#post-upsert",
        applies=altertable.is_refused,
    ),
    Exclusion(
        check="positive_data_acceptance",
        operation="GET /tasks/{task_id}",
        reason="A schema cannot tell which tasks there are. Altertable answers an id that it does not know with 400.",
        link="docs/altertable.md#get-taskstask_id",
        applies=altertable.is_unknown_task,
    ),
    Exclusion(
        check="positive_data_acceptance",
        operation="POST /autocomplete",
        reason="A schema cannot tell which catalogs and schemas there are. A scope that does not exist is 400 with the "
        "reason: Altertable has no other place for it in this answer.",
        link="docs/altertable.md#post-autocomplete",
        applies=altertable.is_unknown_scope,
    ),
    Exclusion(
        check="use_after_free",
        operation="GET /query/{query_id}",
        reason="DELETE stops a query and deletes nothing: the log keeps what was cancelled as it keeps every query, and "
        "Altertable's clients look it up afterwards.",
        link="docs/altertable.md#get-and-delete-queryquery_id",
        applies=altertable.is_logged_query,
        certain=False,
    ),
    Exclusion(
        check="positive_data_acceptance",
        about="what a body names",
        operation=(
            f"POST {DATABASE}/charts", f"PATCH {DATABASE}/charts/{{chartId}}", f"POST {DATABASE}/dashboards",
            f"PATCH {DATABASE}/dashboards/{{dashboardId}}", "POST /api/tokens", "PATCH /api/tokens/{tokenId}", f"GET {TABLE}",
            f"PUT {TABLE}", f"PATCH {TABLE}", f"PUT {COLUMN}", f"PATCH {COLUMN}",
        ),
        reason="A schema cannot tell which tables, columns, charts and databases there are. What is not there is 404 in a path, "
        "and 400 with its name where a body or a query string has it.",
        link="docs/airsequel.md#charts-dashboards-and-apps",
        applies=says(r"`(table|headers|charts)` names |^the team .* owns no database |^orderBy: table |^after: "),
    ),
    Exclusion(
        check="positive_data_acceptance",
        about="a time that is over",
        operation=("POST /api/tokens", "PATCH /api/tokens/{tokenId}"),
        reason="A schema cannot tell what time it is. A token ends at a time to come, before the year 10000.",
        link="docs/airsequel.md#accounts-teams-tokens-mail",
        applies=says(r"^expiration_utc .* is (over;|after the year)"),
        certain=False,
    ),
    Exclusion(
        check="positive_data_acceptance",
        about="a key out of a mail",
        operation=("POST /api/users", "POST /api/users/reset-password/submit"),
        reason="A schema cannot tell which keys were mailed. One that is unknown or used is 400, as it is by Airsequel.",
        link="docs/airsequel.md#accounts-teams-tokens-mail",
        applies=says(r"^the (key to reset a password|invitation) is unknown, used"),
    ),
    Exclusion(
        check="positive_data_acceptance",
        about="a form of a browser",
        operation=("POST /api/users", "POST /api/users/reset-password/submit"),
        reason="What JSON is refused with as 409 or 400 is a page with 400 for a form: it is read by people.",
        link="docs/airsequel.md#accounts-teams-tokens-mail",
        applies=is_page_of(r"already exists|(key to reset a password|invitation) is unknown, used"),
    ),
    Exclusion(
        check="positive_data_acceptance",
        about="a file",
        operation=("POST /dbs", "PUT /dbs/{dbId}", "PUT /dbs/{dbId}/apps/{appId}"),
        reason="A schema cannot tell a database, a sheet or a page from other bytes. What is none is 400 that says what it is.",
        link="docs/airsequel.md#databases-and-their-settings",
        applies=says(r"^the file |^`file` is |^only a SQLite file |^line \d+: "),
    ),
    Exclusion(
        check="positive_data_acceptance",
        about="a host",
        operation="PATCH /api/settings",
        reason="A pattern cannot tell an IPv6 address from other digits and colons, nor a port from another number.",
        link="docs/airsequel.md#databases-and-their-settings",
        applies=says(r" in `allowedHosts` is no host;"),
    ),
    Exclusion(
        check="positive_data_acceptance",
        about="a script",
        operation="POST /api/dbs",
        reason="A schema cannot tell SQL from other text. A script that fails is 400 with its statement and line, and makes no database.",
        link="docs/airsequel.md#databases-and-their-settings",
        applies=says(r"^statement \d+ \(line \d+\): |^line \d+: "),
        certain=False,
    ),
    Exclusion(
        check="positive_data_acceptance",
        about="SQL in a declaration",
        operation=(f"PUT {TABLE}", f"PUT {COLUMN}", f"PATCH {COLUMN}"),
        reason="A schema cannot tell what is a type or a default in SQL, nor that of two columns one has the name already, "
        "nor which column is the primary key, of which no two rows can have one value.",
        link="docs/airsequel.md#tables-sql-and-files-in-cells",
        applies=says(r" is no (type|default) for column |would have two columns |: it is the primary key, and so no two rows"),
        certain=False,
    ),
    Exclusion(
        check="positive_data_acceptance",
        about="what rows and views forbid",
        operation=(f"PATCH {TABLE}", f"DELETE {TABLE}", f"PUT {COLUMN}", f"PATCH {COLUMN}", f"DELETE {COLUMN}", f"PUT {COLUMN}/{CELL}"),
        reason="A schema cannot tell which rows there are, nor what views, constraints and indexes say of them. A change that "
        "they forbid is 400 with the one that does.",
        link="docs/airsequel.md#tables-sql-and-files-in-cells",
        applies=says(r"constraint failed|would fail|is a view;|Cannot add a "),
        certain=False,
    ),
    Exclusion(
        check="not_a_server_error",
        about="tables that are no SQLite file",
        operation=(
            "GET /dbs/{dbId}/download", "GET /dbs/{dbId}/duplicate", "POST /dbs/{dbId}/duplicate", "GET /readonly/{readonlyId}/duplicate",
            "POST /readonly/{readonlyId}/duplicate", "PUT /dbs/{dbId}", f"POST {DATABASE}/vacuum", f"PUT {TABLE}", f"PUT {COLUMN}",
            f"PATCH {COLUMN}", f"GET {COLUMN}/{CELL}", f"PUT {COLUMN}/{CELL}", f"GET /readonly/{{readonlyId}}/tables/{{tableId}}/columns/{{columnName}}/{CELL}",
        ),
        reason="Databases of Delta tables are served as well, and have no file and no cells with an address. What needs those is 501.",
        link="docs/airsequel.md#databases-and-their-settings",
        applies=says(r"", 501),
        certain=False,
    ),
)
