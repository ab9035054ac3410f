"""DuckDB over Parquet files, one statement a line of input: duckdb_tpch.py DIRECTORY.

Reads JSON strings, answers each with one line `{"seconds": …, "rows": [[…]]}`.
"""
import datetime
import decimal
import glob
import json
import os
import sys
import time

import duckdb


def plain(value: object) -> object:
    """The value as the server's JSON shows it."""
    if isinstance(value, decimal.Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, datetime.date) else value


database = duckdb.connect()
for path in sorted(glob.glob(os.path.join(sys.argv[1], "*.parquet"))):
    table = os.path.basename(path).removesuffix(".parquet")
    database.execute(f"CREATE VIEW {table} AS SELECT * FROM '{path}'")
for line in sys.stdin:
    statement = json.loads(line)
    start = time.perf_counter()
    rows = database.execute(statement).fetchall()
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "rows": [[plain(value) for value in row] for row in rows]}), flush=True)
