//! Regular expressions, with DuckDB's order of arguments and letters of options.

use std::sync::Arc;

use arrow::array::{ArrayRef, StringViewBuilder, StructArray};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{DataType, Field, Fields};
use datafusion::common::{exec_datafusion_err, exec_err};
use datafusion::error::Result;
use regex::{Regex, RegexBuilder};

use crate::scalar::{Call, Form, Function, Gives, Kind, form, function};

const TWO: &[Kind] = &[Kind::Text, Kind::Text, Kind::Text];

pub const FUNCTIONS: &[Function] = &[
    function(&["regexp_matches"], &[form(TWO, Gives::Bool, |call| matches(call, false)).optional(1)]),
    function(&["regexp_full_match"], &[form(TWO, Gives::Bool, |call| matches(call, true)).optional(1)]),
    function(&["regexp_extract"], &[EXTRACT, EXTRACT_NAMED]),
    function(
        &["regexp_extract_all"],
        &[form(&[Kind::Text, Kind::Text, Kind::Int, Kind::Text], Gives::Texts, extract_all).optional(2)],
    ),
    function(
        &["regexp_replace"],
        &[form(&[Kind::Text, Kind::Text, Kind::Text, Kind::Text], Gives::Text, replace).optional(1)],
    ),
    function(
        &["regexp_split_to_array", "string_split_regex", "str_split_regex"],
        &[form(TWO, Gives::Texts, split).optional(1)],
    ),
    function(
        &["regexp_escape"],
        &[form(&[Kind::Text], Gives::Text, |call| {
            let escaped = |text: &str| {
                let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii();
                text.chars().flat_map(|c| (!plain(c)).then_some('\\').into_iter().chain([c])).collect::<String>()
            };
            call.texts(|row| Ok(Some(escaped(call.text(0).value(row)))))
        })],
    ),
];

const EXTRACT: Form = form(&[Kind::Text, Kind::Text, Kind::Int, Kind::Text], Gives::Text, extract).optional(2);

/// `regexp_extract(text, pattern, ['year', 'month'])` is a struct; its names are put into the function's by the planner.
const EXTRACT_NAMED: Form =
    form(&[Kind::Text, Kind::Text, Kind::Struct, Kind::Text], Gives::With(named), extract_named).optional(1);

/// The pattern that was used last, compiled; most calls use one alone.
#[derive(Default)]
struct Patterns {
    last: Option<(String, String, Arc<Regex>)>,
}

impl Patterns {
    fn get(&mut self, pattern: &str, options: &str) -> Result<Arc<Regex>> {
        if let Some((known, with, regex)) = &self.last
            && known == pattern
            && with == options
        {
            return Ok(regex.clone());
        }
        let regex = Arc::new(compiled(pattern, options)?);
        self.last = Some((pattern.to_owned(), options.to_owned(), regex.clone()));
        Ok(regex)
    }
}

fn compiled(pattern: &str, options: &str) -> Result<Regex> {
    let literal = options.contains('l');
    let escaped = if literal { regex::escape(pattern) } else { pattern.to_owned() };
    let mut builder = RegexBuilder::new(&escaped);
    for option in options.chars() {
        let _ = match option {
            'i' => builder.case_insensitive(true),
            'c' => builder.case_insensitive(false),
            's' => builder.dot_matches_new_line(true),
            'm' | 'n' | 'p' => builder.multi_line(true),
            'g' | 'l' | ' ' => &mut builder,
            other => {
                return exec_err!("{other:?} is no option of a regular expression; there are c, i, l, m, n, p, s, g");
            }
        };
    }
    builder.build().map_err(|error| exec_datafusion_err!("{pattern:?} is not a regular expression: {error}"))
}

fn option<'a>(call: &'a Call, position: usize, row: usize) -> &'a str {
    if call.has(position) { call.text(position).value(row) } else { "" }
}

fn matches(call: &Call, wholly: bool) -> Result<ArrayRef> {
    let mut patterns = Patterns::default();
    call.bools(|row| {
        let pattern = call.text(1).value(row);
        let regex = if wholly {
            patterns.get(&format!("\\A(?:{pattern})\\z"), option(call, 2, row))?
        } else {
            patterns.get(pattern, option(call, 2, row))?
        };
        Ok(Some(regex.is_match(call.text(0).value(row))))
    })
}

