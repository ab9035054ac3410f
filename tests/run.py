#!/usr/bin/env python3
"""The test command: `python3 tests/run.py` runs every check of the repository and fails if one does.

It takes Rust and Python 3.11 or later, nothing else. What it builds and installs goes to `~/.cache/boathouse`
(BOATHOUSE_CACHE moves it; CARGO_TARGET_DIR moves what cargo builds).
"""
import os
import sys
import time
import tomllib
from collections.abc import Callable

from harness import tools
from harness.places import REPOSITORY, TARGET, binary
from harness.tools import Failed

CLIENTS = REPOSITORY / "tests" / "clients"
LONGEST_FILE = 500
# Each must be in the tree once: two of them would not understand each other's types.
SINGLE_PACKAGES = ("arrow-array", "arrow-schema", "parquet", "object_store", "datafusion")


def run(*command: object) -> None:
    """Runs a command at the root of the repository and shows its output as it comes."""
    tools.run(command, REPOSITORY)


def file_lengths() -> None:
    """No Rust file is longer than 500 lines."""
    long = []
    for folder in ("src", "crates", "codegen", "tests"):
        for path in sorted((REPOSITORY / folder).rglob("*.rs")):
            if (lines := len(path.read_text().splitlines())) > LONGEST_FILE:
                long.append(f"{path.relative_to(REPOSITORY)} has {lines} lines; split it (at most {LONGEST_FILE})")
    if long:
        raise Failed("\n".join(long))


def single_packages() -> None:
    """There is one arrow, one parquet, one object_store and one datafusion in Cargo.lock."""
    packages = tomllib.loads((REPOSITORY / "Cargo.lock").read_text())["package"]
    for name in SINGLE_PACKAGES:
        versions = [package["version"] for package in packages if package["name"] == name]
        if len(versions) != 1:
            raise Failed(f"{name} is in Cargo.lock as {versions}; `cargo tree -i {name}` shows who asks for which")


def formatting() -> None:
    """Every Rust file is as rustfmt writes it."""
    run("cargo", "fmt", "--all", "--check")


def build() -> None:
    """The server builds."""
    run("cargo", "build", "--release", "--workspace", "--locked")


def rust_tests() -> None:
    """Unit and integration tests in Rust."""
    run("cargo", "test", "--release", "--workspace", "--locked")


def client_tests() -> None:
    """Published clients and independent readers against the server that was built."""
    python = tools.virtual_environment("venv", CLIENTS / "requirements.txt")
    run(python, "-B", "-m", "pytest", CLIENTS, "--ignore", CLIENTS / "dlt")
    # dlt's destination needs packages of its own, and a newer Python than the rest.
    newer = tools.interpreter(3, 12)
    python = tools.virtual_environment("venv-dlt-client", CLIENTS / "dlt" / "requirements.txt", newer)
    run(python, "-B", "-m", "pytest", CLIENTS / "dlt")


def dialect() -> None:
    """DuckDB and the server answer the queries of the corpus alike, and docs/duckdb.md says so."""
    run(sys.executable, "-B", REPOSITORY / "tests" / "dialect" / "run.py")


def document() -> None:
    """The documents are valid, linted, and break nothing that was released; their examples come true."""
    run(sys.executable, "-B", REPOSITORY / "tests" / "document" / "run.py")


def contract() -> None:
    """The server does what the documents say, under fuzzing."""
    run(sys.executable, "-B", REPOSITORY / "schemathesis" / "run.py")


def generated_clients() -> None:
    """Clients generated from the documents compile and do their work, in Python, TypeScript and Rust."""
    run(sys.executable, "-B", REPOSITORY / "tests" / "generated" / "run.py")


def browser() -> None:
    """The start page and the Swagger UI in a real browser."""
    run(sys.executable, "-B", REPOSITORY / "tests" / "browser" / "run.py")


# What is quick and needs nothing comes first. What builds on a check that failed is left out.
CHECKS = ((file_lengths, ()), (single_packages, ()), (formatting, ()), (build, ()), (rust_tests, (build,)),
          (client_tests, (build,)), (dialect, (build,)), (document, (build,)), (generated_clients, (build,)), (browser, (build,)),
          (contract, (build,)))


def label(check: Callable[[], None]) -> str:
    """The check's name in words."""
    return check.__name__.replace("_", " ")


def main() -> None:
    os.environ["CARGO_TARGET_DIR"] = str(TARGET)
    os.environ["BOATHOUSE_BIN"] = str(binary())
    passed, summary = [], []
    for check, needed in CHECKS:
        name = label(check)
        print(f"\n=== {name}: {check.__doc__}", flush=True)
        missing = [label(other) for other in needed if other not in passed]
        start = time.monotonic()
        try:
            if missing:
                raise Failed(f"not run: {', '.join(missing)} failed")
            check()
            passed.append(check)
            summary.append(f"passed  {name} ({time.monotonic() - start:.0f} s)")
        except Failed as failure:
            print(failure, file=sys.stderr, flush=True)
            summary.append(f"FAILED  {name}: {failure}")
    print("\n" + "\n".join(summary) + f"\n{len(passed)} passed, {len(CHECKS) - len(passed)} failed", flush=True)
    sys.exit(len(passed) != len(CHECKS))


if __name__ == "__main__":
    main()
