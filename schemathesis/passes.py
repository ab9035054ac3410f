"""One run of Schemathesis: a fresh server, one document, one principal, one seed."""
import json
import os
import re
import shutil
import subprocess
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from credentials import configuration
from harness.places import DOCUMENTS, build_directory
from harness.process import Boathouse
from harness.tools import Failed
from seed import ADMIN, READER, WRITER, Principal, contents, seed, session

FOLDER = Path(__file__).resolve().parent
MERGED = "boathouse"
# Whose document is for somebody who may write. What only an admin may do would stay untried in the others.
FOR_WRITERS = ("altertable",)
# What Schemathesis warns of and should not have to. Somebody who may only read is refused by some operations whatever
# is sent, which looks like missing credentials.
DOUBTS = ("missing_auth", "missing_deserializer", "base_url_mismatch", "unmatched_filter", "unresolvable_reference",
          "unsupported_regex")
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
# Failures of a pass that are printed.
SHOWN = 20
# Resident bytes at the most: what queries may hold (1 GiB unless told otherwise), and as much for everything else.
MEMORY_LIMIT = 2 << 30
# What is printed beside a failure is what the server says of its request, not each step of the table format's library.
LOG = "info,poem=warn,buoyant_kernel=warn,deltalake=warn"


@dataclass
class Outcome:
    """What came of a pass."""

    title: str
    reports: Path
    seconds: float = 0.0
    figures: dict = field(default_factory=dict)
    coverage: dict = field(default_factory=dict)
    peak: int = 0
    idle: int = 0
    # What was wrong, ready to print.
    faults: list[str] = field(default_factory=list)

    @property
    def exclusions(self) -> dict[str, int]:
        """How many failures each exclusion that was met took out."""
        return self.figures.get("exclusions", {})


@dataclass(frozen=True)
class Pass:
    """What to run."""

    python: Path
    document: str
    seed: int
    examples: int
    # As a principal that may only read: whatever it is answered, nothing may have changed.
    reads_only: bool

    @property
    def principal(self) -> Principal:
        """An admin may do most; where nothing takes one, it is somebody who may write."""
        return READER if self.reads_only else WRITER if self.document in FOR_WRITERS else ADMIN

    @property
    def patience(self) -> float:
        """Seconds after which a run that has not ended never will. It takes a tenth of them."""
        return 600 + self.examples * len(operations_of(self.document)) / 5

    def run(self) -> Outcome:
        """Runs, prints a line, and everything there is to know where something failed."""
        title = f"{self.document} as {self.principal.name}, seed {self.seed}"
        reports = build_directory("schemathesis") / "reports" / f"{self.document}-{self.principal.name}-{self.seed}"
        shutil.rmtree(reports, ignore_errors=True)
        reports.mkdir(parents=True)
        outcome = Outcome(title, reports)
        print(f"\n=== {title}: at most {self.examples} generated cases an operation", flush=True)
        with Boathouse(environment={"BOATHOUSE_LOG": LOG}) as server:
            known = seed(server) | {"address": server.address, "authorization": ADMIN.authorization}
            known["session"] = session(server, self.principal)
            (reports / "known.json").write_text(json.dumps(known))
            before = contents(server)
            start = time.monotonic()
            try:
                status = self.schemathesis(server, reports, known["session"])
                read_reports(outcome)
                outcome.faults += self.left_out(outcome)
            except Failed as failure:
                status, outcome.faults = 1, [str(failure)]
            outcome.seconds = time.monotonic() - start
            outcome.faults += [failure_text(failure, server) for failure in outcome.figures.get("failures", [])]
            if status and not outcome.faults:
                outcome.faults.append((reports / "output.txt").read_text())
            if self.reads_only and contents(server) != before:
                outcome.faults.append(f"who may only read changed tables: {changed(before, contents(server))}")
            outcome.faults += health(server, outcome)
        (reports / "server.log").write_text("".join(server.output))
        print(text_of(outcome), flush=True)
        return outcome

    def left_out(self, outcome: Outcome) -> list[str]:
        """Operations and phases without a case, since a phase that breaks off is no failure to Schemathesis; and operations
        of which no case succeeded."""
        operations = operations_of(self.document)
        missing = operations - set(outcome.figures["operations"])
        phases = {"examples", "coverage", "fuzzing"} - outcome.figures["cases"].keys()
        faults = [f"not tested: {', '.join(sorted(part))}" for part in (missing, phases) if part]
        # What is refused whatever is sent is not looked at any deeper.
        refused = operations - missing - outcome.figures["successes"].keys()
        if refused and not self.reads_only:
            faults.append(f"never succeeded: {', '.join(sorted(refused))}")
        return faults

    def settings(self) -> str:
        """How many cases an operation are generated, and how many chains, which are of several cases each; and what
        Schemathesis' doubts about its own work fail the run."""
        doubts = [doubt for doubt in DOUBTS if not (self.reads_only and doubt == "missing_auth")]
        return f"""
[phases.fuzzing.generation]
max-examples = {self.examples}

[phases.stateful.generation]
max-examples = {max(self.examples // 5, 1)}

[warnings]
fail-on = {json.dumps(doubts)}
"""

    def schemathesis(self, server: Boathouse, reports: Path, token: str) -> int:
        """The status that Schemathesis ended with; what it printed stands in the reports. `token` is that of a session."""
        document = json.loads((DOCUMENTS / f"{self.document}.json").read_text())
        settings = reports / "schemathesis.toml"
        # A principal that only reads signs in by the last scheme that an operation takes, everybody else by the first.
        settings.write_text(configuration(document, self.principal, token, -1 if self.reads_only else 0) + self.settings())
        path = "/openapi.json" if self.document == MERGED else f"/openapi/{self.document}.json"
        command = [
            self.python, "-B", "-m", "schemathesis.cli", "--config-file", settings, "run", server.address + path,
            "--seed", self.seed, "--no-color",
            "--report", "junit,html", "--report-dir", reports,
            "--report-junit-path", reports / "junit.xml", "--report-html-path", reports / "html",
            "--coverage-format", "html,json", "--coverage-report-html-path", reports / "coverage.html",
            "--coverage-report-json-path", reports / "coverage.json",
        ]
        # Python's own order of sets is part of what a seed repeats.
        environment = os.environ | {
            # Where the hooks find the seed, and the seed the harness.
            "PYTHONPATH": os.pathsep.join((str(FOLDER), str(FOLDER.parent / "tests"))),
            "CONTRACT_REPORTS": str(reports), "HYPOTHESIS_STORAGE_DIRECTORY": str(reports / "hypothesis"),
            "PYTHONHASHSEED": "0",
        }
        with (reports / "output.txt").open("w") as output:
            words = [str(word) for word in command]
            try:
                return subprocess.run(words, cwd=FOLDER, env=environment, stdout=output, stderr=subprocess.STDOUT,
                                      timeout=self.patience).returncode
            except subprocess.TimeoutExpired:
                raise Failed(f"no end after {self.patience} s; the last request was\n"
                             + (reports / "last-request.txt").read_text()) from None


