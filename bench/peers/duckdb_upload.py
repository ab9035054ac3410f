"""DuckDB writes a CSV file as zstd Parquet: duckdb_upload.py CSV."""
import json
import os
import resource
import sys
import tempfile
import time

import duckdb

source = sys.argv[1]
with tempfile.TemporaryDirectory() as directory:
    target = os.path.join(directory, "out.parquet")
    start = time.perf_counter()
    duckdb.connect().execute(f"COPY (SELECT * FROM read_csv('{source}')) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")
    seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
rate = round(os.path.getsize(source) / 1e6 / seconds)
print(json.dumps({"seconds": round(seconds, 2), "mb_per_s": rate, "peak_mb": round(peak)}))
