-- feature: aggregates: count, sum, avg, min, max
SELECT count(*) AS a, count(i) AS b, count(DISTINCT g) AS c, sum(i) AS d, avg(i) AS e, min(i) AS f, max(i) AS g, mean(i) AS h, count_star() AS i FROM t;
SELECT sum(x) AS a, avg(x) AS b, typeof(sum(x)) AS c FROM (VALUES (1.5), (2.25)) v(x);
SELECT sum(i) AS a, sum(i::DOUBLE) AS b, sum(i::DECIMAL(10, 2)) AS c, sum(i::SMALLINT) AS d, sum(DISTINCT g) AS e FROM t;
SELECT g, sum(i) AS a, avg(i) AS b, sum(i) FILTER (WHERE i > 4) AS c, count(*) FILTER (WHERE i % 2 = 0) AS d FROM t GROUP BY g ORDER BY g;
SELECT sum(9223372036854775807) AS a FROM t;
SELECT sum(i) / count(*) AS a, sum(i) + 1 AS b, sum(i) * 2 AS c, sum(i) - min(i) AS d, sum(i) > 3 AS e, round(sum(i) / 7, 2) AS f FROM t;
SELECT sum(CASE WHEN i > 3 THEN 1 ELSE 0 END) AS a, sum((i > 3)::INT) AS b FROM t;
SELECT sum(i) AS a, avg(i) AS b, min(i) AS c, count(i) AS d FROM t WHERE i > 100;

-- feature: aggregates: first, last, any_value, arg_min, arg_max, max_by, min_by
SELECT first(i ORDER BY i) AS a, last(i ORDER BY i) AS b, any_value(g) IS NOT NULL AS c, arbitrary(g) IS NOT NULL AS d FROM t;
SELECT arg_max(i, -i) AS a, arg_min(i, -i) AS b, max_by(name, g) AS c, min_by(name, g) AS d, argmax(name, g) AS e FROM t JOIN u USING (g);
SELECT g, arg_max(i, i % 4) AS a FROM t GROUP BY g ORDER BY g;
SELECT max(i, 2) AS a, min(i, 2) AS b, arg_max(i, i, 2) AS c FROM t;
SELECT any_value(name) AS a, arg_max(id, name) AS b FROM people;

-- feature: aggregates: statistics
SELECT median(i) AS a, quantile_cont(i, 0.25) AS b, quantile_disc(i, 0.5) AS c, quantile(i, 0.9) AS d, mode(g) IS NOT NULL AS e, stddev(i) AS f, stddev_pop(i) AS g, var_samp(i) AS h, variance(i) AS i, var_pop(i) AS j FROM t;
SELECT corr(i, i * 2) AS a, covar_pop(i, g) AS b, covar_samp(i, g) AS c, regr_slope(i, g) AS d, regr_intercept(i, g) AS e, regr_r2(i, g) AS f, regr_count(i, g) AS g, regr_avgx(i, g) AS h, regr_avgy(i, g) AS i FROM t;
SELECT skewness(x) AS a, kurtosis(x) AS b, entropy(x) AS c, mad(x) AS d, sem(x) AS e, kurtosis_pop(x) AS f FROM (VALUES (1), (2), (2), (10)) v(x);
SELECT quantile_cont(i, [0.25, 0.75]) AS a, median(d) AS b FROM t, (SELECT DATE '2026-01-01' AS d);
SELECT g, median(i) AS a, quantile_disc(i, 0.5) AS b, mode(i % 3) IS NOT NULL AS c FROM t GROUP BY g ORDER BY g;
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY i) AS a, percentile_disc(0.5) WITHIN GROUP (ORDER BY i) AS b FROM t;
SELECT median(x) AS a FROM (VALUES (1.5), (2.5), (9.0)) v(x);
SELECT mode(x) AS a, mode(x ORDER BY x) AS b FROM (VALUES ('a'), ('b'), ('b')) v(x);

-- feature: aggregates: approximate
SELECT approx_count_distinct(g) AS a FROM t;
SELECT abs(approx_quantile(i, 0.5) - 4) <= 1 AS a FROM t;

-- feature: aggregates: booleans and bits
SELECT bool_and(i >= 0) AS a, bool_or(i > 7) AS b, bit_and(i) AS c, bit_or(i) AS d, bit_xor(i) AS e, count_if(i > 3) AS f, countif(i > 3) AS g FROM t;

-- feature: aggregates: lists, texts, histograms
SELECT list(i ORDER BY i DESC) AS a, array_agg(i ORDER BY i) AS b, list(DISTINCT g ORDER BY g) AS c, list(i ORDER BY i) FILTER (WHERE i > 6) AS d FROM t;
SELECT string_agg(i::VARCHAR, ',' ORDER BY i) AS a, string_agg(DISTINCT g::VARCHAR, '' ORDER BY g::VARCHAR) AS b FROM t;
SELECT histogram(g) AS a FROM t;
SELECT product(i) AS a, favg(i) AS b, fsum(i) AS c, kahan_sum(i) AS d, sumkahan(i) AS e, geomean(i) AS f FROM t WHERE i > 0;
SELECT g, list(name ORDER BY name) AS a FROM t JOIN u USING (g) GROUP BY g ORDER BY g;
SELECT list(i) AS a, string_agg(i::VARCHAR, ',') AS b FROM t WHERE i > 100;

-- feature: aggregates over windows
SELECT i, count(*) OVER (PARTITION BY g) AS a, string_agg(i::VARCHAR, ',') OVER (ORDER BY i) AS b, list(i) OVER (ORDER BY i ROWS 1 PRECEDING) AS c FROM t ORDER BY i;
SELECT g, sum(sum(i)) OVER (ORDER BY g) AS a FROM t GROUP BY g ORDER BY g;
SELECT i, median(i) OVER (PARTITION BY g) AS a, arg_max(i, -i) OVER (PARTITION BY g) AS b FROM t ORDER BY i;

-- feature: session and catalog: version(), current_database(), current_schema(), current_setting()
SELECT current_schema() AS a, version() IS NOT NULL AS b, current_setting('TimeZone') AS c, current_user IS NOT NULL AS d;
SELECT current_database() IS NOT NULL AS a, current_catalog() IS NOT NULL AS b;
