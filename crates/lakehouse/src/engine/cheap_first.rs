//! An optimizer rule: the conditions of a filter are asked in the order of what they cost.

use datafusion::common::DFSchema;
use datafusion::common::tree_node::Transformed;
use datafusion::error::Result;
use datafusion::logical_expr::utils::{conjunction, split_conjunction};
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable, Filter, LogicalPlan};
use datafusion::optimizer::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};

/// Puts comparisons of numbers and dates before those of texts, and both before patterns.
///
/// Conditions joined by AND are evaluated from left to right, and once few rows are left the next ones are evaluated
/// for those alone. Among conditions of equal cost the order of the statement stays.
#[derive(Debug, Default)]
pub struct CheapFirst;

impl OptimizerRule for CheapFirst {
    fn name(&self) -> &str {
        "cheap_first"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::TopDown)
    }

    fn rewrite(&self, plan: LogicalPlan, _config: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        let LogicalPlan::Filter(filter) = plan else { return Ok(Transformed::no(plan)) };
        let schema = filter.input.schema();
        let parts = split_conjunction(&filter.predicate);
        let costs: Vec<u32> = parts.iter().map(|part| cost(part, schema)).collect();
        if costs.is_sorted() {
            return Ok(Transformed::no(LogicalPlan::Filter(filter)));
        }
        let mut order: Vec<usize> = (0..parts.len()).collect();
        order.sort_by_key(|position| costs[*position]);
        let sorted = order.into_iter().map(|position| parts[position].clone());
        let predicate = conjunction(sorted).expect("a filter has a condition");
        Ok(Transformed::yes(LogicalPlan::Filter(Filter::try_new(predicate, filter.input)?)))
    }
}

/// What it costs to evaluate a condition for one row, roughly and relative to others.
fn cost(expr: &Expr, schema: &DFSchema) -> u32 {
    match expr {
        Expr::Column(_) | Expr::Literal(..) => 0,
        Expr::IsNull(inner) | Expr::IsNotNull(inner) | Expr::Not(inner) | Expr::Negative(inner) => cost(inner, schema),
        Expr::Alias(alias) => cost(&alias.expr, schema),
        Expr::BinaryExpr(BinaryExpr { left, right, .. }) => {
            1 + width(left, schema) + cost(left, schema) + cost(right, schema)
        }
        Expr::Between(between) => 2 * (1 + width(&between.expr, schema)) + cost(&between.expr, schema),
        Expr::Cast(cast) => 4 + cost(&cast.expr, schema),
        Expr::InList(list) => 2 + width(&list.expr, schema) * 2 + cost(&list.expr, schema),
        Expr::Like(like) => 40 + cost(&like.expr, schema),
        _ => 100,
    }
}

/// What it costs more to compare values of this type than numbers.
fn width(expr: &Expr, schema: &DFSchema) -> u32 {
    match expr.get_type(schema) {
        Ok(data_type) if data_type.is_primitive() || data_type.is_null() => 0,
        Ok(arrow::datatypes::DataType::Boolean) => 0,
        _ => 10,
    }
}
