//! Conditions that are known only when a query runs: what the other side of a join has turned out to hold.

use std::sync::Arc;

use arrow::datatypes::Schema;
use datafusion::logical_expr::expr::InList;
use datafusion::logical_expr::{BinaryExpr as LogicalBinary, Expr, Operator};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{BinaryExpr, Column, DynamicFilterTracking, InListExpr, Literal};
use datafusion::physical_expr_common::physical_expr::snapshot_physical_expr;
use model::Filter;

use super::filter;

/// Those of `conditions` that change while a query runs.
pub fn changing(conditions: impl Iterator<Item = Arc<dyn PhysicalExpr>>) -> Vec<Arc<dyn PhysicalExpr>> {
    conditions.filter(|it| DynamicFilterTracking::classify(it).contains_dynamic_filter()).collect()
}

/// What holds of every row that is wanted, as far as it is known by now and a storage can be asked for it. There may be
/// more that holds: the rows are looked at again.
pub fn known(conditions: &[Arc<dyn PhysicalExpr>], declared: &Schema) -> Vec<Filter> {
    let mut filters = Vec::new();
    for condition in conditions {
        if let Ok(condition) = snapshot_physical_expr(condition.clone()) {
            take(&condition, declared, &mut filters);
        }
    }
    filters
}

fn take(condition: &Arc<dyn PhysicalExpr>, declared: &Schema, filters: &mut Vec<Filter>) {
    if let Some(both) = condition.downcast_ref::<BinaryExpr>()
        && *both.op() == Operator::And
    {
        take(both.left(), declared, filters);
        take(both.right(), declared, filters);
        return;
    }
    filters.extend(logical(condition).and_then(|expr| filter::filters(&expr, declared)).into_iter().flatten());
}

/// The same as an expression of a plan, for the few forms that a storage is asked for.
fn logical(condition: &Arc<dyn PhysicalExpr>) -> Option<Expr> {
    if let Some(column) = condition.downcast_ref::<Column>() {
        return Some(Expr::Column(datafusion::common::Column::new_unqualified(column.name())));
    }
    if let Some(literal) = condition.downcast_ref::<Literal>() {
        return Some(Expr::Literal(literal.value().clone(), None));
    }
    if let Some(list) = condition.downcast_ref::<InListExpr>() {
        let items = list.list().iter().map(logical).collect::<Option<Vec<Expr>>>()?;
        return Some(Expr::InList(InList::new(Box::new(logical(list.expr())?), items, list.negated())));
    }
    let binary = condition.downcast_ref::<BinaryExpr>()?;
    let (left, right) = (Box::new(logical(binary.left())?), Box::new(logical(binary.right())?));
    Some(Expr::BinaryExpr(LogicalBinary { left, op: *binary.op(), right }))
}
