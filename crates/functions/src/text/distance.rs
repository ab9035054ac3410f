//! How far texts are from one another.

use arrow::array::ArrayRef;
use arrow::datatypes::{Float64Type, Int64Type};
use datafusion::common::exec_err;
use datafusion::common::utils::datafusion_strsim as strsim;
use datafusion::error::Result;

use crate::scalar::{Call, Function, Gives, Kind, form, function};

const TWO: &[Kind] = &[Kind::Text, Kind::Text];

pub const FUNCTIONS: &[Function] = &[
    function(
        &["levenshtein", "editdist3"],
        &[form(TWO, Gives::Int, |call| {
            call.primitives::<Int64Type>(|row| {
                Ok(Some(strsim::levenshtein(call.text(0).value(row), call.text(1).value(row)) as i64))
            })
        })],
    ),
    function(&["hamming", "mismatches"], &[form(TWO, Gives::Int, hamming)]),
    function(
        &["damerau_levenshtein"],
        &[form(TWO, Gives::Int, |call| {
            call.primitives::<Int64Type>(|row| Ok(Some(damerau(call.text(0).value(row), call.text(1).value(row)))))
        })],
    ),
    function(
        &["jaccard"],
        &[form(TWO, Gives::Double, |call| {
            call.primitives::<Float64Type>(|row| Ok(Some(jaccard(call.text(0).value(row), call.text(1).value(row)))))
        })],
    ),
    function(
        &["jaro_similarity"],
        &[form(TWO, Gives::Double, |call| {
            call.primitives::<Float64Type>(|row| Ok(Some(jaro(call.text(0).value(row), call.text(1).value(row)))))
        })],
    ),
    function(
        &["jaro_winkler_similarity"],
        &[form(TWO, Gives::Double, |call| {
            call.primitives::<Float64Type>(|row| {
                Ok(Some(jaro_winkler(call.text(0).value(row), call.text(1).value(row))))
            })
        })],
    ),
];

fn hamming(call: &Call) -> Result<ArrayRef> {
    call.primitives::<Int64Type>(|row| {
        let (left, right) = (call.text(0).value(row), call.text(1).value(row));
        if left.chars().count() != right.chars().count() {
            return exec_err!("{left:?} and {right:?} differ in length");
        }
        Ok(Some(left.chars().zip(right.chars()).filter(|(a, b)| a != b).count() as i64))
    })
}

/// Insertions, deletions, substitutions, and exchanges of two neighbours.
fn damerau(left: &str, right: &str) -> i64 {
    let (a, b): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let cost = usize::from(a[i - 1] != b[j - 1]);
            row[j] = (last[j] + 1).min(row[j - 1] + 1).min(last[j - 1] + cost);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()] as i64
}

fn jaccard(left: &str, right: &str) -> f64 {
    let set = |text: &str| text.chars().collect::<std::collections::HashSet<char>>();
    let (left, right) = (set(left), set(right));
    left.intersection(&right).count() as f64 / left.union(&right).count() as f64
}

fn jaro(left: &str, right: &str) -> f64 {
    let (a, b): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    if a.is_empty() || b.is_empty() {
        return f64::from(u8::from(a.is_empty() && b.is_empty()));
    }
    let reach = (a.len().max(b.len()) / 2).saturating_sub(1);
    let mut taken = vec![false; b.len()];
    let mut from_left = Vec::new();
    for (i, c) in a.iter().enumerate() {
        let near = i.saturating_sub(reach)..(i + reach + 1).min(b.len());
        if let Some(j) = near.into_iter().find(|j| !taken[*j] && b[*j] == *c) {
            taken[j] = true;
            from_left.push(*c);
        }
    }
    let from_right = b.iter().zip(&taken).filter_map(|(c, taken)| taken.then_some(*c));
    let moved = from_left.iter().zip(from_right).filter(|(l, r)| **l != *r).count() as f64 / 2.0;
    let found = from_left.len() as f64;
    if found == 0.0 {
        return 0.0;
    }
    (found / a.len() as f64 + found / b.len() as f64 + (found - moved) / found) / 3.0
}

fn jaro_winkler(left: &str, right: &str) -> f64 {
    let similarity = jaro(left, right);
    if similarity <= 0.7 {
        return similarity;
    }
    let common = left.chars().zip(right.chars()).take(4).take_while(|(a, b)| a == b).count() as f64;
    similarity + common * 0.1 * (1.0 - similarity)
}
