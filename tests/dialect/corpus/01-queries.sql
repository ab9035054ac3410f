-- feature: QUALIFY
SELECT g, i, row_number() OVER (PARTITION BY g ORDER BY i DESC) AS r FROM t QUALIFY r = 1;
SELECT g, i FROM t QUALIFY row_number() OVER (PARTITION BY g ORDER BY i DESC) <= 2;
SELECT g, count(*) AS n FROM t GROUP BY g QUALIFY rank() OVER (ORDER BY count(*) DESC, g) = 1;

-- feature: UNION [ALL] BY NAME
SELECT 1 AS a, 'x' AS b UNION ALL BY NAME SELECT 'y' AS b, 2 AS a;
SELECT 1 AS a UNION BY NAME SELECT 'y' AS b, 1 AS a;
SELECT 1 AS a, 2 AS b UNION ALL BY NAME SELECT 3 AS b, 4 AS c;

-- feature: SEMI JOIN, ANTI JOIN
SELECT i FROM t SEMI JOIN u ON t.g = u.g;
SELECT i FROM t ANTI JOIN u ON t.g = u.g;
SELECT i FROM t SEMI JOIN u USING (g);
SELECT t.i FROM t ANTI JOIN u USING (g) WHERE t.i < 7;

-- feature: joins: INNER, LEFT, RIGHT, FULL, CROSS, NATURAL, USING, LATERAL
SELECT t.i, u.name FROM t JOIN u ON t.g = u.g;
SELECT t.i, u.name FROM t LEFT JOIN u USING (g);
SELECT t.i, u.name FROM t RIGHT JOIN u ON t.g = u.g AND t.i > 3;
SELECT t.i, u.name FROM t FULL JOIN u ON t.g = u.g + 1;
SELECT g, i, name FROM t NATURAL JOIN u;
SELECT * FROM t JOIN u USING (g) WHERE i > 5;
SELECT a.i, b.n FROM t a, LATERAL (SELECT count(*) AS n FROM u WHERE u.g = a.g) b;
SELECT count(*) FROM t CROSS JOIN u;

-- feature: ASOF JOIN
SELECT q.tick, p.price FROM quotes q ASOF JOIN prices p ON q.sym = p.sym AND q.tick >= p.tick;
SELECT q.sym, q.tick, p.price FROM quotes q ASOF LEFT JOIN prices p ON q.sym = p.sym AND q.tick >= p.tick;
SELECT q.sym, q.tick, p.price FROM quotes q ASOF JOIN prices p USING (sym, tick);
SELECT q.sym, p.price FROM quotes q ASOF JOIN prices p ON q.tick > p.tick AND p.sym = q.sym;

-- feature: POSITIONAL JOIN
-- refused: POSITIONAL JOIN
-- instead: number the rows with `row_number() OVER (ORDER BY …)` in both and join on the number: the rows of a table have no order here
SELECT * FROM t POSITIONAL JOIN u;

-- feature: row(a, b), tuples, count(DISTINCT row(a, b)) FILTER (…)
SELECT count(DISTINCT row(g, i % 2)) FROM t;
SELECT count(DISTINCT row(g, i % 2)) FILTER (WHERE i > 2) FROM t;
SELECT count(DISTINCT (g, i % 2)) FROM t;
SELECT i FROM t WHERE (g, i) IN ((0, 3), (1, 4), (2, 9));
SELECT row(1, 'a') = row(1, 'a') AS same;
SELECT i FROM t WHERE (g, i) = (1, 4);

-- feature: IS [NOT] DISTINCT FROM
SELECT NULL IS NOT DISTINCT FROM NULL AS a, 1 IS NOT DISTINCT FROM NULL AS b, 1 IS DISTINCT FROM 2 AS c;
SELECT count(*) FROM people p JOIN people q ON p.name IS NOT DISTINCT FROM q.name;

-- feature: range() and generate_series() as tables
SELECT * FROM range(3);
SELECT i FROM range(2, 8, 3) r(i);
SELECT generate_series FROM generate_series(1, 3);
SELECT * FROM range(DATE '2026-01-01', DATE '2026-01-04', INTERVAL 1 DAY) r(d);
SELECT sum(range) FROM range(5);
SELECT * FROM generate_series(5, 1, -2);

