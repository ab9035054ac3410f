//! `list_filter(list, lambda x: …)`: the items of which a condition is true.

use std::sync::Arc;

use arrow::array::{Array, AsArray, ListArray};
use arrow::buffer::OffsetBuffer;
use arrow::compute::{cast, filter, prep_null_mask_filter, take_arrays};
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, HigherOrderFunctionArgs, HigherOrderReturnFieldArgs, HigherOrderSignature, HigherOrderUDF,
    HigherOrderUDFImpl, LambdaParametersProgress, ValueOrLambda, Volatility,
};

use super::{as_list, item_and_position, list, positions, rows_of};

/// The function under all its names.
pub fn functions() -> Vec<Arc<HigherOrderUDF>> {
    let made = |name| {
        let arguments = vec![ValueOrLambda::Value(()), ValueOrLambda::Lambda(())];
        let signature = HigherOrderSignature::exact(arguments, Volatility::Immutable);
        Arc::new(HigherOrderUDF::new_from_impl(Filter { name, signature }))
    };
    ["list_filter", "array_filter", "filter"].into_iter().map(made).collect()
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Filter {
    name: &'static str,
    signature: HigherOrderSignature,
}

impl HigherOrderUDFImpl for Filter {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &HigherOrderSignature {
        &self.signature
    }

    fn coerce_value_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        types.iter().map(|list| as_list(self.name, list)).collect()
    }

    fn lambda_parameters(
        &self,
        _step: usize,
        fields: &[ValueOrLambda<FieldRef, Option<FieldRef>>],
    ) -> Result<LambdaParametersProgress> {
        Ok(LambdaParametersProgress::Complete(vec![item_and_position(self.name, fields)?]))
    }

    fn return_field_from_args(&self, args: HigherOrderReturnFieldArgs) -> Result<FieldRef> {
        let [ValueOrLambda::Value(list), _] = args.arg_fields else {
            return plan_err!("Binder Error: {} takes a list and a lambda", self.name);
        };
        Ok(Arc::new(Field::new("", as_list(self.name, list.data_type())?, true)))
    }

    fn invoke_with_args(&self, args: HigherOrderFunctionArgs) -> Result<ColumnarValue> {
        let [ValueOrLambda::Value(value), ValueOrLambda::Lambda(lambda)] = args.args.as_slice() else {
            return plan_err!("{} takes a list and a lambda", self.name);
        };
        let list = list(value, args.number_rows)?;
        if list.values().is_empty() {
            return Ok(ColumnarValue::Array(Arc::new(list)));
        }
        let item = || Ok(list.values().clone());
        let position = || Ok(positions(&list));
        let rows = rows_of(&list);
        let kept = lambda
            .evaluate(&[&item, &position], |columns| Ok(take_arrays(columns, &rows, None)?))?
            .into_array(list.values().len())?;
        let kept = cast(&kept, &DataType::Boolean)?;
        let kept = kept.as_boolean();
        let kept = if kept.null_count() > 0 { prep_null_mask_filter(kept) } else { kept.clone() };
        let lengths = list.offsets().windows(2).map(|row| {
            let (start, end) = (row[0] as usize, row[1] as usize);
            kept.values().slice(start, end - start).count_set_bits()
        });
        let DataType::List(item) = list.data_type() else { return plan_err!("a list is wanted") };
        let values = filter(list.values(), &kept)?;
        let answer =
            ListArray::try_new(item.clone(), OffsetBuffer::from_lengths(lengths), values, list.nulls().cloned())?;
        Ok(ColumnarValue::Array(Arc::new(answer)))
    }
}
