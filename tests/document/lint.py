"""Whether documents are valid, by two readers that are not ours: zero errors and zero warnings."""
import json
import os
import subprocess
from pathlib import Path

from harness import tools
from harness.places import documents

HERE = Path(__file__).resolve().parent
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}


def linted(packages: Path) -> list[str]:
    """What Redocly says of the documents."""
    return [fault for path in documents() for fault in problems(path, packages)]


def problems(path: Path, packages: Path) -> list[str]:
    command = ["node", packages / "node_modules" / "@redocly" / "cli" / "bin" / "cli.js", "lint",
               "--config", HERE / "redocly.yaml", "--format", "json", "--max-problems", "1000", path]
    environment = os.environ | tools.node_environment() | QUIET
    ended = subprocess.run([str(word) for word in command], env=environment, capture_output=True, text=True)
    try:
        found = json.loads(ended.stdout)
    except ValueError:
        raise tools.Failed(f"Redocly did not run:\n{ended.stdout}{ended.stderr}") from None
    totals = found["totals"]
    print(f"Redocly: {path.name} has {totals['errors']} errors and {totals['warnings']} warnings", flush=True)
    faults = []
    for problem in found["problems"]:
        place = problem["location"][0].get("pointer", "")
        faults.append(f"{path.name} {place}: {problem['message']} ({problem['ruleId']})")
    if ended.returncode != 0 and not faults:
        faults.append(f"Redocly ended with status {ended.returncode}: {ended.stderr}")
    return faults


def valid(python: Path) -> list[str]:
    """What openapi-spec-validator says of the documents."""
    faults = []
    for path in documents():
        command = [str(python), "-m", "openapi_spec_validator", "--errors", "all", str(path)]
        ended = subprocess.run(command, capture_output=True, text=True)
        said = "is valid" if ended.returncode == 0 else "is not valid"
        print(f"openapi-spec-validator: {path.name} {said}", flush=True)
        if ended.returncode != 0:
            faults.append(f"{path.name}: {ended.stdout}{ended.stderr}")
    return faults
