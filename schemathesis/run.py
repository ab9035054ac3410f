#!/usr/bin/env python3
"""Contract tests: Schemathesis against a seeded server, for every document in `openapi/`. README.md has more."""
import argparse
import signal
import sys
import time
import zlib
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(FOLDER.parent / "tests"))

import passes  # noqa: E402
from harness.places import documents  # noqa: E402
from harness.process import Boathouse  # noqa: E402
from harness.tools import Failed, virtual_environment  # noqa: E402
from seed import seed  # noqa: E402

SEED = 20260102
# Cases that are generated in the phase of fuzzing; the other phases have as many as the document asks for. An operation
# has at most the first, and all of a document together the second: one of many operations is not to take all the time.
SHORT, LONG = (500, 2_500), (1_500, 40_000)
# Of these, the share of the merged document, whose operations the others have tried, and of who may only read.
MERGED_SHARE, READING_SHARE = 5, 10
LONG_SEEDS = 3


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true", help="tens of thousands of cases a document, several seeds")
    parser.add_argument("--document", metavar="NAME", help="one document of openapi/, without .json")
    parser.add_argument("--seed", type=int, default=SEED, help=f"default {SEED}; --long takes the next ones, too")
    parser.add_argument("--max-examples", type=int, metavar="N", help="generated cases an operation")
    parser.add_argument("--serve", action="store_true", help="only start and seed a server, for printed requests")
    return parser.parse_args()


def main() -> None:
    given = arguments()
    if given.serve:
        return serve()
    # Each document has seeds of its own, or the merged one would repeat what the others asked.
    seeds = {path.stem: given.seed + zlib.crc32(path.stem.encode()) % 1_000_000 for path in documents()}
    chosen = {name: number for name, number in seeds.items() if given.document in (None, name)}
    if not chosen:
        raise Failed(f"--document: {', '.join(seeds)}")
    print(f"--seed {given.seed}", flush=True)
    python = virtual_environment("schemathesis/venv", FOLDER / "requirements.txt")
    start, outcomes = time.monotonic(), []
    for turn in range(LONG_SEEDS if given.long else 1):
        for name, number in chosen.items():
            examples = given.max_examples or share(name, *(LONG if given.long else SHORT))
            outcomes.append(passes.Pass(python, name, number + turn, examples, False).run())
            if name != passes.MERGED:
                some = max(examples // READING_SHARE, 1)
                outcomes.append(passes.Pass(python, name, number + turn, some, True).run())
    faults = [fault for outcome in outcomes for fault in outcome.faults]
    unused = unused_exclusions(outcomes)
    for name in unused:
        print(f"\nNOT NEEDED: no answer met the exclusion {name!r} of exclusions.py")
    # Part of the documents, or fewer cases, need not meet every exclusion.
    whole = given.document is None and given.max_examples is None
    cases = sum(sum(outcome.figures.get("cases", {}).values()) for outcome in outcomes)
    seconds = time.monotonic() - start
    print(f"\n{len(outcomes)} passes, {cases} cases, {len(faults)} failures, {seconds:.0f} s", flush=True)
    sys.exit(bool(faults) or (whole and bool(unused)))


def share(document: str, most: int, together: int) -> int:
    """How many cases are generated for each operation of a document."""
    if document == passes.MERGED:
        together //= MERGED_SHARE
    return max(min(most, together // len(passes.operations_of(document))), 1)


def unused_exclusions(outcomes: list[passes.Outcome]) -> list[str]:
    """Exclusions that nothing needed: whatever was wrong has been mended, or they never fitted."""
    names = {name for outcome in outcomes for name in outcome.exclusions}
    return sorted(name for name in names if not any(outcome.exclusions.get(name) for outcome in outcomes))


def serve() -> None:
    """Waits beside a seeded server until it is interrupted."""
    with Boathouse() as server:
        seed(server)
        print(f"{server.address} is seeded; Ctrl-C ends it", flush=True)
        try:
            server.process.wait()
        except KeyboardInterrupt:
            print("".join(server.output), file=sys.stderr)


if __name__ == "__main__":
    # Ended from outside, it ends its server on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        main()
    except Failed as failure:
        print(failure, file=sys.stderr)
        sys.exit(1)
