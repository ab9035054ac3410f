-- feature: numbers: literals, arithmetic, precedence
SELECT 1 AS a, 1.5 AS b, 1e3 AS c, 1_000 AS d, 3000000000 AS e, -7 AS f, 123456789012345678901 AS g;
SELECT 1 + 2 AS a, 7 - 9 AS b, 6 * 7 AS c, 7 % 4 AS d, -7 % 4 AS e;
SELECT 1 / 2 AS a, 7 // 2 AS b, -7 // 2 AS c, 1 / 4.0 AS d;
SELECT 1 / 0 AS a, 0.0 / 0 AS d;
SELECT 2 ** 10 AS a, 2 ^ 3 AS b, 2 ^ 3 * 2 AS c, -2 ^ 2 AS d, pow(2, 0.5) AS e;
SELECT 5 & 3 AS a, 5 | 3 AS b, xor(5, 3) AS c, ~5 AS d, 1 << 4 AS e, 16 >> 2 AS f;
SELECT 1.5 + 1.25 AS a, 1.5 * 1.25 AS b, 10.0 / 4 AS c, 1.10 - 0.1 AS d;
SELECT i + 1 AS a, i * 1.5 AS b, i / 2 AS c, i % 2 AS d FROM t WHERE i = 5;
SELECT 0.1 + 0.2 AS a, 0.1::DOUBLE + 0.2::DOUBLE AS b;

-- feature: integer overflow is an error
-- error: both
SELECT 9223372036854775807 + 1;
SELECT 2147483647::INTEGER + 1::INTEGER;
SELECT 200::TINYINT;
SELECT 9223372036854775807 * 2;
SELECT (-9223372036854775807) - 10;
SELECT 'abc'::INTEGER;
SELECT error('wrong');
SELECT 1 // 0;
SELECT 1 % 0;
SELECT '2026-13-01'::DATE;

-- feature: CAST, ::, TRY_CAST, rounding to whole numbers
SELECT 1.7::INT AS a, CAST(-1.5 AS INTEGER) AS b, 2.5::INT AS c, 3.5::INT AS d, '12'::BIGINT AS e, 2.5::DOUBLE::INT AS f;
SELECT TRY_CAST('x' AS INTEGER) AS a, TRY_CAST('5' AS INTEGER) AS b, TRY_CAST('2026-02-30' AS DATE) AS c;
SELECT 1::VARCHAR AS a, 1.50::VARCHAR AS b, true::VARCHAR AS c, DATE '2026-01-02'::VARCHAR AS d, TIMESTAMP '2026-01-02 03:04:05'::VARCHAR AS e, TIMESTAMP '2026-01-02 03:04:05.120'::VARCHAR AS f;
SELECT 1.5::DOUBLE::VARCHAR AS a, 1e20::VARCHAR AS b, 3::DOUBLE::VARCHAR AS c, 1e-7::VARCHAR AS d;
SELECT 'true'::BOOLEAN AS a, 't'::BOOLEAN AS b, 'no'::BOOLEAN AS c, 1::BOOLEAN AS d, true::INT AS e, '0'::BOOLEAN AS f;
SELECT 3.14159::DECIMAL(4, 2) AS a, 3::DECIMAL(5, 1) AS b, '1.005'::DECIMAL(10, 2) AS c;
SELECT 5::TINYINT AS a, 5::SMALLINT AS b, 5::UTINYINT AS c, 5::UINTEGER AS d, 5::HUGEINT AS e, 5::FLOAT AS f, 5::UBIGINT AS g, 5::REAL AS h;
SELECT DATE '2026-01-02'::TIMESTAMP AS a, TIMESTAMP '2026-01-02 03:04:05'::DATE AS b, '03:04:05'::TIME AS c;
SELECT [1, 2]::VARCHAR AS a, {'a': 1}::VARCHAR AS b, ['1', '2']::INT[] AS d;
SELECT 'a'::VARCHAR(10) AS a, 'abc'::TEXT AS b, 'x'::STRING AS c;
SELECT INT '5' AS a, DOUBLE '2.5' AS b, BOOLEAN 'true' AS c;
SELECT 'NaN'::DOUBLE > 1 AS a, 'inf'::DOUBLE > 1e300 AS b;
SELECT ' 42 '::INTEGER AS a, '1e3'::DOUBLE AS b;

