"""Who may do what: every operation of the Airsequel document, tried as everybody.

Who may is let through; everybody else is refused, with 401, 403 or 404, and nothing has changed. `docs/airsequel-access.md` is what came of it:
`UPDATE=1 python -m pytest tests/clients/test_access.py` writes it.
"""
import json
import os
from collections.abc import Iterator

from access.operations import LEVELS, TRIED, Tried
from access.stage import CALLERS, Everybody, Stage
from airsequel import Answer, part

from harness.places import DOCUMENTS, REPOSITORY
from harness.process import Boathouse

TABLE = REPOSITORY / "docs" / "airsequel-access.md"
HEAD = """\
# Who may do what

Every operation of [Airsequel's API](airsequel.md), tried by everybody on a private database of a team, or in that team: somebody who is not signed in, a
user who is not in the team, its Viewer, Editor and Admin, an admin of the server, and tokens of the team that may read, insert or write.
`tests/clients/test_access.py` writes this table and fails where it is not so. **Bold** is who gets through. After everything else the team, its
database and the settings of the server were as before.

"""


def operations() -> Iterator[tuple[str, str, str, bool]]:
    """Id, method, path, and whether there is a credential that it takes."""
    document = json.loads((DOCUMENTS / "airsequel.json").read_text())
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield operation["operationId"], method.upper(), path, bool(operation.get("security"))


def send(stage: Stage, who: str, method: str, path: str, tried: Tried) -> Answer:
    for name, value in (stage.parts | tried.parts).items():
        if f"{{{name}}}" in path:
            path = path.replace(f"{{{name}}}", part(tried.made(value, stage)))
    assert "{" not in path, f"nothing is known for a part of {path}"
    return stage.callers[who].send(method, path, tried.made(tried.body, stage))


def outcome(answer: Answer) -> tuple[bool, str]:
    """Whether it went through, and how the table says it. A statement of SQL fails in its result."""
    through = answer.status in (200, 303)
    if through and answer.body.startswith(b'{"affectedTables"') and answer.json["errors"]:
        return False, "refused"
    return through, str(answer.status)


def difference(before: str, now: str) -> str:
    """What is not as it was: the paths, and what they answer now."""
    old, new = json.loads(before), json.loads(now)
    return "; ".join(f"{path}: {old.get(path)} -> {answer}"[:600] for path, answer in new.items() if old.get(path) != answer)


class Trial:
    """Everything tried on one server."""

    def __init__(self, server: Boathouse) -> None:
        self.everybody = Everybody(server)
        self.stage = Stage(self.everybody)
        self.before = self.stage.contents()
        self.faults: list[str] = []

    def row(self, operation: str, method: str, path: str, tried: Tried) -> list[str]:
        """What becomes of one request, by caller."""
        return [self.cell(f"{operation} {tried.of}".strip(), method, path, tried, who) for who in CALLERS]

    def cell(self, name: str, method: str, path: str, tried: Tried, who: str) -> str:
        answer = send(self.stage, who, method, path, tried)
        through, told = outcome(answer)
        if through != (who in LEVELS[tried.takes]):
            self.faults.append(f"{name} takes {tried.takes}, and {who} gets {answer.status} {answer.body[:300]!r}")
        elif not through and told != "refused" and answer.status not in tried.refusals:
            self.faults.append(f"{name}: {who} is refused with {answer.status} {answer.body[:300]!r}")
        if through and tried.changes:
            # Whatever became of what was there, the next one finds it whole.
            self.everybody.back(who)
            self.stage = Stage(self.everybody)
            self.before = self.stage.contents()
        elif (now := self.stage.contents()) != self.before:
            self.faults.append(f"{name} by {who}, answered with {told}, has changed {difference(self.before, now)}")
            self.before = now
            self.stage = Stage(self.everybody)
            self.before = self.stage.contents()
        return f"**{told}**" if through else told


def test_everybody_may_do_what_the_table_says() -> None:
    known = list(operations())
    ids = {operation for operation, *_ in known}
    assert ids == TRIED.keys(), f"tests/clients/access/operations.py lacks {ids - TRIED.keys()}, has {TRIED.keys() - ids}"
    lines = ["| operation | takes | " + " | ".join(CALLERS) + " |", "|---" * (len(CALLERS) + 2) + "|"]
    with Boathouse() as server:
        trial = Trial(server)
        for operation, method, path, secured in known:
            for tried in TRIED[operation]:
                cells = trial.row(operation, method, path, tried)
                title = f"`{method} {path}`" + (f" ({tried.of})" if tried.of else "")
                lines.append(f"| {title} | {tried.takes} | " + " | ".join(cells) + " |")
            if not secured and any(tried.takes != "nothing" for tried in TRIED[operation]):
                trial.faults.append(f"{operation}: the document says that it takes nothing")
    assert not trial.faults, "\n".join(trial.faults)
    table = HEAD + "\n".join(lines) + "\n"
    if "UPDATE" in os.environ:
        TABLE.write_text(table)
    assert TABLE.exists() and TABLE.read_text() == table, "docs/airsequel-access.md is not what happens; UPDATE=1 writes it"
