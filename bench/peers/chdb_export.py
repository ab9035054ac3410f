"""chDB writes every row of a Parquet file as JSON arrays, one a line: chdb_export.py PARQUET."""
import json
import os
import resource
import sys
import tempfile
import time

import chdb

with tempfile.TemporaryDirectory() as directory:
    target = os.path.join(directory, "out.json")
    start = time.perf_counter()
    chdb.query(f"INSERT INTO FUNCTION file('{target}', JSONCompactEachRow) SELECT * FROM file('{sys.argv[1]}', Parquet)")
    seconds = time.perf_counter() - start
    size = os.path.getsize(target)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
print(json.dumps({"seconds": round(seconds, 2), "bytes": size, "peak_mb": round(peak)}))
