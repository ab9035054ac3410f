//! Functions of numbers, where DuckDB's differ from the engine's in type or meaning.

use arrow::array::{ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Decimal128Type, Float64Type, Int8Type, Int64Type};
use datafusion::common::exec_err;
use datafusion::error::Result;

use crate::scalar::{Call, Function, Gives, Kind, form, function};

const ONE: &[Kind] = &[Kind::Double];

/// A function of a DOUBLE.
macro_rules! of_double {
    ($names:expr, $of:expr) => {
        function(
            $names,
            &[form(ONE, Gives::Double, |call| {
                let of: fn(f64) -> f64 = $of;
                call.primitives::<Float64Type>(|row| Ok(Some(of(call.double(0).value(row)))))
            })],
        )
    };
}

pub const FUNCTIONS: &[Function] = &[
    of_double!(&["even"], |x| {
        let whole = x.abs().ceil();
        (if whole % 2.0 == 0.0 { whole } else { whole + 1.0 }).copysign(x)
    }),
    of_double!(&["gamma"], |x| lanczos(x).exp()),
    of_double!(&["lgamma"], lanczos),
    function(
        &["sign"],
        &[form(ONE, Gives::Int8, |call| {
            let sign = |x: f64| {
                if x > 0.0 {
                    1
                } else if x < 0.0 {
                    -1
                } else {
                    0
                }
            };
            call.primitives::<Int8Type>(|row| Ok(Some(sign(call.double(0).value(row)))))
        })],
    ),
    function(
        &["signbit"],
        &[form(ONE, Gives::Bool, |call| call.bools(|row| Ok(Some(call.double(0).value(row).is_sign_negative()))))],
    ),
    function(
        &["isinf"],
        &[
            form(&[Kind::Timestamp], Gives::Bool, |call| call.bools(|_| Ok(Some(false)))),
            form(ONE, Gives::Bool, |call| call.bools(|row| Ok(Some(call.double(0).value(row).is_infinite())))),
        ],
    ),
    function(
        &["isfinite"],
        &[
            form(&[Kind::Timestamp], Gives::Bool, |call| call.bools(|_| Ok(Some(true)))),
            form(ONE, Gives::Bool, |call| call.bools(|row| Ok(Some(call.double(0).value(row).is_finite())))),
        ],
    ),
    function(
        &["nextafter"],
        &[form(&[Kind::Double, Kind::Double], Gives::Double, |call| {
            let next = |from: f64, to: f64| {
                if from == to {
                    to
                } else if from < to {
                    from.next_up()
                } else {
                    from.next_down()
                }
            };
            call.primitives::<Float64Type>(|row| Ok(Some(next(call.double(0).value(row), call.double(1).value(row)))))
        })],
    ),
    function(&["bit_count"], &[form(&[Kind::Number], Gives::Int8, bit_count)]),
    function(
        &["gcd", "greatest_common_divisor"],
        &[form(&[Kind::Int, Kind::Int], Gives::Int, |call| {
            call.primitives::<Int64Type>(|row| Ok(Some(divisor(call.int(0).value(row), call.int(1).value(row)))))
        })],
    ),
    function(&["lcm", "least_common_multiple"], &[form(&[Kind::Int, Kind::Int], Gives::Int, multiple)]),
    function(&["round_even", "roundbankers"], &[form(&[Kind::Number, Kind::Int], Gives::First, round_even)]),
    function(&["setseed"], &[form(ONE, Gives::With(|_| Ok(DataType::Null)), |call| Ok(crate::scalar::nothing(call)))]),
];

/// The logarithm of the gamma function, after Lanczos.
fn lanczos(x: f64) -> f64 {
    const TERMS: [f64; 9] = [
        0.999_999_999_999_809_9,
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    if x < 0.5 {
        let pi = std::f64::consts::PI;
        return (pi / (pi * x).sin().abs()).ln() - lanczos(1.0 - x);
    }
    let x = x - 1.0;
    let t = x + 7.5;
    let sum = (1..9).fold(TERMS[0], |sum, term| sum + TERMS[term] / (x + term as f64));
    0.5 * (2.0 * std::f64::consts::PI).ln() + (x + 0.5) * t.ln() - t + sum.ln()
}

fn bit_count(call: &Call) -> Result<ArrayRef> {
    let bits = match call.args[0].data_type() {
        DataType::Int8 => 8,
        DataType::Int16 => 16,
        DataType::Int32 => 32,
        _ => 64,
    };
    let numbers = cast(&call.args[0], &DataType::Int64)?;
    let numbers = numbers.as_primitive::<Int64Type>();
    call.primitives::<Int8Type>(|row| {
        let number = numbers.value(row) as u64;
        let kept = if bits == 64 { number } else { number & ((1 << bits) - 1) };
        Ok(Some(kept.count_ones() as i8))
    })
}

fn divisor(a: i64, b: i64) -> i64 {
    let (mut a, mut b) = (a.unsigned_abs(), b.unsigned_abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    i64::try_from(a).unwrap_or(i64::MAX)
}

fn multiple(call: &Call) -> Result<ArrayRef> {
    call.primitives::<Int64Type>(|row| {
        let (a, b) = (call.int(0).value(row), call.int(1).value(row));
        if a == 0 || b == 0 {
            return Ok(Some(0));
        }
        match (a / divisor(a, b)).checked_mul(b).and_then(i64::checked_abs) {
            Some(multiple) => Ok(Some(multiple)),
            None => exec_err!("the least common multiple of {a} and {b} is out of range of BIGINT"),
        }
    })
}

/// Halves go to the even neighbour.
fn round_even(call: &Call) -> Result<ArrayRef> {
    let places = |row: usize| i32::try_from(call.int(1).value(row)).unwrap_or(0).clamp(-300, 300);
    match call.gives {
        DataType::Decimal128(_, scale) => {
            let numbers = call.args[0].as_primitive::<Decimal128Type>();
            call.primitives::<Decimal128Type>(|row| {
                let cut = i32::from(*scale) - places(row);
                if cut <= 0 || cut > 37 {
                    return Ok(Some(if cut <= 0 { numbers.value(row) } else { 0 }));
                }
                let unit = 10_i128.pow(cut.unsigned_abs());
                let (quotient, rest) = (numbers.value(row) / unit, numbers.value(row) % unit);
                let up = match (rest.abs() * 2).cmp(&unit) {
                    std::cmp::Ordering::Greater => true,
                    std::cmp::Ordering::Equal => quotient % 2 != 0,
                    std::cmp::Ordering::Less => false,
                };
                Ok(Some((quotient + if up { rest.signum() } else { 0 }) * unit))
            })
        }
        gives if gives.is_integer() => Ok(call.args[0].clone()),
        _ => {
            let numbers = cast(&call.args[0], &DataType::Float64)?;
            let numbers = numbers.as_primitive::<Float64Type>();
            let rounded = call.primitives::<Float64Type>(|row| {
                let unit = 10_f64.powi(places(row));
                Ok(Some((numbers.value(row) * unit).round_ties_even() / unit))
            })?;
            Ok(cast(&rounded, call.gives)?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gamma_is_the_factorial_of_one_less() {
        for (x, expected) in [(1.0, 1.0), (5.0, 24.0), (0.5, std::f64::consts::PI.sqrt())] {
            assert!((lanczos(x).exp() - expected).abs() < 1e-10 * expected, "{x}");
        }
        assert_eq!(divisor(12, -18), 6);
    }
}
