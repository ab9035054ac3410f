//! The rows behind charts and dashboards.

use model::{Error, Result};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Chart, ChartChange, MOST};
use crate::metadata::fault;

const SELECT: &str = "SELECT id, title, chart_type, table_name, headers, hide_null_values, label_rotation FROM charts";

fn chart(row: &Row<'_>) -> rusqlite::Result<Chart> {
    Ok(Chart {
        id: row.get(0)?,
        title: row.get(1)?,
        chart_type: row.get(2)?,
        table: row.get(3)?,
        headers: strings(&row.get::<_, String>(4)?),
        hide_null_values: row.get(5)?,
        label_rotation: row.get(6)?,
    })
}

/// A JSON array of strings, as only this program writes them.
pub(crate) fn strings(json: &str) -> Vec<String> {
    serde_json::from_str(json).unwrap_or_default()
}

/// The same written.
pub(crate) fn written(strings: &[String]) -> String {
    serde_json::Value::from(strings).to_string()
}

/// The charts of a database, in the order of their creation.
pub(super) fn list(connection: &Connection, database: &str) -> Result<Vec<Chart>> {
    let mut statement =
        connection.prepare_cached(&format!("{SELECT} WHERE database_id = ?1 ORDER BY rowid")).map_err(fault)?;
    let charts = statement.query_map([database], chart).map_err(fault)?;
    charts.collect::<rusqlite::Result<_>>().map_err(fault)
}

/// One of them.
pub(super) fn find(connection: &Connection, database: &str, id: &str) -> Result<Option<Chart>> {
    let mut statement =
        connection.prepare_cached(&format!("{SELECT} WHERE database_id = ?1 AND id = ?2")).map_err(fault)?;
    statement.query_row([database, id], chart).optional().map_err(fault)
}

/// Adds a chart.
pub(super) fn add(connection: &mut Connection, database: &str, chart: &Chart) -> Result<()> {
    const INSERT: &str = "INSERT INTO charts \
        (id, database_id, title, chart_type, table_name, headers, hide_null_values, label_rotation) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let transaction = connection.transaction().map_err(fault)?;
    check_room(&transaction, database, "charts")?;
    let headers = written(&chart.headers);
    let row = params![
        chart.id,
        database,
        chart.title,
        chart.chart_type,
        chart.table,
        headers,
        chart.hide_null_values,
        chart.label_rotation
    ];
    transaction.execute(INSERT, row).map_err(fault)?;
    transaction.commit().map_err(fault)
}

/// Changes a chart; `false` where there is none.
pub(super) fn change(connection: &Connection, database: &str, id: &str, change: &ChartChange) -> Result<bool> {
    const UPDATE: &str = "UPDATE charts SET title = coalesce(?3, title), chart_type = coalesce(?4, chart_type), \
        table_name = coalesce(?5, table_name), headers = coalesce(?6, headers), \
        hide_null_values = coalesce(?7, hide_null_values), label_rotation = coalesce(?8, label_rotation) \
        WHERE database_id = ?1 AND id = ?2";
    let headers = change.headers.as_deref().map(written);
    let row = params![
        database,
        id,
        change.title,
        change.chart_type,
        change.table,
        headers,
        change.hide_null_values,
        change.label_rotation
    ];
    connection.execute(UPDATE, row).map_err(fault).map(|rows| rows == 1)
}

/// Removes a chart and takes it out of dashboards; `false` where there is none.
pub(super) fn remove(connection: &mut Connection, database: &str, id: &str) -> Result<bool> {
    let transaction = connection.transaction().map_err(fault)?;
    let removed =
        transaction.execute("DELETE FROM charts WHERE database_id = ?1 AND id = ?2", [database, id]).map_err(fault)?;
    let boards: Vec<(String, String)> = {
        let mut statement =
            transaction.prepare_cached("SELECT id, charts FROM dashboards WHERE database_id = ?1").map_err(fault)?;
        let rows = statement.query_map([database], |row| Ok((row.get(0)?, row.get(1)?))).map_err(fault)?;
        rows.collect::<rusqlite::Result<_>>().map_err(fault)?
    };
    for (board, charts) in boards {
        let before = strings(&charts);
        let after: Vec<String> = before.iter().filter(|chart| *chart != id).cloned().collect();
        if after.len() < before.len() {
            let row = (board, written(&after));
            transaction.execute("UPDATE dashboards SET charts = ?2 WHERE id = ?1", row).map_err(fault)?;
        }
    }
    transaction.commit().map_err(fault)?;
    Ok(removed == 1)
}

/// Refuses one more where a database has as many as it may; `table` is `charts`, `dashboards` or `apps`.
pub(crate) fn check_room(connection: &Connection, database: &str, table: &'static str) -> Result<()> {
    let count: i64 = connection
        .query_row(&format!("SELECT count(*) FROM {table} WHERE database_id = ?1"), [database], |row| row.get(0))
        .map_err(fault)?;
    if count >= MOST as i64 {
        return Err(Error::too_large(format!("a database has at most {MOST} {table}; remove one first")));
    }
    Ok(())
}
