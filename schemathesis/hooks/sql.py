"""SQL over the seeded tables: statements that must run, and generated ones that may."""
from hypothesis import strategies as st

# Each runs to its end on a seeded server whatever else happened to it: nothing generated changes these tables.
READS = (
    "SELECT 1",
    "SELECT 1 AS a, 'x' AS b, NULL AS c; SELECT 2 AS d",
    "SELECT weather, count(*) AS days, max(temp_max) AS warmest FROM lakehouse.main.weather GROUP BY weather "
    "ORDER BY days DESC",
    "SELECT * FROM lakehouse.main.weather",
    "SELECT * FROM lakehouse.main.kinds",
    "SELECT * FROM lakehouse.main.empty",
    "SELECT * FROM lakehouse.main.rainy ORDER BY precipitation DESC LIMIT 3",
    'SELECT "a column", "select" FROM harbour."a schema"."a ""table"""',
    "SELECT b.name, w.wind FROM harbour.main.boats b JOIN lakehouse.main.weather w ON b.id = w.temp_max::BIGINT "
    "ORDER BY ALL",
    "WITH w AS (SELECT *, row_number() OVER (PARTITION BY weather ORDER BY date) AS n FROM lakehouse.main.weather) "
    "SELECT weather, date FROM w WHERE n = 1",
    "SELECT year(date) AS y, avg(temp_max)::DECIMAL(5,2) AS a FROM lakehouse.main.weather GROUP BY y HAVING a > 0 "
    "ORDER BY y",
    "SELECT li, st, x, tz FROM lakehouse.main.kinds WHERE i > 0 OR i IS NULL",
    "SELECT id FROM harbour.main.boats WHERE id IN (SELECT i FROM lakehouse.main.kinds) UNION ALL SELECT 7 ORDER BY 1",
    "SELECT * FROM (VALUES (1, 'a'), (2, NULL)) AS v(n, t)",
    "SELECT sum(i) FROM generate_series(1, 100000) AS g(i)",
    "SELECT [1, 2, 3] AS l, {'a': 1, 'b': [NULL]} AS s, DATE '2026-01-02' + INTERVAL 1 DAY AS d",
    "EXPLAIN SELECT * FROM lakehouse.main.weather",
    "DESCRIBE SELECT * FROM lakehouse.main.kinds",
    "SELECT table_catalog, table_name FROM information_schema.tables",
    "SELECT 'a''b' AS \"quo\"\"ted\" -- with a comment",
)
COLUMNS = (
    "b", "t", "s", "i", "l", "f", "d", "m", "v", "x", "dt", "ts", "tz", "li", "st", "st.a", "k.i", "nope", "*",
    "count(*)",
)
SOURCES = (
    "lakehouse.main.kinds k", "lakehouse.main.weather", "harbour.main.boats", "lakehouse.main.empty", "kinds", "nope",
    "(SELECT 1 AS i, 'x' AS v) k", "(VALUES (1, 2.5), (NULL, 3)) k(i, d)", "generate_series(1, 20) k(i)",
    "unnest([1, 2]) k(i)",
)
TYPES = (
    "TINYINT", "INTEGER", "BIGINT", "UBIGINT", "HUGEINT", "DOUBLE", "FLOAT", "DECIMAL(5,2)", "DECIMAL(38,0)",
    "VARCHAR", "BLOB", "DATE", "TIME", "TIMESTAMP", "TIMESTAMPTZ", "INTERVAL", "BOOLEAN", "INTEGER[]",
    "STRUCT(a INTEGER)", "UUID", "JSON", "NOPE",
)
FUNCTIONS = (
    "abs", "round", "length", "upper", "substr", "coalesce", "concat", "date_trunc", "year", "strftime", "epoch_ms",
    "sum", "avg", "min", "max", "count", "list", "string_agg", "median", "quantile_cont", "stddev", "array_length",
    "list_value", "struct_pack", "regexp_replace", "split_part", "md5", "greatest", "nullif", "ifnull",
    "to_timestamp", "random", "row_number", "lag", "ntile", "version", "current_date", "nope", "repeat", "range",
    "unnest", "typeof", "try_cast",
)
OPERATORS = (
    "+", "-", "*", "/", "//", "%", "**", "||", "=", "<>", "<", ">=", "AND", "OR", "LIKE", "IS DISTINCT FROM", "&",
    "<<", "->", "::",
)
LITERALS = (
    "0", "1", "-1", "2.5", "1e308", "9223372036854775808", "170141183460469231731687303715884105728", "''", "'a'",
    "'2026-01-02'", "NULL", "TRUE", "DATE '2026-02-28'", "TIMESTAMP '2026-01-02 03:04:05'", "INTERVAL 1 MONTH",
    "[1, NULL]", "[]", "{'a': 1}", "E'\\n'", "'%Y'", "'day'", "?", "$1", "''''", "'née 🚣'", "x'00'", "MAP {'a': 1}",
    "INTERVAL '1' YEAR",
)
CHANGES = (
    "CREATE OR REPLACE TABLE scratch AS {query}",
    "CREATE TABLE IF NOT EXISTS scratch (i INTEGER, v VARCHAR, d DOUBLE); "
    "INSERT INTO scratch VALUES ({value}, {value}, {value})",
    "INSERT INTO scratch (i) VALUES ({value})",
    "INSERT INTO scratch SELECT {value}, {value}, {value}",
    "UPDATE scratch SET v = {value} WHERE {value}",
    "DELETE FROM scratch WHERE {value}",
    "DROP TABLE IF EXISTS scratch",
    "CREATE OR REPLACE VIEW scratched AS {query}; SELECT * FROM scratched",
    "DROP VIEW IF EXISTS scratched",
    "ALTER TABLE scratch ADD COLUMN IF NOT EXISTS c INTEGER",
    "ALTER TABLE scratch RENAME TO scratch",
    "CREATE SCHEMA IF NOT EXISTS workshop; CREATE TABLE IF NOT EXISTS workshop.t (i INTEGER)",
    "DROP SCHEMA IF EXISTS workshop CASCADE",
    "BEGIN TRANSACTION; {query}; COMMIT",
    "SET threads = 1; {query}",
    "EXPLAIN {query}",
    "DESCRIBE {query}",
    "COPY ({query}) TO '/tmp/never'",
    "ATTACH '/etc/passwd' AS p",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "PIVOT kinds ON v USING sum(i)",
    "SHOW TABLES",
    "PREPARE p AS {query}",
    ";;{query};",
)

