-- feature: dates: parts
SELECT year(d) AS a, month(d) AS b, day(d) AS c, quarter(d) AS d, week(d) AS e, dayofweek(d) AS f, isodow(d) AS g, dayofyear(d) AS h, dayname(d) AS i, monthname(d) AS j, weekday(d) AS k, isoyear(d) AS l, yearweek(d) AS m, weekofyear(d) AS n, dayofmonth(d) AS o FROM days ORDER BY d;
SELECT extract(year FROM d) AS a, extract('month' FROM d) AS b, date_part('day', d) AS c, extract(dow FROM d) AS d, extract(epoch FROM d) AS e, extract(doy FROM d) AS f, datepart('year', d) AS g FROM days ORDER BY d;
SELECT hour(s) AS a, minute(s) AS b, second(s) AS c, millisecond(s) AS d, microsecond(s) AS e, epoch(s) AS f, epoch_ms(s) AS g, epoch_us(s) AS h, epoch_ns(s) AS i FROM (SELECT TIMESTAMP '2026-03-04 05:06:07.891' AS s);
SELECT century(d) AS a, decade(d) AS b, millennium(d) AS c, era(d) AS d, julian(d) AS e FROM days ORDER BY d;
SELECT date_part(['year', 'month'], DATE '2026-03-04') AS a;

-- feature: dates: date_trunc
SELECT date_trunc('month', d) AS a, date_trunc('year', d) AS b, date_trunc('week', d) AS c, date_trunc('quarter', d) AS e, datetrunc('day', d) AS f FROM days ORDER BY d;
SELECT date_trunc('hour', s) AS a, date_trunc('minute', s) AS b, date_trunc('day', s) AS c, date_trunc('decade', s) AS d, date_trunc('second', s) AS e FROM (SELECT TIMESTAMP '2026-03-04 05:06:07.891' AS s);
SELECT time_bucket(INTERVAL '15 minutes', TIMESTAMP '2026-03-04 05:06:07') AS a, time_bucket(INTERVAL '1 month', DATE '2026-03-04') AS b, time_bucket(INTERVAL '1 week', DATE '2026-03-04') AS c;

-- feature: dates: date_diff, date_sub, age
SELECT date_diff('day', DATE '2026-01-01', DATE '2026-03-01') AS a, datediff('month', DATE '2026-01-31', DATE '2026-02-01') AS b, date_diff('year', DATE '2025-12-31', DATE '2026-01-01') AS c, date_diff('hour', TIMESTAMP '2026-01-01 00:59:00', TIMESTAMP '2026-01-01 02:01:00') AS d, date_diff('week', DATE '2026-01-04', DATE '2026-01-05') AS e, date_diff('quarter', DATE '2026-01-01', DATE '2026-12-01') AS f;
SELECT date_sub('day', DATE '2026-01-01', DATE '2026-03-01') AS a, datesub('month', DATE '2026-01-31', DATE '2026-02-28') AS b, datesub('hour', TIMESTAMP '2026-01-01 00:59:00', TIMESTAMP '2026-01-01 02:01:00') AS c;
SELECT age(TIMESTAMP '2026-03-01', TIMESTAMP '2025-01-31') AS a, age(DATE '2026-03-01', DATE '2026-02-28') AS b;
SELECT DATE '2026-03-01' - DATE '2026-02-01' AS a, TIMESTAMP '2026-01-02' - TIMESTAMP '2026-01-01 12:00:00' AS b;

