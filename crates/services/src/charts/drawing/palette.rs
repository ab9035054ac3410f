//! Colours. The series have those of Okabe and Ito, which people tell apart whatever colours they see, without the yellow,
//! which is too faint on white.

use plotters::style::RGBColor;

/// What a picture is drawn on: one that reads the same on a light page and on a dark one.
pub const PAPER: RGBColor = RGBColor(255, 255, 255);
/// Text.
pub const INK: RGBColor = RGBColor(0x14, 0x21, 0x2b);
/// Text that says less.
pub const SOFT: RGBColor = RGBColor(0x4a, 0x5a, 0x66);
/// The line from which bars and areas rise.
pub const BASE: RGBColor = RGBColor(0x8a, 0x99, 0xa3);
/// Lines behind everything.
pub const GRID: RGBColor = RGBColor(0xe2, 0xe7, 0xe9);
/// Behind every other row of a table.
pub const STRIPE: RGBColor = RGBColor(0xf4, 0xf6, 0xf7);

const SERIES: [RGBColor; 8] = [
    RGBColor(0x00, 0x72, 0xb2),
    RGBColor(0xe6, 0x9f, 0x00),
    RGBColor(0x00, 0x9e, 0x73),
    RGBColor(0xcc, 0x79, 0xa7),
    RGBColor(0xd5, 0x5e, 0x00),
    RGBColor(0x56, 0xb4, 0xe9),
    RGBColor(0x5b, 0x4a, 0x9f),
    RGBColor(0x6b, 0x6b, 0x6b),
];

/// The colour of a series; after the last they begin again, lighter.
pub fn series(index: usize) -> RGBColor {
    let RGBColor(red, green, blue) = SERIES[index % SERIES.len()];
    match index / SERIES.len() {
        0 => RGBColor(red, green, blue),
        // Half way to white.
        1 => RGBColor(lighter(red), lighter(green), lighter(blue)),
        _ => RGBColor(darker(red), darker(green), darker(blue)),
    }
}

fn lighter(part: u8) -> u8 {
    part / 2 + 128
}

fn darker(part: u8) -> u8 {
    part / 2
}
