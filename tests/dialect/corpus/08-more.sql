-- feature: queries as analysts write them
SELECT region, year, sum(amount) AS total, sum(sum(amount)) OVER (PARTITION BY region ORDER BY year) AS running FROM sales GROUP BY region, year ORDER BY region, year;
SELECT region, amount - lag(amount) OVER (PARTITION BY region ORDER BY year, amount) AS change FROM sales ORDER BY region, year, amount;
SELECT region, round(100.0 * sum(amount) / sum(sum(amount)) OVER (), 1) AS share FROM sales GROUP BY region ORDER BY region;
SELECT date_trunc('month', d)::DATE AS month, count(*) AS n FROM days GROUP BY 1 ORDER BY 1;
SELECT d, d + INTERVAL 1 MONTH - INTERVAL 1 DAY AS e, date_diff('day', d, DATE '2026-06-01') AS n FROM days ORDER BY d;
SELECT strftime(d, '%Y-%m') AS month, count(*) AS n FROM days GROUP BY month HAVING n > 0 ORDER BY month;
SELECT region, list(amount ORDER BY amount) AS l, max(amount) FILTER (WHERE year = 2025) AS m FROM sales GROUP BY region ORDER BY region;
WITH ranked AS (SELECT *, row_number() OVER (PARTITION BY region ORDER BY amount DESC) AS rn FROM sales) SELECT region, amount FROM ranked WHERE rn = 1 ORDER BY region;
SELECT coalesce(name, 'nobody') AS who, count(*) AS n FROM people GROUP BY who ORDER BY n DESC, who;
SELECT p.id, q.id AS other FROM people p JOIN people q ON p.id < q.id AND p.name IS DISTINCT FROM q.name ORDER BY ALL;
SELECT year, sum(CASE region WHEN 'n' THEN amount ELSE 0 END) AS n, sum(if(region = 's', amount, 0)) AS s FROM sales GROUP BY year ORDER BY year;
SELECT id, len(tags) AS n, list_contains(tags, 'x') AS x, array_to_string(tags, '|') AS t FROM posts ORDER BY id;
SELECT id, unnest(tags) AS tag FROM posts WHERE len(tags) > 0 ORDER BY id, tag;
SELECT info.city AS city, count(*) AS n FROM posts WHERE info IS NOT NULL GROUP BY info.city ORDER BY city;
SELECT count(*) AS n, count(DISTINCT region) AS r, min(year) AS lo, max(year) AS hi, avg(amount) AS mean FROM sales;
SELECT * FROM sales WHERE (region, year) IN (SELECT (region, max(year)) FROM sales GROUP BY region) ORDER BY ALL;
SELECT region FROM sales GROUP BY region HAVING count(*) > 2;
SELECT i, CASE WHEN i % 15 = 0 THEN 'FizzBuzz' WHEN i % 5 = 0 THEN 'Buzz' WHEN i % 3 = 0 THEN 'Fizz' ELSE i::VARCHAR END AS f FROM range(1, 16) r(i) ORDER BY i;
SELECT x::INTEGER AS x FROM (SELECT unnest(string_split('3,1,2', ',')) AS x) ORDER BY x;
SELECT a.region, b.total FROM (SELECT DISTINCT region FROM sales) a LEFT JOIN (SELECT region, sum(amount) AS total FROM sales WHERE year = 2024 GROUP BY region) b USING (region) ORDER BY a.region;
SELECT ntile(2) OVER (ORDER BY amount) AS half, amount FROM sales ORDER BY amount;
SELECT first_value(amount) OVER (PARTITION BY region ORDER BY year, amount) AS f, amount FROM sales ORDER BY region, amount;
SELECT percent_rank() OVER (ORDER BY amount) AS p, amount FROM sales ORDER BY amount;
SELECT median(amount) AS m, quantile_cont(amount, 0.9) AS q, stddev(amount) AS s, mode(region) AS r FROM sales;
SELECT region || '-' || year AS key, amount * 1.1 AS plus FROM sales ORDER BY key, plus;
SELECT DISTINCT ON (region) region, year, amount FROM sales ORDER BY region, amount DESC;
SELECT any_value(region) AS r, sum(amount) AS a FROM sales WHERE region = 's' GROUP BY year ORDER BY a;
SELECT max(d) - min(d) AS span FROM days;
SELECT d FROM days WHERE d BETWEEN '2025-01-01' AND '2026-12-31' ORDER BY d;
SELECT d FROM days WHERE year(d) = 2026 OR month(d) = 2 ORDER BY d;
SELECT * FROM (VALUES ('a', 1), ('b', 2)) AS v(k, n) WHERE k LIKE 'a%' OR n >= 2 ORDER BY n DESC;
SELECT regexp_replace(name, '[aeiou]', '_', 'g') AS n FROM u ORDER BY n;
SELECT sum(amount) FILTER (WHERE year = 2024) * 1.0 / sum(amount) AS share FROM sales;
SELECT min_by(region, amount) AS lo, max_by(region, amount) AS hi FROM sales;
SELECT histogram(region) AS h, list(DISTINCT year ORDER BY year) AS y FROM sales;
SELECT i, i ** 2 AS sq, sqrt(i) AS root, i // 2 AS half, i % 2 = 0 AS even FROM t WHERE i < 4 ORDER BY i;
SELECT (SELECT count(*) FROM sales s WHERE s.region = 'n') AS n, EXISTS (SELECT 1 FROM sales WHERE amount > 4) AS big;
SELECT greatest(jan, feb) AS g, least(jan, feb) AS l, coalesce(feb, 0) + jan AS s FROM wide ORDER BY id;
SELECT * EXCLUDE (amount), amount * 2 AS twice FROM sales ORDER BY ALL;

