//! An analyzer rule: a number becomes the nearest whole one, as in DuckDB; the engine by itself cuts its fraction off.

use arrow::datatypes::DataType;
use datafusion::common::DFSchema;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::Result;
use datafusion::functions::expr_fn::round;
use datafusion::logical_expr::expr::{Cast, TryCast};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan};
use datafusion::optimizer::AnalyzerRule;

/// Rounds what is cast from a number with a fraction to a whole number.
#[derive(Debug)]
pub struct RoundingCasts;

impl AnalyzerRule for RoundingCasts {
    fn analyze(&self, plan: LogicalPlan, _config: &ConfigOptions) -> Result<LogicalPlan> {
        plan.transform_up_with_subqueries(|node| {
            let schema = merge_schema(&node.inputs());
            let names = NamePreserver::new(&node);
            node.map_expressions(|expr| {
                let name = names.save(&expr);
                let rounded = expr.transform_up(|part| Ok(rounded(part, &schema)))?;
                Ok(rounded.update_data(|expr| name.restore(expr)))
            })
        })
        .map(|analyzed| analyzed.data)
    }

    fn name(&self) -> &str {
        "rounding_casts"
    }
}

fn rounded(expr: Expr, schema: &DFSchema) -> Transformed<Expr> {
    match expr {
        Expr::Cast(Cast { expr, field }) if field.data_type().is_integer() && has_fraction(&expr, schema) => {
            Transformed::yes(Expr::Cast(Cast { expr: Box::new(nearest(*expr, schema)), field }))
        }
        Expr::TryCast(TryCast { expr, field }) if field.data_type().is_integer() && has_fraction(&expr, schema) => {
            Transformed::yes(Expr::TryCast(TryCast { expr: Box::new(nearest(*expr, schema)), field }))
        }
        other => Transformed::no(other),
    }
}

/// A decimal's half goes away from zero, that of a floating-point number to the even neighbour.
fn nearest(expr: Expr, schema: &DFSchema) -> Expr {
    let floating = expr.get_type(schema).is_ok_and(|data_type| data_type.is_floating());
    match functions::scalar_function("round_even").filter(|_| floating) {
        Some(function) => {
            let places = datafusion::logical_expr::lit(0_i64);
            Expr::ScalarFunction(datafusion::logical_expr::expr::ScalarFunction::new_udf(function, vec![expr, places]))
        }
        None => round(vec![expr]),
    }
}

/// Whether a value has places after the point. One that is rounded already has none.
fn has_fraction(expr: &Expr, schema: &DFSchema) -> bool {
    if matches!(expr, Expr::ScalarFunction(function) if matches!(function.name(), "round" | "round_even")) {
        return false;
    }
    match expr.get_type(schema) {
        Ok(DataType::Decimal128(_, scale) | DataType::Decimal256(_, scale)) => scale > 0,
        Ok(data_type) => data_type.is_floating(),
        Err(_) => false,
    }
}
