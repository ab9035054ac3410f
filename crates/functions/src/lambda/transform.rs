//! `list_transform(list, lambda x: …)`: each item, changed.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ListArray};
use arrow::compute::{cast, take_arrays};
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
    let names = ["list_transform", "array_transform", "list_apply", "array_apply", "apply"];
    let made = |name| {
        let arguments = vec![ValueOrLambda::Value(()), ValueOrLambda::Lambda(())];
        let signature = HigherOrderSignature::exact(arguments, Volatility::Immutable);
        Arc::new(HigherOrderUDF::new_from_impl(Transform { name, signature }))
    };
    names.into_iter().map(made).collect()
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Transform {
    name: &'static str,
    signature: HigherOrderSignature,
}

impl HigherOrderUDFImpl for Transform {
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
        let [_, ValueOrLambda::Lambda(made)] = args.arg_fields else {
            return plan_err!("Binder Error: {} takes a list and a lambda", self.name);
        };
        let item = Field::new_list_field(made.data_type().clone(), true);
        Ok(Arc::new(Field::new("", DataType::List(Arc::new(item)), true)))
    }

    fn invoke_with_args(&self, args: HigherOrderFunctionArgs) -> Result<ColumnarValue> {
        let [ValueOrLambda::Value(value), ValueOrLambda::Lambda(lambda)] = args.args.as_slice() else {
            return plan_err!("{} takes a list and a lambda", self.name);
        };
        let list = list(value, args.number_rows)?;
        let item = || Ok(list.values().clone());
        let position = || Ok(positions(&list));
        let made: ArrayRef = if list.values().is_empty() {
            let DataType::List(item) = args.return_type() else { return plan_err!("a list is wanted") };
            arrow::array::new_empty_array(item.data_type())
        } else {
            let rows = rows_of(&list);
            lambda
                .evaluate(&[&item, &position], |columns| Ok(take_arrays(columns, &rows, None)?))?
                .into_array(list.values().len())?
        };
        let DataType::List(item) = args.return_type() else { return plan_err!("a list is wanted") };
        let made = if made.data_type() == item.data_type() { made } else { cast(&made, item.data_type())? };
        let answer = ListArray::try_new(item.clone(), list.offsets().clone(), made, list.nulls().cloned())?;
        Ok(ColumnarValue::Array(Arc::new(answer)))
    }
}
