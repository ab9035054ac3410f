"""Answers that break a check and are right: each says which check and operation, why, and where that is agreed.

An entry holds for the answers that `applies` names and for no others. One that is `certain` and that no answer met in a
whole run fails it.
"""
from collections.abc import Callable
from dataclasses import dataclass

from schemathesis import Case, Response

from hooks.products import altertable


@dataclass(frozen=True)
class Exclusion:
    """One exception to one check."""

    check: str
    operation: str
    reason: str
    link: str
    applies: Callable[[Case, Response], bool]
    # Whether every run meets it: a chain of requests that leads there is found by chance.
    certain: bool = True

    @property
    def name(self) -> str:
        """What a run calls it."""
        return f"{self.check} · {self.operation}"


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
)
