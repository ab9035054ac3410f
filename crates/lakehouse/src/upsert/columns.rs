//! Which columns the rows of an upsert have, which of them are the key, and which say what is newer.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Field, Float32Type, Float64Type, Schema, SchemaRef};
use arrow::row::{RowConverter, Rows, SortField};
use model::{Error, Result, Upsert, name_key, sql_type};

use crate::fault::from_arrow;
use crate::write::check_columns;

/// The columns of an upsert into one table.
#[derive(Debug)]
pub struct Columns {
    /// All columns of the table.
    pub table: SchemaRef,
    /// Those that the rows bring, in the table's order and with its types.
    pub given: SchemaRef,
    /// Those that the rows lack.
    pub others: SchemaRef,
    /// Where the key is in `given`.
    pub key: Vec<usize>,
    /// Where the cursor is in `given`.
    pub cursor: Vec<usize>,
    /// Key and cursor, nullable: what is read of the table's files to find rows.
    pub sought: SchemaRef,
    keys: RowConverter,
    cursors: RowConverter,
}

impl Columns {
    /// Finds the columns of key and cursor among those that the rows bring for a table.
    ///
    /// # Errors
    /// `Invalid` names the column that the table or the rows lack, that stands twice, or that cannot be compared.
    pub fn new(table: &SchemaRef, rows: &SchemaRef, upsert: &Upsert) -> Result<Self> {
        check_columns(table, rows)?;
        let brought: HashSet<String> = rows.fields().iter().map(|field| name_key(field.name())).collect();
        let of = |brings: bool| {
            let fields = table.fields().iter().filter(|field| brought.contains(&name_key(field.name())) == brings);
            Arc::new(Schema::new(fields.cloned().collect::<Vec<_>>()))
        };
        let (given, others) = (of(true), of(false));
        let key = positions("primary_key", &upsert.key, &given)?;
        let cursor = positions("cursor_field", &upsert.cursor, &given)?;
        if key.is_empty() {
            return Err(Error::invalid("primary_key names no column"));
        }
        let sought = key.iter().chain(cursor.iter().filter(|position| !key.contains(position)));
        let sought = sought.map(|position| given.field(*position).clone().with_nullable(true));
        let sought = Arc::new(Schema::new(sought.collect::<Vec<Field>>()));
        let (keys, cursors) = (converter(&given, &key)?, converter(&given, &cursor)?);
        Ok(Self { table: table.clone(), given, others, key, cursor, sought, keys, cursors })
    }

    /// Whether the rows bring anything but the key: otherwise rows that are there have nothing to take from them.
    pub fn brings_values(&self) -> bool {
        self.given.fields().len() > self.key.len()
    }

    /// Whether rows that are there may be newer than those that arrive.
    pub fn has_cursor(&self) -> bool {
        !self.cursor.is_empty()
    }

    /// The keys of rows that arrive.
    pub fn keys(&self, batch: &RecordBatch) -> Result<Rows> {
        let columns: Vec<ArrayRef> = self.key.iter().map(|position| one_zero(batch.column(*position))).collect();
        self.keys.convert_columns(&columns).map_err(from_arrow)
    }

    /// The cursors of rows that arrive, in a form whose order is that of the cursors: NULL is less than every value.
    pub fn cursors(&self, batch: &RecordBatch) -> Result<Rows> {
        let columns: Vec<ArrayRef> = self.cursor.iter().map(|position| one_zero(batch.column(*position))).collect();
        self.cursors.convert_columns(&columns).map_err(from_arrow)
    }

    /// The keys of rows that are there; `batch` has the columns of `sought`.
    pub fn keys_there(&self, batch: &RecordBatch) -> Result<Rows> {
        let columns: Vec<ArrayRef> = batch.columns()[..self.key.len()].iter().map(one_zero).collect();
        self.keys.convert_columns(&columns).map_err(from_arrow)
    }