-- feature: dates: arithmetic with INTERVAL
SELECT DATE '2026-01-31' + INTERVAL 1 MONTH AS a, DATE '2026-01-01' + 5 AS b, DATE '2026-01-10' - 5 AS c, TIMESTAMP '2026-01-01 00:00:00' + INTERVAL '1 day 2 hours' AS d, DATE '2026-01-01' - INTERVAL '1' YEAR AS e;
SELECT date_add(DATE '2026-01-01', INTERVAL 1 DAY) AS a, d + INTERVAL (2) DAY AS b, d + to_days(3) AS c FROM days ORDER BY d;
SELECT INTERVAL 1 DAY AS a, INTERVAL '2 months' AS b, INTERVAL '1 year 3 days' AS c, INTERVAL 90 MINUTE AS d, INTERVAL '1' HOUR AS e, INTERVAL '01:30:00' AS f;
SELECT to_days(2) AS a, to_hours(5) AS b, to_minutes(3) AS c, to_months(14) AS d, to_years(2) AS e, to_weeks(1) AS f, to_seconds(90) AS g, to_milliseconds(1500) AS h, to_microseconds(5) AS i, to_quarters(1) AS j;
SELECT INTERVAL 1 DAY + INTERVAL 2 HOUR AS a, INTERVAL 1 DAY * 3 AS b, -INTERVAL 1 DAY AS c, INTERVAL 1 MONTH > INTERVAL 20 DAY AS d;
SELECT i, DATE '2026-01-01' + i::INTEGER AS d, DATE '2026-01-01' + INTERVAL (i) MONTH AS m FROM t WHERE i < 3 ORDER BY i;
SELECT extract(day FROM INTERVAL '3 days 2 hours') AS a, extract(hour FROM INTERVAL '3 days 2 hours') AS b, extract(month FROM INTERVAL '14 months') AS c;

-- feature: dates: strftime, strptime
SELECT strftime(DATE '2026-03-04', '%Y/%m/%d') AS a, strftime(TIMESTAMP '2026-03-04 15:06:07.089', '%d.%m.%y %H:%M:%S.%f %I %p %A %a %B %b %j %W %U %w %-d %-m %g') AS b, strftime('%Y', DATE '2026-03-04') AS c;
SELECT strptime('2026-03-04', '%Y-%m-%d') AS a, strptime('04.03.2026 15:06', '%d.%m.%Y %H:%M') AS b, try_strptime('x', '%Y') AS c, strptime('4 March 2026', '%-d %B %Y') AS d, strptime('03/04/26 01:02:03 PM', '%m/%d/%y %I:%M:%S %p') AS e;
SELECT strptime('2026-03-04', ['%d.%m.%Y', '%Y-%m-%d']) AS a;

-- feature: dates: making and converting
SELECT make_date(2026, 3, 4) AS a, make_timestamp(2026, 3, 4, 5, 6, 7.5) AS b, make_time(1, 2, 3.5) AS c, last_day(DATE '2026-02-03') AS d, to_timestamp(1767225600) AS e, epoch_ms(1767225600123) AS f, make_timestamp(1767225600123456) AS g;
SELECT '2026-03-04'::DATE AS a, '2026-03-04 05:06:07'::TIMESTAMP AS b, '2026-03-04T05:06:07Z'::TIMESTAMPTZ AS c, '2026-03-04 05:06:07+02'::TIMESTAMPTZ AS d, '2026-03-04'::TIMESTAMP AS e;
SELECT greatest(DATE '2026-01-01', DATE '2026-02-01') AS a, d IN (DATE '2026-01-31') AS b FROM days ORDER BY d;
SELECT isfinite(DATE '2026-01-01') AS a;

-- feature: dates: now
SELECT current_date = today() AS a, now() >= TIMESTAMPTZ '2020-01-01 00:00:00+00' AS b, current_timestamp IS NOT NULL AS c, typeof(now()) AS d, typeof(current_date) AS e, get_current_timestamp() IS NOT NULL AS f, typeof(current_timestamp) AS g, transaction_timestamp() IS NOT NULL AS h;

-- feature: dates: of timestamps with time zone
SELECT year(s) AS a, date_trunc('day', s) AS b, s::DATE AS c, strftime(s, '%Y-%m-%d %H') AS d, s + INTERVAL 1 DAY AS e, date_diff('day', s, s + INTERVAL 50 HOUR) AS f FROM (SELECT TIMESTAMPTZ '2026-03-04 05:06:07+00' AS s);
SELECT timezone('Europe/Paris', TIMESTAMP '2026-07-01 12:00:00') AS a;
