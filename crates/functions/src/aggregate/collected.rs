//! Aggregates that need all their values at once.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, new_empty_array};
use arrow::buffer::OffsetBuffer;
use arrow::compute::{concat, filter_record_batch, is_not_null};
use arrow::datatypes::{DataType, Field, FieldRef, Schema};
use arrow::record_batch::RecordBatch;
use datafusion::common::{ScalarValue, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{Accumulator, AggregateUDF, AggregateUDFImpl, Signature, Volatility};

/// An aggregate: what its arguments become, what it gives, and how it is computed from all of them. Rows whose first
/// argument is NULL are left out, unless it says otherwise.
#[derive(Clone, Copy, Debug)]
pub struct Collected {
    /// Its names.
    pub names: &'static [&'static str],
    /// What arguments are converted to; an error where they are of a wrong type or number.
    pub takes: fn(&[DataType]) -> Result<Vec<DataType>>,
    /// The answer's type, of the converted arguments.
    pub gives: fn(&[DataType]) -> Result<DataType>,
    /// The answer.
    pub of: fn(&[ArrayRef], &DataType) -> Result<ScalarValue>,
    /// Whether rows whose first argument is NULL count.
    pub with_nulls: bool,
}

impl Collected {
    /// The aggregate for the engine, once for each name.
    pub fn named(&'static self) -> impl Iterator<Item = Arc<AggregateUDF>> {
        self.names.iter().map(move |name| {
            let signature = Signature::user_defined(Volatility::Immutable);
            Arc::new(AggregateUDF::from(Named { name, collected: self, signature }))
        })
    }
}

/// One argument that is a number, as DOUBLE.
pub fn one_double(types: &[DataType]) -> Result<Vec<DataType>> {
    match types {
        [value] if value.is_numeric() || value.is_null() => Ok(vec![DataType::Float64]),
        _ => plan_err!("Binder Error: this aggregate takes one number; cast the values with ::DOUBLE"),
    }
}

/// One argument of any type.
pub fn one_any(types: &[DataType]) -> Result<Vec<DataType>> {
    match types {
        [value] => Ok(vec![value.clone()]),
        _ => plan_err!("Binder Error: this aggregate takes one argument"),
    }
}

#[derive(Debug)]
struct Named {
    name: &'static str,
    collected: &'static Collected,
    signature: Signature,
}

impl PartialEq for Named {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Named {}

impl std::hash::Hash for Named {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl AggregateUDFImpl for Named {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        (self.collected.takes)(types)
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        (self.collected.gives)(types)
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let state = |(position, field): (usize, &FieldRef)| {
            let item = Field::new_list_field(field.data_type().clone(), true);
            Arc::new(Field::new(format!("{}[values{position}]", args.name), DataType::List(Arc::new(item)), true))
        };
        Ok(args.input_fields.iter().enumerate().map(state).collect())
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        let types: Vec<DataType> = args.expr_fields.iter().map(|field| field.data_type().clone()).collect();
        Ok(Box::new(Values {
            collected: self.collected,
            columns: types.iter().map(|_| Vec::new()).collect(),
            types,
            gives: args.return_type().clone(),
            distinct: args.is_distinct,
        }))
    }
}

#[derive(Debug)]
struct Values {
    collected: &'static Collected,
    types: Vec<DataType>,
    columns: Vec<Vec<ArrayRef>>,
    gives: DataType,
    distinct: bool,
}

impl Values {
    fn joined(&self, position: usize) -> Result<ArrayRef> {
        let parts: Vec<&dyn Array> = self.columns[position].iter().map(|part| part.as_ref()).collect();
        if parts.is_empty() {
            return Ok(new_empty_array(&self.types[position]));
        }
        Ok(concat(&parts)?)
    }

    fn add(&mut self, values: &[ArrayRef]) -> Result<()> {
        let kept = if self.collected.with_nulls { values.to_vec() } else { present(values)? };
        if kept.first().is_some_and(|first| !first.is_empty()) {
            for (columns, part) in self.columns.iter_mut().zip(kept) {
                columns.push(part);
            }
        }
        Ok(())
    }
}

/// The rows whose first value is not NULL.
fn present(values: &[ArrayRef]) -> Result<Vec<ArrayRef>> {
    if values[0].logical_null_count() == 0 {
        return Ok(values.to_vec());
    }
    let field =
        |(position, column): (usize, &ArrayRef)| Field::new(format!("c{position}"), column.data_type().clone(), true);
    let schema = Schema::new(values.iter().enumerate().map(field).collect::<Vec<_>>());
    let batch = RecordBatch::try_new(Arc::new(schema), values.to_vec())?;
    Ok(filter_record_batch(&batch, &is_not_null(&values[0])?)?.columns().to_vec())
}

impl Accumulator for Values {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.add(values)
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let lists: Vec<&ListArray> = states.iter().map(|state| state.as_list::<i32>()).collect();
        for row in 0..lists.first().map_or(0, |list| list.len()) {
            if lists[0].is_valid(row) {
                let values: Vec<ArrayRef> = lists.iter().map(|list| list.value(row)).collect();
                self.add(&values)?;
            }
        }
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let list = |position: usize| {
            let values = self.joined(position)?;
            let item = Arc::new(Field::new_list_field(values.data_type().clone(), true));
            let list = ListArray::try_new(item, OffsetBuffer::from_lengths([values.len()]), values, None)?;
            Ok(ScalarValue::List(Arc::new(list)))
        };
        (0..self.columns.len()).map(list).collect()
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let mut columns =
            (0..self.columns.len()).map(|position| self.joined(position)).collect::<Result<Vec<ArrayRef>>>()?;
        if columns.first().is_none_or(|first| first.is_empty()) {
            return ScalarValue::try_from(&self.gives);
        }
        if self.distinct {
            columns = distinct(&columns)?;
        }
        let answer = (self.collected.of)(&columns, &self.gives)?;
        answer.cast_to(&self.gives)
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.columns.iter().flatten().map(|part| part.get_array_memory_size()).sum::<usize>()
    }
}

/// Each row once.
fn distinct(columns: &[ArrayRef]) -> Result<Vec<ArrayRef>> {
    let fields = columns.iter().map(|column| arrow::row::SortField::new(column.data_type().clone())).collect();
    let rows = arrow::row::RowConverter::new(fields)?.convert_columns(columns)?;
    let mut seen = std::collections::HashSet::new();
    let first: arrow::array::UInt64Array =
        (0..rows.num_rows()).filter(|row| seen.insert(rows.row(*row))).map(|row| row as u64).collect();
    Ok(arrow::compute::take_arrays(columns, &first, None)?)
}
