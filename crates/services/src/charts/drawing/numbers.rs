//! Axes of numbers: where lines and labels stand, and how labels are written.

use std::ops::Range;

use super::text::grouped;

/// Round numbers along an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Ticks {
    pub range: Range<f64>,
    pub at: Vec<f64>,
    step: f64,
}

/// About `wanted` round numbers that enclose everything from `least` to `most`. With `whole` there are no fractions.
pub fn enclosing(least: f64, most: f64, wanted: usize, whole: bool) -> Ticks {
    let (least, most) = spread(least, most);
    let step = step(most - least, wanted, whole, least.abs().max(most.abs()));
    let first = (least / step + 1e-9).floor();
    let last = (most / step - 1e-9).ceil();
    Ticks { range: first * step..last * step, at: multiples(first, last, step), step }
}

/// The same within the range, which stays as it is.
pub fn within(least: f64, most: f64, wanted: usize, whole: bool) -> Ticks {
    let (least, most) = spread(least, most);
    let step = step(most - least, wanted, whole, least.abs().max(most.abs()));
    let first = (least / step - 1e-9).ceil();
    let last = (most / step + 1e-9).floor();
    Ticks { range: least..most, at: multiples(first, last, step), step }
}

/// One number alone gets room around it.
fn spread(least: f64, most: f64) -> (f64, f64) {
    if most > least {
        return (least, most);
    }
    let around = if least == 0.0 { 1.0 } else { (least.abs() * 0.1).max(1e-290) };
    (least - around, most + around)
}

fn step(span: f64, wanted: usize, whole: bool, largest: f64) -> f64 {
    // Of large numbers close to one another no finer differences can be told than these.
    let raw = (span / wanted.max(1) as f64).max(largest * 1e-12).max(1e-295);
    let power = 10_f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|round| round * power).find(|step| *step >= raw * 0.999_999);
    let step = step.unwrap_or(power * 10.0);
    if whole { step.max(1.0) } else { step }
}

fn multiples(first: f64, last: f64, step: f64) -> Vec<f64> {
    // Steps are chosen for a handful of ticks; this bounds what rounding could make of them.
    let count = (last - first).clamp(0.0, 200.0) as usize;
    (0..=count).map(|index| (first + index as f64) * step).collect()
}

impl Ticks {
    /// The label of a number among these.
    pub fn label(&self, number: f64) -> String {
        let largest = self.range.start.abs().max(self.range.end.abs());
        if largest >= 1e15 || largest < 1e-6 || self.step < 1e-9 {
            return power(number, largest);
        }
        let units = [(1e12, "T"), (1e9, "B"), (1e6, "M")];
        let unit = units.into_iter().find(|(unit, _)| largest >= *unit).unwrap_or((1.0, ""));
        match decimals(self.step / unit.0) {
            digits if digits <= 3 => signed(number / unit.0, digits) + unit.1,
            _ => signed(number, decimals(self.step)),
        }
    }
}

/// A number by itself, as somebody would write it.
pub fn plain(number: f64) -> String {
    let large = number.abs();
    if large != 0.0 && !(1e-4..1e15).contains(&large) {
        return power(number, large);
    }
    // No more digits than an `f64` has, and none after the point that say nothing.
    let digits = (0..=6).find(|digits| {
        let scaled = number * 10_f64.powi(*digits);
        (scaled - scaled.round()).abs() <= scaled.abs() * 1e-9
    });
    signed(number, digits.map_or(if large < 1.0 { 6 } else { 2 }, |digits| digits as usize))
}

/// How many digits after the point tell multiples of a step apart.
fn decimals(step: f64) -> usize {
    (0..12)
        .find(|digits| {
            let scaled = step * 10_f64.powi(*digits);
            (scaled - scaled.round()).abs() < scaled * 1e-6
        })
        .map_or(12, |digits| digits as usize)
}

/// A number with this many digits after the point, and those before it in groups.
fn signed(number: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", number.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let whole = whole.parse().map_or_else(|_| whole.to_owned(), grouped);
    let point = if fraction.is_empty() { "" } else { "." };
    let is_zero = text.bytes().all(|digit| digit == b'0' || digit == b'.');
    let sign = if number < 0.0 && !is_zero { "−" } else { "" };
    format!("{sign}{whole}{point}{fraction}")
}

