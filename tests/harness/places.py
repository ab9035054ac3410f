"""Where the repository is, and where what is built and installed goes: never into the checkout."""
import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
DOCUMENTS = REPOSITORY / "openapi"
CACHE = Path(os.environ.get("BOATHOUSE_CACHE", Path.home() / ".cache" / "boathouse"))
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", CACHE / "target"))


def binary(name: str = "boathouse") -> Path:
    """A program of the workspace: the server, for which BOATHOUSE_BIN may name another, or `codegen`."""
    if name == "boathouse" and (path := os.environ.get("BOATHOUSE_BIN")):
        return Path(path)
    return TARGET / "release" / name


def build_directory(name: str) -> Path:
    """A directory for what a check makes, such as screenshots and generated code. It outlives the check."""
    directory = CACHE / name
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def documents() -> list[Path]:
    """Every committed OpenAPI document as JSON: the merged one and one a product. New ones are found by themselves."""
    return sorted(DOCUMENTS.glob("*.json"))
