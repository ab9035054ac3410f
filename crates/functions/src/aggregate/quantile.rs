//! Medians and quantiles: of numbers, dates, times, and the discrete ones of anything that has an order.

use arrow::array::{Array, ArrayRef, AsArray, Float64Array};
use arrow::compute::{cast, sort};
use arrow::datatypes::{DataType, Float64Type, Int64Type, TimeUnit};
use datafusion::common::{ScalarValue, exec_err, plan_err};
use datafusion::error::Result;

use super::collected::Collected;
use crate::scalar::list_of;

const TIMESTAMP: DataType = DataType::Timestamp(TimeUnit::Microsecond, None);

pub const FUNCTIONS: &[Collected] = &[
    Collected {
        names: &["median"],
        takes: |types| match types {
            [value] => Ok(vec![continuous(value)]),
            _ => plan_err!("Binder Error: median takes one argument"),
        },
        gives: |types| Ok(types[0].clone()),
        of: |columns, gives| {
            if ordered_only(gives) { discrete(&columns[0], 0.5) } else { interpolated(&columns[0], 0.5, gives) }
        },
        with_nulls: false,
    },
    Collected {
        names: &["quantile_cont"],
        takes: |types| with_position(types, continuous),
        gives: |types| Ok(answer(types)),
        of: |columns, gives| {
            let one = |at: f64| interpolated(&columns[0], at, columns[0].data_type());
            each(columns, gives, &one)
        },
        with_nulls: false,
    },
    Collected {
        names: &["quantile_disc", "quantile"],
        takes: |types| with_position(types, Clone::clone),
        gives: |types| Ok(answer(types)),
        of: |columns, gives| each(columns, gives, &|at| discrete(&columns[0], at)),
        with_nulls: false,
    },
];

/// Whether values of a type have an order and nothing between them.
fn ordered_only(data_type: &DataType) -> bool {
    !data_type.is_numeric() && !data_type.is_temporal()
}

/// What values lie between those of a type.
fn continuous(value: &DataType) -> DataType {
    match value {
        DataType::Date32 => TIMESTAMP,
        decimal if decimal.is_decimal() => decimal.clone(),
        number if number.is_numeric() || number.is_null() => DataType::Float64,
        other => other.clone(),
    }
}

fn with_position(types: &[DataType], value: fn(&DataType) -> DataType) -> Result<Vec<DataType>> {
    match types {
        [values, DataType::List(_)] => Ok(vec![value(values), list_of(DataType::Float64)]),
        [values, at] if at.is_numeric() => Ok(vec![value(values), DataType::Float64]),
        [values] => Ok(vec![value(values)]),
        _ => plan_err!("Binder Error: a quantile takes values and a number from 0 to 1, or a list of such numbers"),
    }
}

fn answer(types: &[DataType]) -> DataType {
    match types.get(1) {
        Some(DataType::List(_)) => list_of(types[0].clone()),
        _ => types[0].clone(),
    }
}

/// The answer for the one position, or the list of answers for the list of positions.
fn each(columns: &[ArrayRef], gives: &DataType, one: &dyn Fn(f64) -> Result<ScalarValue>) -> Result<ScalarValue> {
    let at = |positions: &Float64Array, row: usize| match positions.value(row) {
        at if (0.0..=1.0).contains(&at) => Ok(at),
        at => exec_err!("a quantile is at a number from 0 to 1, not at {at}"),
    };
    match (columns.get(1), gives) {
        (Some(positions), DataType::List(item)) if positions.data_type().is_list() => {
            let positions = positions.as_list::<i32>().value(0);
            let positions = positions.as_primitive::<Float64Type>();
            let found =
                (0..positions.len()).map(|row| one(at(positions, row)?)).collect::<Result<Vec<ScalarValue>>>()?;
            Ok(ScalarValue::List(ScalarValue::new_list_nullable(&found, item.data_type())))
        }
        (Some(positions), _) => one(at(positions.as_primitive(), 0)?),
        (None, _) => one(0.5),
    }
}

/// The value at a place of numbers in order, or what lies between two.
pub fn between(sorted: &[f64], at: f64) -> f64 {
    let place = at * (sorted.len() - 1) as f64;
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    if below == above { below } else { below + (above - below) * place.fract() }
}

fn interpolated(values: &ArrayRef, at: f64, gives: &DataType) -> Result<ScalarValue> {
    if ordered_only(gives) {
        return exec_err!("nothing lies between values of {}; use quantile_disc", model::sql_type(gives));
    }
    let through = if gives.is_temporal() { DataType::Int64 } else { DataType::Float64 };
    let numbers = cast(values, &through)?;
    let mut sorted: Vec<f64> = match through {
        DataType::Int64 => numbers.as_primitive::<Int64Type>().iter().flatten().map(|number| number as f64).collect(),
        _ => numbers.as_primitive::<Float64Type>().iter().flatten().collect(),
    };
    sorted.sort_by(f64::total_cmp);
    let found = between(&sorted, at);
    if gives.is_temporal() {
        return ScalarValue::Int64(Some(found.round() as i64)).cast_to(gives);
    }
    ScalarValue::Float64(Some(found)).cast_to(gives)
}

fn discrete(values: &ArrayRef, at: f64) -> Result<ScalarValue> {
    let sorted = sort(values, None)?;
    let place = (at * sorted.len() as f64).ceil() as usize;
    ScalarValue::try_from_array(&sorted, place.clamp(1, sorted.len()) - 1)
}
