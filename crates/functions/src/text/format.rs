//! `format('{} is {:.2f}', …)`, as the library fmt has it.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Decimal128Type, Float64Type};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::common::exec_err;
use datafusion::error::Result;

use crate::scalar::{Call, Function, Gives, Kind, form, function};

pub const FUNCTIONS: &[Function] =
    &[function(&["format"], &[form(&[Kind::Text, Kind::Any], Gives::Text, format).repeats()])];

/// A value that is put into a text.
pub enum Value {
    /// A whole number.
    Whole(i128),
    /// A number.
    Double(f64),
    /// Anything else, as text.
    Text(String),
}

/// The arguments after the first, row by row.
pub struct Values(Vec<ArrayRef>);

impl Values {
    /// Of a call of `format` or `printf`.
    pub fn of(call: &Call) -> Result<Self> {
        let wanted = |data_type: &DataType| match data_type {
            DataType::Boolean => DataType::Utf8,
            whole if whole.is_integer() => DataType::Decimal128(38, 0),
            number if number.is_numeric() => DataType::Float64,
            other => other.clone(),
        };
        let converted = call.args[1..].iter().map(|arg| Ok(cast(arg, &wanted(arg.data_type()))?));
        converted.collect::<Result<Vec<ArrayRef>>>().map(Self)
    }

    /// The values of a row.
    pub fn row(&self, row: usize) -> Result<Vec<Value>> {
        self.0.iter().map(|column| value(column, row)).collect()
    }
}

fn value(column: &ArrayRef, row: usize) -> Result<Value> {
    Ok(match column.data_type() {
        DataType::Decimal128(38, 0) => Value::Whole(column.as_primitive::<Decimal128Type>().value(row)),
        DataType::Float64 => Value::Double(column.as_primitive::<Float64Type>().value(row)),
        _ => Value::Text(ArrayFormatter::try_new(column, &FormatOptions::default())?.value(row).to_string()),
    })
}

fn format(call: &Call) -> Result<ArrayRef> {
    let values = Values::of(call)?;
    call.texts(|row| filled(call.text(0).value(row), &values.row(row)?).map(Some))
}

fn filled(template: &str, values: &[Value]) -> Result<String> {
    let mut text = String::new();
    let mut rest = template;
    let mut next = 0;
    while let Some(position) = rest.find(['{', '}']) {
        text.push_str(&rest[..position]);
        let brace = &rest[position..position + 1];
        rest = &rest[position + 1..];
        if rest.starts_with(brace) {
            text.push_str(brace);
            rest = &rest[1..];
            continue;
        }
        let Some((field, after)) = rest.split_once('}').filter(|_| brace == "{") else {
            return exec_err!("the braces of the format {template:?} do not match");
        };
        rest = after;
        let (place, spec) = field.split_once(':').unwrap_or((field, ""));
        let place = match place.trim().parse() {
            Ok(place) => place,
            Err(_) => {
                next += 1;
                next - 1
            }
        };
        let Some(value) = values.get(place) else {
            return exec_err!("the format {template:?} asks for argument {}, there are {}", place + 1, values.len());
        };
        text.push_str(&Spec::parse(spec)?.write(value)?);
    }
    text.push_str(rest);
    Ok(text)
}

/// How one value is written.
#[derive(Debug, Default)]
pub struct Spec {
    /// What fills it up; a space if none.
    pub fill: Option<char>,
    /// `<`, `>` or `^`.
    pub align: Option<char>,
    /// `+` or a space before numbers that are not negative.
    pub sign: Option<char>,
    /// With `0x` and the like.
    pub alternate: bool,
    /// Zeros between sign and digits.
    pub zeros: bool,
    /// The least width.
    pub width: usize,
    /// What parts thousands.
    pub thousands: Option<char>,
    /// Digits after the point, or most characters.
    pub precision: Option<usize>,
    /// `d`, `x`, `f` …
    pub kind: Option<char>,
}

