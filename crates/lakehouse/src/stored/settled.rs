//! Columns that hold values of several types, as the columns of one type that the engine computes with.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryBuilder, Float64Builder, Int64Builder, RecordBatch, RecordBatchOptions,
    StringBuilder, UnionArray,
};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Field, Float64Type, Int64Type, Schema, SchemaRef};
use futures::StreamExt;
use model::{Error, Result, Rows, sql_type};

use crate::fault::from_arrow;

/// A cell of a column of several types.
enum Cell<'a> {
    Null,
    Integer(i64),
    Real(f64),
    Text(&'a str),
    Blob(&'a [u8]),
}

/// The names of the columns whose types differ from cell to cell.
pub fn unknown(schema: &Schema) -> Vec<String> {
    let mixed = schema.fields().iter().filter(|field| is_mixed(field.data_type()));
    mixed.map(|field| field.name().clone()).collect()
}

fn is_mixed(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Union(..) | DataType::Null)
}

/// Whether cells of this type are all of one of the kinds that a column may mix: a short answer has its columns so.
fn is_of_one_kind(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Int64 | DataType::Float64 | DataType::Utf8 | DataType::Binary)
}

/// The column that costs the least to read.
pub fn narrowest(schema: &Schema) -> Option<String> {
    let width = |field: &&Arc<Field>| field.data_type().primitive_width().unwrap_or(usize::MAX);
    schema.fields().iter().min_by_key(width).map(|field| field.name().clone())
}

/// The same columns, each of one type: those whose types differ get the one that fits every cell of `sample`.
pub async fn schema(declared: &SchemaRef, mut sample: Rows) -> Result<SchemaRef> {
    let mut seen = vec![Seen::default(); sample.schema().fields().len()];
    while let Some(batch) = sample.next().await {
        let batch = batch?;
        for (column, seen) in batch.columns().iter().zip(&mut seen) {
            seen.look(column)?;
        }
    }
    let mut settled = seen.into_iter();
    let fields = declared.fields().iter().map(|field| match is_mixed(field.data_type()) {
        true => {
            let data_type = settled.next().map_or(DataType::Utf8, Seen::data_type);
            Arc::new(field.as_ref().clone().with_data_type(data_type).with_nullable(true))
        }
        false => field.clone(),
    });
    Ok(Arc::new(Schema::new_with_metadata(fields.collect::<Vec<_>>(), declared.metadata().clone())))
}

/// What cells of a column there were.
#[derive(Clone, Default)]
struct Seen {
    integers: bool,
    reals: bool,
    texts: bool,
    blobs: bool,
}

impl Seen {
    fn look(&mut self, column: &ArrayRef) -> Result<()> {
        for row in 0..column.len() {
            match cell(column, row)? {
                Cell::Null => {}
                Cell::Integer(_) => self.integers = true,
                Cell::Real(_) => self.reals = true,
                Cell::Text(_) => self.texts = true,
                Cell::Blob(_) => self.blobs = true,
            }
        }
        Ok(())
    }

    fn data_type(self) -> DataType {
        match (self.integers, self.reals, self.texts, self.blobs) {
            (true, false, false, false) => DataType::Int64,
            (_, true, false, false) => DataType::Float64,
            (false, false, false, true) => DataType::Binary,
            _ => DataType::Utf8,
        }
    }
}

/// The columns of a batch with the types of `schema`, which has as many; none of them where only rows count.
pub fn batch(batch: &RecordBatch, schema: &SchemaRef, table: &str) -> Result<RecordBatch> {
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    let typed = schema.fields().iter().zip(batch.columns()).map(|(field, column)| typed(column, field, table));
    let columns = typed.collect::<Result<Vec<ArrayRef>>>()?;
    RecordBatch::try_new_with_options(schema.clone(), columns, &options).map_err(Error::internal)
}

fn typed(column: &ArrayRef, field: &Field, table: &str) -> Result<ArrayRef> {
    if column.data_type() == field.data_type() {
        return Ok(column.clone());
    }
    if !is_mixed(column.data_type()) && !is_of_one_kind(column.data_type()) {
        let options = CastOptions { safe: false, ..CastOptions::default() };
        return cast_with_options(column, field.data_type(), &options)
            .map_err(|error| from_arrow(error).context(format!("column \"{}\" of {table}", field.name())));
    }
    match field.data_type() {
        DataType::Int64 => integers(column, field, table),
        DataType::Float64 => reals(column, field, table),
        DataType::Binary => blobs(column, field, table),
        _ => texts(column, field, table),
    }
}

