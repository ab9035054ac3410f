"""The corpus: features of DuckDB's dialect, each with queries that use it.

A file has lines `-- feature: …`, under each the statements that show it, ended by `;`. Lines between say what holds of
the whole feature if it does not simply work:

    -- refused: WORDS    every statement is refused with these words in the message
    -- differs: WHY      every statement is answered otherwise than by DuckDB
    -- error: both       every statement is an error in DuckDB, and one here
    -- instead: WHAT     what to write
"""
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
GROUPS = {"01-queries": "Queries", "02-operators": "Values and operators", "03-text": "Text", "04-numbers": "Numbers",
          "05-dates": "Dates and times", "06-nested": "Lists, structs, maps, JSON", "07-aggregates": "Aggregates and the session",
          "08-more": "All of it together"}


@dataclass
class Feature:
    title: str
    group: str
    refused: str | None = None
    differs: str | None = None
    errors: bool = False
    instead: str | None = None
    queries: list[str] = field(default_factory=list)

    @property
    def works(self) -> bool:
        return self.refused is None and self.differs is None


def features() -> list[Feature]:
    """All of them, in the order of the files."""
    found = []
    for path in sorted((HERE / "corpus").glob("*.sql")):
        lines = []
        for line in path.read_text().splitlines():
            if line.startswith("-- feature: "):
                found.append(Feature(line.removeprefix("-- feature: "), GROUPS[path.stem]))
            elif line.startswith("-- refused: "):
                found[-1].refused = line.removeprefix("-- refused: ")
            elif line.startswith("-- differs: "):
                found[-1].differs = line.removeprefix("-- differs: ")
            elif line.startswith("-- error: "):
                found[-1].errors = True
            elif line.startswith("-- instead: "):
                found[-1].instead = line.removeprefix("-- instead: ")
            elif line.strip():
                lines.append(line)
                if line.rstrip().endswith(";"):
                    found[-1].queries.append("\n".join(lines).rstrip().removesuffix(";"))
                    lines = []
    return found


def setup() -> list[str]:
    """The statements that make the tables of the corpus."""
    return [statement for statement in (HERE / "setup.sql").read_text().split(";\n") if statement.strip()]