-- feature: casts of a text with a fraction or an underscore to a whole number
-- refused: Cannot cast
-- instead: `'1.6'::DOUBLE::INTEGER`, `replace(x, '_', '')::INTEGER`
SELECT '1.6'::INTEGER AS a;
SELECT '1_000'::INTEGER AS a;

-- feature: casts of lists of fractions to lists of whole numbers
-- differs: the fractions are cut off, not rounded
-- instead: `list_transform(l, lambda x: x::INTEGER)`
SELECT [1.7, 2.2]::INT[] AS c;

-- feature: `//` of numbers with a fraction
-- differs: the quotient is rounded down; DuckDB 2.0 keeps its fraction
SELECT 7.5 // 2 AS a;

-- feature: comparisons: =, ==, <>, !=, BETWEEN, IN, IS NULL, ISNULL, NOTNULL
SELECT 1 = 1 AS a, 1 == 1 AS b, 1 <> 2 AS c, 1 != 2 AS d, 2 BETWEEN 1 AND 3 AS e, 5 NOT BETWEEN 1 AND 3 AS f;
SELECT 1 IN (1, 2) AS a, 3 NOT IN (1, 2) AS b, NULL IS NULL AS c, 1 IS NOT NULL AS d, 1 ISNULL AS e, 1 NOTNULL AS f;
SELECT 'a' < 'b' AS a, 1 < 1.5 AS b, NULL = NULL AS c, '10' > '9' AS d, 1 = '1' AS e;
SELECT 2 IN [1, 2, 3] AS a, NOT true AS c, true AND NULL AS d, false OR NULL AS e;
SELECT true IS TRUE AS a, NULL IS NOT TRUE AS b, false IS NOT FALSE AS c, NULL IS UNKNOWN AS d;
SELECT DATE '2026-01-01' < TIMESTAMP '2026-01-01 01:00:00' AS a, d > '2026-01-02' AS b FROM days ORDER BY d;

-- feature: LIKE, ILIKE, SIMILAR TO, GLOB, ~, !~, ~~
SELECT 'abc' LIKE 'a%' AS a, 'abc' LIKE '_b_' AS b, 'abc' NOT LIKE 'b%' AS c, 'ABC' ILIKE 'a%' AS d, 'a%c' LIKE 'a\%c' ESCAPE '\' AS e;
SELECT 'abc' ~~ 'a%' AS a, 'abc' !~~ 'a%' AS b, 'ABC' ~~* 'a%' AS c;
SELECT 'abc' SIMILAR TO 'a.c' AS a, 'abc' SIMILAR TO 'b' AS b, 'abc' NOT SIMILAR TO 'a.*' AS c;
SELECT 'abc' GLOB 'a*' AS a, 'abc' GLOB '[a-c]?c' AS b, 'abc' GLOB 'A*' AS c, 'a' GLOB '[!a]' AS d;
SELECT 'abc' ~ 'a.c' AS a, 'abc' ~ 'b' AS b, 'abc' !~ 'a.*' AS c;
SELECT '100%' LIKE '100$%' ESCAPE '$' AS a, NULL LIKE 'a' AS b;
SELECT 'abc' ^@ 'ab' AS a, starts_with('abc', 'b') AS b;

-- feature: || of texts, lists, anything
SELECT 'a' || 'b' AS a, 'a' || 1 AS b, [1] || [2, 3] AS d, 'x' || true AS e, 'd' || DATE '2026-01-02' AS f;

-- feature: list, struct and map literals
SELECT [1, 2, 3] AS a, ['a', NULL] AS b, [] AS c, [[1], [2, 3]] AS d;
SELECT {'a': 1, 'b': 'x'} AS s, {a: 1} AS t;
SELECT MAP {'a': 1, 'b': 2} AS m, MAP {1: 'x'} AS n, MAP([1, 2], ['a', 'b']) AS o;
SELECT struct_pack(a := 1, b := 'x') AS s;

