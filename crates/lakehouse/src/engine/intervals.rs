//! INTERVAL as the planner takes it.

use sqlparser::ast::{DateTimeField, Expr, Interval, Value};

use super::functions::call;

/// `INTERVAL (n) DAY` is computed; the planner takes constants alone.
pub fn fit(interval: &mut Interval) -> Option<Expr> {
    spell(interval);
    let constant = match interval.value.as_ref() {
        Expr::Value(_) => true,
        Expr::UnaryOp { expr, .. } => matches!(expr.as_ref(), Expr::Value(_)),
        _ => false,
    };
    let field = interval.leading_field.as_ref().filter(|_| !constant)?;
    let name = match field {
        DateTimeField::Year | DateTimeField::Years => "to_years",
        DateTimeField::Quarter => "to_quarters",
        DateTimeField::Month | DateTimeField::Months => "to_months",
        DateTimeField::Week(_) | DateTimeField::Weeks => "to_weeks",
        DateTimeField::Day | DateTimeField::Days => "to_days",
        DateTimeField::Hour | DateTimeField::Hours => "to_hours",
        DateTimeField::Minute | DateTimeField::Minutes => "to_minutes",
        DateTimeField::Second | DateTimeField::Seconds => "to_seconds",
        DateTimeField::Millisecond | DateTimeField::Milliseconds => "to_milliseconds",
        DateTimeField::Microsecond | DateTimeField::Microseconds => "to_microseconds",
        _ => return None,
    };
    Some(call(name, [interval.value.as_ref().clone()]))
}

/// The planner takes texts, and words for hours and minutes.
fn spell(interval: &mut Interval) {
    let Expr::Value(value) = interval.value.as_mut() else { return };
    match &mut value.value {
        Value::Number(number, _) => value.value = Value::SingleQuotedString(std::mem::take(number)),
        Value::SingleQuotedString(text) if interval.leading_field.is_none() && text.contains(':') => {
            *text = text.split_whitespace().map(clock).collect::<Vec<String>>().join(" ");
        }
        _ => {}
    }
}

/// `01:30:00` as `1 hours 30 minutes 0 seconds`.
fn clock(word: &str) -> String {
    let parts: Vec<&str> = word.split(':').collect();
    let sign = if word.starts_with('-') { "-" } else { "" };
    match parts.as_slice() {
        [hours, minutes] => format!("{hours} hours {sign}{minutes} minutes"),
        [hours, minutes, seconds] => format!("{hours} hours {sign}{minutes} minutes {sign}{seconds} seconds"),
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::parse;

    #[test]
    fn clocks_are_words_and_what_is_no_constant_is_computed() {
        let fitted = |text: &str| {
            let Ok(Expr::Interval(mut interval)) = parse::expression(text) else { panic!("{text}") };
            fit(&mut interval).map_or_else(|| interval.to_string(), |fitted| fitted.to_string())
        };
        assert_eq!(fitted("INTERVAL '1 day 01:30:00'"), "INTERVAL '1 day 01 hours 30 minutes 00 seconds'");
        assert_eq!(fitted("INTERVAL 1 DAY"), "INTERVAL '1' DAY");
        assert_eq!(fitted("INTERVAL (i) MONTH"), "to_months((i))");
    }
}