-- feature: range() and generate_series() as lists
SELECT range(3) AS a, range(1, 4) AS b, generate_series(1, 3) AS c, range(0, 10, 5) AS d;
SELECT range(DATE '2026-01-01', DATE '2026-01-03', INTERVAL 1 DAY) AS d;
SELECT generate_series(TIMESTAMP '2026-01-01 00:00:00', TIMESTAMP '2026-01-01 02:00:00', INTERVAL 1 HOUR) AS d;

-- feature: unnest in SELECT and FROM
SELECT unnest([1, 2, 3]) AS x;
SELECT x FROM unnest([1, 2, 3]) u(x);
SELECT g, unnest([i, i * 10]) AS v FROM t WHERE i < 3;
SELECT * FROM unnest(['a', 'b']);
SELECT p.id, u.tag FROM posts p, unnest(p.tags) u(tag);
SELECT id, unnest(tags) AS tag FROM posts;
SELECT unnest({'a': 1, 'b': 'x'});
SELECT count(*) FROM (SELECT unnest(range(10)) AS x) WHERE x % 2 = 0;

-- feature: SELECT * EXCLUDE / REPLACE / RENAME
SELECT * EXCLUDE (g) FROM u;
SELECT * EXCLUDE g FROM t WHERE i = 1;
SELECT * REPLACE (i * 2 AS i) FROM t WHERE i < 3;
SELECT t.* EXCLUDE (g), name FROM t JOIN u ON t.g = u.g;
SELECT * RENAME (i AS number) FROM t WHERE i < 2;
SELECT * EXCLUDE (g) REPLACE (i + 1 AS i) FROM t WHERE i < 2;

-- feature: COLUMNS('regex'), COLUMNS(*), columns by a lambda
SELECT COLUMNS('^i') FROM t WHERE i < 2;
SELECT COLUMNS(*) FROM u;
SELECT min(COLUMNS(*)) FROM t;
SELECT COLUMNS(* EXCLUDE (g)) FROM t WHERE i = 1;
SELECT COLUMNS(lambda c: c LIKE 'g%') FROM t WHERE i = 1;

-- feature: FROM first
FROM u;
FROM t SELECT max(i) AS m;
FROM t SELECT g, count(*) AS n GROUP BY g ORDER BY g;
FROM t WHERE i > 6;

-- feature: GROUP BY ALL, ORDER BY ALL
SELECT g, i % 2 AS odd, count(*) AS n FROM t GROUP BY ALL ORDER BY ALL;
SELECT g, sum(i) AS s FROM t GROUP BY ALL ORDER BY ALL DESC;
SELECT * FROM u ORDER BY ALL;

-- feature: GROUP BY with ROLLUP, CUBE, GROUPING SETS
SELECT g, i % 2 AS odd, count(*) AS n FROM t GROUP BY ROLLUP (g, odd) ORDER BY ALL;
SELECT g, i % 2 AS odd, count(*) AS n FROM t GROUP BY CUBE (g, i % 2) ORDER BY ALL;
SELECT g, count(*) AS n FROM t GROUP BY GROUPING SETS ((g), ()) ORDER BY ALL;

-- feature: SELECT DISTINCT ON
SELECT DISTINCT ON (g) g, i FROM t ORDER BY g, i DESC;
SELECT DISTINCT g FROM t ORDER BY g;

-- feature: reusable column aliases in WHERE, GROUP BY, HAVING and SELECT
SELECT i * 2 AS d FROM t WHERE d > 10 ORDER BY d;
SELECT i % 2 AS odd, sum(i) AS s FROM t GROUP BY odd HAVING s > 16 ORDER BY odd;
SELECT i + 1 AS a, a * 2 AS b, b + a AS c FROM t WHERE i < 2 ORDER BY i;
SELECT g AS grp, count(*) AS n FROM t GROUP BY grp ORDER BY grp;
SELECT count(*) AS n, n * 2 AS m FROM t;

