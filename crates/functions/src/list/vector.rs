//! Lists of numbers as vectors.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::Float64Type;
use datafusion::common::exec_err;
use datafusion::error::Result;

use crate::scalar::{Call, Function, Gives, Kind, form, function};

const TWO: &[Kind] = &[Kind::Doubles, Kind::Doubles];

pub const FUNCTIONS: &[Function] = &[
    function(
        &["list_distance", "array_distance"],
        &[form(TWO, Gives::Double, |call| {
            each(call, |pairs| pairs.map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt())
        })],
    ),
    function(
        &["list_inner_product", "list_dot_product", "array_inner_product", "array_dot_product"],
        &[form(TWO, Gives::Double, |call| each(call, |pairs| pairs.map(|(a, b)| a * b).sum()))],
    ),
    function(
        &["list_negative_inner_product", "list_negative_dot_product", "array_negative_inner_product"],
        &[form(TWO, Gives::Double, |call| each(call, |pairs| -pairs.map(|(a, b)| a * b).sum::<f64>()))],
    ),
    function(
        &["list_cosine_similarity", "array_cosine_similarity"],
        &[form(TWO, Gives::Double, |call| each(call, cosine))],
    ),
    function(
        &["list_cosine_distance", "array_cosine_distance"],
        &[form(TWO, Gives::Double, |call| each(call, |pairs| 1.0 - cosine(pairs)))],
    ),
];

type Pairs<'a> = &'a mut dyn Iterator<Item = (f64, f64)>;

fn cosine(pairs: Pairs) -> f64 {
    let (dot, left, right) =
        pairs.fold((0.0, 0.0, 0.0), |(dot, left, right), (a, b)| (dot + a * b, left + a * a, right + b * b));
    (dot / (f64::sqrt(left) * f64::sqrt(right))).clamp(-1.0, 1.0)
}

fn each(call: &Call, of: fn(Pairs) -> f64) -> Result<ArrayRef> {
    call.primitives::<Float64Type>(|row| {
        let (left, right) = (call.list(0).value(row), call.list(1).value(row));
        if left.len() != right.len() {
            return exec_err!("vectors of {} and {} numbers differ in length", left.len(), right.len());
        }
        if left.null_count() + right.null_count() > 0 {
            return exec_err!("a vector has no NULL in it");
        }
        let (left, right) = (left.as_primitive::<Float64Type>(), right.as_primitive::<Float64Type>());
        Ok(Some(of(&mut left.values().iter().copied().zip(right.values().iter().copied()))))
    })
}
