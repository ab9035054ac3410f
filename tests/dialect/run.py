#!/usr/bin/env python3
"""DuckDB's dialect: `python3 tests/dialect/run.py [WORD …]` asks DuckDB and the server the same and compares.

Every query of the corpus whose feature is said to work must be answered alike, values and types; what is said to be
refused must be, in the words said; what is said to differ must. docs/duckdb.md says the same: `--write` writes it.
"""
import argparse
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from harness import tools  # noqa: E402
from harness.places import REPOSITORY  # noqa: E402

PAGE = REPOSITORY / "docs" / "duckdb.md"
BEGIN, END = "<!-- the table is written by tests/dialect/run.py --write -->", "<!-- end of the table -->"


def fault(feature, query: str, oracle, server) -> str | None:
    """What is wrong with the server's answer."""
    from answers import difference
    wanted, given = oracle.ask(query), server.ask(query)
    if feature.refused is not None:
        if not isinstance(given, str):
            return "is answered, and said to be refused"
        return None if feature.refused.lower() in given.lower() else f"is refused in other words: {given}"
    if feature.errors:
        if not isinstance(wanted, str):
            return "is no error in DuckDB"
        return None if isinstance(given, str) else f"is an error in DuckDB ({wanted}), here {given[1][:3]}"
    if feature.differs is not None and isinstance(wanted, str) != isinstance(given, str):
        return None
    if isinstance(wanted, str):
        return f"is an error in DuckDB: {wanted}"
    if isinstance(given, str):
        return f"fails: {given}"
    found = difference(query, wanted, given)
    if feature.differs is not None:
        return None if found else "is answered as by DuckDB, and said to differ"
    return found


def table(features: list) -> str:
    """The features as tables, one a group."""
    lines = []
    for group in dict.fromkeys(feature.group for feature in features):
        lines += ["", f"## {group}", "", "| feature | | what to write instead, what differs |", "|---|---|---|"]
        for feature in (feature for feature in features if feature.group == group):
            state = "works" if feature.works else "refused" if feature.refused is not None else "differs"
            note = "; ".join(part for part in (feature.differs, feature.instead) if part)
            cells = [feature.title.replace("|", "\\|"), state, note.replace("|", "\\|")]
            lines.append(f"| {' | '.join(cells)} |".replace("|  |", "| |"))
    return "\n".join(lines).strip() + "\n"


def page(features: list, write: bool) -> list[str]:
    """Whether the page says what the corpus says."""
    text = PAGE.read_text()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    wanted = f"{before}{BEGIN}\n\n{table(features)}\n{END}{after}"
    if write:
        PAGE.write_text(wanted)
    return [] if write or text == wanted else [f"{PAGE.name} is not what the corpus says; run tests/dialect/run.py --write"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*", metavar="WORD", help="only features with one of these words in their title")
    parser.add_argument("--write", action="store_true", help="write docs/duckdb.md")
    arguments = parser.parse_args()
    python = tools.virtual_environment("dialect-venv", HERE / "requirements.txt")
    if Path(sys.executable) != python and os.environ.get("DIALECT_PYTHON") != str(python):
        os.environ["DIALECT_PYTHON"] = str(python)
        os.execv(python, [str(python), "-B", __file__, *sys.argv[1:]])
    from answers import Oracle, Server
    from corpus import features, setup
    from harness.process import Boathouse, authorization
    everything = features()
    chosen = [feature for feature in everything
              if not arguments.words or any(word.lower() in feature.title.lower() for word in arguments.words)]
    faults, agree, refused, differ = [], 0, 0, 0
    with Boathouse() as boathouse:
        server = Server(boathouse.address, authorization())
        for statement in setup():
            if isinstance(error := server.ask(statement), str):
                sys.exit(f"{statement}: {error}")
        oracle = Oracle(setup())
        for feature in chosen:
            for query in feature.queries:
                wrong = fault(feature, query, oracle, server)
                agree += wrong is None and feature.works
                refused += wrong is None and feature.refused is not None
                differ += wrong is None and feature.differs is not None
                if wrong:
                    faults.append(f"{feature.title}\n    {query}\n    {wrong}")
    if not arguments.words:
        faults += page(everything, arguments.write)
    print(*faults, sep="\n")
    print(f"dialect: {agree} queries are answered as by DuckDB, {refused} are refused and {differ} differ as the page says, "
          f"{len(faults)} faults")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
