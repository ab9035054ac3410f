//! Functions of dates, times and intervals.

mod calendar;
mod difference;
mod format;
mod interval;
mod letters;
mod make;
mod parse;
mod parts;
mod truncate;
mod zone;

pub use calendar::{Moment, later};

use crate::scalar::Function;

/// All of them.
pub fn functions() -> impl Iterator<Item = &'static Function> {
    [
        parts::FUNCTIONS,
        truncate::FUNCTIONS,
        difference::FUNCTIONS,
        format::FUNCTIONS,
        parse::FUNCTIONS,
        interval::FUNCTIONS,
        make::FUNCTIONS,
        zone::FUNCTIONS,
    ]
    .into_iter()
    .flatten()
}
