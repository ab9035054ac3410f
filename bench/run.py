#!/usr/bin/env python3
"""Boathouse beside its peers on the same work in one run.

python3 bench/run.py [all|upload|upsert|tpch|export|append|auth|start|small-appends|sqlite]... [--server PATH] [--data DIR] [--big]
"""
import argparse
import os
import platform
import sys
from pathlib import Path

sys.dont_write_bytecode = True  # Leaves no files in the checkout.

import append
import auth
import environment
import export
import figures
import small_appends
import sqlite
import start
import tpch
import upload
import upsert

WORKS = ("upload", "upsert", "tpch", "export", "append", "auth", "start", "small-appends", "sqlite")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("works", nargs="*", choices=("all", *WORKS), default="all", metavar="work")
    parser.add_argument("--server", type=Path, help="a boathouse binary; built by cargo where none is given")
    parser.add_argument("--data", type=Path, default=environment.cache() / "bench", help="keeps data and peers")
    parser.add_argument("--big", action="store_true", help="upload: a body of over 5 GB, too")
    arguments = parser.parse_args()
    works = WORKS if "all" in arguments.works else [work for work in WORKS if work in arguments.works]
    data = arguments.data.resolve()
    data.mkdir(parents=True, exist_ok=True)
    binary = arguments.server.resolve() if arguments.server else environment.build_server()

    measured = []
    if {"upload", "upsert", "tpch", "export", "sqlite"} & set(works):
        python = environment.peers(data)
    if {"upload", "upsert", "tpch", "export"} & set(works):
        environment.generate(data, python)
    for work in works:
        if work == "upload":
            measured += upload.measure(binary, data, python, arguments.big)
        elif work == "upsert":
            measured += upsert.measure(binary, data, python)
        elif work == "tpch":
            measured += tpch.measure(binary, data, python)
        elif work == "export":
            measured += export.measure(binary, data, python)
        elif work == "small-appends":
            measured += small_appends.measure(binary)
        elif work == "sqlite":
            measured += sqlite.measure(binary, python)
        elif work == "append":
            measured += append.measure(binary)
        elif work == "auth":
            measured += auth.measure(binary)
        else:
            measured += start.measure(binary)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    print(f"\n{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}\n")
    print(figures.table(measured))
    if any(figure.met is False for figure in measured):
        raise SystemExit("a goal was missed")


if __name__ == "__main__":
    main()
