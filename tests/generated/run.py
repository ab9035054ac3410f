#!/usr/bin/env python3
"""Generated clients: made from every document, built, and driven against a live server.

`python3 tests/generated/run.py [--all] [--from DIRECTORY] [LANGUAGE…]`; Python, TypeScript and Rust unless told
otherwise. `--from` takes the documents of another folder. A document or operation that is new is found by itself.
"""
import argparse
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness.places import DOCUMENTS, REPOSITORY, binary  # noqa: E402
from harness.process import PASSWORD, USERNAME, Boathouse  # noqa: E402
from harness.tools import Failed, run  # noqa: E402
from languages import ALL, DEFAULT, Language  # noqa: E402
from languages.language import CLIENTS, GENERATED  # noqa: E402

PAGE = REPOSITORY / "docs" / "clients.md"
# A document of shapes that generators have trouble with, whether a product has them yet or not.
SHAPES = GENERATED / "documents"


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Prints how long a step took."""
    start = time.monotonic()
    yield
    print(f"{what}: {time.monotonic() - start:.1f} s", flush=True)


def table(documents: Path) -> str:
    """The table of operations and languages, as the rules make it."""
    command = [binary("codegen"), "clients", "--table", "--from", documents]
    return subprocess.run(command, check=True, text=True, capture_output=True).stdout


def left_out(text: str) -> set[tuple[str, str]]:
    """Languages and the operations that the table says they do not have."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| ")]
    titles, *operations = rows
    return {(title.lower(), name.split("`")[1]) for name, *cells in operations
            for title, cell in zip(titles[1:], cells, strict=True) if cell.startswith("no")}


def operations(document: Path) -> list[str]:
    """Every operation id of a document."""
    items = json.loads(document.read_text())["paths"].values()
    return [operation["operationId"] for item in items for operation in item.values() if "operationId" in operation]


def plain(name: str) -> str:
    """A name without what languages do to names: `run_query` and `RunQuery` are the same."""
    return name.replace("_", "").lower()


def check_functions(language: Language, documents: list[Path], missing: set[tuple[str, str]]) -> None:
    """Every operation has a function, unless the table says that it has none."""
    for document in documents:
        functions = {plain(name) for name in language.functions(CLIENTS / language.name / document.stem)}
        for operation in operations(document):
            if (plain(operation) in functions) == ((language.name, operation) in missing):
                raise Failed(f"{document.stem} in {language.name}: the table and the client disagree on {operation}")
        print(f"{language.name} {document.stem}: {len(functions)} functions for {len(operations(document))} operations")


def check(language: Language, folders: list[Path]) -> None:
    """Generates, builds, and compares with the table."""
    with timed(f"{language.name}, tools"):
        variables = language.tools()
    shutil.rmtree(CLIENTS / language.name, ignore_errors=True)
    with timed(f"{language.name}, generated"):
        for folder in folders:
            run([binary("codegen"), "clients", language.name, "--from", folder, "--to", CLIENTS], None, variables)
    with timed(f"{language.name}, built"):
        language.build()
    for folder in folders:
        check_functions(language, sorted(folder.glob("*.json")), left_out(table(folder)))


def known(name: str) -> str:
    """The name of a language, as an argument."""
    if name not in ALL:
        raise argparse.ArgumentTypeError(f"there is no language {name!r}; there are {', '.join(ALL)}")
    return name


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("languages", nargs="*", type=known, metavar="LANGUAGE")
    parser.add_argument("--all", action="store_true", help="every language")
    parser.add_argument("--from", dest="documents", type=Path, default=DOCUMENTS, help="a folder of documents")
    arguments = parser.parse_args()
    if not binary("codegen").exists():
        raise Failed(f"{binary('codegen')} is missing; build it with `cargo build --release --workspace`")
    chosen = list(ALL) if arguments.all else arguments.languages or DEFAULT
    if arguments.documents == DOCUMENTS and table(DOCUMENTS) not in PAGE.read_text():
        raise Failed(f"the table in {PAGE} is not up to date; codegen writes it")
    for name in chosen:
        check(ALL[name], [arguments.documents, SHAPES])
    with Boathouse() as server:
        for name in chosen:
            for product in ALL[name].products:
                command, variables = ALL[name].scenario(product)
                with timed(f"{name}, {product}"):
                    run([*command, server.address, USERNAME, PASSWORD], None, variables)
    print(f"clients generated, built and driven: {', '.join(chosen)}")


if __name__ == "__main__":
    try:
        main()
    except Failed as failure:
        sys.exit(str(failure))
