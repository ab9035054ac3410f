//! The shape of a distribution: skewness, kurtosis, deviations.

use arrow::array::{ArrayRef, AsArray};
use arrow::datatypes::{DataType, Float64Type};
use datafusion::common::ScalarValue;
use datafusion::error::Result;

use super::collected::{Collected, one_double};

/// An aggregate of numbers; an answer that is no number is NULL.
const fn of_numbers(
    names: &'static [&'static str],
    of: fn(&[ArrayRef], &DataType) -> Result<ScalarValue>,
) -> Collected {
    Collected { names, takes: one_double, gives: |_| Ok(DataType::Float64), of, with_nulls: false }
}

pub const FUNCTIONS: &[Collected] = &[
    of_numbers(&["skewness"], |columns, _| answer(skewness(&numbers(columns)))),
    of_numbers(&["kurtosis"], |columns, _| answer(kurtosis(&numbers(columns)))),
    of_numbers(&["kurtosis_pop"], |columns, _| answer(kurtosis_pop(&numbers(columns)))),
    of_numbers(&["sem"], |columns, _| {
        let numbers = numbers(columns);
        answer(Some((moment(&numbers, 2) / numbers.len() as f64).sqrt()))
    }),
    of_numbers(&["mad"], |columns, _| {
        let mut numbers = numbers(columns);
        let middle = median(&mut numbers);
        let mut apart: Vec<f64> = numbers.iter().map(|number| (number - middle).abs()).collect();
        answer(Some(median(&mut apart)))
    }),
];

fn numbers(columns: &[ArrayRef]) -> Vec<f64> {
    columns[0].as_primitive::<Float64Type>().iter().flatten().collect()
}

fn answer(number: Option<f64>) -> Result<ScalarValue> {
    Ok(ScalarValue::Float64(number.filter(|number| number.is_finite())))
}

/// The mean of the powers of what numbers are away from their mean.
fn moment(numbers: &[f64], power: i32) -> f64 {
    let count = numbers.len() as f64;
    let mean = numbers.iter().sum::<f64>() / count;
    numbers.iter().map(|number| (number - mean).powi(power)).sum::<f64>() / count
}

fn skewness(numbers: &[f64]) -> Option<f64> {
    let count = numbers.len() as f64;
    if count <= 2.0 {
        return None;
    }
    let correction = (count * (count - 1.0)).sqrt() / (count - 2.0);
    Some(correction * moment(numbers, 3) / moment(numbers, 2).powf(1.5))
}

fn kurtosis_pop(numbers: &[f64]) -> Option<f64> {
    (numbers.len() > 1).then(|| moment(numbers, 4) / moment(numbers, 2).powi(2) - 3.0)
}

fn kurtosis(numbers: &[f64]) -> Option<f64> {
    let count = numbers.len() as f64;
    if count <= 3.0 {
        return None;
    }
    let population = kurtosis_pop(numbers)?;
    Some((count - 1.0) / ((count - 2.0) * (count - 3.0)) * ((count + 1.0) * population + 6.0))
}

/// The middle of numbers, which it puts in order.
pub fn median(numbers: &mut [f64]) -> f64 {
    numbers.sort_by(f64::total_cmp);
    super::quantile::between(numbers, 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What DuckDB answers for (1), (2), (2), (10).
    #[test]
    fn shapes() {
        let numbers = [1.0, 2.0, 2.0, 10.0];
        assert!((skewness(&numbers).unwrap() - 1.922_5).abs() < 1e-3);
        assert!((kurtosis(&numbers).unwrap() - 3.770_0).abs() < 1e-3);
        assert_eq!(kurtosis(&numbers[..3]), None);
        assert_eq!(median(&mut [3.0, 1.0, 2.0, 10.0]), 2.5);
    }
}