-- feature: aliases before the expression (a: 1)
-- refused: a name before its expression
-- instead: `SELECT 1 AS a`
SELECT a: 1, b: a + 1;

-- feature: LIMIT, OFFSET, LIMIT n%
SELECT i FROM t ORDER BY i LIMIT 2 OFFSET 1;
SELECT i FROM t ORDER BY i LIMIT 1 + 1;
SELECT i FROM t ORDER BY i OFFSET 7;

-- feature: LIMIT (SELECT …)
-- refused: LIMIT
-- instead: the number, asked for before
SELECT i FROM t ORDER BY i LIMIT (SELECT min(g) + 2 FROM u);

-- feature: LIMIT 20%
-- refused: LIMIT with a percentage
-- instead: `QUALIFY row_number() OVER (ORDER BY i) <= 0.2 * count(*) OVER ()`
SELECT i FROM t ORDER BY i LIMIT 20%;
SELECT i FROM t ORDER BY i LIMIT 20 PERCENT;

-- feature: VALUES as a table
VALUES (1, 'a'), (2, 'b');
SELECT a, b FROM (VALUES (1, 'x'), (2, 'y')) v(a, b) WHERE a = 2;
FROM (VALUES (1), (2)) v(n) SELECT sum(n);
SELECT * FROM (VALUES (1, 2.5), (3, 4)) AS v;

-- feature: WITH, MATERIALIZED, RECURSIVE
WITH a AS (SELECT 1 AS x) SELECT x FROM a;
WITH a AS MATERIALIZED (SELECT 1 AS x), b AS NOT MATERIALIZED (SELECT x + 1 AS x FROM a) SELECT * FROM b;
WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < 5) SELECT sum(k) FROM n;
WITH RECURSIVE n AS (SELECT 1 AS k UNION SELECT k + 1 FROM n WHERE k < 5) SELECT max(k) FROM n;

-- feature: UNION, UNION ALL, INTERSECT, EXCEPT
SELECT 1 AS a UNION SELECT 1;
SELECT g FROM t INTERSECT SELECT g FROM u;
SELECT g FROM t EXCEPT SELECT g FROM u;
SELECT 1 AS a UNION ALL SELECT 2.5;

-- feature: INTERSECT ALL, EXCEPT ALL
-- refused: ALL is not supported
-- instead: a join (or ANTI JOIN) on the columns and `row_number() OVER (PARTITION BY …)`
SELECT g FROM t INTERSECT ALL SELECT g FROM u;
SELECT g FROM t EXCEPT ALL SELECT g FROM u;

-- feature: PIVOT
PIVOT t ON g USING sum(i);
PIVOT (SELECT g, i % 2 AS odd, i FROM t) ON odd USING count(*) GROUP BY g;
PIVOT sales ON year USING sum(amount) AS total GROUP BY region;
FROM sales PIVOT (sum(amount) FOR year IN (2024, 2025));
PIVOT sales ON year IN (2024, 2025) USING sum(amount) GROUP BY region;

-- feature: GROUP BY inside PIVOT (…)
-- refused: GROUP
-- instead: the statement `PIVOT … GROUP BY`, or a subquery with the columns that group
FROM sales PIVOT (sum(amount) FOR year IN (2024, 2025) GROUP BY region);

-- feature: UNPIVOT
UNPIVOT wide ON jan, feb INTO NAME month VALUE amount;
SELECT * FROM wide UNPIVOT (amount FOR month IN (jan, feb));
UNPIVOT wide ON COLUMNS(* EXCLUDE (id)) INTO NAME month VALUE amount;

-- feature: USING SAMPLE, TABLESAMPLE
-- refused: SAMPLE
-- instead: `WHERE random() < 0.1`, or `ORDER BY random() LIMIT 100`
SELECT count(*) <= 9 AS some FROM t USING SAMPLE 50%;
SELECT count(*) <= 9 AS some FROM t TABLESAMPLE 10 PERCENT;
SELECT count(*) <= 9 AS some FROM t TABLESAMPLE reservoir(5 ROWS);

