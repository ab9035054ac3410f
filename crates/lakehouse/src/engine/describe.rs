//! DESCRIBE, SHOW and EXPLAIN.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use datafusion::logical_expr::{Distinct, ExplainOption, Expr, LogicalPlan, LogicalPlanBuilder};
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
            return Ok(described(&plan));
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
        Ok(described(&plan))
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

/// One row a column, as DuckDB's DESCRIBE has them.
fn described(plan: &LogicalPlan) -> Rows {
    let fields = plan.schema().fields();
    let each = |value: &dyn Fn(usize, &Field) -> Option<String>| {
        fields.iter().enumerate().map(|(place, field)| value(place, field)).collect()
    };
    let null = |place: usize| if is_not_null(plan, place) { "NO" } else { "YES" };
    texts(&[
        ("column_name", each(&|_, field| Some(field.name().clone()))),
        ("column_type", each(&|_, field| Some(sql_type(field.data_type())))),
        ("null", each(&|place, _| Some(null(place).to_owned()))),
        ("key", each(&|_, _| None)),
        ("default", each(&|_, _| None)),
        ("extra", each(&|_, _| None)),
    ])
}

/// Whether a column of an answer is, as it is, a column of a table that has no NULL. Of what is computed DuckDB never says
/// so, though the plan may know it.
fn is_not_null(plan: &LogicalPlan, place: usize) -> bool {
    if plan.schema().field(place).is_nullable() {
        return false;
    }
    match plan {
        LogicalPlan::TableScan(_) => true,
        LogicalPlan::Projection(projection) => {
            let expr = projection.expr[place].clone().unalias();
            let Expr::Column(column) = expr else { return false };
            let from = projection.input.schema().maybe_index_of_column(&column);
            from.is_some_and(|from| is_not_null(&projection.input, from))
        }
        LogicalPlan::SubqueryAlias(alias) => is_not_null(&alias.input, place),
        LogicalPlan::Filter(filter) => is_not_null(&filter.input, place),
        LogicalPlan::Sort(sort) => is_not_null(&sort.input, place),
        LogicalPlan::Limit(limit) => is_not_null(&limit.input, place),
        LogicalPlan::Distinct(Distinct::All(input)) => is_not_null(input, place),
        LogicalPlan::Join(join) => {
            let left = join.left.schema().fields().len();
            if place < left { is_not_null(&join.left, place) } else { is_not_null(&join.right, place - left) }
        }
        _ => false,
    }
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
