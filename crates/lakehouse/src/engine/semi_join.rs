//! An optimizer rule: `x IN (SELECT … GROUP BY … HAVING …)` is asked as early as it can be.

use std::sync::Arc;

use datafusion::common::tree_node::Transformed;
use datafusion::common::{DFSchema, JoinType};
use datafusion::error::Result;
use datafusion::logical_expr::{Filter, Join, LogicalPlan};
use datafusion::optimizer::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};

/// Moves a semi join against filtered groups below the inner join that it stands on, to the one side that it asks
/// about.
///
/// `A JOIN B` filtered by `a IN G` is `(A filtered by a IN G) JOIN B`. Either order is right; the second joins fewer
/// rows when G keeps few. Groups that pass a HAVING are taken to be few; against any other subquery the join may well
/// be what makes the rows few, and the order stays.
#[derive(Debug, Default)]
pub struct EarlySemiJoin;

impl OptimizerRule for EarlySemiJoin {
    fn name(&self) -> &str {
        "early_semi_join"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::TopDown)
    }

    fn rewrite(&self, plan: LogicalPlan, _config: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        match plan {
            LogicalPlan::Join(semi) if applies(&semi) => push(semi),
            other => Ok(Transformed::no(other)),
        }
    }
}

fn applies(join: &Join) -> bool {
    join.join_type == JoinType::LeftSemi && join.filter.is_none() && filtered_groups(&join.right, false)
}

/// Whether a plan is an aggregation with a filter above it, whatever renames its columns.
fn filtered_groups(plan: &LogicalPlan, filtered: bool) -> bool {
    match plan {
        LogicalPlan::Projection(projection) => filtered_groups(&projection.input, filtered),
        LogicalPlan::SubqueryAlias(alias) => filtered_groups(&alias.input, filtered),
        LogicalPlan::Filter(filter) => filtered_groups(&filter.input, true),
        LogicalPlan::Aggregate(_) => filtered,
        _ => false,
    }
}

fn push(semi: Join) -> Result<Transformed<LogicalPlan>> {
    match semi.left.as_ref() {
        LogicalPlan::Filter(filter) => {
            let below = with_left(&semi, filter.input.clone())?;
            let above = Filter::try_new(filter.predicate.clone(), Arc::new(below))?;
            Ok(Transformed::yes(LogicalPlan::Filter(above)))
        }
        LogicalPlan::Join(inner) if inner.join_type == JoinType::Inner => {
            let (left, right) = if asks_about(&semi, inner.left.schema()) {
                (Arc::new(with_left(&semi, inner.left.clone())?), inner.right.clone())
            } else if asks_about(&semi, inner.right.schema()) {
                (inner.left.clone(), Arc::new(with_left(&semi, inner.right.clone())?))
            } else {
                return Ok(Transformed::no(LogicalPlan::Join(semi)));
            };
            Ok(Transformed::yes(LogicalPlan::Join(Join { left, right, ..inner.clone() })))
        }
        _ => Ok(Transformed::no(LogicalPlan::Join(semi))),
    }
}

fn with_left(semi: &Join, left: Arc<LogicalPlan>) -> Result<LogicalPlan> {
    let join = Join::try_new(
        left,
        semi.right.clone(),
        semi.on.clone(),
        None,
        semi.join_type,
        semi.join_constraint,
        semi.null_equality,
        semi.null_aware,
    )?;
    Ok(LogicalPlan::Join(join))
}

/// Whether every key of the semi join is computed from columns of this side alone.
fn asks_about(semi: &Join, side: &DFSchema) -> bool {
    semi.on.iter().all(|(key, _)| key.column_refs().into_iter().all(|column| side.has_column(column)))
}