    /// The cursors of rows that are there; `batch` has the columns of `sought`.
    pub fn cursors_there(&self, batch: &RecordBatch) -> Result<Rows> {
        let there = |position: &usize| {
            let name = self.given.field(*position).name();
            batch.column_by_name(name).map(one_zero).ok_or_else(|| Error::internal(format!("{name} was not read")))
        };
        let columns: Vec<ArrayRef> = self.cursor.iter().map(there).collect::<Result<_>>()?;
        self.cursors.convert_columns(&columns).map_err(from_arrow)
    }

    /// Rows with one form of zero in the key: as numbers both are equal, as bits they are not.
    pub fn with_one_zero(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let mut columns = batch.columns().to_vec();
        for position in &self.key {
            columns[*position] = one_zero(&columns[*position]);
        }
        RecordBatch::try_new(batch.schema(), columns).map_err(Error::internal)
    }
}

fn positions(parameter: &str, names: &[String], given: &SchemaRef) -> Result<Vec<usize>> {
    let mut found = Vec::new();
    for name in names {
        let position = given.fields().iter().position(|field| name_key(field.name()) == name_key(name));
        let position = position.ok_or_else(|| {
            let columns: Vec<String> = given.fields().iter().map(|field| format!("\"{}\"", field.name())).collect();
            Error::invalid(format!(
                "Binder Error: {parameter} names the column \"{name}\", which the file lacks; its columns are {}",
                columns.join(", ")
            ))
        })?;
        if found.contains(&position) {
            return Err(Error::invalid(format!("Binder Error: {parameter} names the column \"{name}\" twice")));
        }
        found.push(position);
    }
    for field in found.iter().map(|position| given.field(*position)) {
        if field.data_type().is_nested() {
            return Err(Error::invalid(format!(
                "Binder Error: {parameter} names the column \"{}\" of type {}, which has no order; name columns of \
                 numbers, text, dates or times",
                field.name(),
                sql_type(field.data_type())
            )));
        }
    }
    Ok(found)
}

fn converter(given: &SchemaRef, positions: &[usize]) -> Result<RowConverter> {
    let fields = positions.iter().map(|position| SortField::new(given.field(*position).data_type().clone()));
    RowConverter::new(fields.collect()).map_err(from_arrow)
}

/// Floating-point numbers with one form of zero.
fn one_zero(values: &ArrayRef) -> ArrayRef {
    match values.data_type() {
        DataType::Float32 => {
            Arc::new(values.as_primitive::<Float32Type>().unary::<_, Float32Type>(|value| value + 0.0))
        }
        DataType::Float64 => {
            Arc::new(values.as_primitive::<Float64Type>().unary::<_, Float64Type>(|value| value + 0.0))
        }
        _ => values.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> SchemaRef {
        Arc::new(Schema::new(vec![
            Field::new("id", DataType::Int64, true),
            Field::new("Region", DataType::Utf8, true),
            Field::new("price", DataType::Float64, true),
            Field::new("tags", DataType::List(Arc::new(Field::new("element", DataType::Utf8, true))), true),
        ]))
    }

    fn upsert(key: &[&str], cursor: &[&str]) -> Upsert {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Upsert { key: names(key), cursor: names(cursor) }
    }

    #[test]
    fn columns_are_found_by_name_in_the_order_of_the_table() {
        let table = table();
        let rows = Arc::new(table.project(&[2, 1, 0]).unwrap());
        let columns = Columns::new(&table, &rows, &upsert(&["REGION", "id"], &["price"])).unwrap();
        assert_eq!((columns.key, columns.cursor), (vec![1, 0], vec![2]));
        assert_eq!(columns.others.field(0).name(), "tags");
    }

    #[test]
    fn columns_that_cannot_be_a_key_are_named() {
        let table = table();
        let rows = Arc::new(table.project(&[0, 3]).unwrap());
        for (wrong, told) in [
            (upsert(&["region"], &[]), "\"region\", which the file lacks; its columns are \"id\", \"tags\""),
            (upsert(&["id"], &["price"]), "cursor_field names the column \"price\""),
            (upsert(&["id", "ID"], &[]), "\"ID\" twice"),
            (upsert(&["tags"], &[]), "has no order"),
        ] {
            let error = Columns::new(&table, &rows, &wrong).unwrap_err();
            assert!(error.message().contains(told), "{error}");
        }
    }
}
