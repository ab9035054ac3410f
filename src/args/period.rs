//! Periods of time as people write them.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use model::Error;

/// A period of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period(pub Duration);

/// Seconds that a unit stands for.
const UNITS: &[(&str, u64)] = &[("s", 1), ("m", 60), ("min", 60), ("h", 3600), ("d", 86_400), ("w", 604_800)];

/// The longest period: a hundred years, so that dates stay within what they can be.
const LONGEST: u64 = 36_525 * 86_400;

impl FromStr for Period {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || Error::invalid(format!("{text:?} is not a period; write for example 7d, 12h, 30m or 0s"));
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let number: u64 = number.parse().map_err(|_| wrong())?;
        let unit = unit.trim().to_ascii_lowercase();
        let seconds = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(wrong)?.1;
        let period = number.checked_mul(seconds).filter(|period| *period <= LONGEST).ok_or_else(wrong)?;
        Ok(Self(Duration::from_secs(period)))
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}s", self.0.as_secs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read_and_nonsense_is_not() {
        let seconds = |text: &str| text.parse::<Period>().ok().map(|period| period.0.as_secs());
        assert_eq!(seconds("7d"), Some(604_800));
        assert_eq!(seconds("12 h"), Some(43_200));
        assert_eq!(seconds("0s"), Some(0));
        assert_eq!(seconds("90min"), Some(5400));
        for nonsense in ["", "7", "d", "-1d", "1.5h", "7days", "99999999999999999999s", "2000w0", "9999w"] {
            assert_eq!(seconds(nonsense), None, "{nonsense}");
        }
    }
}