CLAUSES = (
    "WHERE {}", "GROUP BY {}", "HAVING {}", "QUALIFY {}", "ORDER BY {} DESC NULLS LAST", "LIMIT {}", "OFFSET {}",
)


def extended(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    few = st.lists(inner, max_size=3).map(", ".join)
    call = st.tuples(st.sampled_from(FUNCTIONS), few)
    return st.one_of(
        st.tuples(inner, st.sampled_from(OPERATORS), inner).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        call.map(lambda p: f"{p[0]}({p[1]})"),
        call.map(lambda p: f"{p[0]}({p[1]}) OVER (ORDER BY 1)"),
        st.tuples(inner, st.sampled_from(TYPES)).map(lambda p: f"CAST({p[0]} AS {p[1]})"),
        st.tuples(inner, st.sampled_from(TYPES)).map(lambda p: f"TRY_CAST({p[0]} AS {p[1]})"),
        st.tuples(inner, inner, inner).map(lambda p: f"CASE WHEN {p[0]} THEN {p[1]} ELSE {p[2]} END"),
        st.tuples(inner, few).map(lambda p: f"{p[0]} IN ({p[1]})"),
        inner.map(lambda e: f"({e}) IS NOT NULL"),
        inner.map(lambda e: f"-{e}"),
        few.map(lambda e: f"[{e}]"),
        inner.map(lambda e: f"({e})[1]"),
        inner.map(lambda e: f"(SELECT {e} FROM lakehouse.main.kinds k LIMIT 1)"),
        inner.map(lambda e: f"EXISTS (SELECT 1 WHERE {e})"),
    )


EXPRESSIONS = st.recursive(st.sampled_from(LITERALS) | st.sampled_from(COLUMNS), extended, max_leaves=6)


@st.composite
def queries(draw: st.DrawFn) -> str:
    """A SELECT."""
    maybe = st.booleans()
    parts = ["SELECT"]
    if draw(maybe):
        parts.append(draw(st.sampled_from(("DISTINCT", "DISTINCT ON (i)", "ALL"))))
    parts.append(", ".join(f"{value} AS c{n}" if value != "*" else "*" for n, value in enumerate(
        draw(st.lists(EXPRESSIONS, min_size=1, max_size=3)))))
    if draw(maybe):
        parts.append(f"FROM {draw(st.sampled_from(SOURCES))}")
        if draw(maybe):
            join = draw(st.sampled_from(("JOIN", "LEFT JOIN", "FULL JOIN", "SEMI JOIN", "ANTI JOIN", "ASOF JOIN")))
            parts.append(f"{join} harbour.main.boats o ON {draw(EXPRESSIONS)}")
    for clause in CLAUSES:
        if draw(st.integers(0, 3)) == 0:
            parts.append(clause.format(draw(EXPRESSIONS)))
    return " ".join(parts)


@st.composite
def changes(draw: st.DrawFn) -> str:
    """A statement that changes something, or should not be able to."""
    template = draw(st.sampled_from(CHANGES))
    parts = template.split("{value}")
    text = parts[0] + "".join(draw(EXPRESSIONS) + part for part in parts[1:])
    return text.replace("{query}", draw(queries())) if "{query}" in text else text


@st.composite
def damaged_of(draw: st.DrawFn, statements: tuple[str, ...]) -> str:
    """A statement with a piece missing, doubled or put in."""
    return damage(draw, draw(st.sampled_from(statements)))


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """The same of a statement that may be a generated one."""
    return damage(draw, draw(st.sampled_from(READS) | queries()))


def damage(draw: st.DrawFn, text: str) -> str:
    start, end = sorted((draw(st.integers(0, len(text))), draw(st.integers(0, len(text)))))
    signs = ("'", '"', "(", ")", "--", "/*", ";", "\0", "{", "[", "$$", text[start:end])
    piece = draw(st.text(max_size=3) | st.sampled_from(signs))
    return text[:start] + piece + text[end:]


def nested() -> st.SearchStrategy[str]:
    """Depth that a parser has to bound."""
    pairs = (("(", ")"), ("[", "]"), ("NOT ", ""), ("-", ""), ("CASE WHEN ", " THEN 1 END"), ("(SELECT ", ")"))
    # Lists that are nested deeper than the first and still taken would make Parquet files that readers refuse.
    depths = st.integers(1, 40) | st.integers(150, 400)
    return st.tuples(st.sampled_from(pairs), depths).map(lambda p: f"SELECT {p[0][0] * p[1]}1{p[0][1] * p[1]}")


STATEMENTS = st.one_of(st.sampled_from(READS), queries(), queries(), changes(), damaged(), nested())
