#!/usr/bin/env python3
"""The documents under `openapi/`: `python3 tests/document/run.py [PART …]`.

valid     openapi-spec-validator reads them
lint      Redocly finds neither errors nor warnings
examples  every example is sent to a fresh demo server and answered as documented, and every link leads somewhere
changes   nothing that was released breaks; before that, the comparison shows that it sees what breaks

Everything is taken from the documents: an operation or a document more takes no edit here.
"""
import argparse
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from harness import tools  # noqa: E402
from harness.places import documents  # noqa: E402

import breaks  # noqa: E402
import changes  # noqa: E402
import lint  # noqa: E402
from worked import worked  # noqa: E402


def packages() -> Path:
    return tools.node_packages("document-packages", HERE / "package.json")


PARTS = {
    "valid": lambda: lint.valid(tools.virtual_environment("document-venv", HERE / "requirements.txt")),
    "lint": lambda: lint.linted(packages()),
    "examples": lambda: [fault for path in documents() for fault in worked(path)],
    "changes": lambda: breaks.proven(packages()) + changes.since_release(packages()),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; all of them unless named")
    wanted = parser.parse_args().parts
    if unknown := set(wanted) - PARTS.keys():
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    started, faults = time.monotonic(), []
    for part in wanted or PARTS:
        try:
            faults += [f"{part}: {fault}" for fault in PARTS[part]()]
        except tools.Failed as failure:
            faults.append(f"{part}: {failure}")
    print(*faults, sep="\n", file=sys.stderr)
    print(f"documents: {len(faults)} faults in {time.monotonic() - started:.0f} s")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
