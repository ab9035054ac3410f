-- feature: math: rounding
SELECT round(2.567, 1) AS a, round(2.5::DOUBLE) AS b, round(-2.5::DOUBLE) AS c, round(1234, -2) AS d, round(2.5::DOUBLE) AS e, round_even(2.5::DOUBLE, 0) AS f, roundbankers(3.5::DOUBLE, 0) AS g;
SELECT ceil(1.2::DOUBLE) AS a, ceiling(-1.2::DOUBLE) AS b, floor(1.8::DOUBLE) AS c, floor(-1.2::DOUBLE) AS d, trunc(1.9::DOUBLE) AS e, trunc(-1.9::DOUBLE) AS f, even(2.9) AS g, ceil(3) AS h;
SELECT round(i / 3, 2) AS a, floor(i / 3) AS b FROM t ORDER BY i;

-- feature: math: ceil, floor, trunc and round of DECIMAL
-- differs: the answer keeps the places after the point, as zeros: `2.0`, not `2`
-- instead: `ceil(x)::DECIMAL(18, 0)` where it matters
SELECT ceil(1.2) AS a, floor(1.8) AS b, trunc(1.9) AS c, round(2.5) AS d;

-- feature: math: powers, roots, logarithms
SELECT sqrt(16) AS a, cbrt(27) AS b, power(2, 3) AS c, pow(2, 0.5) AS d, exp(1) AS e, ln(10) AS f, log(100) AS g, log10(1000) AS h, log2(8) AS i, log(2, 8) AS j;
SELECT factorial(5) AS a, gamma(5) AS b, lgamma(5) AS c, gcd(12, 18) AS d, lcm(4, 6) AS e, greatest_common_divisor(4, 6) AS f, least_common_multiple(4, 6) AS g;

-- feature: math: trigonometry
SELECT sin(1) AS a, cos(1) AS b, tan(1) AS c, asin(1) AS d, acos(1) AS e, atan(1) AS f, atan2(1, 2) AS g, cot(1) AS h, degrees(pi()) AS i, radians(180) AS j, sinh(1) AS k, cosh(1) AS l, tanh(1) AS m, asinh(1) AS n, acosh(2) AS o, atanh(0.5) AS p;

-- feature: math: signs and kinds of numbers
SELECT abs(-5) AS a, abs(-2.5) AS b, sign(-3) AS c, sign(2.5) AS d, signbit(-1.0::DOUBLE) AS e, isnan('NaN'::DOUBLE) AS f, isinf('inf'::DOUBLE) AS g, isfinite(1.0::DOUBLE) AS h, pi() AS i, nextafter(1::DOUBLE, 2::DOUBLE) > 1 AS j;
SELECT mod(7, 3) AS a, fmod(7.5, 2) AS b, fdiv(7, 2) AS c, add(1, 2) AS d, subtract(5, 3) AS e, multiply(2, 3) AS f, divide(7, 2) AS g;
SELECT bit_count(7) AS a, xor(5, 1) AS b, 6 & 3 AS c;
SELECT random() BETWEEN 0 AND 1 AS a, setseed(0.5) IS NULL AS b;

-- feature: bit strings
-- refused: BIT
-- instead: whole numbers with `&`, `|`, `<<` and `bit_count`
SELECT '101'::BIT;
SELECT bitstring('101', 8);

-- feature: types of numbers: BIGINT, HUGEINT, DECIMAL, DOUBLE
SELECT typeof(1) AS a, typeof(1.5) AS b, typeof(1e1) AS c, typeof(3000000000) AS d, typeof('a') AS e, typeof(NULL) AS f, typeof([1]) AS g, typeof({'a': 1}) AS h, typeof(true) AS i, typeof(DATE '2026-01-01') AS j, typeof(MAP {'a': 1}) AS k, typeof(now()) AS m, typeof(INTERVAL 1 DAY) AS n;
SELECT typeof(1 + 1) AS a, typeof(1 + 3000000000) AS b, typeof(1 / 2) AS c, typeof(1 + 1.5) AS d, typeof(2 ** 3) AS f, typeof(i) AS g FROM t WHERE i = 1;

-- feature: uuid
SELECT length(uuid()::VARCHAR) AS a, length(gen_random_uuid()::VARCHAR) AS b, uuid() <> uuid() AS c;
SELECT '47183823-2574-4bfd-b411-99ed177d3e43'::UUID::VARCHAR AS a;
