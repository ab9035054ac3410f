//! Numbers of bytes as people write them.

use std::fmt;
use std::str::FromStr;

use model::Error;

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteCount(pub usize);

/// What a unit stands for. `K`, `M` and `G` alone are powers of 1024, as most programs read them.
const UNITS: &[(&str, usize)] = &[
    ("", 1),
    ("b", 1),
    ("k", 1 << 10),
    ("kib", 1 << 10),
    ("kb", 1_000),
    ("m", 1 << 20),
    ("mib", 1 << 20),
    ("mb", 1_000_000),
    ("g", 1 << 30),
    ("gib", 1 << 30),
    ("gb", 1_000_000_000),
];

impl FromStr for ByteCount {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong =
            || Error::invalid(format!("{text:?} is not a number of bytes; write for example 536870912, 512MiB or 2GB"));
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let number: usize = number.parse().map_err(|_| wrong())?;
        let unit = unit.trim().to_ascii_lowercase();
        let factor = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(wrong)?.1;
        number.checked_mul(factor).filter(|bytes| *bytes > 0).map(Self).ok_or_else(wrong)
    }
}

impl fmt::Display for ByteCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read_and_nonsense_is_not() {
        let bytes = |text: &str| text.parse::<ByteCount>().ok().map(|count| count.0);
        assert_eq!(bytes("536870912"), Some(536_870_912));
        assert_eq!(bytes("512MiB"), Some(512 * 1024 * 1024));
        assert_eq!(bytes("2 gb"), Some(2_000_000_000));
        assert_eq!(bytes("1G"), Some(1 << 30));
        for nonsense in ["", "0", "x", "-1", "1.5GB", "1TBB", "99999999999999999999", "18446744073709551615K"] {
            assert_eq!(bytes(nonsense), None, "{nonsense}");
        }
    }
}
