//! Values as the texts that DuckDB casts them to.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{
    DataType, Float32Type, Float64Type, IntervalMonthDayNano, IntervalMonthDayNanoType, IntervalUnit,
};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::error::Result;

use crate::scalar::{Function, Gives, Kind, form, function};
use crate::time::Moment;

pub const FUNCTIONS: &[Function] = &[function(
    &["text_of"],
    &[form(&[Kind::Any], Gives::Text, |call| call.texts(|row| text(&call.args[0], row).map(Some)))],
)];

/// The value of a row.
fn text(column: &ArrayRef, row: usize) -> Result<String> {
    if column.logical_nulls().is_some_and(|nulls| nulls.is_null(row)) {
        return Ok("NULL".to_owned());
    }
    Ok(match column.data_type() {
        DataType::Timestamp(..) => {
            let micros = arrow::compute::cast(column, &in_micros(column.data_type()))?;
            time(&Moment::of(&micros)?, row)?
        }
        DataType::Interval(IntervalUnit::MonthDayNano) => {
            interval(column.as_primitive::<IntervalMonthDayNanoType>().value(row))
        }
        DataType::Float64 => double(column.as_primitive::<Float64Type>().value(row)),
        DataType::Float32 => double_text(&format!("{:e}", column.as_primitive::<Float32Type>().value(row))),
        DataType::List(_) => list(&column.as_list::<i32>().value(row))?,
        DataType::LargeList(_) => list(&column.as_list::<i64>().value(row))?,
        DataType::FixedSizeList(..) => list(&column.as_fixed_size_list().value(row))?,
        DataType::Struct(fields) => {
            let columns = column.as_struct().columns();
            let member = |(field, column): (&arrow::datatypes::FieldRef, &ArrayRef)| {
                Ok(format!("'{}': {}", field.name(), inside(column, row)?))
            };
            let members = fields.iter().zip(columns).map(member).collect::<Result<Vec<String>>>()?;
            format!("{{{}}}", members.join(", "))
        }
        DataType::Map(..) => {
            let entries = column.as_map().value(row);
            let (keys, values) = (entries.column(0), entries.column(1));
            let member = |entry: usize| Ok(format!("{}={}", inside(keys, entry)?, inside(values, entry)?));
            format!("{{{}}}", (0..entries.len()).map(member).collect::<Result<Vec<String>>>()?.join(", "))
        }
        _ => ArrayFormatter::try_new(column, &FormatOptions::default())?.value(row).to_string(),
    })
}

fn in_micros(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Timestamp(_, zone) => DataType::Timestamp(arrow::datatypes::TimeUnit::Microsecond, zone.clone()),
        other => other.clone(),
    }
}

fn list(items: &ArrayRef) -> Result<String> {
    let items = (0..items.len()).map(|item| inside(items, item)).collect::<Result<Vec<String>>>()?;
    Ok(format!("[{}]", items.join(", ")))
}

/// A value inside another: a text that could be misread stands in quotes.
fn inside(column: &ArrayRef, row: usize) -> Result<String> {
    let plain = text(column, row)?;
    if !column.data_type().is_string() || column.is_null(row) {
        return Ok(plain);
    }
    let odd = plain.is_empty()
        || plain.trim() != plain
        || plain.eq_ignore_ascii_case("null")
        || plain.contains(['\'', '"', '\\', '[', ']', '{', '}', '(', ')', ',', ':', '=']);
    Ok(if odd { format!("'{}'", plain.replace('\\', "\\\\").replace('\'', "\\'")) } else { plain })
}

fn time(moments: &Moment, row: usize) -> Result<String> {
    let local = moments.local(row)?;
    let mut text = local.format("%Y-%m-%d %H:%M:%S").to_string();
    text.push_str(&fraction(i64::from(local.and_utc().timestamp_subsec_micros())));
    if moments.zone().is_some() {
        let minutes = moments.offset(row) / 60;
        let sign = if minutes < 0 { '-' } else { '+' };
        text.push_str(&format!("{sign}{:02}", minutes.abs() / 60));
        if minutes % 60 != 0 {
            text.push_str(&format!(":{:02}", minutes.abs() % 60));
        }
    }
    Ok(text)
}

fn fraction(micros: i64) -> String {
    if micros == 0 { String::new() } else { format!(".{micros:06}").trim_end_matches('0').to_owned() }
}

/// `1 year 2 months 3 days 04:05:06.5`
pub fn interval(interval: IntervalMonthDayNano) -> String {
    let mut parts = Vec::new();
    let mut part = |count: i32, name: &str| {
        if count != 0 {
            parts.push(format!("{count} {name}{}", if count.abs() == 1 { "" } else { "s" }));
        }
    };
    part(interval.months / 12, "year");
    part(interval.months % 12, "month");
    part(interval.days, "day");
    let micros = interval.nanoseconds / 1_000;
    if micros != 0 || parts.is_empty() {
        let sign = if micros < 0 { "-" } else { "" };
        let micros = micros.abs();
        let (seconds, rest) = (micros / 1_000_000, micros % 1_000_000);
        parts.push(format!(
            "{sign}{:02}:{:02}:{:02}{}",
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60,
            fraction(rest)
        ));
    }
    parts.join(" ")
}

fn double(number: f64) -> String {
    double_text(&format!("{number:e}"))
}

/// Digits and exponent as DuckDB writes them: `3.0`, `1e+20`, `1e-07`.
fn double_text(scientific: &str) -> String {
    let Some((mantissa, power)) = scientific.split_once('e') else { return scientific.to_lowercase() };
    let power: i32 = power.parse().unwrap_or(0);
    if (-5..16).contains(&power) {
        let number: f64 = scientific.parse().unwrap_or(0.0);
        let text = format!("{number}");
        return if text.contains('.') { text } else { text + ".0" };
    }
    format!("{mantissa}e{}{:02}", if power < 0 { '-' } else { '+' }, power.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_duckdb_writes_them() {
        assert_eq!(interval(IntervalMonthDayNano::new(14, 3, 5_400_500_000_000)), "1 year 2 months 3 days 01:30:00.5");
        assert_eq!(interval(IntervalMonthDayNano::new(0, 0, 0)), "00:00:00");
        for (number, text) in
            [(3.0, "3.0"), (1.5, "1.5"), (1e20, "1e+20"), (1e-7, "1e-07"), (f64::NAN, "nan"), (0.0, "0.0")]
        {
            assert_eq!(double(number), text);
        }
    }
}
