//! Columns of tables and views.

use arrow::datatypes::{DataType, FieldRef};
use model::{COMMENT, Result, sql_type};

use super::Wanted;
use super::cells::Column;
use super::entries::{Entry, oid, tables};
use crate::engine::context::Context;

/// A column of a table or view.
struct Cell<'a> {
    entry: &'a Entry,
    position: i32,
    field: &'a FieldRef,
}

fn cells(entries: &[Entry]) -> Vec<Cell<'_>> {
    let of = |entry| (1..).zip(Entry::fields(entry)).map(move |(position, field)| Cell { entry, position, field });
    entries.iter().flat_map(of).collect()
}

impl Entry {
    fn fields(&self) -> impl Iterator<Item = &FieldRef> {
        self.columns.fields().iter()
    }
}

/// Digits, their base, and those after the point, as the standard counts them.
fn numeric(data_type: &DataType) -> (Option<i32>, Option<i32>, Option<i32>) {
    let whole = |bits| (Some(bits), Some(2), Some(0));
    match data_type {
        DataType::Int8 | DataType::UInt8 => whole(8),
        DataType::Int16 | DataType::UInt16 => whole(16),
        DataType::Int32 | DataType::UInt32 => whole(32),
        DataType::Int64 | DataType::UInt64 => whole(64),
        DataType::Float32 => whole(24),
        DataType::Float64 => whole(53),
        DataType::Decimal128(precision, scale) => (Some(i32::from(*precision)), Some(10), Some(i32::from(*scale))),
        _ => (None, None, None),
    }
}

fn text(name: &'static str, cells: &[Cell<'_>], value: impl Fn(&Cell<'_>) -> Option<String>) -> Column {
    Column::text(name, cells.iter().map(value))
}

fn integer(name: &'static str, cells: &[Cell<'_>], value: impl Fn(&Cell<'_>) -> Option<i32>) -> Column {
    Column::integer(name, cells.iter().map(value))
}

fn digits(cells: &[Cell<'_>]) -> [Column; 3] {
    let of = |cell: &Cell<'_>| numeric(cell.field.data_type());
    [
        integer("numeric_precision", cells, |cell| of(cell).0),
        integer("numeric_precision_radix", cells, |cell| of(cell).1),
        integer("numeric_scale", cells, |cell| of(cell).2),
    ]
}

fn comment(cell: &Cell<'_>) -> Option<String> {
    cell.field.metadata().get(COMMENT).cloned()
}

/// `information_schema.columns`
pub async fn information_columns(context: &Context, wanted: &Wanted) -> Result<Vec<Column>> {
    let entries = tables(context, wanted, true).await?;
    let cells = cells(&entries);
    let rows = cells.len();
    let no_texts = |names: &[&'static str]| names.iter().map(|name| Column::no_text(name, rows)).collect::<Vec<_>>();
    let mut columns = vec![
        text("table_catalog", &cells, |cell| Some(cell.entry.database.name.to_string())),
        text("table_schema", &cells, |cell| Some(cell.entry.info.name.schema.clone())),
        text("table_name", &cells, |cell| Some(cell.entry.info.name.table.clone())),
        text("column_name", &cells, |cell| Some(cell.field.name().clone())),
        integer("ordinal_position", &cells, |cell| Some(cell.position)),
        Column::no_text("column_default", rows),
        text("is_nullable", &cells, |cell| Some(if cell.field.is_nullable() { "YES" } else { "NO" }.to_owned())),
        text("data_type", &cells, |cell| Some(sql_type(cell.field.data_type()))),
        Column::no_integer("character_maximum_length", rows),
        Column::no_integer("character_octet_length", rows),
    ];
    columns.extend(digits(&cells));
    columns.push(Column::no_integer("datetime_precision", rows));
    columns.push(Column::no_text("interval_type", rows));
    columns.push(Column::no_integer("interval_precision", rows));
    columns.extend(no_texts(&["character_set_catalog", "character_set_schema", "character_set_name"]));
    columns.extend(no_texts(&["collation_catalog", "collation_schema", "collation_name"]));
    columns.extend(no_texts(&["domain_catalog", "domain_schema", "domain_name"]));
    columns.extend(no_texts(&["udt_catalog", "udt_schema", "udt_name"]));
    columns.extend(no_texts(&["scope_catalog", "scope_schema", "scope_name"]));
    columns.push(Column::bigint("maximum_cardinality", std::iter::repeat_n(None, rows)));
    columns.push(Column::no_text("dtd_identifier", rows));
    columns.push(Column::boolean("is_self_referencing", std::iter::repeat_n(None, rows)));
    columns.push(Column::boolean("is_identity", std::iter::repeat_n(None, rows)));
    columns.extend(no_texts(&["identity_generation", "identity_start", "identity_increment"]));
    columns.extend(no_texts(&["identity_maximum", "identity_minimum"]));
    columns.push(Column::boolean("identity_cycle", std::iter::repeat_n(None, rows)));
    columns.push(Column::same("is_generated", "NEVER", rows));
    columns.push(Column::no_text("generation_expression", rows));
    columns.push(Column::boolean("is_updatable", std::iter::repeat_n(None, rows)));
    columns.push(text("COLUMN_COMMENT", &cells, comment));
    Ok(columns)
}

/// `duckdb_columns()`
pub async fn duck_columns(context: &Context, wanted: &Wanted) -> Result<Vec<Column>> {
    let entries = tables(context, wanted, true).await?;
    let cells = cells(&entries);
    let rows = cells.len();
    let bigint = |name, value: &dyn Fn(&Cell<'_>) -> Option<i64>| Column::bigint(name, cells.iter().map(value));
    let mut columns = vec![
        text("database_name", &cells, |cell| Some(cell.entry.database.name.to_string())),
        bigint("database_oid", &|cell| oid(&[cell.entry.database.name.as_str()])),
        text("schema_name", &cells, |cell| Some(cell.entry.info.name.schema.clone())),
        bigint("schema_oid", &|cell| oid(&[cell.entry.database.name.as_str(), &cell.entry.info.name.schema])),
        text("table_name", &cells, |cell| Some(cell.entry.info.name.table.clone())),
        bigint("table_oid", &|cell| {
            let name = &cell.entry.info.name;
            oid(&[cell.entry.database.name.as_str(), &name.schema, &name.table])
        }),
        text("column_name", &cells, |cell| Some(cell.field.name().clone())),
        integer("column_index", &cells, |cell| Some(cell.position)),
        text("comment", &cells, comment),
        Column::always("internal", false, rows),
        Column::no_text("column_default", rows),
        Column::boolean("is_nullable", cells.iter().map(|cell| Some(cell.field.is_nullable()))),
        text("data_type", &cells, |cell| Some(sql_type(cell.field.data_type()))),
        bigint("data_type_id", &|cell| oid(&[&sql_type(cell.field.data_type())])),
        Column::no_integer("character_maximum_length", rows),
    ];
    columns.extend(digits(&cells));
    columns.push(Column::no_tags("tags", rows));
    columns.push(Column::always("is_generated", false, rows));
    columns.push(Column::no_text("generation_expression", rows));
    Ok(columns)
}