def operations_of(document: str) -> set[str]:
    """The operations of a document, as Schemathesis calls them."""
    paths = json.loads((DOCUMENTS / f"{document}.json").read_text())["paths"]
    return {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods if method in METHODS}


def read_reports(outcome: Outcome) -> None:
    """Takes over what the run wrote."""
    for name in ("figures", "coverage"):
        path = outcome.reports / f"{name}.json"
        if path.exists():
            setattr(outcome, name, json.loads(path.read_text()))
        else:
            told = (outcome.reports / "output.txt").read_text()[-3000:]
            outcome.faults.append(f"the run wrote no {path.name}:\n{told}")


def failure_text(failure: dict, server: Boathouse) -> str:
    """A failure with all that is known of its request."""
    log = [line for line in server.output if failure["request_id"] and failure["request_id"] in line]
    return "\n".join([
        f"{failure['check']} · {failure['operation']} · {failure['status']} ({failure['times']} times)",
        failure["message"],
        f"answer: {failure['answer']}",
        f"request: {failure['curl']}",
        f"log of {failure['request_id']}: {''.join(log).rstrip() or 'nothing'}",
    ])


def changed(before: dict[str, int], after: dict[str, int]) -> str:
    names = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    return ", ".join(f"{name}: {before.get(name)} rows, now {after.get(name)}" for name in names)


def health(server: Boathouse, outcome: Outcome) -> list[str]:
    """What is wrong with the server after a run. Notes its memory."""
    faults = []
    for path in ("/healthz", "/readyz"):
        with urllib.request.urlopen(server.address + path, timeout=10) as answer:
            if answer.status != 200:
                faults.append(f"{path} answers {answer.status}")
    panics = [line for line in server.output if "panicked" in line or " ERROR " in line]
    if panics:
        faults.append("the log has panics or errors:\n" + "".join(panics[:5]))
    outcome.peak, outcome.idle = memory(server.process.pid)
    if outcome.peak > MEMORY_LIMIT:
        faults.append(f"the server had {outcome.peak >> 20} MiB resident, more than {MEMORY_LIMIT >> 20}")
    return faults


def memory(process: int) -> tuple[int, int]:
    """Resident bytes at the most and now; zeros where the system has no /proc."""
    status = Path(f"/proc/{process}/status")
    text = status.read_text() if status.exists() else ""
    figures = (re.search(rf"{name}:\s+(\d+) kB", text) for name in ("VmHWM", "VmRSS"))
    peak, now = (int(found.group(1)) << 10 if found else 0 for found in figures)
    return peak, now


def text_of(outcome: Outcome) -> str:
    """A pass in a few lines, and everything that was wrong."""
    cases = outcome.figures.get("cases", {})
    parts = {
        "operations": str(len(outcome.figures.get("operations", []))),
        "cases": f"{sum(cases.values())} ({', '.join(f'{phase} {count}' for phase, count in cases.items())})",
        "failures": str(len(outcome.faults)),
        "excluded": ", ".join(f"{count} {name}" for name, count in outcome.exclusions.items() if count) or "nothing",
        "coverage": coverage(outcome),
        "memory": f"{outcome.peak >> 20} MiB at the most, {outcome.idle >> 20} MiB at the end",
        "time": f"{outcome.seconds:.0f} s",
        "reports": str(outcome.reports),
    }
    lines = [f"  {name:<10}  {value}" for name, value in parts.items()]
    faults = [f"\nFAILED {number}: {fault}" for number, fault in enumerate(outcome.faults, 1)]
    more = [f"\n{len(faults) - SHOWN} more in {outcome.reports / 'figures.json'}"] if len(faults) > SHOWN else []
    return "\n".join([*lines, *faults[:SHOWN], *more])


def coverage(outcome: Outcome) -> str:
    """How much of the document was exercised, as tracecov counts it."""
    summary = outcome.coverage.get("summary", {})
    figures = []
    for name, counted in summary.items():
        reached = counted.get("covered", counted.get("reached"))
        partly = f" and {counted['partial']} in part" if counted.get("partial") else ""
        figures.append(f"{name.replace('_', ' ')} {reached}/{counted['total']}{partly}")
    return ", ".join(figures) or "none"
