//! `list_reduce(list, lambda a, x: …, start)`: one value out of all items, from left to right.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, UInt64Array};
use arrow::compute::{cast, interleave, take, take_arrays};
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, HigherOrderFunctionArgs, HigherOrderReturnFieldArgs, HigherOrderSignature, HigherOrderUDF,
    HigherOrderUDFImpl, LambdaParametersProgress, ValueOrLambda, Volatility,
};

use super::{as_list, list};

/// The function under all its names.
pub fn functions() -> Vec<Arc<HigherOrderUDF>> {
    let made = |name| {
        let signature = HigherOrderSignature::user_defined(Volatility::Immutable);
        Arc::new(HigherOrderUDF::new_from_impl(Reduce { name, signature }))
    };
    ["list_reduce", "array_reduce", "reduce"].into_iter().map(made).collect()
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Reduce {
    name: &'static str,
    signature: HigherOrderSignature,
}

impl Reduce {
    /// The type of what is carried along: that of the start, or of an item.
    fn carried(&self, values: &[&FieldRef]) -> Result<DataType> {
        match values {
            [_, start] => Ok(start.data_type().clone()),
            [list] => match as_list(self.name, list.data_type())? {
                DataType::List(item) => Ok(item.data_type().clone()),
                other => Ok(other),
            },
            _ => plan_err!("Binder Error: {} takes a list, a lambda of two values, and perhaps a start", self.name),
        }
    }
}

fn values<L>(fields: &[ValueOrLambda<FieldRef, L>]) -> Vec<&FieldRef> {
    let value = |field| match field {
        &ValueOrLambda::Value(ref field) => Some(field),
        ValueOrLambda::Lambda(_) => None,
    };
    fields.iter().filter_map(value).collect()
}

impl HigherOrderUDFImpl for Reduce {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &HigherOrderSignature {
        &self.signature
    }

    fn coerce_value_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        match types {
            [list] => Ok(vec![as_list(self.name, list)?]),
            [list, start] => {
                let list = as_list(self.name, list)?;
                let item = crate::scalar::item_of(&list);
                // A start of a smaller whole number is one of the items' type.
                let start = if start.is_integer() && item.is_numeric() { item } else { start.clone() };
                Ok(vec![list, start])
            }
            _ => plan_err!("Binder Error: {} takes a list, a lambda of two values, and perhaps a start", self.name),
        }
    }

    fn lambda_parameters(
        &self,
        _step: usize,
        fields: &[ValueOrLambda<FieldRef, Option<FieldRef>>],
    ) -> Result<LambdaParametersProgress> {
        let values = values(fields);
        let carried = Field::new("carried", self.carried(&values)?, true);
        let DataType::List(item) = as_list(self.name, values[0].data_type())? else {
            return plan_err!("a list is wanted");
        };
        let position = Field::new("position", DataType::Int64, false);
        Ok(LambdaParametersProgress::Complete(vec![vec![Arc::new(carried), item, Arc::new(position)]]))
    }

    fn return_field_from_args(&self, args: HigherOrderReturnFieldArgs) -> Result<FieldRef> {
        Ok(Arc::new(Field::new("", self.carried(&values(args.arg_fields))?, true)))
    }

    fn invoke_with_args(&self, args: HigherOrderFunctionArgs) -> Result<ColumnarValue> {
        let (Some(ValueOrLambda::Value(value)), Some(ValueOrLambda::Lambda(lambda))) =
            (args.args.first(), args.args.get(1))
        else {
            return plan_err!("{} takes a list and a lambda", self.name);
        };
        let list = list(value, args.number_rows)?;
        let mut carried: ArrayRef = match args.args.get(2) {
            Some(ValueOrLambda::Value(start)) => cast(&start.to_array(args.number_rows)?, args.return_type())?,
            _ => {
                if (0..list.len()).any(|row| list.is_valid(row) && list.value_length(row) == 0) {
                    return exec_err!(
                        "an empty list cannot be reduced without a start; give {} a third argument",
                        self.name
                    );
                }
                let first: UInt64Array =
                    (0..list.len()).map(|row| list.is_valid(row).then(|| list.value_offsets()[row] as u64)).collect();
                cast(&take(list.values(), &first, None)?, args.return_type())?
            }
        };
        let skipped = usize::from(args.args.len() == 2);
        let longest = (0..list.len()).map(|row| list.value_length(row) as usize).max().unwrap_or(0);
        for step in skipped..longest {
            let rows: Vec<usize> = (0..list.len()).filter(|row| list.value_length(*row) as usize > step).collect();
            let indices: UInt64Array = rows.iter().map(|row| *row as u64).collect();
            let items: UInt64Array = rows.iter().map(|row| list.value_offsets()[*row] as u64 + step as u64).collect();
            let before = || Ok(take(&carried, &indices, None)?);
            let item = || Ok(take(list.values(), &items, None)?);
            let position =
                || Ok(Arc::new(arrow::array::Int64Array::from(vec![step as i64 + 1; rows.len()])) as ArrayRef);
            let made = lambda
                .evaluate(&[&before, &item, &position], |columns| Ok(take_arrays(columns, &indices, None)?))?
                .into_array(rows.len())?;
            let made = cast(&made, args.return_type())?;
            let mut places: Vec<(usize, usize)> = (0..list.len()).map(|row| (0, row)).collect();
            for (place, row) in rows.iter().enumerate() {
                places[*row] = (1, place);
            }
            carried = interleave(&[carried.as_ref(), made.as_ref()], &places)?;
        }
        let nulls: arrow::array::BooleanArray = (0..list.len()).map(|row| Some(list.is_null(row))).collect();
        Ok(ColumnarValue::Array(arrow::compute::nullif(&carried, &nulls)?))
    }
}
