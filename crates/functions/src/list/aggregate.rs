//! Aggregates of the items of a list: `list_sum(l)` is `sum` of them, `list_aggregate(l, 'sum')` as well.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, FieldRef, Schema};
use datafusion::common::{ScalarValue, plan_datafusion_err};
use datafusion::error::Result;
use datafusion::logical_expr::function::AccumulatorArgs;
use datafusion::logical_expr::type_coercion::functions::fields_with_udf;
use datafusion::logical_expr::{Accumulator, AggregateUDF};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_plan::PhysicalExpr;

use super::items;
use crate::scalar::{Call, Function, Gives, Kind, form, function, item_of};

/// `list_…` functions, each of the aggregate of this name.
macro_rules! of_items {
    ($(($function:literal, $aggregate:literal)),* $(,)?) => {
        &[$(function(&[$function], &[form(
            &[Kind::List, Kind::Any],
            Gives::With(|types| answer($aggregate, types)),
            |call| aggregated(call, $aggregate),
        ).repeats()])),*]
    };
}

pub const FUNCTIONS: &[Function] = of_items!(
    ("list_sum", "sum"),
    ("list_avg", "avg"),
    ("list_min", "min"),
    ("list_max", "max"),
    ("list_count", "count"),
    ("list_first", "first"),
    ("list_last", "last"),
    ("list_any_value", "any_value"),
    ("list_median", "median"),
    ("list_mode", "mode"),
    ("list_product", "product"),
    ("list_bool_and", "bool_and"),
    ("list_bool_or", "bool_or"),
    ("list_bit_and", "bit_and"),
    ("list_bit_or", "bit_or"),
    ("list_bit_xor", "bit_xor"),
    ("list_stddev_samp", "stddev_samp"),
    ("list_stddev_pop", "stddev_pop"),
    ("list_var_samp", "var_samp"),
    ("list_var_pop", "var_pop"),
    ("list_string_agg", "string_agg"),
    ("list_histogram", "histogram"),
    ("list_skewness", "skewness"),
    ("list_kurtosis", "kurtosis"),
    ("list_kurtosis_pop", "kurtosis_pop"),
    ("list_entropy", "entropy"),
    ("list_mad", "mad"),
    ("list_sem", "sem"),
    ("list_approx_count_distinct", "approx_count_distinct"),
);

/// The aggregate function of a name, as the engine has it.
fn aggregate(name: &str) -> Result<Arc<AggregateUDF>> {
    crate::aggregate::named(name)
        .ok_or_else(|| plan_datafusion_err!("Catalog Error: {name} is not an aggregate of the items of a list"))
}

fn fields(types: &[DataType]) -> Vec<FieldRef> {
    let item = |(position, data_type): (usize, &DataType)| {
        let data_type = if position == 0 { item_of(data_type) } else { data_type.clone() };
        Arc::new(Field::new(format!("c{position}"), data_type, true))
    };
    types.iter().enumerate().map(item).collect()
}

fn answer(name: &str, types: &[DataType]) -> Result<DataType> {
    if matches!(types.first(), Some(DataType::List(item)) if item.data_type().is_null()) {
        return Ok(if name == "count" { DataType::Int64 } else { DataType::Null });
    }
    let aggregate = aggregate(name)?;
    let fields = fields_with_udf(&fields(types), aggregate.as_ref())?;
    Ok(aggregate.return_field(&fields)?.data_type().clone())
}

fn aggregated(call: &Call, name: &str) -> Result<ArrayRef> {
    let list = call.list(0);
    if list.value_type().is_null() && name != "count" {
        return Ok(crate::scalar::nothing(call));
    }
    let types: Vec<DataType> = call.args.iter().map(|arg| arg.data_type().clone()).collect();
    let maker = Maker::new(aggregate(name)?, &types)?;
    let values = cast(list.values(), maker.fields[0].data_type())?;
    let others = call.args[1..].iter().zip(&maker.fields[1..]);
    let others = others.map(|(arg, field)| Ok(cast(arg, field.data_type())?)).collect::<Result<Vec<ArrayRef>>>()?;
    let each = |row: usize| {
        if list.is_null(row) {
            return ScalarValue::try_from(call.gives);
        }
        let range = items(list, row);
        let mut columns = vec![values.slice(range.start, range.len())];
        for other in &others {
            columns.push(ScalarValue::try_from_array(other, row)?.to_array_of_size(range.len())?);
        }
        let mut accumulator = maker.make(&others, row)?;
        accumulator.update_batch(&columns)?;
        accumulator.evaluate()
    };
    let answers = (0..call.rows).map(each).collect::<Result<Vec<ScalarValue>>>()?;
    let answers = ScalarValue::iter_to_array(answers)?;
    Ok(cast(&answers, call.gives)?)
}

/// Makes accumulators of one aggregate.
struct Maker {
    aggregate: Arc<AggregateUDF>,
    fields: Vec<FieldRef>,
    answer: FieldRef,
    schema: Schema,
}

impl Maker {
    fn new(aggregate: Arc<AggregateUDF>, types: &[DataType]) -> Result<Self> {
        let fields = fields_with_udf(&fields(types), aggregate.as_ref())?;
        let answer = aggregate.return_field(&fields)?;
        let schema = Schema::new(fields.clone());
        Ok(Self { aggregate, fields, answer, schema })
    }

    fn make(&self, others: &[ArrayRef], row: usize) -> Result<Box<dyn Accumulator>> {
        let mut exprs: Vec<Arc<dyn PhysicalExpr>> = vec![Arc::new(Column::new("c0", 0))];
        for other in others {
            let value = ScalarValue::try_from_array(other, row)?;
            exprs.push(datafusion::physical_expr::expressions::lit(value));
        }
        self.aggregate.accumulator(AccumulatorArgs {
            return_field: self.answer.clone(),
            schema: &self.schema,
            ignore_nulls: false,
            order_bys: &[],
            is_reversed: false,
            name: self.aggregate.name(),
            is_distinct: false,
            exprs: &exprs,
            expr_fields: &self.fields,
        })
    }
}
