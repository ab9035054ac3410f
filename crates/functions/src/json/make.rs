//! JSON out of other values.

use std::borrow::Cow;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::common::exec_err;
use datafusion::error::Result;

use super::node::Node;
use super::write::written;
use crate::scalar::{Call, Function, Gives, Kind, form, function};

const ANY: &[Kind] = &[Kind::Any];

pub const FUNCTIONS: &[Function] = &[
    function(&["to_json", "row_to_json", "array_to_json", "json_quote"], &[form(ANY, Gives::Text, to_json)]),
    function(&["json_array"], &[form(ANY, Gives::Text, json_array).repeats()]),
    function(&["json_object"], &[form(ANY, Gives::Text, json_object).repeats()]),
];

/// Without arguments, no row is NULL because one of its arguments is.
fn rows<'a>(call: &Call<'a>) -> Call<'a> {
    Call { args: &[], rows: call.rows, gives: call.gives, settings: call.settings }
}

fn to_json(call: &Call) -> Result<ArrayRef> {
    call.texts(|row| Ok(Some(written(&node(&call.args[0], row)?))))
}

fn json_array(call: &Call) -> Result<ArrayRef> {
    rows(call).texts(|row| {
        let items = call.args.iter().map(|arg| node(arg, row)).collect::<Result<Vec<Node>>>()?;
        Ok(Some(written(&Node::Array(items))))
    })
}

fn json_object(call: &Call) -> Result<ArrayRef> {
    if !call.args.len().is_multiple_of(2) {
        return exec_err!("json_object takes keys and values in turn");
    }
    rows(call).texts(|row| {
        let mut members = Vec::new();
        for pair in call.args.chunks_exact(2) {
            let key = match node(&pair[0], row)? {
                Node::Text(key) => key,
                other => Cow::Owned(written(&other)),
            };
            members.push((key, node(&pair[1], row)?));
        }
        Ok(Some(written(&Node::Object(members))))
    })
}

/// The value of a row as JSON.
pub fn node(column: &ArrayRef, row: usize) -> Result<Node<'static>> {
    if column.logical_nulls().is_some_and(|nulls| nulls.is_null(row)) {
        return Ok(Node::Null);
    }
    Ok(match column.data_type() {
        DataType::Boolean => Node::Bool(column.as_boolean().value(row)),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Node::Text(Cow::Owned(text(column, row)?)),
        number if number.is_numeric() => Node::Number(Cow::Owned(text(column, row)?)),
        DataType::List(_) => items(&column.as_list::<i32>().value(row))?,
        DataType::LargeList(_) => items(&column.as_list::<i64>().value(row))?,
        DataType::FixedSizeList(..) => items(&column.as_fixed_size_list().value(row))?,
        DataType::Struct(fields) => {
            let columns = column.as_struct().columns();
            let member = |(field, column): (&arrow::datatypes::FieldRef, &ArrayRef)| {
                Ok((Cow::Owned(field.name().clone()), node(column, row)?))
            };
            Node::Object(fields.iter().zip(columns).map(member).collect::<Result<_>>()?)
        }
        DataType::Map(..) => {
            let entries = column.as_map().value(row);
            let (keys, values) = (cast(entries.column(0), &DataType::Utf8)?, entries.column(1));
            let member = |entry: usize| Ok((Cow::Owned(text(&keys, entry)?), node(values, entry)?));
            Node::Object((0..entries.len()).map(member).collect::<Result<_>>()?)
        }
        DataType::Dictionary(_, values) => node(&cast(column, values)?, row)?,
        DataType::Timestamp(..) => Node::Text(Cow::Owned(text(column, row)?.replace('T', " "))),
        _ => Node::Text(Cow::Owned(text(column, row)?)),
    })
}

fn items(list: &ArrayRef) -> Result<Node<'static>> {
    (0..list.len()).map(|item| node(list, item)).collect::<Result<Vec<Node>>>().map(Node::Array)
}

fn text(column: &ArrayRef, row: usize) -> Result<String> {
    Ok(ArrayFormatter::try_new(column, &FormatOptions::default())?.value(row).to_string())
}