-- feature: two columns of one name
SELECT g, g FROM u;
SELECT a.g, b.g FROM u a JOIN u b ON a.g = b.g;
SELECT 1, 1;
SELECT * FROM u a JOIN u b ON a.g = b.g;
SELECT count(*), count(*) FROM t;
SELECT x FROM (SELECT g AS x, name AS y FROM u);

-- feature: subqueries: scalar, IN, EXISTS, ANY, ALL, correlated
SELECT (SELECT max(i) FROM t) AS m;
SELECT i FROM t WHERE i = ANY (SELECT g FROM u);
SELECT g, (SELECT count(*) FROM t WHERE t.g = u.g) AS n FROM u;
SELECT name FROM u WHERE EXISTS (FROM t WHERE t.g = u.g AND t.i > 6);
SELECT 3 = ANY ([1, 2, 3]) AS found;
SELECT i FROM t WHERE i IN (SELECT unnest([1, 2]));
SELECT ARRAY(SELECT i FROM t WHERE i < 3 ORDER BY i) AS l;

-- feature: x >= ALL (SELECT …), x > ANY (SELECT …)
-- refused: of a query is not supported
-- instead: `x >= (SELECT max(y) …)`, `x > (SELECT min(y) …)`
SELECT i FROM t WHERE i >= ALL (SELECT i FROM t);
SELECT i FROM t WHERE i > ANY (SELECT i FROM t);

-- feature: window functions: frames, GROUPS, EXCLUDE, FILTER, IGNORE NULLS, named windows
SELECT i, sum(i) OVER (ORDER BY i) AS s FROM t;
SELECT i, sum(i) OVER (ORDER BY i ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS s FROM t;
SELECT i, lag(i) OVER (ORDER BY i) AS a, lead(i, 2, -1) OVER (ORDER BY i) AS b FROM t;
SELECT i, first_value(i) OVER w AS f, last_value(i) OVER w AS l, nth_value(i, 2) OVER w AS n FROM t WINDOW w AS (PARTITION BY g ORDER BY i ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING);
SELECT i, rank() OVER (ORDER BY g) AS r, dense_rank() OVER (ORDER BY g) AS d, percent_rank() OVER (ORDER BY g) AS p, cume_dist() OVER (ORDER BY g) AS c, ntile(3) OVER (ORDER BY i) AS n FROM t;
SELECT i, count(*) FILTER (WHERE i % 2 = 0) OVER (ORDER BY i) AS n FROM t;
SELECT id, last_value(name IGNORE NULLS) OVER (ORDER BY id) AS last FROM people;
SELECT id, lag(name IGNORE NULLS) OVER (ORDER BY id) AS last FROM people;
SELECT i, sum(i) OVER (ORDER BY g GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW) AS s FROM t;
SELECT d, sum(1) OVER (ORDER BY d RANGE BETWEEN INTERVAL 1 DAY PRECEDING AND CURRENT ROW) AS n FROM days;
SELECT i, avg(i) OVER (PARTITION BY g) AS a, max(i) OVER (PARTITION BY g) - i AS rest FROM t;

-- feature: window frames with EXCLUDE
-- refused: EXCLUDE
-- instead: subtract the current row's value from the aggregate
SELECT i, sum(i) OVER (ORDER BY i ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE CURRENT ROW) AS s FROM t;

-- feature: CASE, IF, COALESCE, IFNULL, NULLIF, GREATEST, LEAST
SELECT CASE i WHEN 1 THEN 'one' WHEN 2 THEN 'two' ELSE 'many' END AS w FROM t WHERE i < 4 ORDER BY i;
SELECT if(1 > 2, 'a', 'b') AS a, ifnull(NULL, 3) AS b, coalesce(NULL, NULL, 4) AS c, nullif(1, 1) AS d;
SELECT greatest(1, 3, 2) AS a, least('b', 'a') AS b, greatest(1, NULL) AS c, least(NULL, 5, 2.5) AS d;

-- feature: DESCRIBE of a query
DESCRIBE SELECT 1 AS a, 'x' AS b, [1] AS c;

-- feature: parameters
-- refused: placeholder
-- instead: put the value into the statement
SELECT $1 + 1;
