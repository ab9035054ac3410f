"""delta-rs' MERGE from Python. `rows LINEITEM OUT COUNT` makes rows to merge, half of whose keys are scattered over the
table; `merge TABLE ROWS TOTAL` merges them into a Delta table and counts what is there then."""
import json
import resource
import sys
import time

import duckdb
import pyarrow.parquet as pq
from deltalake import DeltaTable

work, first, second, number = sys.argv[1:]
if work == "rows":
    connection = duckdb.connect()
    table = connection.execute("SELECT count(*) FROM read_parquet(?)", [first]).fetchall()[0][0]
    half = int(number) // 2
    step = table // half
    # New keys have line numbers that no order has, so that they are as scattered as the others.
    connection.execute(f"""
        COPY (
            SELECT * EXCLUDE (row) REPLACE (
                'merged' AS l_comment,
                (CASE WHEN row % {step} = 1 THEN l_linenumber + 10 ELSE l_linenumber END)::INTEGER AS l_linenumber)
            FROM (SELECT *, row_number() OVER () - 1 AS row FROM read_parquet('{first}'))
            WHERE row < {half * step} AND row % {step} IN (0, 1)
            ORDER BY hash(l_orderkey, l_linenumber)
        ) TO '{second}' (FORMAT parquet)""")
    print(json.dumps({"table": table}))
else:
    rows = pq.read_table(second)
    table = DeltaTable(first)
    key = " AND ".join(f"target.{name} = source.{name}" for name in ("l_orderkey", "l_linenumber"))
    start = time.perf_counter()
    merge = table.merge(rows, predicate=key, source_alias="source", target_alias="target")
    merge.when_matched_update_all().when_not_matched_insert_all().execute()
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    found = duckdb.sql(f"SELECT count(*) FROM read_parquet({table.file_uris()})").fetchall()[0][0]
    if found != int(number):
        raise SystemExit(f"{found} rows after the merge instead of {number}")
    print(json.dumps({"seconds": round(seconds, 2), "peak_mb": round(peak)}))