fn group(call: &Call, row: usize) -> usize {
    if call.has(2) { usize::try_from(call.int(2).value(row)).unwrap_or(0) } else { 0 }
}

fn extract(call: &Call) -> Result<ArrayRef> {
    let mut patterns = Patterns::default();
    call.texts(|row| {
        let regex = patterns.get(call.text(1).value(row), option(call, 3, row))?;
        let found = regex.captures(call.text(0).value(row));
        Ok(Some(found.and_then(|found| found.get(group(call, row))).map_or("", |part| part.as_str())))
    })
}

fn extract_all(call: &Call) -> Result<ArrayRef> {
    let mut patterns = Patterns::default();
    call.text_lists(|row| {
        let regex = patterns.get(call.text(1).value(row), option(call, 3, row))?;
        let group = group(call, row);
        let part = |found: regex::Captures| found.get(group).map_or_else(String::new, |part| part.as_str().to_owned());
        Ok(Some(regex.captures_iter(call.text(0).value(row)).map(part).collect()))
    })
}

/// Replaces the first match, or with the option `g` all; `\1` is what the first group matched.
fn replace(call: &Call) -> Result<ArrayRef> {
    let mut patterns = Patterns::default();
    call.texts(|row| {
        let options = option(call, 3, row);
        let regex = patterns.get(call.text(1).value(row), options)?;
        let (text, by) = (call.text(0).value(row), call.text(2).value(row));
        let limit = usize::from(!options.contains('g'));
        Ok(Some(regex.replacen(text, limit, |found: &regex::Captures| filled(by, found)).into_owned()))
    })
}

fn filled(template: &str, found: &regex::Captures) -> String {
    let mut text = String::new();
    let mut chars = template.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek().and_then(|next| next.to_digit(10))) {
            ('\\', Some(group)) => {
                chars.next();
                text.push_str(found.get(group as usize).map_or("", |part| part.as_str()));
            }
            ('\\', None) if chars.peek() == Some(&'\\') => {
                chars.next();
                text.push('\\');
            }
            _ => text.push(c),
        }
    }
    text
}

fn split(call: &Call) -> Result<ArrayRef> {
    let mut patterns = Patterns::default();
    call.text_lists(|row| {
        let regex = patterns.get(call.text(1).value(row), option(call, 2, row))?;
        Ok(Some(regex.split(call.text(0).value(row)).map(str::to_owned).collect()))
    })
}

fn named(types: &[DataType]) -> Result<DataType> {
    let Some(DataType::Struct(names)) = types.get(2) else { return Ok(DataType::Null) };
    let text = |name: &Arc<Field>| Field::new(name.name(), DataType::Utf8View, true);
    Ok(DataType::Struct(names.iter().map(text).collect::<Fields>()))
}

/// The groups of the first match, in the order of the struct's fields; empty texts where nothing matches.
fn extract_named(call: &Call) -> Result<ArrayRef> {
    let DataType::Struct(fields) = call.gives else { return exec_err!("the names of groups must be written out") };
    let mut builders: Vec<StringViewBuilder> = fields.iter().map(|_| StringViewBuilder::new()).collect();
    let mut patterns = Patterns::default();
    let texts = Call { args: &call.args[..2], rows: call.rows, gives: call.gives, settings: call.settings };
    let valid = texts.valid();
    for row in 0..call.rows {
        if valid.as_ref().is_some_and(|valid| valid.is_null(row)) {
            builders.iter_mut().for_each(StringViewBuilder::append_null);
            continue;
        }
        let regex = patterns.get(call.text(1).value(row), option(call, 3, row))?;
        let found = regex.captures(call.text(0).value(row));
        for (position, builder) in builders.iter_mut().enumerate() {
            let part = found.as_ref().and_then(|found| found.get(position + 1));
            builder.append_value(part.map_or("", |part| part.as_str()));
        }
    }
    let columns = builders.into_iter().map(|mut builder| Arc::new(builder.finish()) as ArrayRef).collect();
    let nulls: Option<NullBuffer> = valid;
    Ok(Arc::new(StructArray::try_new(fields.clone(), columns, nulls)?))
}
