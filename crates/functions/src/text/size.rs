//! Sizes for people.

use datafusion::error::Result;

use crate::scalar::{Call, Function, Gives, Kind, form, function};

const SIZE: &[Kind] = &[Kind::Int];

pub const FUNCTIONS: &[Function] = &[
    function(
        &["format_bytes", "formatreadablesize"],
        &[form(SIZE, Gives::Text, |call| sizes(call, 1024, &["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]))],
    ),
    function(
        &["formatreadabledecimalsize"],
        &[form(SIZE, Gives::Text, |call| sizes(call, 1000, &["bytes", "kB", "MB", "GB", "TB", "PB", "EB"]))],
    ),
    function(
        &["bar"],
        &[form(&[Kind::Double, Kind::Double, Kind::Double, Kind::Double], Gives::Text, bar).optional(1)],
    ),
];

/// The size in the largest unit that it reaches, with one digit after the point, cut off.
fn sizes(call: &Call, step: u64, units: &[&str]) -> Result<arrow::array::ArrayRef> {
    call.texts(|row| {
        let size = call.int(0).value(row);
        let mut tenths = size.unsigned_abs();
        let mut unit = 0;
        let mut whole = true;
        while tenths / if whole { 1 } else { 10 } >= step && unit + 1 < units.len() {
            tenths = if whole { tenths * 10 / step } else { tenths / step };
            whole = false;
            unit += 1;
        }
        let sign = if size < 0 { "-" } else { "" };
        Ok(Some(match (whole, tenths) {
            (true, 1) => format!("{sign}1 byte"),
            (true, count) => format!("{sign}{count} {}", units[unit]),
            (false, tenths) => format!("{sign}{}.{} {}", tenths / 10, tenths % 10, units[unit]),
        }))
    })
}

/// A bar of blocks, in eighths.
fn bar(call: &Call) -> Result<arrow::array::ArrayRef> {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    call.texts(|row| {
        let at = |position: usize| call.double(position).value(row);
        let (value, low, high) = (at(0), at(1), at(2));
        let width = if call.has(3) { at(3).clamp(1.0, 1000.0) } else { 80.0 };
        let share = ((value - low) / (high - low)).clamp(0.0, 1.0);
        let eighths = (share * width * 8.0) as usize;
        let blocks = "█".repeat(eighths / 8) + EIGHTHS[eighths % 8];
        let blank = (width as usize).saturating_sub(blocks.chars().count());
        Ok(Some(blocks + &" ".repeat(blank)))
    })
}