/// A number that is very large or very small, to be told from others up to `largest`.
fn power(number: f64, largest: f64) -> String {
    if number == 0.0 || number.abs() < largest * 1e-9 {
        return "0".to_owned();
    }
    let text = format!("{:.2e}", number.abs());
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
    format!("{}{mantissa}e{exponent}", if number < 0.0 { "−" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(ticks: &Ticks) -> Vec<String> {
        ticks.at.iter().map(|at| ticks.label(*at)).collect()
    }

    #[test]
    fn ticks_are_round_and_enclose() {
        assert_eq!(labels(&enclosing(0.0, 97.0, 5, false)), ["0", "20", "40", "60", "80", "100"]);
        assert_eq!(labels(&enclosing(-3.0, 7.0, 5, false)), ["−4", "−2", "0", "2", "4", "6", "8"]);
        assert_eq!(labels(&enclosing(0.0, 1.0, 5, false)), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(enclosing(0.0, 97.0, 5, false).range, 0.0..100.0);
        assert_eq!(labels(&enclosing(0.0, 1.0, 5, true)), ["0", "1"]);
    }

    #[test]
    fn a_range_can_stay_as_it_is() {
        let years = within(2012.0, 2015.0, 8, true);
        assert_eq!(
            (years.range.clone(), labels(&years)),
            (2012.0..2015.0, ["2012", "2013", "2014", "2015"].map(str::to_owned).to_vec())
        );
    }

    #[test]
    fn large_numbers_have_units_and_groups() {
        assert_eq!(labels(&enclosing(0.0, 40_000.0, 2, false)), ["0", "20,000", "40,000"]);
        assert_eq!(labels(&enclosing(0.0, 2_000_000.0, 4, false)), ["0.0M", "0.5M", "1.0M", "1.5M", "2.0M"]);
        assert_eq!(labels(&enclosing(0.0, 3e9, 3, false)), ["0B", "1B", "2B", "3B"]);
        assert_eq!(labels(&enclosing(0.0, 1e18, 2, false)), ["0", "5e17", "1e18"]);
        assert_eq!(labels(&enclosing(-1e300, 1e300, 2, false)), ["−1e300", "0", "1e300"]);
        assert_eq!(labels(&enclosing(0.0, 2e-9, 2, false)), ["0", "1e-9", "2e-9"]);
    }

    #[test]
    fn a_number_alone_is_written_in_full() {
        for (number, text) in [
            (0.0, "0"),
            (-12.5, "−12.5"),
            (1234567.0, "1,234,567"),
            (19.99, "19.99"),
            (1.0 / 3.0, "0.333333"),
            (100.0 / 3.0, "33.33"),
            (1e300, "1e300"),
            (0.00001, "1e-5"),
        ] {
            assert_eq!(plain(number), text);
        }
    }

    #[test]
    fn large_numbers_close_together_are_told_apart() {
        let ticks = within(1_000_000.0, 1_000_004.0, 4, false);
        assert_eq!(labels(&ticks), ["1,000,000", "1,000,001", "1,000,002", "1,000,003", "1,000,004"]);
    }

    #[test]
    fn any_two_numbers_have_few_ticks() {
        let awkward = [0.0, 1.0, -1.0, 1e-290, 1e-280, 0.1, 1.0 / 3.0, 1e15, 1e15 + 1.0, 9e18, 1e300, -1e300];
        for least in awkward {
            for most in awkward.into_iter().filter(|most| *most >= least) {
                for ticks in [enclosing(least, most, 6, false), within(least, most, 6, false)] {
                    assert!(ticks.at.len() <= 20, "{least} {most}: {ticks:?}");
                    assert!(ticks.range.end > ticks.range.start, "{least} {most}: {ticks:?}");
                    assert!(ticks.at.iter().all(|at| at.is_finite()), "{least} {most}: {ticks:?}");
                }
                let ticks = enclosing(least, most, 6, false);
                let slack = ticks.step * 1e-6;
                assert!(
                    ticks.range.start <= least + slack && ticks.range.end >= most - slack,
                    "{least} {most}: {ticks:?}"
                );
            }
        }
    }
}
