//! Functions of text.

mod accents;
mod cut;
mod distance;
mod encode;
mod file_path;
mod format;
mod of_value;
mod printf;
mod regular;
mod search;
mod size;

use crate::scalar::Function;

/// All of them.
pub fn functions() -> impl Iterator<Item = &'static Function> {
    [
        cut::FUNCTIONS,
        search::FUNCTIONS,
        encode::FUNCTIONS,
        distance::FUNCTIONS,
        file_path::FUNCTIONS,
        format::FUNCTIONS,
        printf::FUNCTIONS,
        regular::FUNCTIONS,
        of_value::FUNCTIONS,
        size::FUNCTIONS,
        accents::FUNCTIONS,
    ]
    .into_iter()
    .flatten()
}
