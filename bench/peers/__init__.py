"""The peers, each run in a process of its own by the interpreter that has them installed."""
import json
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent


def run_peer(python: Path, script: str, *arguments: object) -> dict:
    """Runs one script of this directory; it prints one JSON object."""
    command = [str(python), str(HERE / script), *map(str, arguments)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1])
