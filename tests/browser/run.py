#!/usr/bin/env python3
"""The start page and the Swagger UI in a real browser: `python3 tests/browser/run.py`.

A headless Chromium reads, fills in and presses what a person would, on a fresh server with the sample table. Which
documents and operations there are it takes from `openapi/`. Screenshots go to `browser` in the cache.
"""
import csv
import json
import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from harness import tools  # noqa: E402
from harness.places import DOCUMENTS, build_directory, documents  # noqa: E402
from harness.process import PASSWORD, READER, SAMPLE, USERNAME, Boathouse  # noqa: E402
from harness.tools import Failed  # noqa: E402

# Far more than a run takes: a browser that hangs ends with the check.
LONGEST_SECONDS = 300


def kinds_of_weather() -> list[list[object]]:
    """Days and warmest day of each kind of weather in the sample, commonest first: counted here, not by SQL."""
    kinds: dict[str, list[float]] = {}
    with SAMPLE.open(newline="") as lines:
        for day in csv.DictReader(lines):
            kinds.setdefault(day["weather"], []).append(float(day["temp_max"]))
    return sorted(([kind, len(days), max(days)] for kind, days in kinds.items()), key=lambda row: -row[1])


def check(part: str, packages: Path, **settings: object) -> None:
    """Runs one part in the browser on a server of its own, so that no part finds what another left."""
    with Boathouse() as server:
        server.load_sample()
        server.create_user(*READER)
        told = {
            "address": server.address, "username": USERNAME, "password": PASSWORD, "chromium": str(tools.chromium()),
            "documents": str(DOCUMENTS), "screenshots": str(build_directory("browser")), "sample": str(SAMPLE),
            "kinds": kinds_of_weather(), **settings,
        }
        environment = os.environ | tools.node_environment()
        environment |= {"NODE_PACKAGES": str(packages), "BROWSER_CHECK": json.dumps(told)}
        command = ["node", str(HERE / f"{part}.mjs")]
        try:
            status = subprocess.run(command, env=environment, timeout=LONGEST_SECONDS).returncode
        except subprocess.TimeoutExpired:
            raise Failed(f"{part} did not end within {LONGEST_SECONDS} seconds") from None
    if status != 0:
        raise Failed(f"{part} {' '.join(map(str, settings.values()))} failed")


def main() -> None:
    started = time.monotonic()
    try:
        packages = tools.node_packages("browser-packages", HERE / "package.json")
        check("start_page", packages)
        for document in documents():
            check("swagger_ui", packages, document=document.name)
        check("appearance", packages)
    except Failed as failure:
        sys.exit(f"{failure}")
    print(f"browser: passed in {time.monotonic() - started:.0f} s; screenshots in {build_directory('browser')}")


if __name__ == "__main__":
    main()
