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
# Cases an operation that are generated in the phase of fuzzing; the other phases have as many as the document asks for.
SHORT, LONG, READING = 500, 1500, 10
LONG_SEEDS = 3
# Documents that are not gone through one by one yet under fuzzing; `--document` tries one all the same.
UNSETTLED = ("airsequel", "boathouse")


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true", help="thousands of cases an operation, several seeds")
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
    tried = [path for path in documents() if given.document or path.stem not in UNSETTLED]
    seeds = {path.stem: given.seed + zlib.crc32(path.stem.encode()) % 1_000_000 for path in tried}
    chosen = {name: number for name, number in seeds.items() if given.document in (None, name)}
    if not chosen:
        raise Failed(f"--document: {', '.join(seeds)}")
    print(f"--seed {given.seed}", flush=True)
    python = virtual_environment("schemathesis/venv", FOLDER / "requirements.txt")
    examples = given.max_examples or (LONG if given.long else SHORT)
    start, outcomes = time.monotonic(), []
    for turn in range(LONG_SEEDS if given.long else 1):
        for name, number in chosen.items():
            for reads_only in (False, True):
                some = max(examples // READING, 1) if reads_only else examples
                outcomes.append(passes.Pass(python, name, number + turn, some, reads_only).run())
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