/// The greatest width and precision.
const WIDEST: usize = 10_000;

impl Spec {
    fn parse(spec: &str) -> Result<Self> {
        let mut found = Self::default();
        let mut chars: Vec<char> = spec.chars().rev().collect();
        let is_align = |c: &char| matches!(c, '<' | '>' | '^');
        if chars.len() >= 2 && is_align(&chars[chars.len() - 2]) {
            found.fill = chars.pop();
        }
        let mut take =
            |wanted: &dyn Fn(&char) -> bool| if chars.last().is_some_and(wanted) { chars.pop() } else { None };
        found.align = take(&is_align);
        found.sign = take(&|c| matches!(c, '+' | '-' | ' '));
        found.alternate = take(&|c| *c == '#').is_some();
        found.zeros = take(&|c| *c == '0').is_some();
        let number = |take: &mut dyn FnMut(&dyn Fn(&char) -> bool) -> Option<char>| {
            let mut value = None;
            while let Some(digit) = take(&|c| c.is_ascii_digit()) {
                value = Some((value.unwrap_or(0) * 10 + digit as usize - '0' as usize).min(WIDEST));
            }
            value
        };
        found.width = number(&mut take).unwrap_or(0);
        found.thousands = take(&|c| matches!(c, ',' | '_' | '\''));
        if take(&|c| *c == '.').is_some() {
            found.precision = Some(number(&mut take).unwrap_or(0));
        }
        if found.thousands.is_none() {
            found.thousands = take(&|c| matches!(c, ',' | '_' | '\''));
        }
        found.kind = chars.pop();
        if chars.is_empty() { Ok(found) } else { exec_err!("{spec:?} is not the format of a value") }
    }

    /// The value as text.
    pub fn write(&self, value: &Value) -> Result<String> {
        let (negative, body) = match (value, self.kind) {
            (Value::Text(text), None | Some('s')) => {
                let text = self.precision.map_or_else(|| text.clone(), |most| text.chars().take(most).collect());
                return Ok(self.fill(&text, '<'));
            }
            (Value::Whole(number), None | Some('d' | 'i' | 'u')) => {
                (*number < 0, grouped(&number.unsigned_abs().to_string(), self.thousands))
            }
            (Value::Whole(number), Some('s')) => return Ok(self.fill(&number.to_string(), '>')),
            (Value::Whole(number), Some('c')) => {
                let letter = u32::try_from(*number).ok().and_then(char::from_u32).unwrap_or('\u{fffd}');
                return Ok(self.fill(&letter.to_string(), '<'));
            }
            (Value::Whole(number), Some(kind @ ('x' | 'X' | 'o' | 'b' | 'B'))) => {
                (*number < 0, based(number.unsigned_abs(), kind, self.alternate))
            }
            (Value::Whole(number), Some(_)) => return self.write(&Value::Double(*number as f64)),
            (Value::Double(number), kind) => {
                (number.is_sign_negative(), grouped(&decimal(number.abs(), kind, self.precision)?, self.thousands))
            }
            (Value::Text(text), Some(kind)) => return exec_err!("{text:?} cannot be formatted as {kind:?}"),
        };
        let sign = match (negative, self.sign) {
            (true, _) => "-",
            (false, Some('+')) => "+",
            (false, Some(' ')) => " ",
            _ => "",
        };
        if self.zeros && self.align.is_none() {
            let missing = self.width.saturating_sub(sign.len() + body.chars().count());
            return Ok(format!("{sign}{}{body}", "0".repeat(missing)));
        }
        Ok(self.fill(&format!("{sign}{body}"), '>'))
    }

    fn fill(&self, text: &str, align: char) -> String {
        let missing = self.width.saturating_sub(text.chars().count());
        let fill = |count: usize| self.fill.unwrap_or(' ').to_string().repeat(count);
        match self.align.unwrap_or(align) {
            '<' => format!("{text}{}", fill(missing)),
            '^' => format!("{}{text}{}", fill(missing / 2), fill(missing - missing / 2)),
            _ => format!("{}{text}", fill(missing)),
        }
    }
}

