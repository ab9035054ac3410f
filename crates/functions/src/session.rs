//! Functions about values and the session.

use std::hash::{BuildHasher, Hasher};

use arrow::array::ArrayRef;
use arrow::compute::kernels::numeric;
use arrow::datatypes::{DataType, UInt64Type};
use datafusion::common::plan_err;
use datafusion::error::Result;

use crate::scalar::{Call, Function, Gives, Kind, form, function};

const TWO: &[Kind] = &[Kind::Number, Kind::Number];

pub const FUNCTIONS: &[Function] = &[
    function(
        &["typeof"],
        &[form(&[Kind::Any], Gives::Text, |call| {
            let name = model::sql_type(call.args[0].data_type());
            rows(call).texts(|_| Ok(Some(name.as_str())))
        })],
    ),
    // The value itself, under a name that says its type: the engine names a cast as what is cast.
    function(&["as_is"], &[form(&[Kind::Any, Kind::Text], Gives::First, |call| Ok(call.args[0].clone()))]),
    function(&["hash"], &[form(&[Kind::Any], Gives::With(|_| Ok(DataType::UInt64)), hash).repeats()]),
    function(&["current_setting"], &[form(&[Kind::Text], Gives::Text, setting)]),
    // What `+`, `-` and `*` of whole numbers mean: an answer that does not fit is an error.
    function(&["checked_add"], &[form(TWO, Gives::First, |call| Ok(numeric::add(&call.args[0], &call.args[1])?))]),
    function(&["checked_subtract"], &[form(TWO, Gives::First, |call| Ok(numeric::sub(&call.args[0], &call.args[1])?))]),
    function(&["checked_multiply"], &[form(TWO, Gives::First, |call| Ok(numeric::mul(&call.args[0], &call.args[1])?))]),
];

/// Without arguments, no row is NULL because one of its arguments is.
fn rows<'a>(call: &Call<'a>) -> Call<'a> {
    Call { args: &[], rows: call.rows, gives: call.gives, settings: call.settings }
}

fn hash(call: &Call) -> Result<ArrayRef> {
    let fields = call.args.iter().map(|arg| arrow::row::SortField::new(arg.data_type().clone())).collect();
    let converted = arrow::row::RowConverter::new(fields)?.convert_columns(call.args)?;
    // The same in every process, so that it can be compared between queries.
    let state = std::hash::BuildHasherDefault::<std::hash::DefaultHasher>::default();
    rows(call).primitives::<UInt64Type>(|row| {
        let mut hasher = state.build_hasher();
        hasher.write(converted.row(row).as_ref());
        Ok(Some(hasher.finish()))
    })
}

fn setting(call: &Call) -> Result<ArrayRef> {
    let zone = call.settings.execution.time_zone.clone().unwrap_or_else(|| "UTC".to_owned());
    call.texts(|row| match call.text(0).value(row).to_lowercase().as_str() {
        "timezone" => Ok(Some(zone.clone())),
        "default_null_order" | "null_order" => Ok(Some("NULLS_LAST".to_owned())),
        "default_order" => Ok(Some("ASCENDING".to_owned())),
        "threads" => Ok(Some(call.settings.execution.target_partitions.to_string())),
        other => plan_err!("Catalog Error: the setting {other:?} is not known; there are TimeZone, threads, default_order and default_null_order"),
    })
}
