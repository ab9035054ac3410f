//! Matching the columns of incoming rows to those of a table, and converting their values.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, new_null_array};
use arrow::compute::{CastOptions, cast, cast_with_options};
use arrow::datatypes::{DataType, FieldRef, Float32Type, Float64Type, Schema, SchemaRef};
use arrow::util::display::FormatOptions;
use model::{Error, Result, name_key, sql_type};

use crate::fault::from_arrow;

/// Turns batches of one schema into batches of the table's.
pub struct Converter {
    target: SchemaRef,
    /// For each column of the table, where the rows have it.
    sources: Vec<Option<usize>>,
}

/// Checks that the table has every column of the rows.
///
/// # Errors
/// `Invalid` names the columns that it lacks, and those it has.
pub fn check_columns(table: &Schema, rows: &Schema) -> Result<()> {
    let known = |name: &str| table.fields().iter().any(|field| name_key(field.name()) == name_key(name));
    let unknown: Vec<String> = rows
        .fields()
        .iter()
        .filter(|field| !known(field.name()))
        .map(|field| format!("\"{}\"", field.name()))
        .collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let columns: Vec<String> = table.fields().iter().map(|field| format!("\"{}\"", field.name())).collect();
    Err(Error::invalid(format!(
        "Binder Error: the table has no column {}; its columns are {}. Add it first with ALTER TABLE … ADD COLUMN",
        unknown.join(", "),
        columns.join(", ")
    )))
}

impl Converter {
    /// Matches columns by name, without regard to case. What the rows lack becomes NULL.
    pub fn new(target: &SchemaRef, source: &SchemaRef) -> Result<Self> {
        check_columns(target, source)?;
        let position = |name: &str| source.fields().iter().position(|field| name_key(field.name()) == name_key(name));
        let sources: Vec<Option<usize>> = target.fields().iter().map(|field| position(field.name())).collect();
        let missing = target.fields().iter().zip(&sources).find(|(field, from)| from.is_none() && !field.is_nullable());
        if let Some((field, _)) = missing {
            return Err(not_null(field));
        }
        Ok(Self { target: target.clone(), sources })
    }

    /// Converts one batch.
    ///
    /// # Errors
    /// `Invalid` names the column and the value that does not fit.
    pub fn convert(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let column = |(field, source): (&FieldRef, &Option<usize>)| match source {
            Some(index) => convert_column(field, batch.column(*index)),
            None => Ok(new_null_array(field.data_type(), batch.num_rows())),
        };
        let columns = self.target.fields().iter().zip(&self.sources).map(column).collect::<Result<Vec<ArrayRef>>>()?;
        RecordBatch::try_new(self.target.clone(), columns).map_err(Error::internal)
    }
}

fn convert_column(field: &FieldRef, values: &ArrayRef) -> Result<ArrayRef> {
    if !field.is_nullable() && values.logical_null_count() > 0 {
        return Err(not_null(field));
    }
    if values.data_type() == field.data_type() {
        return Ok(values.clone());
    }
    let values = &nearest_whole(values, field.data_type())?;
    let options = CastOptions { safe: false, format_options: FormatOptions::default() };
    cast_with_options(values, field.data_type(), &options).map_err(|error| {
        Error::invalid(format!(
            "Conversion Error: column \"{}\" is {} in the table, and a value does not fit: {error}",
            field.name(),
            sql_type(field.data_type())
        ))
    })
}

/// Numbers with a fraction become the nearest whole ones where the table keeps whole numbers: a plain cast would cut
/// the fraction off.
fn nearest_whole(values: &ArrayRef, target: &DataType) -> Result<ArrayRef> {
    if !target.is_integer() {
        return Ok(values.clone());
    }
    match values.data_type() {
        DataType::Float32 => Ok(Arc::new(values.as_primitive::<Float32Type>().unary::<_, Float32Type>(f32::round))),
        DataType::Float64 => Ok(Arc::new(values.as_primitive::<Float64Type>().unary::<_, Float64Type>(f64::round))),
        DataType::Decimal128(precision, scale) if *scale > 0 => {
            cast(values, &DataType::Decimal128(*precision, 0)).map_err(from_arrow)
        }
        _ => Ok(values.clone()),
    }
}

fn not_null(field: &FieldRef) -> Error {
    Error::invalid(format!("Constraint Error: NOT NULL constraint failed: column \"{}\" has no value", field.name()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Int32Array, StringArray};
    use arrow::datatypes::{Field, Int64Type};

    fn schema(fields: Vec<Field>) -> SchemaRef {
        Arc::new(Schema::new(fields))
    }

    #[test]
    fn columns_are_matched_by_name_and_widened() {
        let target = schema(vec![Field::new("id", DataType::Int64, true), Field::new("Name", DataType::Utf8, true)]);
        let source = schema(vec![Field::new("NAME", DataType::Utf8, true), Field::new("Id", DataType::Int32, true)]);
        let names = Arc::new(StringArray::from(vec!["Ann"])) as ArrayRef;
        let batch = RecordBatch::try_new(source.clone(), vec![names, Arc::new(Int32Array::from(vec![7]))]).unwrap();
        let converted = Converter::new(&target, &source).unwrap().convert(&batch).unwrap();
        assert_eq!(converted.column(0).as_primitive::<Int64Type>().value(0), 7);
        assert_eq!(converted.column(1).as_string::<i32>().value(0), "Ann");
    }

    #[test]
    fn an_unknown_column_is_named() {
        let target = schema(vec![Field::new("id", DataType::Int64, true)]);
        let source = schema(vec![Field::new("ids", DataType::Int64, true)]);
        let error = check_columns(&target, &source).unwrap_err();
        assert!(error.message().contains("no column \"ids\"; its columns are \"id\""), "{error}");
    }

    #[test]
    fn a_value_that_does_not_fit_is_named_with_its_column() {
        let target = schema(vec![Field::new("age", DataType::Int64, true)]);
        let source = schema(vec![Field::new("age", DataType::Utf8, true)]);
        let batch = RecordBatch::try_new(source.clone(), vec![Arc::new(StringArray::from(vec!["twelve"])) as ArrayRef])
            .unwrap();
        let error = Converter::new(&target, &source).unwrap().convert(&batch).unwrap_err();
        assert!(error.message().contains("\"age\"") && error.message().contains("twelve"), "{error}");
    }
}
