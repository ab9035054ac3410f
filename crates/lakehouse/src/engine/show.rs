//! SHOW of schemas and all tables, PRAGMA, SUMMARIZE.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Schema};
use model::{Access, Error, Result, Rows, name_key, sql_type};
use sqlparser::ast::{ObjectName, Query, Statement, Value};

use super::context::Context;
use super::describe::texts;
use super::parse;
use super::system::{Column, every_table};

impl Context {
    /// `SHOW SCHEMAS`: those of every database, and which is the current one.
    pub async fn show_schemas(&self) -> Result<Rows> {
        let (mut databases, mut schemas, mut current) = (Vec::new(), Vec::new(), Vec::new());
        for info in self.catalogs.list().await? {
            for schema in self.open(info.name.as_str(), Access::Read).await?.schemas().await? {
                let here = info.name.key() == name_key(&self.database) && name_key(&schema) == name_key(&self.schema);
                databases.push(Some(info.name.to_string()));
                schemas.push(Some(schema));
                current.push(Some(here));
            }
        }
        rows(vec![
            Column::text("database_name", databases.into_iter()),
            Column::text("schema_name", schemas.into_iter()),
            Column::boolean("current", current.into_iter()),
        ])
    }

    /// `SHOW ALL TABLES`: tables and views of every database, with their columns.
    pub async fn show_all_tables(&self) -> Result<Rows> {
        let entries = every_table(self).await?;
        let fields = |value: fn(&arrow::datatypes::Field) -> String| {
            entries.iter().map(move |entry| entry.columns.fields().iter().map(|field| value(field)).collect())
        };
        rows(vec![
            Column::text("database", entries.iter().map(|entry| Some(entry.database.name.to_string()))),
            Column::text("schema", entries.iter().map(|entry| Some(entry.info.name.schema.clone()))),
            Column::text("name", entries.iter().map(|entry| Some(entry.info.name.table.clone()))),
            Column::texts("column_names", fields(|field| field.name().clone())),
            Column::texts("column_types", fields(|field| sql_type(field.data_type()))),
            Column::always("temporary", false, entries.len()),
        ])
    }

    /// `PRAGMA`: those that only tell something.
    pub async fn pragma(&self, name: &ObjectName, value: Option<Value>) -> Result<Rows> {
        match (name_key(&name.to_string()).as_str(), value) {
            ("table_info", Some(Value::SingleQuotedString(table) | Value::DoubleQuotedString(table))) => {
                self.table_info(&table).await
            }
            ("version", None) => Ok(texts(&[
                ("library_version", vec![Some(concat!("v", env!("CARGO_PKG_VERSION")).to_owned())]),
                ("source_id", vec![Some(String::new())]),
                ("codename", vec![Some("Boathouse".to_owned())]),
            ])),
            ("show_tables", None) => self.show_tables().await,
            ("show_databases", None) => self.show_databases().await,
            ("database_list", None) => {
                let databases = self.catalogs.list().await?;
                rows(vec![
                    Column::bigint("seq", (1..).map(Some).take(databases.len())),
                    Column::text("name", databases.iter().map(|info| Some(info.name.to_string()))),
                    Column::no_text("file", databases.len()),
                ])
            }
            (other, _) => Err(Error::unsupported(format!(
                "Not implemented Error: PRAGMA {other} is not supported; table_info('table'), show_tables, show_databases, \
                 database_list and version are"
            ))),
        }
    }

    /// One row a column, as SQLite and DuckDB have it.
    async fn table_info(&self, table: &str) -> Result<Rows> {
        let query = query_of(&format!("SELECT * FROM {table}"))
            .ok_or_else(|| Error::invalid(format!("Parser Error: {table:?} is not the name of a table")))?;
        let plan = self.clone_without_limit().plan(query, &self.state()).await?;
        let fields = plan.schema().fields();
        rows(vec![
            Column::integer("cid", (0..).map(Some).take(fields.len())),
            Column::text("name", fields.iter().map(|field| Some(field.name().clone()))),
            Column::text("type", fields.iter().map(|field| Some(sql_type(field.data_type())))),
            Column::boolean("notnull", fields.iter().map(|field| Some(!field.is_nullable()))),
            Column::no_text("dflt_value", fields.len()),
            Column::always("pk", false, fields.len()),
        ])
    }

    /// `SUMMARIZE`: one row a column of figures about its values. Each column is read once.
    pub async fn summarize(&self, query: Query) -> Result<Rows> {
        let inside = self.clone_without_limit();
        let plan = inside.plan(query.clone(), &inside.state()).await?;
        let each: Vec<String> = plan
            .schema()
            .fields()
            .iter()
            .enumerate()
            .map(|(place, field)| summary(place, field.name(), field.data_type(), &query.to_string()))
            .collect();
        // The parts of a union run side by side: its rows come in any order.
        let ordered =
            format!("SELECT * EXCLUDE ({PLACE}) FROM ({}) AS summary ORDER BY {PLACE}", each.join(" UNION ALL "));
        let all = query_of(&ordered)
            .ok_or_else(|| Error::invalid("Binder Error: SUMMARIZE takes a table or a query with columns"))?;
        inside.query(all).await
    }
}

/// The column of a summary that says where among the others a column stands.
const PLACE: &str = "__boathouse_place";

/// The query of one row about a column.
fn summary(place: usize, name: &str, data_type: &DataType, query: &str) -> String {
    let column = format!("\"{}\"", name.replace('"', "\"\""));
    let text = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let ordered = !matches!(data_type, DataType::List(_) | DataType::Struct(_) | DataType::Map(..));
    let only = |holds: bool, expression: String| {
        if holds { format!("CAST({expression} AS VARCHAR)") } else { "CAST(NULL AS VARCHAR)".to_owned() }
    };
    let number = data_type.is_numeric();
    let quantile = |part: &str| only(number, format!("approx_percentile_cont({column}, {part})"));
    // The estimate takes no numbers with a fraction; as text they differ as much.
    let told_apart =
        if number && !data_type.is_integer() { format!("CAST({column} AS VARCHAR)") } else { column.clone() };
    let unique =
        if ordered { format!("CAST(approx_distinct({told_apart}) AS BIGINT)") } else { "CAST(NULL AS BIGINT)".into() };
    format!(
        "SELECT {place} AS {PLACE}, {} AS column_name, {} AS column_type, {} AS \"min\", {} AS \"max\", {unique} AS approx_unique, \
         {} AS \"avg\", {} AS \"std\", {} AS q25, {} AS q50, {} AS q75, count(*) AS \"count\", \
         CAST(100.0 * (count(*) - count({column})) / nullif(count(*), 0) AS DECIMAL(9,2)) AS null_percentage \
         FROM ({query}) AS summarized",
        text(name),
        text(&sql_type(data_type)),
        only(ordered, format!("min({column})")),
        only(ordered, format!("max({column})")),
        only(number, format!("avg({column})")),
        only(number, format!("stddev({column})")),
        quantile("0.25"),
        quantile("0.5"),
        quantile("0.75"),
    )
}

fn query_of(text: &str) -> Option<Query> {
    match parse::statements(text).ok()?.pop() {
        Some(Statement::Query(query)) => Some(*query),
        _ => None,
    }
}

/// Rows of these columns.
fn rows(columns: Vec<Column>) -> Result<Rows> {
    let schema = Arc::new(Schema::new(columns.iter().map(Column::field).collect::<Vec<_>>()));
    let arrays = columns.into_iter().map(Column::into_array).collect();
    let batch = RecordBatch::try_new(schema.clone(), arrays).map_err(Error::internal)?;
    Ok(Rows::from_batches(schema, vec![batch]))
}
