//! The rows that a chart shows.

use formats::{Blobs, JsonCells};
use futures::StreamExt;
use model::{Error, Result, StorageKind};
use serde_json::Value;

use super::Chart;
use crate::{Statements, Visit};

/// How many rows of a table are drawn at most.
pub(super) const MOST_ROWS: usize = 10_000;
/// How many cells, which is fewer rows where there are many columns.
const MOST_CELLS: usize = 60_000;
/// The longest text that is kept of a cell, in characters: what is longer is not legible in a picture.
const CELL_CHARS: usize = 200;

/// A cell as far as charts tell cells apart.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    Null,
    Number(f64, String),
    Text(String),
    Blob,
}

/// What was read: a list of cells a header, all of the same length.
#[derive(Clone, Debug, Default)]
pub(super) struct Grid {
    pub columns: Vec<Vec<Cell>>,
    /// Whether there are more rows.
    pub cut: bool,
}

impl Grid {
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, Vec::len)
    }
}

/// Reads the columns of a chart with the rights of whoever visits the database.
pub(super) async fn read(statements: &Statements, visit: &Visit, chart: &Chart) -> Result<Grid> {
    if chart.headers.is_empty() {
        return Err(Error::invalid("the chart names no columns; give it some in `headers`"));
    }
    let most = MOST_ROWS.min(MOST_CELLS / chart.headers.len());
    let sql = select(visit.opened.record.info.kind, chart, most + 1);
    let answered = statements.run(visit, sql).await?;
    let (schema, mut batches) = answered.rows.into_parts();
    let mut grid = Grid { columns: vec![Vec::new(); chart.headers.len()], cut: false };
    while let Some(batch) = batches.next().await {
        let batch = batch?;
        for ((field, array), cells) in schema.fields().iter().zip(batch.columns()).zip(&mut grid.columns) {
            let column = JsonCells::new(array, field, Blobs::Named)?;
            for row in 0..array.len().min(most + 1 - cells.len().min(most + 1)) {
                cells.push(cell(&column, row)?);
            }
        }
    }
    grid.cut = grid.rows() > most;
    grid.columns.iter_mut().for_each(|cells| cells.truncate(most));
    Ok(grid)
}

/// Each column with the table before it: SQLite takes a quoted name that is no column for a text.
fn select(kind: StorageKind, chart: &Chart, limit: usize) -> String {
    let table = quoted(&chart.table);
    let columns: Vec<String> = chart.headers.iter().map(|header| format!("rows.{}", quoted(header))).collect();
    let schema = if kind == StorageKind::Lakehouse { "main." } else { "" };
    format!("SELECT {} FROM {schema}{table} AS rows LIMIT {limit}", columns.join(", "))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn cell(column: &JsonCells, row: usize) -> Result<Cell> {
    if column.is_blob(row) {
        return Ok(Cell::Blob);
    }
    let mut json = Vec::new();
    column.push(row, &mut json);
    let value: Value = serde_json::from_slice(&json).map_err(Error::internal)?;
    Ok(match value {
        Value::Null => Cell::Null,
        Value::Bool(value) => Cell::Number(f64::from(u8::from(value)), value.to_string()),
        Value::Number(number) => match number.as_f64() {
            Some(value) if value.is_finite() => Cell::Number(value, number.to_string()),
            _ => Cell::Null,
        },
        Value::String(text) => Cell::Text(text.chars().take(CELL_CHARS).collect()),
        other => Cell::Text(other.to_string().chars().take(CELL_CHARS).collect()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_names_whatever_stands_in_them() {
        let chart = Chart {
            id: String::new(),
            title: String::new(),
            chart_type: "BarChart".to_owned(),
            table: "a\"; DROP TABLE b; --".to_owned(),
            headers: vec!["x".to_owned(), "y\"".to_owned()],
            hide_null_values: false,
            label_rotation: 0,
        };
        let sql = select(StorageKind::Sqlite, &chart, 11);
        assert_eq!(sql, "SELECT rows.\"x\", rows.\"y\"\"\" FROM \"a\"\"; DROP TABLE b; --\" AS rows LIMIT 11");
    }
}
