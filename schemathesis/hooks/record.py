"""What a run leaves for the runner to print: cases by phase, excluded failures, and every failure with its request."""
import json
import os
import re
import shlex
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import schemathesis
from schemathesis import Case, HookContext, Response, cli
from schemathesis.engine import events

if TYPE_CHECKING:
    from exclusions import Exclusion

# The directory of the run's reports.
DIRECTORY = Path(os.environ.get("CONTRACT_REPORTS", "."))

# What curl says itself.
COMPUTED = {"user-agent", "accept", "accept-encoding", "connection", "content-length", "x-schemathesis-testcaseid"}


def checks_of(failure: AssertionError) -> tuple[str, ...]:
    """The check that failed. Checks of our own have it in their title alone."""
    own = re.search(r"`(\w+)`", failure.title)
    return failure.checks or ((own.group(1),) if own else ())


def gist(response: Response) -> str:
    """The end of an answer, or the message of a refusal, without what differs from one request to the next: values, names and
    numbers."""
    told = response.content[-2000:].decode("utf-8", "replace").strip().rsplit("\n", 1)[-1]
    told = re.sub(r'^.*\{"message":"(.*?)"\}.*$', r"\1", told, flags=re.DOTALL).replace('\\"', '"')
    return re.sub(r"\"[^\"]*\"|'[^']*'|`[^`]*`|[0-9a-f-]{36}|\d+", "…", told)[:100]


class Record:
    """The figures of one run."""

    def __init__(self) -> None:
        self.cases: Counter[str] = Counter()
        self.operations: set[str] = set()
        # How often each operation did what it is for.
        self.successes: Counter[str] = Counter()
        self.statuses: Counter[str] = Counter()
        self.exclusions: Counter[str] = Counter()
        # What the excluded answers said, for whoever wants to know that the exclusions are right.
        self.excluded_answers: Counter[str] = Counter()
        # By check, operation, status and the answer's first words: one request of each kind is enough to look at.
        self.failures: dict[tuple, dict[str, Any]] = {}

    def excluded(self, exclusion: "Exclusion", response: Response) -> None:
        self.exclusions[exclusion.name] += 1
        self.excluded_answers[f"{exclusion.name}: {gist(response)}"] += 1

    def kept(self, failure: AssertionError, case: Case, response: Response) -> None:
        key = (checks_of(failure), case.operation.label, response.status_code, gist(response))
        known = self.failures.setdefault(key, {
            "check": ", ".join(checks_of(failure)),
            "operation": case.operation.label,
            "status": response.status_code,
            "request_id": "".join(response.headers.get("x-request-id", [])),
            "message": str(failure),
            "answer": response.content[-300:].decode("utf-8", "replace"),
            "curl": self.curl(response),
            "times": 0,
        })
        known["times"] += 1

    def curl(self, response: Response) -> str:
        """The request as it was sent. A body that a shell cannot carry goes into a file beside the figures."""
        request = response.request
        body = request.body.encode() if isinstance(request.body, str) else request.body
        headers = {name: value for name, value in request.headers.items() if name.lower() not in COMPUTED}
        words = ["curl", "-X", request.method, request.url]
        for name, value in headers.items():
            words += ["-H", f"{name}: {value}"]
        if body is not None:
            text = body.decode("utf-8", "replace")
            if text.encode() != body or not text.isprintable():
                path = DIRECTORY / f"request-{len(self.failures)}.bin"
                path.write_bytes(body)
                text = f"@{path}"
            words += ["--data-binary", text]
        return shlex.join(words)

    def write(self) -> None:
        figures = {
            "cases": self.cases,
            "operations": sorted(self.operations),
            "successes": dict(sorted(self.successes.items())),
            "statuses": dict(sorted(self.statuses.items())),
            "exclusions": self.exclusions,
            "excluded_answers": dict(self.excluded_answers.most_common()),
            "failures": list(self.failures.values()),
        }
        (DIRECTORY / "figures.json").write_text(json.dumps(figures, indent=2))


RECORD = Record()


@schemathesis.hook
def before_call(_context: HookContext, case: Case, _arguments: dict) -> None:
    """Notes the request, for when there will be no answer to look at."""
    (DIRECTORY / "last-request.txt").write_text(f"{case.operation.label} {case!r}\n", errors="backslashreplace")


class Recorder(cli.EventHandler):
    """Counts what the engine reports, and writes the figures when it has ended."""

    def handle_event(self, _context: cli.ExecutionContext, event: events.EngineEvent) -> None:
        if not isinstance(event, events.ScenarioFinished):
            return
        for case_id, interaction in event.recorder.interactions.items():
            case = event.recorder.cases[case_id].value
            RECORD.cases[event.phase.value] += 1
            RECORD.operations.add(case.operation.label)
            status = interaction.response.status_code if interaction.response else "none"
            # The same path is tried with other methods as well.
            if status in range(200, 400) and interaction.request.method == case.operation.method.upper():
                RECORD.successes[case.operation.label] += 1
            RECORD.statuses[f"{case.operation.label} {status}"] += 1

    def shutdown(self, _context: cli.ExecutionContext) -> None:
        RECORD.write()


cli.handler()(Recorder)
