//! Tables and columns as JSON, their cells as they were written before.

use model::TableKind;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use poem_openapi::types::ToJSON;
use serde::Serialize;
use serde_json::Value;
use services::{Column as Shape, DatabaseRecord, Page, Scalar, Table as TableShape};

use super::table_types::{Column, Table, Validation};
use crate::json_text::JsonText;

/// What may stand in a segment of a path as it is.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Everything of a column but its cells.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Head<'a> {
    name: &'a str,
    sqlite_data_type: &'a str,
    gql_data_type: Option<&'static str>,
    input_element: &'static str,
    is_generated: bool,
    is_non_null: bool,
    is_omittable: bool,
    is_primary_key: bool,
    is_unique: bool,
    validations: Option<Vec<Value>>,
    description: Option<&'a str>,
    default_value: Option<&'a str>,
}

/// Everything of a table but its columns.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rest<'a> {
    description: Option<&'a str>,
    max_cell_limit_reached: bool,
    name: &'a str,
    number_of_rows: u64,
    rowid_column_name: Option<&'a str>,
    table_type: &'static str,
}

/// A table with a page of its rows.
pub fn page(page: &Page) -> JsonText<Table> {
    table(&page.table, Some(&page.cells), page.rows, page.cut)
}

/// A table that has no rows yet.
pub fn empty(shape: &TableShape) -> JsonText<Table> {
    table(shape, None, 0, false)
}

/// A column without its cells.
pub fn column(shape: &Shape) -> JsonText<Column> {
    let mut out = Vec::new();
    push_column(shape, None, &mut out);
    JsonText::new(out)
}

fn table(shape: &TableShape, cells: Option<&[Vec<u8>]>, rows: u64, cut: bool) -> JsonText<Table> {
    let bytes: usize = cells.into_iter().flatten().map(Vec::len).sum();
    let mut out = Vec::with_capacity(bytes + 512 * shape.columns.len() + 256);
    out.extend_from_slice(b"{\"columns\":[");
    for (position, column) in shape.columns.iter().enumerate() {
        if position > 0 {
            out.push(b',');
        }
        push_column(column, cells.map(|cells| cells[position].as_slice()), &mut out);
    }
    out.extend_from_slice(b"],");
    let rest = Rest {
        description: shape.description.as_deref(),
        max_cell_limit_reached: cut,
        name: &shape.name,
        number_of_rows: rows,
        rowid_column_name: shape.row_id.as_deref(),
        table_type: match shape.kind {
            TableKind::Table => "Table",
            TableKind::View => "View",
        },
    };
    out.extend_from_slice(&json(&rest)[1..]);
    JsonText::new(out)
}

fn push_column(shape: &Shape, cells: Option<&[u8]>, out: &mut Vec<u8>) {
    let validations: Vec<Value> = shape.rules.iter().filter_map(|rule| Validation::from(rule).to_json()).collect();
    let head = Head {
        name: &shape.name,
        sqlite_data_type: &shape.declared_type,
        gql_data_type: shape.scalar.map(Scalar::as_str),
        input_element: shape.input.as_str(),
        is_generated: shape.generated,
        is_non_null: shape.non_null,
        is_omittable: shape.omittable,
        is_primary_key: shape.primary_key,
        is_unique: shape.unique,
        validations: (!validations.is_empty()).then_some(validations),
        description: shape.description.as_deref(),
        default_value: shape.default.as_deref(),
    };
    out.extend_from_slice(&json(&head));
    // The closing bracket comes after the cells.
    out.pop();
    out.extend_from_slice(b",\"items\":");
    match cells {
        None => out.extend_from_slice(b"null"),
        Some(cells) => {
            out.push(b'[');
            out.extend_from_slice(cells);
            out.push(b']');
        }
    }
    out.push(b'}');
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("texts, numbers and lists of them are JSON")
}

/// Where the bytes of a cell can be read: by whoever knows the database's read-only id, or else by those who may read it.
pub fn cell_url(record: &DatabaseRecord, table: &str, column: &str, key: &str, value: &str) -> String {
    let part = |text| utf8_percent_encode(text, SEGMENT);
    let base = match &record.readonly_id {
        Some(id) => format!("/readonly/{id}"),
        None => format!("/api/dbs/{}", record.info.id),
    };
    format!("{base}/tables/{}/columns/{}/files/{}/{}", part(table), part(column), part(key), part(value))
}