fn integers(column: &ArrayRef, field: &Field, table: &str) -> Result<ArrayRef> {
    let mut builder = Int64Builder::with_capacity(column.len());
    for row in 0..column.len() {
        match cell(column, row)? {
            Cell::Null => builder.append_null(),
            Cell::Integer(value) => builder.append_value(value),
            other => return Err(misfit(&other, field, table)),
        }
    }
    Ok(Arc::new(builder.finish()))
}

fn reals(column: &ArrayRef, field: &Field, table: &str) -> Result<ArrayRef> {
    let mut builder = Float64Builder::with_capacity(column.len());
    for row in 0..column.len() {
        match cell(column, row)? {
            Cell::Null => builder.append_null(),
            #[allow(clippy::cast_precision_loss, reason = "what SQLite itself does with the two together")]
            Cell::Integer(value) => builder.append_value(value as f64),
            Cell::Real(value) => builder.append_value(value),
            other => return Err(misfit(&other, field, table)),
        }
    }
    Ok(Arc::new(builder.finish()))
}

fn blobs(column: &ArrayRef, field: &Field, table: &str) -> Result<ArrayRef> {
    let mut builder = BinaryBuilder::with_capacity(column.len(), 0);
    for row in 0..column.len() {
        match cell(column, row)? {
            Cell::Null => builder.append_null(),
            Cell::Blob(value) => builder.append_value(value),
            other => return Err(misfit(&other, field, table)),
        }
    }
    Ok(Arc::new(builder.finish()))
}

fn texts(column: &ArrayRef, field: &Field, table: &str) -> Result<ArrayRef> {
    let mut builder = StringBuilder::with_capacity(column.len(), 0);
    for row in 0..column.len() {
        match cell(column, row)? {
            Cell::Null => builder.append_null(),
            Cell::Integer(value) => builder.append_value(value.to_string()),
            Cell::Real(value) => builder.append_value(format!("{value:?}")),
            Cell::Text(value) => builder.append_value(value),
            other @ Cell::Blob(_) => return Err(misfit(&other, field, table)),
        }
    }
    Ok(Arc::new(builder.finish()))
}

fn misfit(cell: &Cell<'_>, field: &Field, table: &str) -> Error {
    let holds = match cell {
        Cell::Null => "NULL".to_owned(),
        Cell::Integer(value) => format!("the integer {value}"),
        Cell::Real(value) => format!("the real {value:?}"),
        Cell::Text(text) => format!("the text {:?}", text.chars().take(40).collect::<String>()),
        Cell::Blob(bytes) => format!("a blob of {} bytes", bytes.len()),
    };
    Error::invalid(format!(
        "Mismatch Type Error: column \"{}\" of {table} has no declared type and is read as {}, and a row holds {holds}; read it \
         in the database's own dialect, with POST /dbs/{{dbId}}/sql, or through a view that casts it",
        field.name(),
        sql_type(field.data_type()),
    ))
}

/// The cell of a row, whichever way the column keeps it.
fn cell(column: &ArrayRef, row: usize) -> Result<Cell<'_>> {
    if let Some(union) = column.as_any().downcast_ref::<UnionArray>() {
        let (child, offset) = (union.child(union.type_id(row)), union.value_offset(row));
        return plain(child, offset);
    }
    plain(column, row)
}

fn plain(column: &ArrayRef, row: usize) -> Result<Cell<'_>> {
    if column.is_null(row) || *column.data_type() == DataType::Null {
        return Ok(Cell::Null);
    }
    Ok(match column.data_type() {
        DataType::Int64 => Cell::Integer(column.as_primitive::<Int64Type>().value(row)),
        DataType::Float64 => Cell::Real(column.as_primitive::<Float64Type>().value(row)),
        DataType::Utf8 => Cell::Text(column.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => Cell::Text(column.as_string::<i64>().value(row)),
        DataType::Utf8View => Cell::Text(column.as_string_view().value(row)),
        DataType::Binary => Cell::Blob(column.as_binary::<i32>().value(row)),
        DataType::LargeBinary => Cell::Blob(column.as_binary::<i64>().value(row)),
        other => {
            return Err(Error::internal(format!("a column of several types has cells of the type {other}")));
        }
    })
}
