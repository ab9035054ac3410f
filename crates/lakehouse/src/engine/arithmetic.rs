//! Analyzer rules: whole numbers that do not fit are errors, texts of values are DuckDB's, and dates are compared as dates.

use arrow::datatypes::DataType;
use datafusion::common::DFSchema;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::Result;
use datafusion::logical_expr::expr::{Between, Cast, ScalarFunction};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable, LogicalPlan, Operator};
use datafusion::optimizer::AnalyzerRule;

/// Puts DuckDB's meaning in the place of the engine's where types alone say which it is.
#[derive(Debug)]
pub struct DuckArithmetic;

impl DuckArithmetic {
    fn call(&self, name: &str, args: Vec<Expr>) -> Option<Expr> {
        let function = functions::scalar_function(name)?;
        Some(Expr::ScalarFunction(ScalarFunction::new_udf(function, args)))
    }

    fn changed(&self, expr: &Expr, schema: &DFSchema) -> Option<Expr> {
        match expr {
            Expr::BinaryExpr(BinaryExpr { left, op, right }) => {
                let checked = match op {
                    Operator::Plus => "checked_add",
                    Operator::Minus => "checked_subtract",
                    Operator::Multiply => "checked_multiply",
                    Operator::Eq | Operator::NotEq | Operator::Lt | Operator::LtEq | Operator::Gt | Operator::GtEq => {
                        let (left, right) = (date(left, schema)?, date(right, schema)?);
                        return Some(Expr::BinaryExpr(BinaryExpr::new(Box::new(left), *op, Box::new(right))));
                    }
                    _ => return None,
                };
                let whole = |side: &Expr| side.get_type(schema).is_ok_and(|data_type| data_type.is_integer());
                if !whole(left) || !whole(right) {
                    return None;
                }
                self.call(checked, vec![left.as_ref().clone(), right.as_ref().clone()])
            }
            Expr::Between(Between { expr, negated, low, high }) => {
                let (expr, low, high) = (date(expr, schema)?, date(low, schema)?, date(high, schema)?);
                Some(Expr::Between(Between::new(Box::new(expr), *negated, Box::new(low), Box::new(high))))
            }
            Expr::Cast(Cast { expr, field }) if field.data_type().is_string() => {
                let from = expr.get_type(schema).ok()?;
                let own = from.is_nested()
                    || matches!(
                        from,
                        DataType::Timestamp(..) | DataType::Interval(_) | DataType::Float32 | DataType::Float64
                    );
                if !own {
                    return None;
                }
                let text = self.call("text_of", vec![expr.as_ref().clone()])?;
                if *field.data_type() == DataType::Utf8View {
                    return Some(text);
                }
                Some(Expr::Cast(Cast { expr: Box::new(text), field: field.clone() }))
            }
            _ => None,
        }
    }
}

/// Whether a plan groups by ROLLUP and the like, whose expressions the planner knows by their names.
pub fn has_grouping_sets(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Aggregate(aggregate) => {
            aggregate.group_expr.iter().any(|expr| matches!(expr, Expr::GroupingSet(_)))
        }
        _ => false,
    }
}

/// The date that is compared as a timestamp. Between dates the comparison is the same, and the files' statistics know
/// them.
fn date(expr: &Expr, schema: &DFSchema) -> Option<Expr> {
    let Expr::Cast(Cast { expr, field }) = expr else { return None };
    if !matches!(field.data_type(), DataType::Timestamp(_, None)) {
        return None;
    }
    let is_date = expr.get_type(schema).is_ok_and(|data_type| data_type == DataType::Date32);
    if is_date { Some(expr.as_ref().clone()) } else { date(expr, schema) }
}

impl AnalyzerRule for DuckArithmetic {
    fn analyze(&self, plan: LogicalPlan, _config: &ConfigOptions) -> Result<LogicalPlan> {
        plan.transform_up_with_subqueries(|node| {
            if has_grouping_sets(&node) {
                return Ok(Transformed::no(node));
            }
            let schema = merge_schema(&node.inputs());
            let names = NamePreserver::new(&node);
            node.map_expressions(|expr| {
                let name = names.save(&expr);
                let changed = expr.transform_up(|part| {
                    Ok(match self.changed(&part, &schema) {
                        Some(changed) => Transformed::yes(changed),
                        None => Transformed::no(part),
                    })
                })?;
                Ok(changed.update_data(|expr| name.restore(expr)))
            })
        })
        .map(|analyzed| analyzed.data)
    }

    fn name(&self) -> &str {
        "duck_arithmetic"
    }
}
