//! DESCRIBE, SHOW and EXPLAIN.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use datafusion::logical_expr::{ExplainOption, LogicalPlanBuilder};
use model::{Access, Error, Result, Rows, sql_type};
use sqlparser::ast::{DescribeAlias, ObjectName, Query, Statement};

use super::context::Context;
use super::parse;
use crate::fault::from_datafusion;

impl Context {
    /// `EXPLAIN query`: the plan; `DESCRIBE query`: the columns of its answer.
    pub async fn explain(
        &self,
        kind: DescribeAlias,
        statement: Statement,
        analyze: bool,
        verbose: bool,
    ) -> Result<Rows> {
        let Statement::Query(query) = statement else {
            return Err(Error::unsupported("Not implemented Error: EXPLAIN takes a query"));
        };
        let state = self.state();
        let inside = self.clone_without_limit();
        let plan = inside.plan(*query, &state).await?;
        if kind != DescribeAlias::Explain {
            return Ok(described(plan.schema().as_arrow(), true));
        }
        let mut option = ExplainOption::default();
        option.analyze = analyze;
        option.verbose = verbose;
        let plan = LogicalPlanBuilder::from(plan)
            .explain_option_format(option)
            .and_then(LogicalPlanBuilder::build)
            .map_err(from_datafusion)?;
        self.session.run(state, plan).await
    }

    /// `DESCRIBE table`.
    pub async fn describe_table(&self, name: &ObjectName) -> Result<Rows> {
        let query = select_all(name)?;
        let plan = self.clone_without_limit().plan(query, &self.state()).await?;
        Ok(described(plan.schema().as_arrow(), false))
    }

    /// `SHOW TABLES`: those of the current schema.
    pub async fn show_tables(&self) -> Result<Rows> {
        let tables = self.open(&self.database, Access::Read).await?.tables().await?;
        let here = model::name_key(&self.schema);
        let names = tables.into_iter().filter(|info| model::name_key(&info.name.schema) == here);
        Ok(texts(&[("name", names.map(|info| Some(info.name.table)).collect())]))
    }

    /// `SHOW DATABASES`.
    pub async fn show_databases(&self) -> Result<Rows> {
        let databases = self.catalogs.list().await?;
        Ok(texts(&[("database_name", databases.into_iter().map(|info| Some(info.name.to_string())).collect())]))
    }
}

fn select_all(name: &ObjectName) -> Result<Query> {
    match parse::statements(&format!("SELECT * FROM {name}"))?.pop() {
        Some(Statement::Query(query)) => Ok(*query),
        _ => Err(Error::invalid(format!("Parser Error: {name} is not the name of a table"))),
    }
}

/// One row a column, as DuckDB's DESCRIBE has them. Of a query it does not say which column cannot be NULL.
fn described(schema: &Schema, of_query: bool) -> Rows {
    let fields = schema.fields();
    let each = |value: &dyn Fn(&Field) -> Option<String>| fields.iter().map(|field| value(field)).collect();
    texts(&[
        ("column_name", each(&|field| Some(field.name().clone()))),
        ("column_type", each(&|field| Some(sql_type(field.data_type())))),
        ("null", each(&|field| Some(if of_query || field.is_nullable() { "YES" } else { "NO" }.to_owned()))),
        ("key", each(&|_| None)),
        ("default", each(&|_| None)),
        ("extra", each(&|_| None)),
    ])
}

/// Rows of text columns.
pub fn texts(columns: &[(&str, Vec<Option<String>>)]) -> Rows {
    let batch = text_batch(columns);
    Rows::from_batches(batch.schema(), vec![batch])
}

/// A batch of text columns of equal length.
pub fn text_batch(columns: &[(&str, Vec<Option<String>>)]) -> RecordBatch {
    let fields: Vec<Field> = columns.iter().map(|(name, _)| Field::new(*name, DataType::Utf8, true)).collect();
    let arrays = columns.iter().map(|(_, values)| Arc::new(StringArray::from(values.clone())) as ArrayRef).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).expect("text columns of equal length")
}
