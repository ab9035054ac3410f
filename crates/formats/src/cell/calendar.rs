//! Days since 1970-01-01 to years, months and days and back, in the proleptic Gregorian calendar.
//!
//! Both ways count in eras of 400 years that begin in March, so that the leap day is the last of its year.

/// Days in 400 years.
const ERA_DAYS: i64 = 146_097;

/// Days from 0000-03-01 to 1970-01-01.
const EPOCH_SHIFT: i64 = 719_468;

/// The day number of a date that exists, in a year of four digits.
pub(crate) fn days_from_civil(year: u32, month: u32, day: u32) -> i32 {
    // One era later, so that January of the year 0, which counts to the year before, stays above zero. In u32, since
    // this runs for every date that is read, and its divisions are the cheapest.
    let year = year + 400 - u32::from(month <= 2);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let days = year * 365 + year / 4 - year / 100 + year / 400 + day_of_year;
    days as i32 - (EPOCH_SHIFT + ERA_DAYS) as i32
}

/// Year, month and day of a day number.
pub(crate) fn civil_from_days(days: i64) -> (i64, u32, u32) {
    let days = days + EPOCH_SHIFT;
    let era = days.div_euclid(ERA_DAYS);
    // In u32 from here: what is left is below one era, and the divisions are cheaper.
    let day_of_era = days.rem_euclid(ERA_DAYS) as u32;
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = i64::from(year_of_era) + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// How many days a month has.
pub(crate) fn days_in_month(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}