fn based(number: u128, kind: char, alternate: bool) -> String {
    match (kind, alternate) {
        ('x', false) => format!("{number:x}"),
        ('x', true) => format!("{number:#x}"),
        ('X', false) => format!("{number:X}"),
        ('X', true) => format!("0X{number:X}"),
        ('o', _) => format!("{number:o}"),
        (_, false) => format!("{number:b}"),
        (_, true) => format!("{number:#b}"),
    }
}

fn grouped(number: &str, separator: Option<char>) -> String {
    let Some(separator) = separator else { return number.to_owned() };
    let digits = number.bytes().take_while(u8::is_ascii_digit).count();
    let mut text = String::new();
    for (position, digit) in number[..digits].chars().enumerate() {
        if position > 0 && (digits - position) % 3 == 0 {
            text.push(separator);
        }
        text.push(digit);
    }
    text + &number[digits..]
}

fn decimal(number: f64, kind: Option<char>, precision: Option<usize>) -> Result<String> {
    if !number.is_finite() {
        return Ok(if number.is_nan() { "nan" } else { "inf" }.to_owned());
    }
    Ok(match kind {
        None | Some('s' | 'd') if precision.is_none() => {
            if number == number.trunc() && number < 1e16 {
                format!("{number:.1}")
            } else {
                shortest(number)
            }
        }
        None | Some('g' | 'G') => general(number, precision.unwrap_or(6).max(1)),
        Some('f' | 'F') => format!("{number:.*}", precision.unwrap_or(6)),
        Some('e') => exponent(number, precision.unwrap_or(6)),
        Some('E') => exponent(number, precision.unwrap_or(6)).to_uppercase(),
        Some('%') => format!("{:.*}%", precision.unwrap_or(6), number * 100.0),
        Some(other) => return exec_err!("{number} cannot be formatted as {other:?}"),
    })
}

fn shortest(number: f64) -> String {
    if (1e-5..1e16).contains(&number) || number == 0.0 {
        format!("{number}")
    } else {
        with_exponent(&format!("{number:e}"))
    }
}

fn exponent(number: f64, precision: usize) -> String {
    with_exponent(&format!("{number:.precision$e}"))
}

/// Rust writes `1e5`, C `1e+05`.
fn with_exponent(text: &str) -> String {
    let Some((mantissa, power)) = text.split_once('e') else { return text.to_owned() };
    let (sign, digits) = power.strip_prefix('-').map_or(('+', power), |digits| ('-', digits));
    format!("{mantissa}e{sign}{digits:0>2}")
}

fn general(number: f64, precision: usize) -> String {
    let power = if number == 0.0 { 0 } else { number.log10().floor() as i64 };
    let cut = |text: String| {
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
    };
    if power < -4 || power >= precision as i64 {
        let text = format!("{number:.*e}", precision - 1);
        let (mantissa, power) = text.split_once('e').unwrap_or((&text, "0"));
        return with_exponent(&format!("{}e{power}", cut(mantissa.to_owned())));
    }
    cut(format!("{number:.*}", usize::try_from(precision as i64 - 1 - power).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specs() {
        let write = |template: &str, value: Value| filled(template, &[value]).unwrap();
        assert_eq!(write("{:.2f}", Value::Double(2.71828)), "2.72");
        assert_eq!(write("{:05d}", Value::Whole(-42)), "-0042");
        assert_eq!(write("{:*^7}", Value::Text("abc".to_owned())), "**abc**");
        assert_eq!(write("{:,}", Value::Whole(1_234_567)), "1,234,567");
        assert_eq!(write("{:e}", Value::Double(12345.678)), "1.234568e+04");
        filled("{", &[]).unwrap_err();
        filled("{:q}", &[Value::Text(String::new())]).unwrap_err();
    }
}