-- feature: NULL in functions and operators
SELECT NULL + 1 AS a, upper(NULL) AS c, NULL AND false AS d, length(NULL) AS e, coalesce(NULL, 'x') AS f, NULL IN (1, 2) AS g;
SELECT list_sum([1, NULL]) AS a, list_contains([1, NULL], 2) AS b, len([NULL]) AS c, list_concat(NULL::INT[], [1]) AS d, [NULL, 1][1] AS e, list_avg([]::INT[]) AS f;
SELECT sum(x) AS a, count(x) AS b, avg(x) AS c, max(x) AS d, list(x) AS e FROM (VALUES (NULL::INT), (NULL)) v(x);
SELECT NULL::DATE + INTERVAL 1 DAY AS a, date_trunc('month', NULL::DATE) AS b, date_diff('day', NULL::DATE, DATE '2026-01-01') AS c, year(NULL::DATE) AS d;
SELECT concat('a', NULL) AS a, concat_ws('-', NULL, 'b') AS b, greatest(NULL, 1) AS c, nullif(NULL, 1) AS d, ifnull(NULL, NULL) AS e;
SELECT split_part(NULL, ',', 1) AS a, regexp_extract(NULL, 'x') AS b, substring(NULL, 1, 2) AS c, json_extract(NULL, '$.a') AS d;
SELECT arg_max(a, b) AS x, median(b) AS y, mode(a) AS z, string_agg(a, ',') AS s, first(b) AS f FROM (VALUES ('q', NULL::INT), ('r', 2), (NULL, 3)) v(a, b) WHERE b = 2;

-- feature: edges: empty texts and lists, letters outside ASCII, negative positions
SELECT upper('öre') AS a, length('日本') AS b, reverse('añb') AS c, substring('日本語', 2, 1) AS d, '日本語'[2] AS e, strpos('日本語', '語') AS f, left('日本', 1) AS g, lpad('é', 3, '日') AS h;
SELECT ''[1] AS a, substring('abc', 0, 2) AS b, substring('abc', 10) AS c, split_part('', ',', 1) AS d, string_split('', ',') AS e, replace('', 'a', 'b') AS f, repeat('a', 0) AS g, repeat('a', -1) AS h, trim('') AS i;
SELECT [][1] AS a, list_sort([]::INT[]) AS b, flatten([]::INT[][]) AS c, list_max([]::INT[]) AS d, array_to_string([]::VARCHAR[], ',') AS e, list_slice([1, 2, 3], -2, -1) AS f, [1, 2, 3][-2:] AS g;
SELECT date_trunc('week', DATE '2026-01-01') AS a, week(DATE '2026-01-01') AS b, date_diff('month', DATE '2026-03-31', DATE '2026-02-28') AS c, DATE '2024-02-29' + INTERVAL 1 YEAR AS d, DATE '1969-12-31' - 1 AS e, date_trunc('hour', TIMESTAMP '1969-12-31 23:59:59') AS f;
SELECT round(-0.5) AS a, round(1e10::DOUBLE, 2) AS b, floor(-0.5::DOUBLE) AS c, (-7) // 2 AS d, (-7) % 3 AS e, abs(-9223372036854775807) AS f, 2 ** 62 AS g;

-- feature: implicit conversions
SELECT 1 = '1' AS b, '2026-01-02' = DATE '2026-01-02' AS c, DATE '2026-01-01' = TIMESTAMP '2026-01-01 00:00:00' AS d;
SELECT 1 + 1.5::DOUBLE AS a, 1::TINYINT + 1::SMALLINT AS b, 1::UTINYINT + 1::INTEGER AS c, 1.5 + 1::FLOAT AS d, true::INT + 1 AS e;
SELECT CASE WHEN true THEN 1 ELSE 2.5 END AS a, coalesce(1, 2.5::DOUBLE) AS b, [1, 2.5] AS c, if(true, 'x', NULL) AS d;
SELECT 1 UNION ALL SELECT 3000000000;
SELECT NULL AS a UNION ALL SELECT 'x';

-- feature: EXISTS as a value, count_if and sum of conditions
SELECT g, EXISTS (SELECT 1 FROM t WHERE t.g = u.g) AS there, NOT EXISTS (FROM t WHERE t.g = u.g) AS missing FROM u ORDER BY g;
SELECT count_if(g = 1) AS a, sum((g = 1)::INT) AS b, bool_or(g = 2) AS c, count(*) FILTER (WHERE g = 0) AS d FROM t;

-- feature: x IN (SELECT …) as a value
-- refused: InSubquery
-- instead: `EXISTS (SELECT 1 … WHERE y = x)`, or a LEFT JOIN; in WHERE it works
SELECT 5 IN (SELECT i FROM t) AS b;
