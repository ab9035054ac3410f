//! `arg_max` and `arg_min`: a value from the row where another is the greatest or the least.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef};
use arrow::datatypes::{DataType, Field, FieldRef};
use arrow::row::{OwnedRow, RowConverter, SortField};
use datafusion::common::{ScalarValue, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{Accumulator, AggregateUDF, AggregateUDFImpl, Signature, Volatility};

/// Names, whether the greatest is wanted, and whether the value may be NULL.
const NAMES: &[(&str, bool, bool)] = &[
    ("arg_max", true, false),
    ("argmax", true, false),
    ("max_by", true, false),
    ("arg_max_null", true, true),
    ("arg_min", false, false),
    ("argmin", false, false),
    ("min_by", false, false),
    ("arg_min_null", false, true),
];

/// The functions.
pub fn functions() -> Vec<Arc<AggregateUDF>> {
    let function = |&(name, greatest, with_null): &(&'static str, bool, bool)| {
        let signature = Signature::user_defined(Volatility::Immutable);
        Arc::new(AggregateUDF::from(ArgBest { name, greatest, with_null, signature }))
    };
    NAMES.iter().map(function).collect()
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct ArgBest {
    name: &'static str,
    greatest: bool,
    with_null: bool,
    signature: Signature,
}

impl AggregateUDFImpl for ArgBest {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        match types {
            [_, _] => Ok(types.to_vec()),
            _ => plan_err!("Binder Error: {} takes a value and what to compare", self.name),
        }
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        Ok(types[0].clone())
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let state = |(position, field): (usize, &FieldRef)| {
            Arc::new(Field::new(format!("{}[{position}]", args.name), field.data_type().clone(), true))
        };
        Ok(args.input_fields.iter().enumerate().map(state).collect())
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        let (value, key) = (args.expr_fields[0].data_type(), args.expr_fields[1].data_type());
        Ok(Box::new(Best {
            greatest: self.greatest,
            with_null: self.with_null,
            converter: RowConverter::new(vec![SortField::new(key.clone())])?,
            value: ScalarValue::try_from(value)?,
            key: ScalarValue::try_from(key)?,
            best: None,
        }))
    }
}

#[derive(Debug)]
struct Best {
    greatest: bool,
    with_null: bool,
    converter: RowConverter,
    value: ScalarValue,
    key: ScalarValue,
    best: Option<OwnedRow>,
}

impl Accumulator for Best {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let [value, key] = values else { return plan_err!("a value and what to compare are wanted") };
        let rows = self.converter.convert_columns(std::slice::from_ref(key))?;
        let (value_nulls, key_nulls) = (value.logical_nulls(), key.logical_nulls());
        let mut found: Option<usize> = None;
        for row in 0..key.len() {
            let is_null =
                |nulls: &Option<arrow::buffer::NullBuffer>| nulls.as_ref().is_some_and(|nulls| nulls.is_null(row));
            if is_null(&key_nulls) || is_null(&value_nulls) && !self.with_null {
                continue;
            }
            let wanted = if self.greatest { Ordering::Greater } else { Ordering::Less };
            let best = found.map(|found| rows.row(found)).or(self.best.as_ref().map(OwnedRow::row));
            if best.is_none_or(|best| rows.row(row).cmp(&best) == wanted) {
                found = Some(row);
            }
        }
        if let Some(row) = found {
            self.best = Some(rows.row(row).owned());
            self.value = ScalarValue::try_from_array(value, row)?;
            self.key = ScalarValue::try_from_array(key, row)?;
        }
        Ok(())
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.update_batch(states)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.value.clone(), self.key.clone()])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(self.value.clone())
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.value.size() + self.key.size() + self.converter.size()
    }
}
