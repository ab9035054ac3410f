"""What changed since the last release, whose documents are kept under `openapi/released/`.

Breaking changes fail, unless `openapi/released/allowed.json` says why they are made.
"""
import json
import os
import subprocess
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from harness import tools
from harness.places import DOCUMENTS, documents

from operations import of

RELEASED = DOCUMENTS / "released"
ALLOWED = RELEASED / "allowed.json"
HERE = Path(__file__).resolve().parent
# What stands under these tells and promises nothing.
TELLING = ("description", "summary", "example", "examples", "externalDocs", "links", "title", "info", "x-after")


@dataclass(frozen=True)
class Change:
    """One difference between two documents."""
    breaking: bool
    kind: str
    pointer: str
    told: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.told} ({self.pointer})"


def changes(old: dict, new: dict, packages: Path) -> list[Change]:
    """How `new` differs from `old`. What is in components is told where operations use it."""
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for name, document in (("old", old), ("new", new)):
            files.append(Path(folder) / f"{name}.json")
            files[-1].write_text(json.dumps(comparable(document)))
        command = ["node", HERE / "compare.mjs", *files]
        environment = os.environ | tools.node_environment() | {"NODE_PACKAGES": str(packages)}
        found = subprocess.run(command, env=environment, capture_output=True, text=True)
    if found.returncode != 0:
        raise tools.Failed(f"the documents cannot be compared:\n{found.stderr}")
    told = (change(**difference) for difference in json.loads(found.stdout))
    return [difference for difference in told if not difference.pointer.startswith("/components/schemas/")]


def comparable(document: dict) -> dict:
    """The document with an empty list where an operation has no parameters: the tool looks into lists alone."""
    document = json.loads(json.dumps(document))
    for operation in of(document):
        operation.node.setdefault("parameters", [])
    return document


def change(type: str, action: str, path: list[str], description: str | None = None) -> Change:
    """A difference as the tool tells it, taken more seriously where clients in code would break: a property that goes,
    a type or an operation id that is another."""
    pointer = "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in path)
    told = description or f"{action} {path[-1]}"
    if any(key in TELLING for key in path if path[-2:-1] != ["properties"]):
        return Change(False, "telling", pointer, told)
    above, last = path[-2] if len(path) > 1 else "", path[-1]
    broken = (action == "remove" and above == "properties") or (
        action == "replace" and last in ("type", "operationId") and above != "properties"
    )
    kind = "breaking" if broken else type
    return Change(kind == "breaking", kind, pointer, told)


def allowed() -> dict[str, str]:
    """The breaking changes that are meant, by their place, with why."""
    if not ALLOWED.exists():
        return {}
    entries = {entry["place"]: entry["reason"].strip() for entry in json.loads(ALLOWED.read_text())}
    if missing := [place for place, reason in entries.items() if not reason]:
        raise tools.Failed(f"{ALLOWED.name} gives no reason for {', '.join(missing)}")
    return entries


def since_release(packages: Path) -> list[str]:
    """What breaks. Prints all that changed."""
    faults, meant, used = [], allowed(), set()
    current = {path.name: path for path in documents()}
    released = {path.name: path for path in RELEASED.glob("*.json") if path != ALLOWED}
    if not released:
        raise tools.Failed(f"no document under {RELEASED}; `codegen release` writes them")
    faults += [f"{name} was released and is gone" for name in sorted(released.keys() - current.keys())]
    for name in sorted(current.keys() - released.keys()):
        print(f"{name} is new")
    for name in sorted(current.keys() & released.keys()):
        old, new = (json.loads(path.read_text()) for path in (released[name], current[name]))
        found = changes(old, new, packages)
        count = Counter(difference.kind for difference in found)
        kinds = ", ".join(f"{number} {kind}" for kind, number in sorted(count.items())) or "nothing changed"
        print(f"{name} since {old['info']['version']}: {kinds}")
        for difference in found:
            if difference.kind != "telling":
                print(f"  {difference}")
            if difference.breaking and difference.pointer in meant:
                used.add(difference.pointer)
                print(f"    allowed: {meant[difference.pointer]}")
            elif difference.breaking:
                faults.append(f"{name}: {difference}")
    faults += [f"{ALLOWED.name} allows a change that nobody made: {place}" for place in sorted(meant.keys() - used)]
    return faults
