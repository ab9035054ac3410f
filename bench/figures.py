"""One measured figure, and the table that is printed at the end."""
from dataclasses import dataclass


@dataclass
class Figure:
    """What was measured of Boathouse and, where there is one, of the peer; `speed` is ours relative to theirs."""

    work: str
    ours: str
    peer: str = ""
    speed: float | None = None
    goal: str = ""
    met: bool | None = None

    def cells(self) -> tuple[str, ...]:
        speed = "" if self.speed is None else f"{self.speed:.2f}"
        met = {None: "", True: "yes", False: "NO"}[self.met]
        return self.work, self.ours, self.peer, speed, self.goal, met


HEADINGS = ("work", "Boathouse", "peer", "speed", "goal", "met")


def table(figures: list[Figure]) -> str:
    """A Markdown table that is also readable as plain text."""
    rows = [HEADINGS, *(figure.cells() for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)
