"""SQL in SQLite's dialect over the seeded database: statements that must run, and generated ones that may."""
from hypothesis import strategies as st

from .sql import damaged_of

# Each runs to its end on a seeded database: nothing generated changes these tables.
READS = (
    "SELECT 1",
    "SELECT TRUE, 123, 'test'",
    "SELECT * FROM customers",
    "SELECT name, sum(total) AS total FROM customers JOIN orders ON customer_id = customers.id GROUP BY name ORDER BY 2 DESC",
    "SELECT * FROM sales WHERE country LIKE 'N%'",
    "SELECT rowid, name, length(content), typeof(content) FROM files",
    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 1000) SELECT count(*), sum(n) FROM c",
    "SELECT id, row_number() OVER (PARTITION BY customer_id ORDER BY total) AS n FROM orders",
    "SELECT json_object('a', name, 'b', json_array(id, NULL)) FROM customers",
    "SELECT date('2026-01-31', '+1 month'), strftime('%Y', ordered_on) FROM orders",
    "SELECT sqrt(2), pi(), upper('née'), hex('a'), quote(x'00'), 9223372036854775807, 1e999",
    "SELECT name AS a, id AS a FROM customers",
    "EXPLAIN QUERY PLAN SELECT * FROM customers WHERE id = 1",
    "VALUES (1, 'a'), (2, NULL)",
    "SELECT 'a''b' AS \"quo\"\"ted\" -- with a comment",
)
CHANGES = (
    "CREATE TABLE IF NOT EXISTS scratch (i INTEGER PRIMARY KEY, v TEXT, d REAL, b BLOB)",
    "INSERT INTO scratch (v, d) VALUES ({value}, {value}) RETURNING *",
    "INSERT INTO scratch (i, v) VALUES ({value}, {value}) ON CONFLICT DO UPDATE SET v = excluded.v",
    "UPDATE scratch SET v = {value} WHERE {value}",
    "DELETE FROM scratch WHERE {value}",
    "DROP TABLE IF EXISTS scratch",
    "CREATE VIEW IF NOT EXISTS scratched AS SELECT {value} AS x",
    "DROP VIEW IF EXISTS scratched",
    "CREATE INDEX IF NOT EXISTS scratch_v ON scratch (v)",
    "CREATE TABLE w (a INTEGER PRIMARY KEY) WITHOUT ROWID",
    "PRAGMA table_info('customers')",
    "PRAGMA journal_mode = OFF",
    "ATTACH DATABASE '/tmp/never' AS other",
    "VACUUM INTO '/tmp/never'",
    "SELECT load_extension({value})",
    "BEGIN; SELECT {value}; COMMIT",
    "COMMIT",
    "SELECT {value} FROM customers, orders WHERE {value} ORDER BY {value} LIMIT 10",
    "SELECT count(*) FROM customers WHERE name MATCH {value}",
    "SELECT max({value}) FILTER (WHERE {value}) FROM orders GROUP BY {value}",
)
VALUES = (
    "0", "-1", "2.5", "1e308", "9223372036854775808", "''", "'née 🚣'", "NULL", "x'00ff'", "name", "total", "nope", "rowid", "CAST('x' AS REAL)",
    "zeroblob(1000)", "random()", "abs(-9223372036854775808)", "(SELECT max(total) FROM orders)", "json('{')", "printf('%.*c', 100, 'x')",
    "'a' || 1", "1 / 0", "'a' LIKE '%'", "customers.id IN (1, NULL)", "EXISTS (SELECT 1)", "?", ":a", "substr('abc', -1, 9)",
)


@st.composite
def changes(draw: st.DrawFn) -> str:
    """A statement that changes something, or should not be able to."""
    first, *rest = draw(st.sampled_from(CHANGES)).split("{value}")
    return first + "".join(draw(st.sampled_from(VALUES)) + part for part in rest)


STATEMENTS = st.one_of(st.sampled_from(READS), changes(), changes(), damaged_of(READS + CHANGES))