-- feature: list indexing and slicing
SELECT [10, 20, 30][1] AS a, [10, 20, 30][-1] AS b, [10, 20, 30][5] AS c, [10, 20, 30][1:2] AS d, [10, 20, 30][2:] AS e, [10, 20, 30][:2] AS f, [10, 20, 30][:] AS g;
SELECT tags[1] AS a, tags[1:1] AS b, tags[-1] AS c, tags[0] AS d FROM posts ORDER BY id;
SELECT 'hello'[1] AS a, 'hello'[2:3] AS b, 'hello'[-2:] AS c;
SELECT [1, 2, 3, 4][1:-1:2] AS a;

-- feature: struct and map access
SELECT s.a AS x, s['b'] AS y, s.b AS z FROM (SELECT {'a': 1, 'b': 'x'} AS s);
SELECT {'a': {'b': 5}}.a.b AS x;
SELECT ({'a': 1}).a AS x, struct_extract({'a': 1}, 'a') AS y, {'a': 2}['a'] AS z;
SELECT m['a'] AS x, m['z'] AS y FROM (SELECT MAP {'a': 1} AS m);
SELECT info.city AS c, info['zip'] AS z FROM posts ORDER BY id;
SELECT p.info.city AS c FROM posts p ORDER BY p.id;
SELECT s.* FROM (SELECT {'a': 1, 'b': 'x'} AS s);

-- feature: lambdas (x -> …)
SELECT list_transform([1, 2, 3], lambda x: x + 1) AS a, list_filter([1, 2, 3], lambda x: x > 1) AS b;
SELECT list_reduce([1, 2, 3], lambda a, x: a + x) AS a, list_reduce([1, 2, 3], lambda a, x: a * x, 10) AS b;
SELECT array_transform(['a'], lambda s: upper(s)) AS a, list_apply([1, 2], lambda x: x * g) AS b FROM t WHERE i = 4;
SELECT list_transform([1, 2, 3], lambda x, i: x * i) AS a, list_filter([5, 6, 7], lambda x, i: i > 1) AS b;
SELECT id, list_transform(tags, lambda s: s || '!') AS a, list_filter(tags, lambda s: s <> 'x') AS b FROM posts ORDER BY id;
SELECT list_transform([[1, 2], [3]], lambda l: list_sum(l)) AS a, list_transform([1, 2], lambda x: [x, x]) AS b;
SELECT list_transform(NULL::INT[], lambda x: x + 1) AS a, list_filter([]::INT[], lambda x: x > 1) AS b;

-- feature: lambdas with an arrow (x -> …)
-- differs: DuckDB 2.0 refuses the arrow unless lambda_syntax is set; here it is one of the two spellings
SELECT list_transform([1, 2], x -> x + 1) AS a;

-- feature: list comprehensions
SELECT [x * 2 FOR x IN [1, 2, 3]] AS a, [x FOR x IN [1, 2, 3, 4] IF x % 2 = 0] AS b;
SELECT [upper(s) FOR s IN tags] AS a FROM posts ORDER BY id;

-- feature: method calls (x.f())
SELECT 'abc'.upper() AS a, [1, 2, 3].list_sum() AS b, ('a' || 'b').upper().lower() AS c;
SELECT name.upper() AS a FROM u ORDER BY name;

-- feature: E'…' strings, dollar quotes, blobs, comments
SELECT E'a\nb' AS a, 'it''s' AS b, $$it's$$ AS c;
SELECT '\xAB'::BLOB AS a, 'abc'::BLOB AS b, octet_length('\xAA\xBB'::BLOB) AS c;
SELECT /* one */ 1 AS a -- two
, 2 AS b;

-- feature: AT TIME ZONE
SELECT TIMESTAMP '2026-07-01 12:00:00' AT TIME ZONE 'Europe/Paris' AS a, TIMESTAMPTZ '2026-07-01 12:00:00+00' AT TIME ZONE 'America/New_York' AS b;
