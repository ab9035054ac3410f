//! Conditions of joins that end with their query.
//!
//! A join that compares millions of pairs and finds none has no row to answer with, so nothing above it is asked. Its
//! condition is: it is evaluated for every few thousand pairs.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, FieldRef, Schema};
use datafusion::common::internal_err;
use datafusion::error::Result;
use datafusion::logical_expr::ColumnarValue;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::joins::utils::JoinFilter;
use datafusion::physical_plan::joins::{
    HashJoinExec, NestedLoopJoinExec, NestedLoopJoinExecBuilder, SortMergeJoinExec,
};

use super::work::check_current;

/// An expression that asks before each batch whether the query of its task is to go on.
#[derive(Debug)]
struct Checked(Arc<dyn PhysicalExpr>);

/// The same join, whose condition is checked. Other operators, and joins without a condition, are left as they are.
pub fn join(plan: &Arc<dyn ExecutionPlan>) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    if let Some(join) = plan.downcast_ref::<HashJoinExec>()
        && let Some(condition) = join.filter()
    {
        return join.builder().with_filter(Some(checked(condition))).build_exec().map(Some);
    }
    if let Some(join) = plan.downcast_ref::<NestedLoopJoinExec>()
        && let Some(condition) = join.filter()
    {
        let builder = NestedLoopJoinExecBuilder::from(join).with_filter(Some(checked(condition)));
        return builder.build().map(|join| Some(Arc::new(join) as Arc<dyn ExecutionPlan>));
    }
    if let Some(join) = plan.downcast_ref::<SortMergeJoinExec>()
        && let Some(condition) = &join.filter
    {
        let join = SortMergeJoinExec::try_new(
            Arc::clone(&join.left),
            Arc::clone(&join.right),
            join.on.clone(),
            Some(checked(condition)),
            join.join_type,
            join.sort_options.clone(),
            join.null_equality,
        );
        return join.map(|join| Some(Arc::new(join) as Arc<dyn ExecutionPlan>));
    }
    Ok(None)
}

fn checked(condition: &JoinFilter) -> JoinFilter {
    let expression = Arc::new(Checked(Arc::clone(condition.expression())));
    JoinFilter::new(expression, condition.column_indices().to_vec(), Arc::clone(condition.schema()))
}

impl PhysicalExpr for Checked {
    fn data_type(&self, input: &Schema) -> Result<DataType> {
        self.0.data_type(input)
    }

    fn nullable(&self, input: &Schema) -> Result<bool> {
        self.0.nullable(input)
    }

    fn return_field(&self, input: &Schema) -> Result<FieldRef> {
        self.0.return_field(input)
    }

    fn evaluate(&self, batch: &RecordBatch) -> Result<ColumnarValue> {
        check_current()?;
        self.0.evaluate(batch)
    }

    fn children(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        vec![&self.0]
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn PhysicalExpr>>) -> Result<Arc<dyn PhysicalExpr>> {
        match <[_; 1]>::try_from(children) {
            Ok([inner]) => Ok(Arc::new(Self(inner))),
            Err(children) => internal_err!("one expression is expected and {} are given", children.len()),
        }
    }

    fn fmt_sql(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt_sql(f)
    }
}

impl PartialEq for Checked {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq(&other.0)
    }
}

impl Eq for Checked {}

impl Hash for Checked {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
