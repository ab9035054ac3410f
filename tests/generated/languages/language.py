"""What the check asks of a language, and where its files go."""
import os
import re
import shutil
from pathlib import Path
from typing import Protocol

from harness.places import CACHE, build_directory
from harness.tools import debian_packages, virtual_environment

GENERATED = Path(__file__).resolve().parents[1]
SCENARIOS = GENERATED / "scenarios"
BUILD = build_directory("generated")
CLIENTS = BUILD / "clients"


class Language(Protocol):
    """One language. A client is built in a directory of `CLIENTS / name`, which has the name of its document."""

    name: str
    # The documents for which there is a scenario.
    products: tuple[str, ...]

    def tools(self) -> dict[str, str]:
        """Installs what is missing; the variables by which codegen finds the generator."""

    def build(self) -> None:
        """Compiles or type-checks every client, and the scenarios."""

    def functions(self, client: Path) -> list[str]:
        """The functions that the client in this directory has for operations."""

    def scenario(self, product: str) -> tuple[list[object], dict[str, str]]:
        """The command that runs a product's scenario, without its arguments, and its variables."""


def clients(language: str) -> list[Path]:
    """The directories of a language's clients."""
    return sorted(path for path in (CLIENTS / language).iterdir() if path.is_dir())


def found(pattern: str, files: list[Path]) -> list[str]:
    """What the pattern's group finds in the files."""
    return [name for file in files for name in re.findall(pattern, file.read_text(), re.MULTILINE)]


def workspace(language: str) -> Path:
    """An empty directory for what is built in a language."""
    directory = BUILD / language
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir()
    return directory


def python() -> Path:
    """The Python that has the generators from PyPI."""
    return virtual_environment("generated-venv", GENERATED / "requirements.txt")


def openapi_generator() -> dict[str, str]:
    """The generator of several languages."""
    return {"OPENAPI_GENERATOR_CLI": str(python().with_name("openapi-generator-cli"))}


def program(name: str, package: str) -> Path:
    """A program on the path, or from this package of Debian."""
    if shutil.which(name) is None:
        debian_packages(package)
    return Path(shutil.which(name) or f"/usr/bin/{name}")


def path_with(directory: Path) -> dict[str, str]:
    """A search path that begins with a directory."""
    return {"PATH": f"{directory}{os.pathsep}{os.environ['PATH']}"}


def tools_directory() -> Path:
    """Where programs go that are built from source."""
    return CACHE / "tools"
